package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/integration/pos"
	"tributary/integration/stack"
)

// storeFleet is the stores and their inventory, kept the way an operator would:
// a file with a line a store, which is applied to Connect.
type storeFleet struct {
	ground *ground
	screen *screen
	folder *folder
	seed   uint64

	mu     sync.Mutex
	stores []*pos.Store
}

// wave is how many stores take their first snapshot at the same time.
const wave = 8

// foundedAtOnce is how many stores are made at the same time.
const foundedAtOnce = 8

func newStoreFleet(g *ground, f *folder, s settings, screen *screen) *storeFleet {
	return &storeFleet{ground: g, screen: screen, folder: f, seed: s.Seed}
}

// found makes the first stores, with goods, customers and some sales of
// earlier days, and the account that Debezium reads them with.
func (f *storeFleet) found(ctx context.Context, stores int) error {
	const password = "demo" // of throw-away servers on the loopback
	if err := os.WriteFile(f.secrets(), []byte("password="+password+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the connectors' password: %w", err)
	}
	for _, server := range f.ground.servers {
		if err := server.GrantDebezium(ctx, captureUser, password); err != nil {
			return err
		}
	}
	f.screen.say("making %d stores with %d tables each", stores, len(pos.Tables()))
	f.stores = make([]*pos.Store, stores)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(foundedAtOnce)
	for n := range stores {
		group.Go(func() (err error) {
			f.stores[n], err = f.newStore(ctx, n)
			return err
		})
	}
	return group.Wait()
}

// newStore makes the n-th store, counted from 0.
func (f *storeFleet) newStore(ctx context.Context, n int) (*pos.Store, error) {
	store, err := pos.Open(f.server(n).DSN(""), storeID(n))
	if err != nil {
		return nil, err
	}
	if err = store.Create(ctx); err == nil {
		err = store.Stock(ctx, pos.Opening{Sales: 30, Seed: f.seed})
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// add makes one more store, while the others are at work.
func (f *storeFleet) add(ctx context.Context) (*pos.Store, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	store, err := f.newStore(ctx, len(f.stores))
	if err != nil {
		return nil, err
	}
	f.stores = append(f.stores, store)
	return store, nil
}

func (f *storeFleet) server(n int) *stack.MySQL { return f.ground.servers[n%len(f.ground.servers)] }

// storeID is the id of the n-th store, counted from 0: "0001" is the first.
func storeID(n int) string { return fmt.Sprintf("%04d", n+1) }

// connect writes the inventory and brings Connect in line with it, calling
// flowing for every store whose changes are captured from then on.
func (f *storeFleet) connect(ctx context.Context, flowing func(*pos.Store)) error {
	inventory, byName, err := f.inventory()
	if err != nil {
		return err
	}
	client := f.client()
	plan, err := connect.NewPlan(ctx, client, inventory, inventory.Stores)
	if err != nil {
		return err
	}
	applier := connect.Applier{Client: client, Wave: wave, SnapshotTimeout: 5 * time.Minute, Report: func(step connect.Step) {
		switch step.Stage {
		case connect.StageFlowing:
			flowing(byName[step.Name])
		case connect.StageFailed, connect.StageRefused:
			f.screen.say("connector %s: %v", step.Name, step.Err)
		}
	}}
	return applier.Apply(ctx, plan)
}

// halted returns what keeps connectors from running, an error for each.
func (f *storeFleet) halted(ctx context.Context) error {
	connectors, err := f.client().Fleet(ctx)
	if err != nil {
		return fmt.Errorf("asking for the connectors: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(connectors)) {
		if c := connectors[name]; c.State != connect.StateRunning {
			err = errors.Join(err, fmt.Errorf("connector %s is %s: %s", name, c.State, c.Reason()))
		}
	}
	return err
}

func (f *storeFleet) client() *connect.Client {
	return connect.New(f.ground.stack.ConnectURL(), connect.Options{})
}

// inventory writes stores.yaml and reads it. The stores come by their
// connectors' names, too.
func (f *storeFleet) inventory() (*fleet.Inventory, map[string]*pos.Store, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := f.folder.file("stores.yaml")
	if err := os.WriteFile(path, []byte(f.text()), 0o644); err != nil {
		return nil, nil, fmt.Errorf("writing the inventory: %w", err)
	}
	inventory, err := fleet.Load(path)
	if err != nil {
		return nil, nil, err
	}
	byName := map[string]*pos.Store{}
	for _, store := range f.stores {
		byName[connect.DefaultsOf(inventory).Name(store.ID)] = store
	}
	return inventory, byName, nil
}

// text is the inventory; one broker takes one replica of a topic.
func (f *storeFleet) text() string {
	var text strings.Builder
	fmt.Fprintf(&text, `environment: %s
kafka:
  brokers: %s
connect:
  url: %s
  wave: %d
topics:
  replication: 1
defaults:
  schemas: ["s{id}"]
  user: %s
  password: {file: %s, key: password}
stores:
`, environment, f.ground.stack.Kafka.Addr(), f.ground.stack.ConnectURL(), wave, captureUser, f.secrets())
	for n, store := range f.stores {
		fmt.Fprintf(&text, "  - {id: %q, host: 127.0.0.1, port: %d}\n", store.ID, f.server(n).Port())
	}
	return text.String()
}

func (f *storeFleet) secrets() string { return f.folder.file("connectors.properties") }

func (f *storeFleet) close() {
	for _, store := range f.stores {
		if store != nil {
			_ = store.Close() // its server is about to be stopped
		}
	}
}
