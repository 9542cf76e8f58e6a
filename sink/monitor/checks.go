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
	asked   map[string]time.Time        // when, by store; guarded by mu
	soon    map[string]bool             // stores to ask again at once; guarded by mu
}

// failedAgain is how soon a store whose preflight failed is asked again: who
// has mended it wants to see so.
const failedAgain = 5 * time.Minute

// due are the stores to ask now: the new ones, those whose last preflight is as
// old as the interval, those that failed it, and those wanted again.
func (c *checks) due(stores []fleet.Store, interval time.Duration, now time.Time) (list []fleet.Store) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range stores {
		patience := interval
		if !c.reports[s.ID].Passed() {
			patience = min(interval, failedAgain)
		}
		if at, known := c.asked[s.ID]; !known || c.soon[s.ID] || now.Sub(at) >= patience {
			list = append(list, s)
			delete(c.soon, s.ID)
		}
	}
	return list
}

// run asks the stores that are due, a few at a time: there is no hurry. Stores
// that are switched off or gone are forgotten.
func (c *checks) run(ctx context.Context, inventory *fleet.Inventory, interval time.Duration) {
	on := enabled(inventory.Stores)
	c.keep(ctx, on, preflight.Fleet(ctx, c.due(on, interval, time.Now()), preflight.Options{
		Outage: inventory.Outage, Kafka: inventory.Kafka, Settings: inventory.Settings, Parallel: 2, StoreTimeout: time.Minute,
	}))
}

// keep takes new reports in and compares all there are with each other.
func (c *checks) keep(ctx context.Context, on []fleet.Store, reports []preflight.Report) {
	if ctx.Err() != nil {
		return // they were cut short
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	was, asked := c.reports, c.asked
	c.reports, c.asked = map[string]preflight.Report{}, map[string]time.Time{}
	for _, r := range reports {
		c.reports[r.Store], c.asked[r.Store] = r, time.Now()
	}
	var all []preflight.Report
	for _, s := range on {
		if _, fresh := c.reports[s.ID]; !fresh {
			r, known := was[s.ID]
			if !known {
				continue
			}
			c.reports[s.ID], c.asked[s.ID] = r, asked[s.ID]
		}
		all = append(all, c.reports[s.ID])
	}
	preflight.Compare(all)
	for _, r := range all {
		c.reports[r.Store] = r
	}
}

// again has a store asked the next time, whenever it was asked.
func (c *checks) again(store string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.soon == nil {
		c.soon = map[string]bool{}
	}
	c.soon[store] = true
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
	for _, f := range c.reports[store].Findings {
		if f.Verdict == preflight.Warn || f.Verdict == preflight.Fail {
			list = append(list, f)
		}
	}
	return list, c.asked[store]
}
