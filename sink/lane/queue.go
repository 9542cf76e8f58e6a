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

// offer takes records in for as long as the budget allows it, or all of them
// if forced, and returns how many it took.
func (q *queue) offer(records []batch.Record, force bool) (taken int) {
	var size int64
	q.mu.Lock()
	// What was taken counts as held and as used, which the budget adds up later.
	for taken < len(records) && (force || q.budget.admits(q.held+2*size)) {
		size += int64(records[taken].Size())
		taken++
	}
	q.records = append(q.records, records[:taken]...)
	q.held += size
	q.mu.Unlock()
	if taken > 0 {
		q.budget.add(size)
		signal(q.ready)
	}
	return taken
}

// take returns all waiting records and keeps an empty slice for the next ones.
func (q *queue) take(empty []batch.Record) []batch.Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.records
	q.records = empty
	return taken
}

// rest gives back the room for records if there are none.
func (q *queue) rest() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.records) == 0 {
		q.records = nil
	}
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
