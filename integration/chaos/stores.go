package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/integration/pos"
)

const captureUser, capturePassword = "debezium", "chaos" // of throw-away servers on the loopback

// openStores makes the stores, has Debezium capture them and lets them sell.
func (c *Chaos) openStores(ctx context.Context) error {
	c.say("making %d stores and connecting them", c.options.Stores)
	for _, server := range c.sources {
		if err := server.GrantDebezium(ctx, captureUser, capturePassword); err != nil {
			return err
		}
	}
	c.stores = make([]*pos.Store, c.options.Stores)
	making, making1 := errgroup.WithContext(ctx)
	for n := range c.stores {
		making.Go(func() (err error) {
			if c.stores[n], err = pos.Open(c.sources[n%len(c.sources)].DSN(""), fmt.Sprintf("%04d", n+1)); err != nil {
				return err
			}
			if err := c.stores[n].Create(making1); err != nil {
				return err
			}
			return c.stores[n].Stock(making1, pos.Opening{Sales: 10, Seed: c.options.Seed})
		})
	}
	if err := making.Wait(); err != nil {
		return err
	}
	if err := c.openJournals(ctx); err != nil {
		return err
	}
	if err := c.connect(ctx); err != nil {
		return fmt.Errorf("connecting the stores: %w", err)
	}
	c.chain = pos.NewChain(context.WithoutCancel(ctx), pos.Day{Rate: c.options.Rate / float64(len(c.stores)), Seed: c.options.Seed})
	for _, store := range c.stores {
		c.chain.Open(store)
	}
	c.keepJournals()
	return nil
}

// connect registers a connector for every store, the way an operator would.
func (c *Chaos) connect(ctx context.Context) error {
	secrets := filepath.Join(c.dir, "connectors.properties")
	if err := os.WriteFile(secrets, []byte("password="+capturePassword+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the connectors' password: %w", err)
	}
	path := filepath.Join(c.dir, "stores.yaml")
	if err := os.WriteFile(path, []byte(c.inventory(secrets)), 0o644); err != nil {
		return fmt.Errorf("writing the inventory: %w", err)
	}
	inventory, err := fleet.Load(path)
	if err != nil {
		return err
	}
	client := connect.New(c.stack.ConnectURL(), connect.Options{})
	plan, err := connect.NewPlan(ctx, client, inventory, inventory.Stores)
	if err != nil {
		return err
	}
	applier := connect.Applier{Client: client, Wave: 3, SnapshotTimeout: 5 * time.Minute, Report: func(step connect.Step) {
		if step.Err != nil {
			c.say("connector %s: %v", step.Name, step.Err)
		}
	}}
	return applier.Apply(ctx, plan)
}

// inventory is stores.yaml.
func (c *Chaos) inventory(secrets string) string {
	var text strings.Builder
	fmt.Fprintf(&text, `environment: %s
kafka:
  brokers: %s
connect:
  url: %s
topics:
  replication: 1
defaults:
  schemas: ["s{id}"]
  user: %s
  password: {file: %s, key: password}
  settings: {exactly.once.support: required}
stores:
`, environment, c.stack.Kafka.Addr(), c.stack.ConnectURL(), captureUser, secrets)
	for n, store := range c.stores {
		fmt.Fprintf(&text, "  - {id: %q, host: 127.0.0.1, port: %d}\n", store.ID, c.sources[n%len(c.sources)].Port())
	}
	return text.String()
}

// topic is the topic of a store's table.
func topic(store, table string) string {
	return environment + "." + store + "." + pos.Schema(store) + "." + table
}

// stopSelling closes the stores; it may be called again.
func (c *Chaos) stopSelling() error {
	c.closeJournals()
	if c.chain == nil {
		return nil
	}
	return c.chain.Close()
}

func (c *Chaos) closeStores() error {
	all := []error{c.stopSelling()}
	for _, store := range c.stores {
		if store != nil {
			all = append(all, store.Close())
		}
	}
	return errors.Join(all...)
}
