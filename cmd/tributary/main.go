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
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"tributary/sink"
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
	context.AfterFunc(ctx, stop) // who asks twice does not want to wait
	os.Exit(run(ctx, os.Args[1:]))
}

// overview is what --help begins with.
const overview = `Store databases in, one central MySQL out: exactly, and explained.

A fleet begins with preflight, topics apply, connectors apply and sink; monitor watches it, and explain says why a store's
rows do not arrive. The exit code is 0 if all is well, 1 if the answer is no or something failed, 2 if a flag or a setting
is missing or wrong and nothing was done.`

func run(ctx context.Context, args []string) int {
	var commands cli
	exited, helped, page := -1, exitOK, os.Stdout
	switch {
	case len(args) == 0: // whoever types the name alone asks what there is
		args, helped, page = []string{"--help"}, exitUsage, os.Stderr
	case args[0] == "help": // as other tools have it, as they have the next
		args = append(slices.Clone(args[1:]), "--help")
	case args[0] == "--version":
		args = []string{"version"}
	}
	parser, err := kong.New(&commands,
		kong.Name("tributary"),
		kong.Description(overview),
		kong.Writers(page, os.Stderr),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(func(code int) { exited = code }),
	)
	if err != nil {
		return report(ctx, err)
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help has printed its page
		return max(exited, helped)
	}
	if err != nil {
		return report(ctx, usageError{fmt.Errorf("%w (%s --help says more)", err, meant(err))})
	}
	return report(ctx, command.Run())
}

// meant is the command that a wrong command line got as far as.
func meant(err error) string {
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil {
		return "tributary"
	}
	words := ""
	for node := parse.Context.Selected(); node != nil; node = node.Parent {
		if node.Type == kong.CommandNode {
			words = " " + node.Name + words
		}
	}
	return "tributary" + words
}

// report prints an error the way a person reads it and returns the exit code.
func report(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %w", err)
	}
	fmt.Fprintln(os.Stderr, "tributary:", err)
	var usage usageError
	var setting *sink.SettingError
	if errors.As(err, &usage) || errors.As(err, &setting) {
		return exitUsage
	}
	return exitFailure
}
