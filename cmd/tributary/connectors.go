package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
)

// connectorsCmd looks after the stores' connectors.
type connectorsCmd struct {
	Plan      connectorsPlanCmd    `cmd:"" help:"Show what differs from the inventory, and what heap the fleet needs."`
	Apply     connectorsApplyCmd   `cmd:"" help:"Create, change and stop connectors until they are as in the inventory."`
	Status    connectorsStatusCmd  `cmd:"" help:"Show how the connectors are."`
	Restart   connectorsRestartCmd `cmd:"" help:"Restart connectors, or have them read their tables anew."`
	Pause     connectorsPauseCmd   `cmd:"" help:"Stop connectors for maintenance; they go on where they were."`
	Resume    connectorsResumeCmd  `cmd:"" help:"Start connectors that are stopped or paused."`
	Remove    connectorsRemoveCmd  `cmd:"" help:"Delete connectors of stores that have left the inventory."`
	ImportCSV connectorsImportCmd  `cmd:"" name:"import-csv" help:"Turn a table of stores into lines for the inventory."`
}

func (connectorsCmd) Help() string {
	return `A new store is one line in stores.yaml, {id: "0047", host: 10.47.0.5}, and one command:

    tributary connectors apply

New tables: add them to tables: (nothing to do if the store has no tables:), apply, and have their rows read with
tributary connectors restart --snapshot 0047. A store that closes: write enabled: false and apply; or remove the line,
then tributary connectors remove 0047. Passwords stand in Connect's configuration as references, ${file:…} or ${env:…},
which each worker resolves: config.providers=env,file,directory.`
}

// errPending is what --check answers when there is something to do.
var errPending = errors.New("there is something to do")

type connectorsFlags struct {
	inventoryFlags
	connectFlags
	Store []string `arg:"" optional:"" help:"Ids of the stores; all without any."`
}

func (f connectorsFlags) open() (*fleet.Inventory, []fleet.Store, *connect.Client, error) {
	inv, stores, err := f.selected(f.Store)
	if err != nil {
		return nil, nil, nil, err
	}
	client, err := f.client(inv)
	return inv, stores, client, err
}

type connectorsPlanCmd struct {
	connectorsFlags
	Check bool `help:"Exit with 1 if there is something to do: to notice drift."`
}

// Run prints the plan.
func (c connectorsPlanCmd) Run(ctx context.Context) error {
	inv, stores, client, err := c.open()
	if err != nil {
		return err
	}
	plan, err := connect.NewPlan(ctx, client, inv, stores)
	if err != nil {
		return err
	}
	if _, err := plan.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the plan: %w", err)
	}
	if c.Check && plan.Pending() {
		return errPending
	}
	return nil
}

type connectorsApplyCmd struct {
	connectorsFlags
	preflightFlags
	SkipPreflight   bool          `help:"Register stores without asking them first."`
	Wave            int           `help:"How many stores take their first snapshot at a time; the inventory's connect.wave if not given."`
	SnapshotTimeout time.Duration `default:"30m" help:"How long to wait for a snapshot before the next store gets its turn."`
}

func (connectorsApplyCmd) Help() string {
	return `Only real differences are written: every write restarts a task. New connectors are created stopped, and
started a few at a time, each when one before it has finished its snapshot. What fails for one store does not keep the
others. Run it again at any time, also after Ctrl-C: it does what is left. Nothing is ever deleted.`
}

// Run prints the plan and carries it out.
func (c connectorsApplyCmd) Run(ctx context.Context) error {
	inv, stores, client, err := c.open()
	if err != nil {
		return err
	}
	plan, err := connect.NewPlan(ctx, client, inv, stores)
	if err != nil {
		return err
	}
	if _, err := plan.WriteTo(os.Stdout); err != nil {
		return fmt.Errorf("printing the plan: %w", err)
	}
	applier := connect.Applier{
		Client: client, Wave: inv.Connect.Wave, SnapshotTimeout: c.SnapshotTimeout,
		Gate:   preflight.Gate(c.options(inv)),
		Report: func(step connect.Step) { fmt.Println(step) },
	}
	if c.SkipPreflight {
		applier.Gate = nil
	}
	if c.Wave > 0 {
		applier.Wave = c.Wave
	}
	return applier.Apply(ctx, plan)
}

type connectorsStatusCmd struct {
	connectorsFlags
	Output string `short:"o" enum:"text,json" default:"text" help:"How to print: text or json."`
}

// Run prints the states; a store that needs somebody is exit code 1.
func (c connectorsStatusCmd) Run(ctx context.Context) error {
	inv, stores, client, err := c.open()
	if err != nil {
		return err
	}
	all, err := connect.Statuses(ctx, client, inv, stores)
	if err != nil {
		return err
	}
	write := connect.WriteStatuses
	if c.Output == "json" {
		write = connect.WriteStatusesJSON
	}
	if err := write(os.Stdout, all); err != nil {
		return fmt.Errorf("printing the states: %w", err)
	}
	if n := connect.Unhealthy(all); n > 0 {
		return fmt.Errorf("%d of %d stores need somebody", n, len(all))
	}
	return nil
}
