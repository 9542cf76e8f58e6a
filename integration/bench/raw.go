package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary/integration/bench/events"
)

// rawConnections is with how many connections the database alone is measured:
// one for each of two cores; more were no faster.
const rawConnections = 2

// rawRows is how many rows a statement of the database alone holds.
const rawRows = 1000

// literals are the statements that write what a load leads to, each a
// transaction of its own, for every connection: table by table, the rows of half of
// the stores each.
func (l load) literals() [rawConnections][]string {
	var all [rawConnections][]string
	topics := l.Topics()
	for i := range rawConnections * l.Tables {
		table, connection := i/rawConnections, i%rawConnections
		var statement []byte
		rows := 0
		end := func() {
			if rows > 0 {
				all[connection] = append(all[connection], string(statement)+update)
			}
			statement, rows = nil, 0
		}
		for store := connection; store < l.Stores; store += rawConnections {
			t := topics[store*l.Tables+table]
			life := events.NewLife(t, l.Mix)
			for range l.each() {
				life.Next(0)
			}
			life.Rows(func(id uint64, version uint32) {
				if rows == 0 {
					statement = append(statement, "INSERT INTO "+t.Table+" VALUES "...)
				} else {
					statement = append(statement, ',')
				}
				statement = t.AppendTuple(statement, id, version)
				if rows++; rows == rawRows {
					end()
				}
			})
		}
		end()
	}
	return all
}

// update is the end of an upsert.
var update = func() string {
	text := " AS new ON DUPLICATE KEY UPDATE "
	for i, c := range events.Columns[2:] {
		if i > 0 {
			text += ","
		}
		text += c + "=new." + c
	}
	return text
}()

// write sends the statements, each connection its own.
func (b *bench) write(ctx context.Context, statements [rawConnections][]string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, list := range statements {
		group.Go(func() error {
			conn, err := b.db.Conn(ctx)
			if err != nil {
				return err
			}
			defer conn.Close()
			for _, s := range list {
				if _, err := conn.ExecContext(ctx, s); err != nil {
					return fmt.Errorf("writing rows: %w", err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// ceiling measures the database alone: ready-made upserts of new rows.
func (b *bench) ceiling(ctx context.Context, run string, l load, when string, statements [rawConnections][]string) error {
	if err := b.empty(ctx, l.Shape, false); err != nil {
		return err
	}
	p, err := b.parts(nil)
	if err != nil {
		return err
	}
	from, err := p.read()
	if err != nil {
		return err
	}
	if err := b.write(ctx, statements); err != nil {
		return err
	}
	to, err := p.read()
	if err != nil {
		return err
	}
	holds, err := b.sum(ctx, l.Shape)
	if err != nil {
		return err
	}
	b.add(result{Run: run, Contestant: "database alone", Note: when, measured: newMeasured(holds.Rows, between(from, to)), Holds: &holds})
	return b.settle(ctx)
}

// settle lets the server write out what it has put off, so that one
// contestant's rows are not the next one's burden.
func (b *bench) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		dirty, err := b.status(ctx, "Innodb_buffer_pool_pages_dirty")
		if err == nil && dirty < 6000 || ctx.Err() != nil {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// status reads one of the server's counters.
func (b *bench) status(ctx context.Context, name string) (value int64, err error) {
	err = b.db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE '"+name+"'").Scan(&name, &value)
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", name, err)
	}
	return value, nil
}
