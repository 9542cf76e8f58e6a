package rollout

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// written counts the records of Connect's configuration topic: every change of
// a connector is one.
func (r *run) written() (int64, error) {
	consumer, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": r.ground.stack.Kafka.Addr(), "group.id": "rollout"})
	if err != nil {
		return 0, fmt.Errorf("connecting to Kafka: %w", err)
	}
	defer func() { _ = consumer.Close() }()
	_, high, err := consumer.QueryWatermarkOffsets("_connect-configs", 0, 10_000)
	if err != nil {
		return 0, fmt.Errorf("reading the end of Connect's configuration topic: %w", err)
	}
	return high, nil
}

// applyAgain proves that applying what is applied writes nothing.
func (r *run) applyAgain(ctx context.Context) error {
	before, err := r.written()
	if err != nil {
		return err
	}
	if _, err := r.expect(ctx, 0, r.path, "connectors", "plan", "--check"); err != nil {
		return err
	}
	a, err := r.expect(ctx, 0, r.path, "connectors", "apply")
	if err != nil {
		return err
	}
	after, err := r.written()
	if err != nil {
		return err
	}
	if after != before {
		return fmt.Errorf("a second apply wrote %d records to Connect's configuration topic:\n%s", after-before, a.out)
	}
	r.say("a second apply took %s and wrote nothing", a.took.Round(10*time.Millisecond))
	return nil
}

// drift changes a connector by hand, sees it in the plan and mends it.
func (r *run) drift(ctx context.Context) error {
	name := environment + "." + storeID(0)
	config, err := r.client.Config(ctx, name)
	if err != nil {
		return err
	}
	config["max.queue.size"] = "9999"
	config["database.password"] = "in-plain-sight"
	delete(config, "column.propagate.source.type")
	if err := r.client.Put(ctx, name, config); err == nil {
		return fmt.Errorf("debezium took a wrong password for %s", name)
	}
	config["database.password"] = password
	if err := r.client.Put(ctx, name, config); err != nil {
		return err
	}
	a, err := r.expect(ctx, 1, r.path, "connectors", "plan", "--check")
	if err != nil {
		return err
	}
	for _, want := range []string{"~ " + name, "9999 → 4096", "database.password", "**** → ${file:", "column.propagate.source.type"} {
		if !strings.Contains(a.out, want) {
			return fmt.Errorf("the plan does not show %q:\n%s", want, a.out)
		}
	}
	if strings.Contains(a.out, password) {
		return fmt.Errorf("the plan shows a password:\n%s", a.out)
	}
	r.say("a connector changed by hand:\n%s", firstLines(a.out, 4))
	if _, err := r.expect(ctx, 0, r.path, "connectors", "apply"); err != nil {
		return err
	}
	if err := r.client.WaitRunning(ctx, name); err != nil {
		return err
	}
	_, err = r.expect(ctx, 0, r.path, "connectors", "plan", "--check")
	return err
}

func firstLines(text string, n int) string {
	lines := strings.SplitN(text, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}

// oneMore adds a store while everything runs: one line and one command, and its
// rows are central within two minutes.
func (r *run) oneMore(ctx context.Context) error {
	n := len(r.stores)
	store, err := r.found(ctx, n)
	if err != nil {
		return err
	}
	r.stores = append(r.stores, store)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	begin := time.Now()
	r.lines = append(r.lines, r.line(n))
	if r.path, err = r.write("stores.yaml", r.inventory()); err != nil {
		return err
	}
	a, err := r.expect(ctx, 0, r.path, "connectors", "apply")
	if err != nil {
		return err
	}
	if err := r.equal(ctx, r.stores[n:]); err != nil {
		return err
	}
	r.say("store %s: its connector flows after %s, its rows are central after %s",
		store.ID, a.took.Round(100*time.Millisecond), time.Since(begin).Round(100*time.Millisecond))
	return nil
}

// maintain pauses, resumes, restarts and removes connectors, and has one read
// its tables anew.
func (r *run) maintain(ctx context.Context) error {
	id := storeID(1)
	name := environment + "." + id
	for _, step := range []struct {
		args []string
		then func() error
	}{
		{[]string{"connectors", "pause", id}, func() error { return r.client.WaitStopped(ctx, name) }},
		{[]string{"connectors", "plan", "--check"}, nil}, // stopped by a person: not a difference
		{[]string{"connectors", "resume", id}, func() error { return r.client.WaitRunning(ctx, name) }},
		{[]string{"connectors", "restart", id}, func() error { return r.client.WaitRunning(ctx, name) }},
		{[]string{"connectors", "restart", "--snapshot", id}, func() error { return r.client.WaitSnapshot(ctx, name) }},
	} {
		if _, err := r.expect(ctx, 0, r.path, step.args...); err != nil {
			return err
		}
		if step.then == nil {
			continue
		}
		if err := step.then(); err != nil {
			return err
		}
	}
	if err := r.sell(ctx, r.stores, 3); err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := r.equal(limit, r.stores); err != nil {
		return err
	}
	return r.remove(ctx)
}

// remove takes the last store out of the inventory and then its connector away.
func (r *run) remove(ctx context.Context) error {
	n := len(r.stores) - 1
	id := storeID(n)
	if _, err := r.expect(ctx, 1, r.path, "connectors", "remove", id); err != nil {
		return err // it is still in the inventory
	}
	r.lines = r.lines[:n]
	var err error
	if r.path, err = r.write("stores.yaml", r.inventory()); err != nil {
		return err
	}
	a, err := r.expect(ctx, 0, r.path, "connectors", "plan")
	if err != nil {
		return err
	}
	if !strings.Contains(a.out, "? "+environment+"."+id) {
		return fmt.Errorf("the plan does not show the stray connector:\n%s", a.out)
	}
	if _, err := r.expect(ctx, 0, r.path, "connectors", "remove", "--forget", id); err != nil {
		return err
	}
	all, err := r.client.Fleet(ctx)
	if err != nil {
		return err
	}
	if _, there := all[environment+"."+id]; there || len(all) != n {
		return fmt.Errorf("%d connectors are left, of %d stores", len(all), n)
	}
	return nil
}
