package chaos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"tributary/integration/chaos/proxy"
)

// Healing takes the context without its end: what was stopped comes back even
// when the run is broken off.

func (c *Chaos) replica(f fault) *replica { return c.replicas[f.pick%c.options.Replicas] }

func killReplica(ctx context.Context, c *Chaos, f fault) error {
	r := c.replica(f)
	err := r.kill()
	pause(ctx, f.hold)
	return errors.Join(err, r.begin(context.WithoutCancel(ctx)))
}

func freezeReplica(ctx context.Context, c *Chaos, f fault) error {
	r := c.replica(f)
	err := r.Freeze()
	pause(ctx, f.hold)
	return errors.Join(err, r.Thaw())
}

// rollReplicas restarts one after the other, in order.
func rollReplicas(ctx context.Context, c *Chaos, f fault) error {
	for _, r := range c.replicas[:c.options.Replicas] {
		began := time.Now()
		if err := r.leave(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		if took := time.Since(began); took > stopLimit {
			c.fail("%s took %s to stop", r.Name(), took)
		}
		if err := r.begin(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		pause(ctx, f.hold)
	}
	return nil
}

// stopLimit is how long an orderly end may take, before it is a kill: the
// transactions' time and as much for leaving the group.
const stopLimit = 20 * time.Second

// addReplica lets one more replica take its share for a while.
func addReplica(ctx context.Context, c *Chaos, f fault) error {
	r := c.spare
	err := r.begin(context.WithoutCancel(ctx))
	pause(ctx, f.hold)
	return errors.Join(err, r.leave(context.WithoutCancel(ctx)))
}

func killCentral(ctx context.Context, c *Chaos, f fault) error {
	err := c.server.Kill()
	pause(ctx, f.hold)
	return errors.Join(err, c.server.Restart(context.WithoutCancel(ctx)))
}

func restartCentral(ctx context.Context, c *Chaos, f fault) error {
	err := c.server.Process.Stop(context.WithoutCancel(ctx))
	pause(ctx, f.hold)
	return errors.Join(err, c.server.Start(context.WithoutCancel(ctx)))
}

// setBackCentral gives the central server the data it had a while ago, as a
// restored backup does, or the promotion of a replica that lacks the last
// transactions.
func setBackCentral(ctx context.Context, c *Chaos, f fault) error {
	whole, backup := context.WithoutCancel(ctx), filepath.Join(c.dir, "backup")
	if err := c.server.Process.Stop(whole); err != nil {
		return err
	}
	if err := errors.Join(c.server.Backup(backup), c.server.Start(whole)); err != nil {
		return err
	}
	pause(ctx, f.hold) // what is written now will be missing
	if err := c.server.Kill(); err != nil {
		return err
	}
	c.watch.forget()
	return errors.Join(c.server.Restore(backup), os.RemoveAll(backup), c.server.Start(whole))
}

func freezeCentral(ctx context.Context, c *Chaos, f fault) error {
	err := c.server.Freeze()
	pause(ctx, f.hold)
	return errors.Join(err, c.server.Thaw())
}

// readOnlyCentral is what a failover looks like from a server that lost it.
func readOnlyCentral(ctx context.Context, c *Chaos, f fault) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	_, err := c.central.ExecContext(limited, "SET GLOBAL super_read_only=ON")
	pause(ctx, f.hold)
	_, back := c.central.ExecContext(context.WithoutCancel(ctx), "SET GLOBAL super_read_only=OFF, GLOBAL read_only=OFF")
	return errors.Join(err, back)
}

func lockRows(ctx context.Context, c *Chaos, f fault) error {
	return c.lock(ctx, f.hold, "SELECT COUNT(*) FROM inventory WHERE store_id=? FOR UPDATE", c.stores[f.pick%len(c.stores)].ID)
}

func lockLedger(ctx context.Context, c *Chaos, f fault) error {
	return c.lock(ctx, f.hold, "SELECT next_offset FROM tributary_ledger WHERE grp='"+group+"' AND part=0 AND topic=? FOR UPDATE", topic(c.stores[f.pick%len(c.stores)].ID, entriesTable))
}

// lock holds rows as a report or an operator's forgotten session does.
func (c *Chaos) lock(ctx context.Context, hold time.Duration, query string, arg any) error {
	tx, err := c.central.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return fmt.Errorf("beginning to lock: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	var number int64
	if err := tx.QueryRowContext(context.WithoutCancel(ctx), query, arg).Scan(&number); err != nil {
		return fmt.Errorf("locking: %w", err)
	}
	pause(ctx, hold)
	return nil
}

func killBroker(ctx context.Context, c *Chaos, f fault) error {
	err := c.stack.Kafka.Kill()
	pause(ctx, f.hold)
	return errors.Join(err, c.stack.Kafka.Restart(context.WithoutCancel(ctx)))
}

func restartBroker(ctx context.Context, c *Chaos, f fault) error {
	err := c.stack.Kafka.Stop(context.WithoutCancel(ctx))
	pause(ctx, f.hold)
	return errors.Join(err, c.stack.Kafka.Start(context.WithoutCancel(ctx)))
}

func freezeBroker(ctx context.Context, c *Chaos, f fault) error {
	err := c.stack.Kafka.Freeze()
	pause(ctx, f.hold)
	return errors.Join(err, c.stack.Kafka.Thaw())
}

// stormReplicas lets a replica come and go so fast that the group has hardly
// agreed on anything when it changes again.
func stormReplicas(ctx context.Context, c *Chaos, f fault) error {
	for range 3 + f.pick%3 {
		if err := c.spare.begin(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		pause(ctx, f.hold+time.Second)
		if err := c.spare.leave(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// killConnect kills the worker with all its connectors in the middle of what
// they send.
func killConnect(ctx context.Context, c *Chaos, f fault) error {
	worker := c.stack.Workers()[0]
	err := worker.Kill()
	pause(ctx, f.hold)
	return errors.Join(err, worker.Restart(context.WithoutCancel(ctx)))
}

func restartConnect(ctx context.Context, c *Chaos, f fault) error {
	worker := c.stack.Workers()[0]
	err := worker.Stop(context.WithoutCancel(ctx))
	pause(ctx, f.hold)
	return errors.Join(err, worker.Start(context.WithoutCancel(ctx)))
}

// The ways a network fails.

func cut(p *proxy.Proxy)    { p.Cut() }
func stall(p *proxy.Proxy)  { p.Stall() }
func strand(p *proxy.Proxy) { p.Strand() }
func slow(p *proxy.Proxy)   { p.Slow(150 * time.Millisecond) }

type strike = func(ctx context.Context, c *Chaos, f fault) error

func central(fail func(*proxy.Proxy)) strike {
	return func(ctx context.Context, c *Chaos, f fault) error { return network(ctx, c.toCentral, fail, f) }
}

func kafka(fail func(*proxy.Proxy)) strike {
	return func(ctx context.Context, c *Chaos, f fault) error { return network(ctx, c.toKafka, fail, f) }
}

func network(ctx context.Context, p *proxy.Proxy, fail func(*proxy.Proxy), f fault) error {
	fail(p)
	pause(ctx, f.hold)
	p.Heal()
	return nil
}

// coordinates name one event.
type coordinates struct {
	topic     string
	partition int32
	offset    int64
}

// poison sends what no sink can read to a store's topic.
func poison(ctx context.Context, c *Chaos, f fault) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(c.stack.Kafka.Addr()))
	if err != nil {
		return fmt.Errorf("making a Kafka client: %w", err)
	}
	defer client.Close()
	bad := []string{
		`{"schema":{"type":"struct"`, `{"before":null,"op":"c"}`, "\x00\xff not JSON", `{"schema":null,"payload":{"op":"c","after":{"id":"x"}}}`, `[]`,
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	for i := range 3 + f.pick%5 {
		record := &kgo.Record{
			Topic: topic(c.stores[f.pick%len(c.stores)].ID, "customers"),
			Key:   fmt.Appendf(nil, `{"schema":{},"payload":{"id":-%d}}`, i), Value: []byte(bad[(f.pick+i)%len(bad)]),
		}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			return fmt.Errorf("sending poison: %w", err)
		}
		c.mu.Lock()
		c.poisoned[coordinates{record.Topic, record.Partition, record.Offset}] = true
		c.mu.Unlock()
	}
	return nil
}
