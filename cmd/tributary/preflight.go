package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
)

// preflightCmd asks stores whether they can be captured.
type preflightCmd struct {
	inventoryFlags
	preflightFlags
	Store  []string `arg:"" optional:"" help:"Ids of the stores to ask; all without any."`
	Output string   `short:"o" enum:"text,json" default:"text" help:"How to print the reports: text or json."`
	FixSQL bool     `name:"fix-sql" help:"Print only the statements that mend the stores, to be read and run by an administrator."`
	All    bool     `help:"List the checks that passed or do not apply, too."`
	Checks bool     `help:"List every check, why it matters and what it asks, and do nothing."`
}

// preflightFlags are how long to wait for whom.
type preflightFlags struct {
	Parallel       int           `default:"16" help:"How many stores to ask at a time."`
	ConnectTimeout time.Duration `default:"5s" help:"How long to wait for a store to answer at all."`
	Timeout        time.Duration `default:"60s" help:"How long all checks of one store may take."`
}

func (preflightCmd) Help() string {
	return `Asks every store's MySQL or MariaDB server whether it has what Debezium needs: the binary log and its
format, how long it is kept, the account's privileges, primary keys and some forty things more. What is missing is
named with the reason and with the SQL or the my.cnf line that mends it. Nothing is written to a store.

The exit code is 1 if a store must not be registered.

    tributary preflight                   all stores of stores.yaml
    tributary preflight 0047 --all        one store, every check
    tributary preflight 0047 --fix-sql    the script that mends it
    tributary preflight -o json           for programs`
}

func (c preflightCmd) Run(ctx context.Context) error {
	if c.Checks {
		return preflight.WriteChecks(os.Stdout)
	}
	inv, stores, err := c.selected(c.Store)
	if err != nil {
		return err
	}
	options := c.options(inv)
	options.Progress = func(done, all int, report preflight.Report) {
		fmt.Fprintf(os.Stderr, "%d of %d: store %s %s\n", done, all, report.Store, report.Verdict)
	}
	reports := preflight.Fleet(ctx, stores, options)
	write := func() error { return preflight.WriteText(os.Stdout, reports, c.All) }
	switch {
	case c.FixSQL:
		write = func() error { return preflight.WriteFixes(os.Stdout, reports) }
	case c.Output == "json":
		write = func() error { return preflight.WriteJSON(os.Stdout, reports) }
	}
	if err := write(); err != nil {
		return fmt.Errorf("printing the reports: %w", err)
	}
	return preflight.Summary(reports)
}

func (f preflightFlags) options(inv *fleet.Inventory) preflight.Options {
	return preflight.Options{
		Outage: inv.Outage, Kafka: inv.Kafka, Settings: inv.Settings, Parallel: f.Parallel, ConnectTimeout: f.ConnectTimeout, StoreTimeout: f.Timeout,
	}
}
