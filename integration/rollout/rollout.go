package rollout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tributary/debezium/connect"
	"tributary/integration/pos"
)

// Options says how large a fleet to roll out.
type Options struct {
	// Stores is their number, Wave how many of them take their snapshot at
	// the same time.
	Stores, Wave int
	// Progress is told what happens, a line at a time; Verbose tells it what
	// the commands print, too.
	Progress io.Writer
	Verbose  bool
}

// run is one rollout.
type run struct {
	options Options
	ground  *ground
	client  *connect.Client
	stores  []*pos.Store
	lines   []string
	path    string // of the inventory
}

// Run rolls a fleet out and returns the first promise that was not kept.
// Everything it started is stopped when it returns.
func Run(ctx context.Context, o Options) (err error) {
	dir, err := os.MkdirTemp("", "tributary-fleet-")
	if err != nil {
		return fmt.Errorf("making the run's folder: %w", err)
	}
	r := &run{options: o, ground: &ground{dir: dir}}
	defer func() {
		for _, store := range r.stores {
			if store != nil {
				err = errors.Join(err, store.Close())
			}
		}
		err = errors.Join(err, r.ground.stop())
	}()
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"start", r.start},
		{"preflight", r.preflight},
		{"topics", r.topics},
		{"registration", r.register},
		{"equality", r.prove},
		{"second apply", r.applyAgain},
		{"drift", r.drift},
		{"broken stores", r.broken},
		{"one more store", r.oneMore},
		{"maintenance", r.maintain},
		{"sizes", r.measure},
	} {
		begin := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		r.say("%s: done in %s", step.name, time.Since(begin).Round(100*time.Millisecond))
	}
	return nil
}

func (r *run) say(format string, args ...any) {
	fmt.Fprintf(r.options.Progress, format+"\n", args...)
}

func (r *run) start(ctx context.Context) error {
	if err := r.ground.lay(ctx, r.options); err != nil {
		return err
	}
	if err := os.WriteFile(r.secrets(), []byte("password="+password+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the connectors' password: %w", err)
	}
	r.client = connect.New(r.ground.stack.ConnectURL(), connect.Options{})
	r.say("making %d stores on %d servers", r.options.Stores, len(r.ground.servers))
	if err := r.foundAll(ctx, r.options.Stores); err != nil {
		return err
	}
	for n := range r.stores {
		r.lines = append(r.lines, r.line(n))
	}
	var err error
	r.path, err = r.write("stores.yaml", r.inventory())
	return err
}

func (r *run) preflight(ctx context.Context) error {
	a, err := r.expect(ctx, 0, r.path, "preflight")
	if err != nil {
		return err
	}
	r.say("%d stores asked in %s: %s", len(r.stores), a.took.Round(10*time.Millisecond), lastLine(a.out))
	return nil
}

func (r *run) topics(ctx context.Context) error {
	if _, err := r.expect(ctx, 1, r.path, "topics", "plan", "--check"); err != nil {
		return err
	}
	a, err := r.expect(ctx, 0, r.path, "topics", "apply")
	if err != nil {
		return err
	}
	r.say("%d topics created in %s", strings.Count(a.out, "\n+ ")+1, a.took.Round(10*time.Millisecond))
	a, err = r.expect(ctx, 0, r.path, "topics", "plan", "--check")
	if err == nil && !strings.Contains(a.out, "0 to create, 0 to change, 0 refused, 0 strays") {
		err = fmt.Errorf("a second plan still finds something:\n%s", a.out)
	}
	return err
}

// register creates the connectors and checks that they were let go in waves.
func (r *run) register(ctx context.Context) error {
	a, err := r.expect(ctx, 0, r.path, "connectors", "apply")
	if err != nil {
		return err
	}
	released, busiest, flowing := 0, 0, 0
	for line := range strings.Lines(a.out) {
		switch stage, _, _ := strings.Cut(line, " "); connect.Stage(stage) {
		case connect.StageReleased:
			released++
			busiest = max(busiest, released-flowing)
		case connect.StageFlowing:
			flowing++
		}
	}
	// What the command says is held against what Debezium says.
	began, ended, real := r.snapshots()
	if flowing != len(r.stores) || began < flowing || ended < flowing || max(busiest, real) > r.options.Wave {
		return fmt.Errorf("%d of %d stores flow; %d let go at once, %d are allowed; Debezium began %d snapshots and ended %d, up to %d at once",
			flowing, len(r.stores), busiest, r.options.Wave, began, ended, real)
	}
	if _, err := r.expect(ctx, 0, r.path, "connectors", "status"); err != nil {
		return err
	}
	r.say("%d connectors registered and RUNNING in %s; %d snapshots by Debezium's log, up to %d at once",
		flowing, a.took.Round(100*time.Millisecond), ended, real)
	return nil
}

func (r *run) prove(ctx context.Context) error {
	if err := r.sell(ctx, r.stores, 20); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute+time.Duration(len(r.stores))*time.Second)
	defer cancel()
	return r.equal(ctx, r.stores)
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
