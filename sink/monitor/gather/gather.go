package gather

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"tributary/debezium"
	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/sink/ledger"
)

// Config says whom to ask.
type Config struct {
	Inventory *fleet.Inventory
	Connect   *connect.Client
	// Kafka are librdkafka's properties, Group is the sink's.
	Kafka map[string]string
	Group string
	// CentralDSN is the driver's; empty leaves the central database out.
	CentralDSN string
	// Tables are those the sink carries; empty means all.
	Tables []string
	// AskStores says whether to connect to the stores' servers.
	AskStores bool
	// StoreTimeout limits the conversation with one store, Timeout one round
	// with each of the others.
	StoreTimeout, Timeout time.Duration
	// Parallel is how many stores are asked at a time.
	Parallel int
}

// Gatherer asks everybody. [Gatherer.Round] and [Gatherer.Stores] may run at the
// same time, each in one goroutine.
type Gatherer struct {
	config  Config
	stores  atomic.Pointer[fleet.Inventory]
	log     *Log
	central *Central
	servers *Servers
	beats   Beats
	tables  map[string]bool

	mu       sync.Mutex
	answers  map[string]Server
	progress map[string]Progress
	habits   map[string]Habit
}

// New connects nowhere yet; an error is one of the settings.
func New(c Config) (*Gatherer, error) {
	log, err := NewLog(c.Kafka, c.Group)
	if err != nil {
		return nil, err
	}
	g := &Gatherer{
		config: c, log: log, servers: &Servers{Timeout: c.StoreTimeout, Parallel: c.Parallel},
		answers: map[string]Server{}, progress: map[string]Progress{}, tables: map[string]bool{},
	}
	g.stores.Store(c.Inventory)
	for _, t := range c.Tables {
		g.tables[t] = true
	}
	if c.CentralDSN != "" {
		if g.central, err = NewCentral(c.CentralDSN, c.Group); err != nil {
			return nil, errors.Join(err, log.Close())
		}
	}
	return g, nil
}

// Inventory returns the stores that are asked about.
func (g *Gatherer) Inventory() *fleet.Inventory { return g.stores.Load() }

// SetInventory replaces them, when the file has changed.
func (g *Gatherer) SetInventory(inv *fleet.Inventory) { g.stores.Store(inv) }

// Close ends all connections.
func (g *Gatherer) Close() error {
	err := g.log.Close()
	if g.central != nil {
		err = errors.Join(err, g.central.Close())
	}
	return err
}

// Servers is the memory of the stores' servers, for [Picture.Facts].
func (g *Gatherer) Servers() *Servers { return g.servers }

// Stores asks the servers of the stores, and Connect where their connectors
// stand, one store after the other being done in little time. The answers are
// part of the next round's picture.
func (g *Gatherer) Stores(ctx context.Context, stores []fleet.Store) {
	var wg sync.WaitGroup
	var answers map[string]Server
	if g.config.AskStores {
		wg.Go(func() { answers = g.servers.Ask(ctx, stores) })
	}
	progress := g.askProgress(ctx, stores)
	wg.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.Copy(g.answers, answers)
	maps.Copy(g.progress, progress)
}

func (g *Gatherer) askProgress(ctx context.Context, stores []fleet.Store) map[string]Progress {
	defaults := connect.DefaultsOf(g.Inventory())
	progress := map[string]Progress{}
	for _, store := range stores {
		limited, cancel := context.WithTimeout(ctx, g.config.Timeout)
		offsets, err := g.config.Connect.Offsets(limited, defaults.Name(store.ID))
		away := limited.Err() != nil
		cancel()
		p := Progress{}
		if err != nil {
			p.Error = err.Error()
		}
		for _, o := range offsets {
			if o.Prefix == defaults.Name(store.ID) {
				p.Offset, p.Saved = o, true
			}
		}
		progress[store.ID] = p
		if away {
			break // Connect is away: do not wait for every store in turn
		}
	}
	return progress
}

// Round asks Connect, Kafka and the central database. Only limits the row
// topics to one store; empty means all.
func (g *Gatherer) Round(ctx context.Context, only string) *Picture {
	p := &Picture{Inventory: g.Inventory(), Group: g.config.Group}
	ctx, cancel := context.WithTimeout(ctx, g.config.Timeout)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { g.askConnect(ctx, p) })
	wg.Go(func() { g.askCentral(ctx, p) })
	wg.Go(func() { g.askRegistry(ctx, p) })
	g.askKafka(ctx, p, only)
	wg.Wait()
	g.askWaiting(ctx, p)
	p.At = time.Now()
	p.Beats = Beats{At: maps.Clone(g.beats.At), Topics: g.beats.Topics}
	if !g.config.AskStores {
		p.ServersUnknown = "stores' servers are not asked (TRIBUTARY_MONITOR_ASK_STORES)"
	}
	g.Recall(p)
	return p
}

// Recall puts into a picture what [Gatherer.Stores] and [Gatherer.Learn] have
// found by now.
func (g *Gatherer) Recall(p *Picture) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p.Servers, p.Progress, p.Habits = maps.Clone(g.answers), maps.Clone(g.progress), g.habits
}

func (g *Gatherer) askConnect(ctx context.Context, p *Picture) {
	connectors, err := g.config.Connect.Fleet(ctx)
	if err != nil {
		p.ConnectError = err.Error()
	}
	p.Connectors = connectors
}

func (g *Gatherer) askCentral(ctx context.Context, p *Picture) {
	if g.central == nil {
		p.CentralUnknown = "TRIBUTARY_CENTRAL_DSN is not set"
		return
	}
	var err error
	p.Book, err = g.central.Read(ctx)
	switch {
	case errors.Is(err, ErrDenied): // the database is well, and so may the stores be
		p.CentralDenied = err.Error()
	case err != nil:
		p.CentralError = err.Error()
	}
}

func (g *Gatherer) askKafka(ctx context.Context, p *Picture, only string) {
	environment := p.Inventory.Environment
	var err error
	p.Cluster, err = g.log.Read(ctx, environment, func(t debezium.Topic) bool {
		return (only == "" || t.Store == only) && (len(g.tables) == 0 || g.tables[t.Table])
	})
	if err != nil {
		p.KafkaError = err.Error()
		return
	}
	if err := g.log.Beats(ctx, &g.beats, environment, p.Cluster, time.Now()); err != nil {
		p.BeatsError = err.Error()
	}
}

// patience is how long the first waiting records may be looked for.
const patience = 3 * time.Second

// askWaiting looks at the first record not written of the partitions that lag.
func (g *Gatherer) askWaiting(ctx context.Context, p *Picture) {
	at := map[ledger.Partition]int64{}
	for partition, o := range p.Cluster.Partitions {
		if next, _ := NextOffset(o, p.Book.Entries, partition); next < o.End {
			at[partition] = max(next, o.Start)
		}
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	if p.Waiting, err = g.log.Waiting(limited, at); err != nil && p.KafkaError == "" {
		p.KafkaError = err.Error()
	}
}

// Learn finds the topics' habits, for this picture and those to come. It must
// not run together with Round.
func (g *Gatherer) Learn(ctx context.Context, p *Picture) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	habits, err := g.log.Habits(ctx, p.Cluster, p.Inventory, p.At)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.habits, p.Habits = habits, habits
	return nil
}
