package pos

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Chain is stores that sell at the same time. Stores can be opened while the
// others sell. It is safe for concurrent use.
type Chain struct {
	day   Day
	group *errgroup.Group
	ctx   context.Context
	close context.CancelFunc

	mu     sync.Mutex
	stores []*Store
}

// NewChain returns a chain without stores, whose stores will sell as day says
// (its rate is each store's) until ctx ends or Close.
func NewChain(ctx context.Context, day Day) *Chain {
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	return &Chain{day: day, group: group, ctx: ctx, close: cancel}
}

// Open lets a store sell from now on.
func (c *Chain) Open(s *Store) {
	c.mu.Lock()
	c.stores = append(c.stores, s)
	c.mu.Unlock()
	c.group.Go(func() error { return s.Sell(c.ctx, c.day) })
}

// Done is closed when the chain stops selling: after Close, at the end of its
// context, or when a store failed.
func (c *Chain) Done() <-chan struct{} { return c.ctx.Done() }

// Close ends the selling and waits for the transactions under way. It returns
// the first store's failure, if any.
func (c *Chain) Close() error {
	c.close()
	return c.group.Wait()
}

// Stores returns the open stores, in the order they were opened.
func (c *Chain) Stores() []*Store {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.stores)
}

// Counts returns what all open stores committed together.
func (c *Chain) Counts() Counts {
	var sum Counts
	for _, s := range c.Stores() {
		sum = sum.Plus(s.Counts())
	}
	return sum
}
