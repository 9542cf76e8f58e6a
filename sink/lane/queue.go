package lane

import (
	"sync"

	"tributary/sink/batch"
)

// queue is the records between the consumer's poll loop and the lane. What it
// counts as held includes what the lane has taken out and not yet committed:
// bytes are given back by release.
type queue struct {
	budget *Budget
	ready  chan struct{} // has a token when there may be records
	room   chan struct{} // has a token when bytes were released

	mu      sync.Mutex
	records []batch.Record // guarded by mu
	held    int64          // guarded by mu
}

func newQueue(budget *Budget) *queue {
	return &queue{budget: budget, ready: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// offer takes a record in if the budget allows it, or if forced.
func (q *queue) offer(r batch.Record, force bool) bool {
	size := int64(r.Size())
	q.mu.Lock()
	if !force && !q.budget.admits(q.held) {
		q.mu.Unlock()
		return false
	}
	q.records = append(q.records, r)
	q.held += size
	q.mu.Unlock()
	q.budget.add(size)
	signal(q.ready)
	return true
}

// take moves all waiting records to the end of into.
func (q *queue) take(into []batch.Record) []batch.Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	into = append(into, q.records...)
	clear(q.records)
	q.records = q.records[:0]
	return into
}

// release gives back the bytes of records that are committed or dropped.
func (q *queue) release(bytes int) {
	if bytes == 0 {
		return
	}
	q.mu.Lock()
	q.held -= int64(bytes)
	q.mu.Unlock()
	q.budget.add(-int64(bytes))
	signal(q.room)
}

// roomy reports whether the queue has drained enough to be worth filling
// again.
func (q *queue) roomy() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.budget.admits(2 * q.held)
}

func (q *queue) size() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held
}

// signal leaves a token if there is none.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
