package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/topics"
)

// operateFlags name the connectors to act upon, of which there must be some: a
// forgotten id must not mean the whole fleet.
type operateFlags struct {
	inventoryFlags
	connectFlags
	Store []string `arg:"" optional:"" help:"Ids of the stores."`
	Every bool     `help:"All stores of the inventory."`
}

// each calls f for every named connector and joins what fails.
func (f operateFlags) each(do func(inv *fleet.Inventory, c *connect.Client, id, name string) error) error {
	inv, err := f.load()
	if err != nil {
		return err
	}
	ids := f.Store
	if f.Every && len(ids) > 0 {
		return usageError{errors.New("which stores? name their ids or give --every, not both")}
	}
	if f.Every {
		for _, store := range inv.Stores {
			ids = append(ids, store.ID)
		}
	}
	if len(ids) == 0 {
		return usageError{errors.New("which stores? name their ids, or give --every for all of the inventory")}
	}
	client, err := f.client(inv)
	if err != nil {
		return err
	}
	var failures []error
	for _, id := range ids {
		name := connect.DefaultsOf(inv).Name(id)
		if err := do(inv, client, id, name); err != nil {
			if errors.Is(err, connect.ErrNotFound) {
				err = fmt.Errorf("%w%s", err, whereItIs(inv, id))
			}
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
			continue
		}
		fmt.Println("done:", name)
	}
	return errors.Join(failures...)
}

// whereItIs is what to do about a connector that Kafka Connect does not have.
func whereItIs(inv *fleet.Inventory, id string) string {
	if _, listed := inv.Store(id); listed {
		return "; make it with tributary connectors apply " + id
	}
	if similar := inv.Similar(id); similar != "" {
		return fmt.Sprintf("; did you mean store %q?", similar)
	}
	return ""
}

type connectorsRestartCmd struct {
	operateFlags
	kafkaFlags
	OnlyFailed bool `help:"Restart only what has failed."`
	Snapshot   bool `help:"Forget the position and the schema history, and read all tables anew. Rows that are deleted between the last event read and the new snapshot stay in the central tables until tributary sweep deletes them."`
}

// Run restarts the connectors one after the other.
func (c connectorsRestartCmd) Run(ctx context.Context) error {
	return c.each(func(inv *fleet.Inventory, client *connect.Client, id, name string) error {
		if !c.Snapshot {
			return client.Restart(ctx, name, c.OnlyFailed)
		}
		admin, err := c.dial(inv)
		if err != nil {
			return err
		}
		defer admin.Close()
		return client.Snapshot(ctx, name, forgetHistory(inv, admin, id))
	})
}

// forgetHistory deletes a connector's schema history.
func forgetHistory(inv *fleet.Inventory, admin *topics.Kafka, id string) func(context.Context) error {
	return func(ctx context.Context) error {
		return admin.Delete(ctx, []string{connect.DefaultsOf(inv).HistoryTopic(id)})
	}
}

type connectorsPauseCmd struct{ operateFlags }

func (connectorsPauseCmd) Help() string {
	return `Stops the connectors' tasks (Connect's state STOPPED): what they held is free, and the store may restart. They go
on where they were when they are resumed, as long as the store's binary log reaches back that far. apply leaves stopped
connectors alone.`
}

// Run stops the connectors.
func (c connectorsPauseCmd) Run(ctx context.Context) error {
	return c.each(func(_ *fleet.Inventory, client *connect.Client, _, name string) error { return client.Stop(ctx, name) })
}

type connectorsResumeCmd struct{ operateFlags }

// Run starts the connectors.
func (c connectorsResumeCmd) Run(ctx context.Context) error {
	return c.each(func(_ *fleet.Inventory, client *connect.Client, _, name string) error {
		return client.Resume(ctx, name)
	})
}

type connectorsRemoveCmd struct {
	operateFlags
	kafkaFlags
	Forget bool `help:"Delete the position and the schema history too: a store that comes back is read anew."`
}

func (connectorsRemoveCmd) Help() string {
	return `The topics and what is in the central tables stay. Without --forget the position stays too: a store that comes back
goes on where it was, as long as its binary log reaches back that far.`
}

// Run deletes the connectors of stores that are not in the inventory.
func (c connectorsRemoveCmd) Run(ctx context.Context) error {
	return c.each(func(inv *fleet.Inventory, client *connect.Client, id, name string) error {
		if err := connect.CheckRemoval(inv, id); err != nil {
			return err
		}
		if !c.Forget {
			return client.Remove(ctx, name, nil)
		}
		admin, err := c.dial(inv)
		if err != nil {
			return err
		}
		defer admin.Close()
		return client.Remove(ctx, name, forgetHistory(inv, admin, id))
	})
}

type connectorsImportCmd struct {
	File string `arg:"" help:"A CSV file whose first row names the columns: id, host and any other key of the inventory; other columns become labels."`
}

// Run prints the lines.
func (c connectorsImportCmd) Run() error {
	file, err := os.Open(c.File)
	if err != nil {
		return usageError{fmt.Errorf("opening the table: %w", err)}
	}
	defer func() { _ = file.Close() }() // it was only read
	lines, err := fleet.ImportCSV(file, c.File)
	if err != nil {
		return usageError{err}
	}
	fmt.Print(lines)
	return nil
}
