package monitor

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/sink/monitor/gather"
	"tributary/sink/monitor/ladder"
)

// Monitor is the long-running process.
type Monitor struct {
	config   Config
	log      *zap.Logger
	gatherer *gather.Gatherer
	doctor   *doctor
	herald   herald
	state    atomic.Pointer[State]
	rounds   broadcast
	checks   checks
	webhooks atomic.Int64 // notices delivered
	refused  atomic.Int64 // notices that were not

	mu      sync.Mutex
	history history // guarded by mu

	inventoryTime time.Time // of the file; used by the loop of rounds
}

// Run watches until the context ends. It returns an error if a setting keeps
// it from starting; outages of what it watches are what it is for.
func Run(ctx context.Context, c Config, log *zap.Logger) error {
	gatherer, err := c.gatherer()
	if err != nil {
		return err
	}
	defer func() { _ = gatherer.Close() }()
	m := &Monitor{
		config: c, log: log, gatherer: gatherer, herald: herald{after: c.WebhookAfter},
		doctor: newDoctor(c.connect(), c.inventory.Environment, log),
	}
	m.inventoryTime = modified(c.Stores)
	stop, err := m.serve(ctx)
	if err != nil {
		return err
	}
	defer stop()
	log.Info("monitor started", zap.String("environment", c.inventory.Environment), zap.Int("stores", len(c.inventory.Stores)))
	m.watch(ctx)
	log.Info("monitor stopped")
	return nil
}

// watch runs the loops and waits for them.
func (m *Monitor) watch(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { m.watchStores(ctx) })
	if m.config.Restart {
		loops.Go(func() {
			every(ctx, 3*m.config.Interval, func() {
				limited, cancel := context.WithTimeout(ctx, time.Minute)
				defer cancel()
				m.doctor.visit(limited, time.Now())
			})
		})
	}
	if m.config.Preflight > 0 && m.config.AskStores {
		loops.Go(func() {
			every(ctx, min(m.config.Preflight, checksLook), func() { m.checks.run(ctx, m.gatherer.Inventory(), m.config.Preflight) })
		})
	}
	notices := make(chan Notice, 16)
	if m.config.Webhook != "" {
		loops.Go(func() { m.deliver(ctx, notices) })
	}
	var learned time.Time
	every(ctx, m.config.Interval, func() {
		m.reload()
		m.round(ctx, notices)
		if hour := time.Now().Truncate(time.Hour); hour.After(learned) && m.learn(ctx) {
			learned = hour
		}
	})
	loops.Wait()
}

// checksLook is how often it is looked whose preflight is due.
const checksLook = time.Minute

// every calls f at once and then at every interval, never twice at a time.
func every(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		f()
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// watchStores asks the stores in portions, so that their conversations spread
// over the interval. The first time all are asked as fast as they answer: nothing
// is known yet.
func (m *Monitor) watchStores(ctx context.Context) {
	m.gatherer.Stores(ctx, enabled(m.gatherer.Inventory().Stores))
	const portions = 12
	next := 0
	every(ctx, max(m.config.StoreInterval/portions, time.Second), func() {
		stores := enabled(m.gatherer.Inventory().Stores)
		size := (len(stores) + portions - 1) / portions
		if next >= len(stores) {
			next = 0
		}
		m.gatherer.Stores(ctx, stores[next:min(next+size, len(stores))])
		next += size
	})
}

func enabled(stores []fleet.Store) []fleet.Store {
	var on []fleet.Store
	for _, s := range stores {
		if !s.Disabled {
			on = append(on, s)
		}
	}
	return on
}

// round looks at everything once and shows the outcome.
func (m *Monitor) round(ctx context.Context, notices chan<- Notice) {
	begin := time.Now()
	picture := m.gatherer.Round(ctx, "")
	if ctx.Err() != nil {
		return
	}
	was := m.state.Load()
	state := view(picture, m.gatherer.Servers(), m.config.limits(), m.doctor, was)
	state.took, state.RestartsOn = time.Since(begin), m.config.Restart
	m.mu.Lock()
	m.history.add(state)
	m.mu.Unlock()
	m.state.Store(state)
	m.rounds.tell()
	m.report(state, was)
	for _, id := range mended(state, was) {
		m.checks.again(id)
		m.doctor.hope(connect.DefaultsOf(picture.Inventory).Name(id))
	}
	if m.config.Webhook == "" {
		return
	}
	if changes := m.herald.changes(state); len(changes) > 0 {
		select {
		case notices <- notice(state, changes):
		default:
			m.refused.Add(1)
			m.log.Error("the webhook is too slow, a notice is dropped", zap.Int("changes", len(changes)))
		}
	}
}

// mended are the stores whose server has come back, lets us in again, or has its
// binary log as it must be: what failed of that may succeed now.
func mended(state, was *State) (stores []string) {
	if was == nil {
		return nil
	}
	lay := map[string]bool{}
	for _, s := range was.Stores {
		lay[s.Store] = s.serverState() == ladder.Broken
	}
	for _, s := range state.Stores {
		if lay[s.Store] && s.serverState() == ladder.Sound {
			stores = append(stores, s.Store)
		}
	}
	return stores
}

// serverState is how the rungs of the store's server were found: broken if one
// is, and sound if the last one is.
func (s *StoreState) serverState() ladder.State {
	for _, rung := range []ladder.Rung{ladder.Reach, ladder.Login, ladder.Binlog} {
		if step, _ := s.Step(rung); step.State != ladder.Sound {
			return step.State
		}
	}
	return ladder.Sound
}

// report logs what changed for whom, once.
func (m *Monitor) report(state, was *State) {
	before := map[string]StoreState{}
	if was != nil {
		for _, s := range was.Stores {
			before[s.Store] = s
		}
	}
	for _, s := range state.Stores {
		b := before[s.Store]
		switch {
		case s.Rung != b.Rung && s.Rung != "":
			m.log.Warn("store is broken", zap.String("store", s.Store), zap.String("rung", string(s.Rung)), zap.String("verdict", s.Sentence))
		case s.Rung == "" && b.Rung != "":
			m.log.Info("store has recovered", zap.String("store", s.Store), zap.String("rung", string(b.Rung)))
		}
	}
}

// learn reads the usual volumes. It is tried at every round until it is done.
func (m *Monitor) learn(ctx context.Context) (done bool) {
	state := m.state.Load()
	if state == nil || state.picture.KafkaError != "" {
		return false
	}
	err := m.gatherer.Learn(ctx, state.picture)
	if err != nil && ctx.Err() == nil {
		m.log.Warn("cannot read the usual volumes from kafka; missing data is not noticed until it can", zap.Error(err))
	}
	return err == nil
}

func (m *Monitor) deliver(ctx context.Context, notices <-chan Notice) {
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-notices:
			if post(ctx, m.config.Webhook, n, m.log) {
				m.webhooks.Add(1)
			} else {
				m.refused.Add(1)
			}
		}
	}
}

// reload reads the inventory again when its file has changed. One with mistakes
// is reported and the old one kept.
func (m *Monitor) reload() {
	at := modified(m.config.Stores)
	if at.IsZero() || at.Equal(m.inventoryTime) {
		return
	}
	m.inventoryTime = at
	inventory, err := fleet.Load(m.config.Stores)
	if err != nil {
		m.log.Error("the inventory has mistakes, the old one is kept", zap.Error(err))
		return
	}
	m.gatherer.SetInventory(inventory)
	m.log.Info("inventory read again", zap.Int("stores", len(inventory.Stores)))
}

func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// broadcast wakes whoever waits for the next round.
type broadcast struct {
	mu   sync.Mutex
	wait chan struct{}
}

// next returns a channel that is closed at the next round.
func (b *broadcast) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wait == nil {
		b.wait = make(chan struct{})
	}
	return b.wait
}

func (b *broadcast) tell() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wait != nil {
		close(b.wait)
		b.wait = nil
	}
}
