package lane

import "sync/atomic"

// Budget bounds the bytes of records that wait in all lanes together. A lane
// may take in more as long as it holds less than what is still free: a lone
// busy lane gets half of the budget, and n stuck ones leave 1/(n+1) of it to
// the others. (The dynamic threshold of Choudhury and Hahne, 1998, for shared
// switch buffers: no lane needs a size of its own, and none can starve another.)
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a budget of so many bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Used is the bytes taken in and not yet released.
func (b *Budget) Used() int64 { return b.used.Load() }

// Limit is the budget's size in bytes.
func (b *Budget) Limit() int64 { return b.limit }

// admits reports whether a lane that holds so many bytes may take in more.
func (b *Budget) admits(held int64) bool { return held < b.limit-b.used.Load() }

func (b *Budget) add(n int64) { b.used.Add(n) }
