package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"tributary/sink/monitor"
	"tributary/sink/monitor/ladder"
)

// explainCmd says why a store's rows do or do not arrive.
type explainCmd struct {
	Store  string `arg:"" help:"The store's id."`
	Table  string `arg:"" optional:"" help:"One of its central tables."`
	Output string `short:"o" enum:"text,json" default:"text" help:"text or json."`
	Stores string `short:"f" default:"stores.yaml" env:"TRIBUTARY_STORES" help:"The inventory of stores."`
	Color  string `enum:"auto,always,never" default:"auto" help:"auto, always or never; auto colours on a terminal unless NO_COLOR is set."`
}

// Help lists the settings; kong prints it below the usage.
func (explainCmd) Help() string {
	return "The way from the store to its rows is looked at step by step; the first broken one is the answer." +
		" The exit code is 0 if nothing is wrong, 1 if something is, if not everything could be looked at, or if the store is" +
		" switched off, and 2 if a setting is wrong.\n\n" +
		"It asks everybody itself, with the settings of `tributary monitor`, which need not be running."
}

// Run explains one store.
func (e explainCmd) Run(ctx context.Context) error {
	config, err := monitor.LoadConfig(append(os.Environ(), "TRIBUTARY_STORES="+e.Stores))
	if err != nil {
		return err
	}
	verdict, err := monitor.Explain(ctx, config, e.Store, e.Table)
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if err := e.print(verdict); err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	return answer(verdict)
}

// answer is the verdict in short; the long one is printed.
func answer(verdict ladder.Verdict) error {
	switch {
	case verdict.Healthy():
		return nil
	case verdict.State == ladder.Off:
		return errors.New("the store is switched off")
	case verdict.State == ladder.Unknown:
		return errors.New("not everything could be looked at: see the lines with a question mark")
	}
	return errors.New("the store's rows do not arrive as they should")
}

func (e explainCmd) print(verdict ladder.Verdict) error {
	if e.Output == "json" {
		return printJSON(os.Stdout, verdict)
	}
	return ladder.WriteText(os.Stdout, verdict, e.Color == "always" || e.Color == "auto" && isTerminal(os.Stdout))
}

// isTerminal says whether a file is a terminal that wants colours.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
