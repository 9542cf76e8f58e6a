package pos

import (
	"sync"
	"time"
)

// Counts says what a store, or a chain of them, has committed.
type Counts struct {
	// Transactions is the number of committed database transactions.
	Transactions int64
	// Inserts, Updates and Deletes are rows. An update that changed nothing
	// is not counted, as MySQL logs none.
	Inserts, Updates, Deletes int64
	// KeyChanges are the updates that changed a primary key, included in
	// Updates. Debezium sends a delete and a create for each.
	KeyChanges int64
	// Failures are transactions that ended in an error; whether the server
	// committed one of them is not known.
	Failures int64
	// Last is when the newest transaction was committed, by this process's
	// clock; zero before the first.
	Last time.Time
}

// Rows is the number of row changes.
func (c Counts) Rows() int64 { return c.Inserts + c.Updates + c.Deletes }

// Plus returns the sum of two counts, and the later of their last times.
func (c Counts) Plus(other Counts) Counts {
	c.Transactions += other.Transactions
	c.Inserts += other.Inserts
	c.Updates += other.Updates
	c.Deletes += other.Deletes
	c.KeyChanges += other.KeyChanges
	c.Failures += other.Failures
	if other.Last.After(c.Last) {
		c.Last = other.Last
	}
	return c
}

// tally is a running count that many may read while one adds.
type tally struct {
	mu  sync.Mutex
	sum Counts
}

func (t *tally) add(c Counts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum = t.sum.Plus(c)
}

func (t *tally) read() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}
