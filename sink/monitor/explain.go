package monitor

import (
	"context"
	"sync"

	"tributary/debezium/fleet"
	"tributary/sink/monitor/ladder"
)

// Explain asks everybody about one store, or one of its central tables, and
// returns the verdict. A store that is not in the inventory gets one too. The
// error is one of the settings.
func Explain(ctx context.Context, c Config, store, table string) (ladder.Verdict, error) {
	g, err := c.gatherer()
	if err != nil {
		return ladder.Verdict{}, err
	}
	defer func() { _ = g.Close() }()
	// All at once: whoever is away is waited for until the time is over.
	var asked sync.WaitGroup
	if s, ok := c.inventory.Store(store); ok {
		asked.Go(func() { g.Stores(ctx, []fleet.Store{s}) })
	}
	picture := g.Round(ctx, store)
	asked.Wait()
	g.Recall(picture)
	if picture.KafkaError == "" {
		// Without the usual volumes all else still holds.
		_ = g.Learn(ctx, picture)
	}
	if ctx.Err() != nil {
		return ladder.Verdict{}, ctx.Err()
	}
	return ladder.Judge(picture.Facts(g.Servers(), store, table, picture.Flows()[store]), c.limits()), nil
}
