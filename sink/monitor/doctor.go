package monitor

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"tributary/debezium/connect"
	"tributary/sink/monitor/ladder"
)

// Restart is something the monitor did about a failed connector.
type Restart struct {
	At     time.Time `json:"at"`
	Name   string    `json:"name"`
	Try    int       `json:"try"`
	GaveUp bool      `json:"gave_up"`
	Reason string    `json:"reason"`
	Error  string    `json:"error,omitempty"`
}

// doctor has failed connectors restarted and remembers what was done.
type doctor struct {
	guard connect.Guard
	log   *zap.Logger

	mu    sync.Mutex
	list  []Restart          // newest first; guarded by mu
	last  map[string]Restart // by connector; guarded by mu
	total map[string]int     // by connector; guarded by mu
	hopes map[string]bool    // connectors to try anew; guarded by mu
}

const restartsKept = 50

func newDoctor(client *connect.Client, environment string, log *zap.Logger) *doctor {
	return &doctor{
		log: log, last: map[string]Restart{}, total: map[string]int{}, hopes: map[string]bool{},
		guard: connect.Guard{Client: client, Ours: func(c connect.Connector) bool {
			return strings.HasPrefix(c.Name, environment+".") && strings.HasPrefix(c.Config["connector.class"], "io.debezium.")
		}},
	}
}

// hope has a connector that has failed tried anew at the next visit, even if it
// was given up: what it failed of seems to be mended.
func (d *doctor) hope(connector string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hopes[connector] = true
}

// visit looks at the connectors once.
func (d *doctor) visit(ctx context.Context, now time.Time) {
	d.mu.Lock()
	hopes := d.hopes
	d.hopes = map[string]bool{}
	d.mu.Unlock()
	for connector := range hopes {
		d.guard.Forget(connector)
	}
	treatments, err := d.guard.Check(ctx, now)
	if err != nil {
		if ctx.Err() == nil {
			d.log.Warn("cannot look after failed connectors", zap.Error(err))
		}
		return
	}
	for _, t := range treatments {
		r := Restart{At: now, Name: t.Name, Try: t.Try, GaveUp: t.GaveUp, Reason: t.Reason}
		fields := []zap.Field{zap.String("connector", t.Name), zap.Int("try", t.Try), zap.String("reason", t.Reason)}
		switch {
		case t.GaveUp:
			d.log.Error("connector keeps failing, given up", fields...)
		case t.Err != nil:
			r.Error = t.Err.Error()
			d.log.Warn("restarting a failed connector was refused", append(fields, zap.Error(t.Err))...)
		default:
			d.log.Warn("failed connector restarted", fields...)
		}
		d.note(r)
	}
}

func (d *doctor) note(r Restart) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append([]Restart{r}, d.list...)
	d.list = d.list[:min(len(d.list), restartsKept)]
	d.last[r.Name] = r
	if !r.GaveUp {
		d.total[r.Name]++
	}
}

func (d *doctor) recent() []Restart {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Restart{}, d.list...)
}

// tell adds what was done to what is known of a connector. One that runs again
// has a clean sheet after a while.
func (d *doctor) tell(c *ladder.Connector) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, treated := d.last[c.Name]
	if !treated || c.State == connect.StateRunning && time.Since(r.At) > 15*time.Minute {
		return
	}
	c.Restarts, c.GaveUp = r.Try, r.GaveUp && c.State != connect.StateRunning
}

// counts are the restarts by connector since the monitor started.
func (d *doctor) counts() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	counts := make(map[string]int, len(d.total))
	for name, n := range d.total {
		counts[name] = n
	}
	return counts
}
