package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Round is one or more faults at once, and what came of it.
type Round struct {
	Faults []string
	// Recovered is the time from the end of the last fault until every
	// store's newest central row was written at the store after that end.
	Recovered time.Duration
}

// recoverLimit is when a sink that has not come back counts as stuck.
const recoverLimit = 2 * time.Minute

// Run deals faults for as long as is said; what has begun by then ends in its
// own time. Its error means that a fault could not be made or healed. What the
// sink did wrong is told by Judge.
func (c *Chaos) Run(ctx context.Context, long time.Duration) error {
	first, err := c.recover(ctx, recoverLimit)
	if err != nil {
		return fmt.Errorf("waiting for the first rows: %w", err)
	}
	c.say("all stores' rows arrive (%.1f s after the replicas' start); %s", first.Seconds(), c.options.Again())
	for end := time.Now().Add(long); time.Now().Before(end) && ctx.Err() == nil; {
		faults := c.deal()
		calm := time.Duration(c.dice.Int64N(int64(2 * time.Second)))
		if err := c.round(ctx, faults); err != nil {
			c.fail("%v", err)
			return err
		}
		if len(c.failures()) > 0 {
			c.say("something is wrong: no more faults")
			return nil
		}
		pause(ctx, calm)
	}
	return ctx.Err()
}

// round lets faults strike together and waits until the sink has recovered.
func (c *Chaos) round(ctx context.Context, faults []fault) error {
	round := Round{}
	for _, f := range faults {
		round.Faults = append(round.Faults, f.name)
	}
	c.say("%v", faults)
	var striking sync.WaitGroup
	errs := make([]error, len(faults))
	for i, f := range faults {
		striking.Go(func() { errs[i] = f.strike(ctx, c, f) })
	}
	striking.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", faults[i].name, err)
		}
	}
	recovered, err := c.recover(ctx, recoverLimit)
	switch {
	case err == nil:
		c.say("  recovered in %.1f s", recovered.Seconds())
	case ctx.Err() == nil:
		c.fail("after %v: %v", faults, err)
	}
	round.Recovered = recovered
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rounds = append(c.rounds, round)
	return nil
}
