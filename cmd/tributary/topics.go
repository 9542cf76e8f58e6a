package main

import (
	"context"
	"fmt"
	"os"

	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
	"tributary/debezium/topics"
)

// topicsCmd keeps the stores' topics as the inventory's policy wants them.
type topicsCmd struct {
	Plan  topicsPlanCmd  `cmd:"" help:"Show which topics are missing, differ or belong to nobody."`
	Apply topicsApplyCmd `cmd:"" help:"Create what is missing and change what differs."`
}

func (topicsCmd) Help() string {
	return `Topics are named {environment}.{store}.{schema}.{table}. Partitions, retention, cleanup, compression and
message size follow from topics: in the inventory, for single tables from topics: {tables: …}. The schema histories
are kept for ever. Nothing is ever deleted, and partitions are never added to a topic that exists: the events of a row
would lose their order.`
}

type topicsFlags struct {
	inventoryFlags
	kafkaFlags
	Ask   bool     `help:"Ask the stores for tables that the inventory has only as patterns."`
	Store []string `arg:"" optional:"" help:"Ids of the stores; all without any."`
}

type topicsPlanCmd struct {
	topicsFlags
	Check bool `help:"Exit with 1 if there is something to do."`
}

// Run prints the plan.
func (c topicsPlanCmd) Run(ctx context.Context) error {
	plan, admin, err := c.plan(ctx)
	if err != nil {
		return err
	}
	defer admin.Close()
	if _, err := plan.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the plan: %w", err)
	}
	if c.Check && plan.Pending() {
		return errPending
	}
	return nil
}

type topicsApplyCmd struct{ topicsFlags }

// Run prints the plan and carries it out.
func (c topicsApplyCmd) Run(ctx context.Context) error {
	plan, admin, err := c.plan(ctx)
	if err != nil {
		return err
	}
	defer admin.Close()
	if _, err := plan.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the plan: %w", err)
	}
	return plan.Apply(ctx, admin)
}

func (f topicsFlags) plan(ctx context.Context) (topics.Plan, *topics.Kafka, error) {
	inv, stores, err := f.selected(f.Store)
	if err != nil {
		return topics.Plan{}, nil, err
	}
	var ask topics.Tables
	if f.Ask {
		ask = func(store fleet.Store) ([]string, error) {
			tables, err := preflight.Tables(ctx, store, preflight.Options{})
			if err != nil {
				err = fmt.Errorf("%w (tributary preflight %s says more)", err, store.ID)
			}
			return tables, err
		}
	}
	desired, err := topics.Want(inv, stores, ask)
	if err != nil {
		return topics.Plan{}, nil, err
	}
	admin, err := f.dial(inv)
	if err != nil {
		return topics.Plan{}, nil, err
	}
	plan, err := topics.NewPlan(ctx, admin, inv, desired, len(f.Store) == 0)
	if err != nil {
		admin.Close()
	}
	return plan, admin, err
}
