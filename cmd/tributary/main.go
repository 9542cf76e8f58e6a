// Command tributary carries the change events of many store databases into one
// central MySQL, and looks after the streams they come from.
//
// Each subcommand is one file here that parses its flags and calls the package
// that does the work.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line. Each field is a subcommand in a file of its name.
type cli struct {
	Connectors  connectorsCmd  `cmd:"" help:"Plan, apply and watch the stores' Debezium connectors."`
	Deadletters deadlettersCmd `cmd:"" help:"List, show, replay or discard events that could not be written."`
	Explain     explainCmd     `cmd:"" help:"Say why a store's rows do or do not arrive."`
	Monitor     monitorCmd     `cmd:"" help:"Watch the fleet: status page, metrics, restarts."`
	Preflight   preflightCmd   `cmd:"" help:"Find out whether the stores can be captured."`
	Sink        sinkCmd        `cmd:"" help:"Carry change events into the central database."`
	Sweep       sweepCmd       `cmd:"" help:"Find and remove rows a store no longer has since a table was dropped or captured again."`
	Topics      topicsCmd      `cmd:"" help:"Keep the stores' topics as the policy wants them."`
	Version     versionCmd     `cmd:"" help:"Print the version, commit and build."`
}

// Exit codes. Scripts rely on them.
const (
	exitOK      = 0
	exitFailure = 1 // the command ran and the answer is no, or it failed
	exitUsage   = 2 // a flag or setting is missing or wrong; nothing was done
)

// usageError marks an error as the user's to mend before anything can run.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	var commands cli
	exited := -1
	parser, err := kong.New(&commands,
		kong.Name("tributary"),
		kong.Description("Store databases in, one central MySQL out: exactly, and explained."),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
	)
	if err != nil {
		return report(err)
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help has printed its page
		return exited
	}
	if err != nil {
		return report(usageError{err})
	}
	return report(command.Run())
}

// report prints an error the way a person reads it and returns the exit code.
func report(err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(os.Stderr, "tributary:", err)
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailure
}
