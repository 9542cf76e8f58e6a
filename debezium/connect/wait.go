package connect

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// FailedError is a connector that failed while it was waited for.
type FailedError struct {
	Name   string
	Reason string
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("the connector %s has failed: %s", e.Name, e.Reason)
}

// WaitRunning waits until a connector and its task run. It returns a
// [FailedError] if they fail, and the last state seen when ctx ends first.
func (c *Client) WaitRunning(ctx context.Context, name string) error {
	return c.waitFor(ctx, name, 0, func(state State) bool { return state == StateRunning })
}

// WaitStopped waits until a connector's task is gone. One that had failed is
// still called so for a while after it was told to stop.
func (c *Client) WaitStopped(ctx context.Context, name string) error {
	return c.waitFor(ctx, name, stopPatience, func(state State) bool { return state == StateStopped })
}

// stopPatience is longer than task.shutdown.graceful.timeout.ms and a rebalance.
const stopPatience = time.Minute

// WaitSnapshot waits until a connector runs and has saved an offset behind its
// initial snapshot. Connect saves offsets every offset.flush.interval.ms, so
// this returns up to that much later.
func (c *Client) WaitSnapshot(ctx context.Context, name string) error {
	if err := c.WaitRunning(ctx, name); err != nil {
		return err
	}
	for {
		offsets, err := c.Offsets(ctx, name)
		if err != nil {
			return err
		}
		if len(offsets) > 0 && offsets[0].Begun() && !offsets[0].Snapshot {
			return nil
		}
		status, err := c.Status(ctx, name)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if status.State == StateFailed {
			return &FailedError{name, status.Reason()}
		}
		if err := pause(ctx, c.options.Poll); err != nil {
			return fmt.Errorf("waiting for the snapshot of %s: %w", name, err)
		}
	}
}

// waitFor looks until a state is reached. A failure is taken for final only
// after the patience.
func (c *Client) waitFor(ctx context.Context, name string, patience time.Duration, reached func(State) bool) error {
	begin := time.Now()
	for {
		status, err := c.Status(ctx, name)
		switch {
		case errors.Is(err, ErrNotFound): // just created: no status yet
		case err != nil:
			return err
		case reached(status.State):
			return nil
		case status.State == StateFailed && time.Since(begin) >= patience:
			return &FailedError{name, status.Reason()}
		}
		if err := pause(ctx, c.options.Poll); err != nil {
			return fmt.Errorf("waiting for %s, last seen %s: %w", name, status.State, err)
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
