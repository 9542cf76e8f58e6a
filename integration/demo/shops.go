package main

import (
	"context"
	"sync"

	"tributary/integration/pos"
)

// shops are the stores that sell, and how many of their changes the central
// tables should have seen.
type shops struct {
	*pos.Chain
	mu     sync.Mutex
	before map[string]pos.Counts // by store: what was there when Debezium began
}

func openShops(ctx context.Context, day pos.Day) *shops {
	return &shops{Chain: pos.NewChain(ctx, day), before: map[string]pos.Counts{}}
}

// open lets a store sell that Debezium captures.
func (s *shops) open(store *pos.Store) {
	s.mu.Lock()
	s.before[store.ID] = store.Counts()
	s.mu.Unlock()
	s.Open(store)
}

// events is how many events a store's changes so far make: one for each row
// that the snapshot found, one for each change since, and one more where a key
// changed, which Debezium sends as a delete and a create.
func (s *shops) events(id string, now pos.Counts) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.before[id]
	found := before.Inserts - before.Deletes
	return found + now.Rows() - before.Rows() + now.KeyChanges - before.KeyChanges
}
