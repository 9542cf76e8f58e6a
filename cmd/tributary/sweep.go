package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"tributary/schema"
	"tributary/sink"
	"tributary/sink/sweep"
)

// sweepCmd removes rows that a store no longer has.
type sweepCmd struct {
	Store    string `arg:"" help:"The store's id."`
	Table    string `arg:"" optional:"" help:"One of its central tables."`
	Apply    bool   `help:"Delete the rows that are shown, or mark them where a rule says deletes: soft."`
	EvenMost bool   `help:"With --apply: also where more than half of the store's rows of a table would go."`
	Output   string `short:"o" enum:"text,json" default:"text" help:"text or json."`
}

func (sweepCmd) Help() string {
	return `A store's table begins anew when it is captured again, and when it is dropped: what was written before
that and not since, the store no longer has, and no event says so. Without --apply the rows are counted and nothing is
changed. Sinks may go on meanwhile. Rows the snapshot left out by its settings (snapshot.select.statement.overrides,
snapshot.include.collection.list) count as gone.

Reads the same environment variables as the sink (tributary sink --help). The exit code is 0 if all is told and done, 1
if a table must wait or nothing tells which of its rows are older.`
}

// errUnswept is the answer in short; the long one is printed.
var errUnswept = errors.New("not every table could be swept")

// Run shows what is older, and removes it.
func (c sweepCmd) Run(ctx context.Context) (err error) {
	config, log, err := sinkSettings()
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	s, err := sink.OpenSweep(ctx, config, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	tables, err := s.Look(ctx, c.Store, c.Table)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if err := c.print(os.Stdout, tables); err != nil {
		return err
	}
	left := 0
	for i := range tables {
		t := &tables[i]
		if c.Apply && t.Refusal == "" && (c.EvenMost || !t.Most()) {
			n, err := s.Apply(ctx, t)
			if n > 0 {
				fmt.Fprintf(os.Stderr, "%s: %d %s\n", t.Name, n, gone(t))
			}
			if err != nil {
				return fmt.Errorf("sweep (run it again, it goes on where it was): %w", err)
			}
			continue
		}
		if t.Refusal != "" || c.Apply && t.Older > 0 {
			left++
		}
	}
	if left > 0 {
		return fmt.Errorf("%w: %d of them", errUnswept, left)
	}
	return nil
}

func (c sweepCmd) print(w io.Writer, tables []sweep.Table) error {
	if c.Output == "json" {
		return printJSON(w, tables)
	}
	if len(tables) == 0 {
		_, err := fmt.Fprintf(w, "nothing to sweep: no table of store %s began anew\n", c.Store)
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TABLE\tBEGAN ANEW (UTC)\tROWS\tOLDER")
	older := int64(0)
	for _, table := range tables {
		rows, old := "?", "?"
		if table.Counted {
			rows, old = fmt.Sprint(table.Rows), fmt.Sprint(table.Older)
		}
		older += table.Older
		b := table.Beginning
		fmt.Fprintf(t, "%s\t%s %s\t%s\t%s\n", table.Name, b.At.Format("2006-01-02 15:04:05"), b.Kind, rows, old)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for i := range tables {
		c.note(w, &tables[i])
	}
	switch {
	case older == 0:
		fmt.Fprintln(w, "nothing to sweep")
	case !c.Apply:
		fmt.Fprintln(w, "nothing is changed without --apply")
	}
	return nil
}

// note says what the numbers do not.
func (c sweepCmd) note(w io.Writer, t *sweep.Table) {
	if t.Refusal != "" {
		fmt.Fprintf(w, "%s: %s\n", t.Name, t.Refusal)
	} else if t.Older > 0 && t.Most() && !c.EvenMost {
		fmt.Fprintf(w, "%s: more than half of the store's rows would go; look whether the store has as few, and add --even-most\n", t.Name)
	}
	rows := fmt.Sprintf("SELECT * FROM %s WHERE store_id='%s'", schema.Quote(t.Name), t.Store)
	if t.Unplaced > 0 {
		fmt.Fprintf(w, "%s: rows without an _offset: %d; another tool wrote them, and the sink would have written what the store still has since;"+
			" if nothing else writes there, delete them by hand: %s AND _offset IS NULL\n", t.Name, t.Unplaced, rows)
	}
	if t.Strays > 0 {
		fmt.Fprintf(w, "%s: rows from before, but with offsets of a topic that has been made again since: %d; delete them by hand:"+
			" %s AND _offset>=%d AND _applied_at<'%s'\n", t.Name, t.Strays, rows, t.Boundary, t.StrayTime().Format("2006-01-02 15:04:05"))
	}
}

// gone says what was done with rows.
func gone(t *sweep.Table) string {
	if t.Soft {
		return "marked as deleted"
	}
	return "deleted"
}
