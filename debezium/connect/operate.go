package connect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tributary/debezium/fleet"
)

// Snapshot makes a connector forget where it was and read its tables anew.
// forget must delete the connector's schema history, which tells of tables as
// they were.
//
// Events between the last one read and the new snapshot are not captured as
// such: rows changed meanwhile arrive with the snapshot, rows deleted meanwhile
// are not reported to anybody.
func (c *Client) Snapshot(ctx context.Context, name string, forget func(context.Context) error) error {
	if err := c.Stop(ctx, name); err != nil {
		return err
	}
	if err := c.WaitStopped(ctx, name); err != nil {
		return err
	}
	if err := c.DeleteOffsets(ctx, name); err != nil {
		return err
	}
	if err := forget(ctx); err != nil {
		return fmt.Errorf("deleting the schema history (the connector stays stopped; run this again): %w", err)
	}
	return c.Resume(ctx, name)
}

// Remove stops and deletes a store's connector. Its topics and its offsets
// stay, so that a store that comes back goes on where it was, as long as its
// binary log reaches back that far; with forget the offsets go too, and forget
// is to delete the schema history.
func (c *Client) Remove(ctx context.Context, name string, forget func(context.Context) error) error {
	if forget != nil {
		if err := c.forgetOffsets(ctx, name); err != nil {
			return err
		}
		if err := forget(ctx); err != nil {
			return fmt.Errorf("deleting the schema history: %w", err)
		}
	}
	return c.Delete(ctx, name)
}

func (c *Client) forgetOffsets(ctx context.Context, name string) error {
	err := c.Stop(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("the offsets of a connector can only be deleted while it exists: %w", err)
	}
	if err != nil {
		return err
	}
	if err := c.WaitStopped(ctx, name); err != nil {
		return err
	}
	return c.DeleteOffsets(ctx, name)
}

// CheckRemoval says whether a store's connector may be removed: the next apply
// would create it again while the inventory wants it.
func CheckRemoval(inv *fleet.Inventory, id string) error {
	if store, ok := inv.Store(id); ok && !store.Disabled {
		return fmt.Errorf("store %s is still in %s:%d, and the next apply would create its connector again; remove the line or write enabled: false first", id, inv.Path, store.Line)
	}
	return nil
}

// String is the step in one line.
func (s Step) String() string {
	switch s.Stage {
	case StageFailed, StageRefused:
		return fmt.Sprintf("%-8s  %v", s.Stage, s.Err)
	case StageFlowing:
		return fmt.Sprintf("%-8s  %s, its snapshot took %s", s.Stage, s.Name, s.Took.Round(100*time.Millisecond))
	}
	return fmt.Sprintf("%-8s  %s", s.Stage, s.Name)
}
