package chaos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"tributary/integration/chaos/proxy"
	"tributary/integration/pos"
	"tributary/integration/stack"
)

// Options say what happens. The zero value is six stores, two replicas, and
// the first seed.
type Options struct {
	// Seed is what the faults, their order and lengths are drawn from. (When
	// they strike in the sink's work is the machine's choice.)
	Seed uint64
	// Stores is how many stores sell; 0 means 6.
	Stores int
	// Rate is how many rows a second they change together; 0 means 60.
	Rate float64
	// Replicas is how many sinks share the work; 0 means 2.
	Replicas int
	// Protocol is the group protocol they do it by: Classic or Consumer. Empty
	// leaves it to the seed: an even one means Consumer.
	Protocol string
	// Clients is how many Kafka clients each of them runs. 0 means one, and two by
	// the protocol Consumer: from 800 topics on a sink has both.
	Clients int
	// Only are the names of the faults to make; empty means all.
	Only []string
	// Unguarded lets the sink move the ledger from wherever it stands: its
	// compare-and-set does not reach the central database. A run must see that.
	Unguarded bool
	// Dir holds data and logs; empty stands for a temporary folder, which is
	// removed at the end unless something was wrong.
	Dir string
	// Say is told what happens; nil is silence.
	Say func(format string, args ...any)
}

// The group protocols of Kafka.
const (
	Classic  = "classic"  // a member shares the topics out
	Consumer = "consumer" // the brokers do (KIP-848)
)

// Again are the environment variables with which `make chaos` runs the same.
func (o Options) Again() string {
	o = o.withDefaults()
	return fmt.Sprintf("CHAOS_SEED=%d CHAOS_PROTOCOL=%s CHAOS_CLIENTS=%d", o.Seed, o.Protocol, o.Clients)
}

func (o Options) withDefaults() Options {
	if o.Stores == 0 {
		o.Stores = 6
	}
	if o.Rate == 0 {
		o.Rate = 60
	}
	if o.Replicas == 0 {
		o.Replicas = 2
	}
	if o.Protocol == "" {
		o.Protocol = Classic
		if o.Seed%2 == 0 {
			o.Protocol = Consumer
		}
	}
	if o.Clients == 0 {
		o.Clients = 1
		if o.Protocol == Consumer {
			o.Clients = 2
		}
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	return o
}

// Chaos is everything that runs, and what was seen of it.
type Chaos struct {
	options Options
	dice    *rand.Rand // of the schedule alone
	began   time.Time
	dir     string

	stack     *stack.Stack
	server    *stack.MySQL // the central one
	disk      *Disk        // the central server's
	noDisk    bool         // it has none of its own
	central   *sql.DB      // to the central database, past the proxy
	toCentral *proxy.Proxy
	toKafka   *proxy.Proxy
	sources   []*stack.MySQL // the stores'
	stores    []*pos.Store
	chain     *pos.Chain
	journals  journals
	replicas  []*replica
	spare     *replica // comes and goes
	watch     *watch
	stopped   bool
	deck      []*kind // cards not dealt yet

	mu       sync.Mutex // guards what follows
	poisoned map[coordinates]bool
	wrong    []string
	rounds   []Round
}

// The names that connectors and sinks have to agree on.
const (
	environment = "chaos"
	schema      = "central"
	group       = "tributary"
)

// Start builds the sink, starts all that is needed and returns when the stores
// sell and the replicas run. When that fails, nothing is left running.
func Start(ctx context.Context, o Options) (_ *Chaos, err error) {
	c := newChaos(o)
	if err := c.anyCards(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if c.dir = o.Dir; c.dir == "" {
		if c.dir, err = os.MkdirTemp("", "tributary-chaos-"); err != nil {
			return nil, fmt.Errorf("making the folder: %w", err)
		}
	}
	if err := c.layGround(ctx); err != nil {
		return nil, err
	}
	if err := c.openStores(ctx); err != nil {
		return nil, err
	}
	if err := c.startReplicas(ctx); err != nil {
		return nil, err
	}
	c.watch = startWatch(c)
	return c, nil
}

func newChaos(o Options) *Chaos {
	return &Chaos{
		options: o.withDefaults(), dice: rand.New(rand.NewPCG(o.Seed, 1)), began: time.Now(),
		poisoned: map[coordinates]bool{},
	}
}

// Dir is the folder of data and logs.
func (c *Chaos) Dir() string { return c.dir }

// Central is a handle on the central database that no fault touches but those
// of the server itself.
func (c *Chaos) Central() *sql.DB { return c.central }

// say tells what happens, with the time since the start.
func (c *Chaos) say(format string, args ...any) {
	c.options.Say("%6.1f s  "+format, append([]any{time.Since(c.began).Seconds()}, args...)...)
}

// fail notes that something is wrong, and goes on.
func (c *Chaos) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.say("WRONG: %s", text)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, text)
}

func (c *Chaos) failures() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.wrong...)
}

// Close stops all that was started. The folder stays if it was given, or if
// something was wrong.
func (c *Chaos) Close() error {
	if c.stopped {
		return nil
	}
	c.stopped = true
	var all []error
	if c.watch != nil {
		c.watch.stop()
	}
	all = append(all, c.closeStores())
	for _, r := range c.all() {
		all = append(all, r.kill())
	}
	for _, p := range []*proxy.Proxy{c.toCentral, c.toKafka} {
		if p != nil {
			all = append(all, p.Close())
		}
	}
	if c.central != nil {
		all = append(all, c.central.Close())
	}
	all = append(all, c.clearGround())
	if c.disk != nil {
		all = append(all, c.disk.Unmount())
	}
	if err := errors.Join(all...); err != nil {
		return err
	}
	if c.options.Dir == "" && len(c.failures()) == 0 && c.dir != "" {
		return os.RemoveAll(c.dir)
	}
	return nil
}

// pause returns false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
