package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"

	"tributary/integration/pos"
)

// How long a store that joins may take until its first row is in the central
// table, and how often that is asked.
const (
	joinLimit = 60 * time.Second
	askEvery  = 100 * time.Millisecond
)

// join makes one more store and registers it, and measures when its rows
// appear. Nobody tells the sinks.
func (p *performance) join(ctx context.Context) error {
	store, err := p.fleet.add(ctx)
	if err != nil {
		return err
	}
	p.screen.say("store %s joins: registering its connector; the sinks are not told", store.ID)
	// Measuring may last longer than registering, or end while it hangs.
	ctx, cancel := context.WithTimeout(ctx, joinLimit)
	defer cancel()
	appeared := make(chan error, 1)
	go func() { appeared <- p.awaitRows(ctx, store) }()
	connected := p.fleet.connect(ctx, p.shops.open)
	if err := errors.Join(connected, <-appeared); err != nil {
		return fmt.Errorf("store %s did not show up within %s: %w", store.ID, joinLimit, err)
	}
	return nil
}

// awaitRows returns when the central table has a row of the store, and says
// how long that took.
func (p *performance) awaitRows(ctx context.Context, store *pos.Store) error {
	registered := time.Now()
	const query = "SELECT EXISTS (SELECT 1 FROM pos_transactions WHERE store_id = ?)"
	for {
		var there bool
		err := p.ground.central.QueryRowContext(ctx, query, store.ID).Scan(&there)
		switch {
		case there:
			p.screen.say("store %s: its first rows are in the central table %.1f s after its registration began",
				store.ID, time.Since(registered).Seconds())
			return nil
		case err != nil && !isNoTable(err):
			return fmt.Errorf("looking for its rows: %w", err)
		}
		timer := time.NewTimer(askEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// isNoTable says that the sink has not made the table yet (ER_NO_SUCH_TABLE).
func isNoTable(err error) bool {
	var server *mysql.MySQLError
	return errors.As(err, &server) && server.Number == 1146
}
