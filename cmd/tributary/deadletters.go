package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"go.uber.org/zap"

	"tributary/sink"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
)

// deadlettersCmd looks after events that could not be written.
type deadlettersCmd struct {
	List    lettersListCmd    `cmd:"" help:"List what was set aside, and why."`
	Held    lettersHeldCmd    `cmd:"" help:"List the tables that are held, of which nothing is written or set aside until the cause is mended."`
	Show    lettersShowCmd    `cmd:"" help:"Show one letter with its key and value as they were consumed."`
	Replay  lettersReplayCmd  `cmd:"" help:"Write letters after all, except those a later event of the same row supersedes."`
	Discard lettersDiscardCmd `cmd:"" help:"Give letters up; they stay in the table, marked."`
}

func (deadlettersCmd) Help() string {
	return `Reads the same environment variables as the sink (tributary sink --help): the letters are those of its
consumer group. A letter is replayed only if nothing newer has happened to its row, which Kafka is asked for.
A letter about a schema change of a store has nothing to write: do what its reason says, then discard it.`
}

// lettersFilter chooses letters.
type lettersFilter struct {
	Store string  `help:"Only this store's."`
	Table string  `help:"Only this central table's."`
	All   bool    `help:"All that are open."`
	ID    []int64 `arg:"" optional:"" help:"Numbers of letters."`
}

var errWhichLetters = usageError{errors.New("say which letters: numbers, --store, --table or --all")}

// filter refuses to mean everything by silence.
func (f lettersFilter) filter() (deadletter.Filter, error) {
	if len(f.ID) == 0 && f.Store == "" && f.Table == "" && !f.All {
		return deadletter.Filter{}, errWhichLetters
	}
	return deadletter.Filter{IDs: f.ID, Store: f.Store, Table: f.Table, State: deadletter.Open}, nil
}

// missed is an error if letters that were named are not among those found.
func (f lettersFilter) missed(found int) error {
	if named := len(slices.Compact(slices.Sorted(slices.Values(f.ID)))); found < named {
		return fmt.Errorf("%d of %d letters are not there or not open (tributary deadletters list --state all)", named-found, named)
	}
	return nil
}

type lettersListCmd struct {
	Store  string `help:"Only this store's."`
	Table  string `help:"Only this central table's."`
	State  string `help:"open, replayed, superseded, discarded or all." enum:"open,replayed,superseded,discarded,all" default:"open"`
	Limit  int    `help:"Most letters to list." default:"100"`
	Output string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run lists letters.
func (c lettersListCmd) Run(ctx context.Context) error {
	return withLetters(ctx, func(l *sink.Letters) error {
		f := deadletter.Filter{Store: c.Store, Table: c.Table, State: deadletter.State(c.State), Limit: c.Limit}
		if c.State == "all" {
			f.State = ""
		}
		list, err := l.List(ctx, f)
		if err != nil {
			return err
		}
		if c.Output == "json" {
			return printJSON(os.Stdout, list)
		}
		if err := printLetters(os.Stdout, list); err != nil {
			return err
		}
		held, err := l.Held(ctx)
		if n := len(held); n > 0 {
			fmt.Printf("tables held: %d (tributary deadletters held)\n", n)
		}
		return err
	})
}

type lettersHeldCmd struct {
	Output string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// Run lists what is held.
func (c lettersHeldCmd) Run(ctx context.Context) error {
	return withLetters(ctx, func(l *sink.Letters) error {
		held, err := l.Held(ctx)
		if err != nil {
			return err
		}
		if c.Output == "json" {
			return printJSON(os.Stdout, held)
		}
		return printHeld(os.Stdout, held)
	})
}

func printHeld(w io.Writer, list []ledger.Held) error {
	if len(list) == 0 {
		fmt.Fprintln(w, "no table is held")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "STORE\tTABLE\tSINCE (UTC)\tTOPIC[PARTITION]@OFFSET\tREASON")
	for _, h := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s[%d]@%d\t%s\n", h.Store, h.Table, h.Since.Format("2006-01-02 15:04:05"), h.Topic, h.Part, h.Offset, h.Reason)
	}
	return t.Flush()
}

func printLetters(w io.Writer, list []deadletter.Entry) error {
	if len(list) == 0 {
		fmt.Fprintln(w, "no dead letters")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tSTORE\tTABLE\tREFUSED (UTC)\tTOPIC[PARTITION]@OFFSET\tREASON")
	for _, e := range list {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s@%d\t%s\n", e.ID, e.State, e.Store, e.Table,
			e.Refused.Format("2006-01-02 15:04:05"), e.Partition, e.Offset, e.Reason)
	}
	return t.Flush()
}

type lettersShowCmd struct {
	ID     int64  `arg:"" help:"Number of the letter."`
	Output string `short:"o" help:"text or json (bytes as base64)." enum:"text,json" default:"text"`
}

// Run shows a letter.
func (c lettersShowCmd) Run(ctx context.Context) error {
	return withLetters(ctx, func(l *sink.Letters) error {
		e, err := l.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		if c.Output == "json" {
			return printJSON(os.Stdout, e)
		}
		if err := printLetters(os.Stdout, []deadletter.Entry{e}); err != nil {
			return err
		}
		fmt.Printf("\nkey:   %s\nvalue: %s\n", e.Key, e.Value)
		return nil
	})
}

type lettersReplayCmd struct{ lettersFilter }

// Run replays letters and says what became of each.
func (c lettersReplayCmd) Run(ctx context.Context) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	return withLetters(ctx, func(l *sink.Letters) error {
		list, err := l.List(ctx, f)
		if err != nil {
			return err
		}
		count := make(map[deadletter.State]int)
		for _, e := range list {
			result, err := l.Replay(ctx, e.ID)
			if err != nil {
				return fmt.Errorf("replaying letter %d: %w", e.ID, err)
			}
			count[result.State]++
			fmt.Printf("%d %s %s\n", e.ID, result.State, result.Reason)
		}
		fmt.Printf("%d replayed, %d superseded, %d still open\n",
			count[deadletter.Replayed], count[deadletter.Superseded], count[deadletter.Open])
		if n := count[deadletter.Open]; n > 0 {
			return fmt.Errorf("%d letters could not be replayed", n)
		}
		return c.missed(len(list))
	})
}

type lettersDiscardCmd struct{ lettersFilter }

// Run gives letters up.
func (c lettersDiscardCmd) Run(ctx context.Context) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	return withLetters(ctx, func(l *sink.Letters) error {
		n, err := l.Discard(ctx, f)
		if err != nil {
			return err
		}
		fmt.Printf("%d discarded\n", n)
		return c.missed(int(n))
	})
}

// withLetters opens the sink's letters by its environment variables.
func withLetters(ctx context.Context, do func(*sink.Letters) error) error {
	config, log, err := sinkSettings()
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	letters, err := sink.OpenLetters(ctx, config, log)
	if err != nil {
		return err
	}
	defer letters.Close()
	return do(letters)
}

// sinkSettings reads the sink's settings for a command that somebody waits for:
// its log is for people, and says what is wrong and no more.
func sinkSettings() (sink.Config, *zap.Logger, error) {
	config, err := sink.LoadConfig(os.Environ())
	if err != nil {
		return config, nil, err
	}
	config.LogFormat = "console"
	log, err := config.Logger()
	if err != nil {
		return config, nil, err
	}
	return config, log.WithOptions(zap.IncreaseLevel(zap.WarnLevel)), nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // it is for terminals and programs
	return e.Encode(v)
}
