package monitor

import (
	"context"
	"maps"
	"sync"
	"time"

	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
)

// checks repeats the stores' preflights: what they ask about can be changed
// back at any time without an error from the connector.
type checks struct {
	mu      sync.Mutex
	reports map[string]preflight.Report // by store; guarded by mu
	at      time.Time                   // when they were made; guarded by mu
}

// run asks every store that is switched on, a few at a time: there is no hurry.
func (c *checks) run(ctx context.Context, inventory *fleet.Inventory) {
	stores := enabled(inventory.Stores)
	reports := preflight.Fleet(ctx, stores, preflight.Options{Outage: inventory.Outage, Kafka: inventory.Kafka, Settings: inventory.Settings, Parallel: 2, StoreTimeout: time.Minute})
	if ctx.Err() != nil {
		return
	}
	byStore := make(map[string]preflight.Report, len(reports))
	for _, r := range reports {
		byStore[r.Store] = r
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reports, c.at = byStore, time.Now()
}

func (c *checks) all() map[string]preflight.Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.reports)
}

// findings are those of a store's last preflight that ask for something, and
// when it was made; never, if the store had none.
func (c *checks) findings(store string) (list []preflight.Finding, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list = []preflight.Finding{}
	report, done := c.reports[store]
	if !done {
		return list, time.Time{}
	}
	for _, f := range report.Findings {
		if f.Verdict == preflight.Warn || f.Verdict == preflight.Fail {
			list = append(list, f)
		}
	}
	return list, c.at
}
