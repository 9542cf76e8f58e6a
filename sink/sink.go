package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/debezium/registry"
	"tributary/sink/consumer"
	"tributary/sink/lane"
)

// Run runs one replica until the context ends, then hands its partitions over
// and returns nil. It returns an error if something at the start cannot be
// cured by waiting, or if the Kafka client fails for good.
func Run(ctx context.Context, c Config, log *zap.Logger) error {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	health := newHealth(c.PProf)
	stopServing, err := health.serve(c.HTTPAddr, metrics, log)
	if err != nil {
		return err
	}
	defer stopServing()

	r, err := build(ctx, c, metrics, log)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // told to stop while waiting
	}
	if err != nil {
		return err
	}
	defer r.close()
	health.ready(r.ready)
	log.Info("sink started", zap.String("group", c.Group), zap.String("environment", c.Environment),
		zap.Stringer("central", r.dialect), zap.Int("clients", r.clients), zap.String("replica", r.name))
	err = r.run(ctx, c)
	log.Info("sink stopped", zap.Error(err))
	return err
}

// replica is one process's sink, wired together.
type replica struct {
	*base
	clients int
	lanes   *lane.Set
	group   *consumer.Group
	schemas *registry.Client // nil without a registry
}

// build opens the central database and wires the parts.
func build(ctx context.Context, c Config, metrics prometheus.Registerer, log *zap.Logger) (*replica, error) {
	b, err := openBase(ctx, c, log)
	if err != nil {
		return nil, err
	}
	r := &replica{base: b}
	if r.clients, err = chooseClients(ctx, c, log); err != nil {
		b.close()
		return nil, err
	}
	budget := lane.NewBudget(int64(c.Memory) / 4)
	if r.schemas, err = c.schemaRegistry(log); err != nil {
		b.close()
		return nil, err
	}
	r.group = consumer.NewGroup(consumer.Config{
		Registry: asRegistry(r.schemas),
		Kafka:    c.properties(r.name, r.clients), Classic: c.classic(r.name, r.clients), Clients: r.clients,
		Pattern: debezium.SubscriptionPattern(c.Environment, c.Tables), Wanted: c.wanted(),
		Ledger: b.ledger, Budget: budget, Patience: c.StallTimeout, Log: log, Metrics: consumer.NewMetrics(metrics),
	})
	if r.schemas != nil {
		metrics.MustRegister(consumer.NewRegistryMetrics(r.schemas, r.group.Awaiting))
	}
	lanes := b.laneConfig(c, log, metrics)
	lanes.Partitions, lanes.Budget = r.group, budget
	lanes.Changes = c.judge(b)
	r.lanes = lane.NewSet(lanes, c.Lanes)
	return r, nil
}

// ready says whether the replica can write, and all that it is given.
func (r *replica) ready(ctx context.Context) error {
	if r.control.PingContext(ctx) != nil {
		return errNoCentral
	}
	if r.schemas == nil {
		return nil
	}
	return registryTrouble(r.schemas, r.group.Awaiting())
}

// run runs the group and the lanes. The lanes outlive the group: leaving the
// group waits for transactions that are under way.
func (r *replica) run(ctx context.Context, c Config) error {
	lanes, stopLanes := context.WithCancel(context.WithoutCancel(ctx))
	grace, endGrace := context.WithCancel(context.WithoutCancel(ctx))
	defer endGrace()
	var running sync.WaitGroup
	r.lanes.Start(lanes, grace, &running)
	if r.schemas != nil {
		running.Go(func() { r.schemas.Run(lanes) })
	}
	err := r.group.Run(ctx, r.lanes)
	stopLanes()
	overdue := time.AfterFunc(c.StopTimeout, endGrace)
	defer overdue.Stop()
	running.Wait()
	return err
}

// wanted is the exact filter behind the subscription's pattern.
func (c *Config) wanted() func(topic string) bool {
	carries := c.carries()
	return func(name string) bool {
		topic, kind := debezium.ParseTopic(c.Environment, name)
		return kind == debezium.SchemaChangeTopic || kind == debezium.RowTopic && carries(topic)
	}
}

// carries says which tables the sink is for.
func (c *Config) carries() func(debezium.Topic) bool {
	tables := make(map[string]bool, len(c.Tables))
	for _, t := range c.Tables {
		tables[t] = true
	}
	return func(t debezium.Topic) bool { return len(tables) == 0 || tables[t.Table] }
}

// topicsPerClient keeps a librdkafka client within what it can look up in
// lists.
const topicsPerClient = 800

// chooseClients counts the topics there are now, waiting for Kafka if need be.
// A replica may come to own all of them, when it is the last one left.
func chooseClients(ctx context.Context, c Config, log *zap.Logger) (int, error) {
	if c.Clients > 0 {
		return c.Clients, nil
	}
	// Somebody may watch the start: the first answer is not waited for long.
	for patience := 4 * time.Second; ctx.Err() == nil; patience = min(2*patience, 15*time.Second) {
		topics, err := consumer.CountTopics(c.properties("tributary-probe", 1), c.wanted(), patience)
		if err == nil {
			return min(1+topics/topicsPerClient, 16), nil
		}
		var broken kafka.Error
		if errors.As(err, &broken) && broken.Code() == kafka.ErrInvalidArg {
			return 0, &SettingError{Name: Prefix + kafkaConf + "…", Err: err}
		}
		log.Warn("kafka cannot be reached, waiting for it", zap.Strings("brokers", c.KafkaBrokers), zap.Error(err))
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return 0, ctx.Err()
}

// replicaName names this process in the ledger and to Kafka.
func replicaName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown-host"
	}
	return fmt.Sprintf("%s-%d-%x", host, os.Getpid(), time.Now().UnixMilli()&0xffffff)
}
