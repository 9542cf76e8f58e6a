package connect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Guard restarts connectors that have failed, because Debezium stops a task for
// good at errors that pass. It waits longer before every further try and gives
// a connector up after some, so that a person hears of it.
//
// Guard keeps its memory between calls of [Guard.Check] and is used by one
// goroutine.
type Guard struct {
	Client *Client
	// Ours says which connectors to look after; nil means all of Debezium's.
	Ours func(Connector) bool
	// Tries is how often a connector is restarted before it is given up;
	// default 6.
	Tries int
	// FirstPause is the wait before the second try, doubled for each
	// further one up to LongestPause. Defaults 30 s and 15 min.
	FirstPause, LongestPause time.Duration
	// Calm is how long a connector must run for its tries to be forgotten;
	// default 15 min.
	Calm time.Duration

	patients map[string]*patient
}

// patient is what the guard remembers of a connector.
type patient struct {
	tries     int
	pause     time.Duration
	next      time.Time // not to be restarted before
	wellSince time.Time
	gaveUp    bool
}

// Treatment is what the guard did about a failed connector.
type Treatment struct {
	Name string
	// Try counts from 1. GaveUp says that there will be no further one until
	// the connector has run again by a person's hand.
	Try    int
	GaveUp bool
	// Reason is why the connector had failed, in one line.
	Reason string
	// Err is why the restart could not be asked for.
	Err error
}

func (t Treatment) String() string {
	if t.GaveUp {
		return fmt.Sprintf("%s keeps failing after %d restarts: %s", t.Name, t.Try, t.Reason)
	}
	return fmt.Sprintf("restart %d of %s: %s", t.Try, t.Name, t.Reason)
}

// Check looks at the connectors once and restarts those that have failed and
// whose pause is over. A connector that is given up is returned only once.
func (g *Guard) Check(ctx context.Context, now time.Time) ([]Treatment, error) {
	connectors, err := g.Client.Fleet(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the connectors: %w", err)
	}
	if g.patients == nil {
		g.patients = map[string]*patient{}
	}
	maps.DeleteFunc(g.patients, func(name string, _ *patient) bool {
		_, there := connectors[name]
		return !there
	})
	var done []Treatment
	for _, name := range slices.Sorted(maps.Keys(connectors)) {
		c := connectors[name]
		if g.Ours == nil && !isDebezium(c) || g.Ours != nil && !g.Ours(c) {
			continue
		}
		if treatment, any := g.treat(ctx, c, now); any {
			done = append(done, treatment)
		}
	}
	return done, nil
}

// Forget forgets the tries of a connector, given up or not: what it failed of is
// mended, so that the next Check restarts it at once.
func (g *Guard) Forget(name string) { delete(g.patients, name) }

func (g *Guard) treat(ctx context.Context, c Connector, now time.Time) (Treatment, bool) {
	p := g.patients[c.Name]
	if c.State != StateFailed {
		if p != nil && c.State == StateRunning {
			g.recover(p, c.Name, now)
		}
		return Treatment{}, false
	}
	if p == nil {
		p = &patient{}
		g.patients[c.Name] = p
	}
	p.wellSince = time.Time{}
	if p.gaveUp || now.Before(p.next) {
		return Treatment{}, false
	}
	treatment := Treatment{Name: c.Name, Reason: c.Reason(), Try: p.tries}
	if p.tries >= orElse(g.Tries, 6) {
		p.gaveUp, treatment.GaveUp = true, true
		return treatment, true
	}
	p.tries++
	treatment.Try = p.tries
	p.pause = min(max(2*p.pause, orElse(g.FirstPause, 30*time.Second)), orElse(g.LongestPause, 15*time.Minute))
	p.next = now.Add(p.pause)
	treatment.Err = g.Client.Restart(ctx, c.Name, true)
	return treatment, true
}

// recover forgets the tries of a connector that has run long enough: one that
// fails an hour after every restart is another case than one that fails at
// once.
func (g *Guard) recover(p *patient, name string, now time.Time) {
	if p.wellSince.IsZero() {
		p.wellSince = now
	}
	if p.gaveUp || now.Sub(p.wellSince) >= orElse(g.Calm, 15*time.Minute) {
		delete(g.patients, name)
	}
}

func orElse[T int | time.Duration](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}
