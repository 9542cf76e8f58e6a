package consumer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/debezium/probe"
	"tributary/sink/consumer/inbox"
	"tributary/sink/lane"
	"tributary/sink/ledger"
)

// Lanes finds the lane of a topic.
type Lanes interface{ Lane(topic string) *lane.Lane }

// Ledger says where partitions stand in the central database.
type Ledger interface {
	Start(ctx context.Context, partitions []ledger.Partition, log ledger.Log) (map[ledger.Partition]ledger.Started, error)
	Read(ctx context.Context, partitions []ledger.Partition) (map[ledger.Partition]ledger.Position, error)
}

// Config is what a group needs.
type Config struct {
	// Kafka is librdkafka's configuration.
	Kafka kafka.ConfigMap
	// Classic is its configuration where Kafka does not let clients join with the
	// former; nil if there is no choice.
	Classic kafka.ConfigMap
	// Clients is how many librdkafka clients the process runs.
	Clients int
	// Pattern is the regular expression of the topics to read.
	Pattern string
	// Wanted decides, exactly, which of the matched topics are read.
	Wanted func(topic string) bool
	Ledger Ledger
	Budget *lane.Budget
	// Registry knows the schemas of Avro messages; nil without one.
	Registry debezium.Registry
	// Patience is how long a partition may stand still although Kafka has
	// records for it; 0 means for ever.
	Patience time.Duration
	Log      *zap.Logger
	Metrics  *Metrics
}

// Group is this process's part of the consumer group.
type Group struct {
	shared  *shared
	config  Config
	clients []*client
	logs    sync.WaitGroup // librdkafka's own logs, until the clients are closed
}

// shared is what the clients of a group have in common.
type shared struct {
	life    context.Context // until the group is closed
	lanes   Lanes
	wanted  func(topic string) bool
	ledger  Ledger
	budget  *lane.Budget
	metrics *Metrics
	// registry knows the schemas of Avro messages, nil without one; schemaless
	// counts the partitions that wait for it.
	registry   debezium.Registry
	schemaless atomic.Int64
	shapes     *debezium.Shapes // what the topics' schemas have in common
	owners     *owners
	// patience and stalls belong to the watch.
	patience time.Duration
	stalls   *stalls
	// given says that Kafka has let some client join; classic that it refused them
	// all.
	given, classic atomic.Bool
}

// NewGroup returns a group that has not joined yet: Run joins.
func NewGroup(c Config) *Group {
	return &Group{config: c, shared: &shared{
		wanted: c.Wanted, ledger: c.Ledger, budget: c.Budget, metrics: c.Metrics, registry: c.Registry,
		shapes:   &debezium.Shapes{},
		owners:   &owners{of: make(map[ledger.Partition]*client)},
		patience: c.Patience,
		stalls:   &stalls{of: make(map[ledger.Partition]stall), markers: make(map[string]bool)},
	}}
}

// Run joins the group and routes records to the lanes until the context ends,
// then leaves the group. The lanes must run until Run returns.
func (g *Group) Run(ctx context.Context, lanes Lanes) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	g.shared.life, g.shared.lanes = life, lanes
	polling, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	for i := range g.config.Clients {
		c, err := g.open(i)
		if err != nil {
			return errors.Join(err, g.close())
		}
		g.clients = append(g.clients, c)
	}
	var loops sync.WaitGroup
	for i := range g.clients {
		loops.Go(func() {
			if err := g.keep(polling, i); err != nil {
				stop(err) // one client beyond help: leave with all of them
			}
		})
	}
	loops.Wait()
	failed := context.Cause(polling)
	if errors.Is(failed, context.Canceled) {
		failed = nil
	}
	return errors.Join(failed, g.close())
}

// keep runs a client, and another in its place when the watch gives it up or Kafka
// does not let it join.
func (g *Group) keep(ctx context.Context, number int) error {
	for {
		err := g.clients[number].run(ctx)
		switch {
		case errors.Is(err, errRefused):
			if !g.shared.classic.Swap(true) {
				g.config.Log.Warn("joining by the classic group protocol; of thousands of topics it gives further replicas their share slowly or never",
					zap.Error(err))
			}
		case errors.Is(err, errForgotten):
			g.shared.metrics.renewed.Inc()
			g.config.Log.Warn("kafka has lost the consumer group, making the kafka client anew; the ledger says where it goes on",
				zap.Int("client", number), zap.Error(err))
		case !errors.Is(err, errStalled):
			return err
		}
		if err := g.clients[number].close(); err != nil {
			g.config.Log.Warn("closing a client that was given up failed", zap.Int("client", number), zap.Error(err))
		}
		next, err := g.open(number)
		if err != nil {
			return err
		}
		g.clients[number] = next
	}
}

// open makes a client and subscribes it.
func (g *Group) open(number int) (*client, error) {
	config, since := maps.Clone(g.config.Kafka), time.Time{}
	switch {
	case g.config.Classic == nil:
	case g.shared.classic.Load():
		config = maps.Clone(g.config.Classic)
	default:
		since = time.Now()
	}
	consumer, err := kafka.NewConsumer(&config)
	if err != nil {
		return nil, fmt.Errorf("making a kafka consumer: %w", err)
	}
	log := g.config.Log.With(zap.Int("client", number))
	admin, err := kafka.NewAdminClientFromConsumer(consumer)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a kafka admin client: %w", err), consumer.Close())
	}
	c := &client{
		shared: g.shared, source: inbox.New(consumer), log: log,
		facts:  kafkaLog{consumer: consumer, admin: admin},
		topics: make(map[string]*topic), ports: make(map[*lane.Lane]*port),
		parked: make(map[ledger.Partition]parked), awaiting: make(map[ledger.Partition]*seat),
		looks: make(chan look, 1), checks: make(chan check, 1), turns: turns{ends: make(chan map[ledger.Partition]int64, 1)},
		gone: make(chan struct{}),
	}
	c.joining.since = since
	g.logs.Go(func() { forwardLogs(consumer.Logs(), c.gone, log) })
	if err := c.source.SubscribeTopics([]string{g.config.Pattern}, c.rebalance); err != nil {
		return nil, errors.Join(fmt.Errorf("subscribing: %w", err), c.close())
	}
	return c, nil
}

// close leaves the group with every client at once.
func (g *Group) close() error {
	var leaving sync.WaitGroup
	failures := make([]error, len(g.clients))
	for i, c := range g.clients {
		leaving.Go(func() { failures[i] = c.close() })
	}
	leaving.Wait()
	g.logs.Wait()
	return errors.Join(failures...)
}

// Restart implements [lane.Partitions].
func (g *Group) Restart(t *ledger.Tenure, after time.Duration, why string) {
	if c := g.shared.owners.get(t.Partition); c != nil {
		c.ask(restart{tenure: t, due: time.Now().Add(after), why: why})
	}
}

// Committed implements [lane.Partitions].
func (g *Group) Committed(moves []ledger.Move) {
	offsets := make(map[*client][]kafka.TopicPartition, 1)
	for _, m := range moves {
		if m.Tenure.Ended() {
			continue
		}
		if c := g.shared.owners.get(m.Tenure.Partition); c != nil {
			offsets[c] = append(offsets[c], at(m.Tenure.Partition, kafka.Offset(m.Next)))
		}
	}
	for c, list := range offsets {
		c.store(list)
	}
}

// owners knows which client of the process has a partition.
type owners struct {
	mu sync.RWMutex
	of map[ledger.Partition]*client // guarded by mu
}

func (o *owners) get(p ledger.Partition) *client {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.of[p]
}

func (o *owners) set(p ledger.Partition, c *client) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.of[p] = c
}

// remove forgets a partition, unless another client has taken it over already.
func (o *owners) remove(p ledger.Partition, c *client) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of[p] == c {
		delete(o.of, p)
	}
}

// Ranges asks Kafka what a topic holds; nothing if there is no such topic.
func Ranges(config kafka.ConfigMap, topic string, timeout time.Duration) (ranges map[ledger.Partition]ledger.Range, err error) {
	consumer, err := open(config)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, consumer.Close()) }()
	milliseconds := int(timeout / time.Millisecond)
	metadata, err := consumer.GetMetadata(&topic, false, milliseconds)
	if err != nil {
		return nil, fmt.Errorf("asking kafka for %s: %w", topic, probe.Why(consumer, err))
	}
	ranges = make(map[ledger.Partition]ledger.Range)
	for _, p := range metadata.Topics[topic].Partitions {
		low, high, err := consumer.QueryWatermarkOffsets(topic, p.ID, milliseconds)
		if err != nil {
			return nil, fmt.Errorf("asking kafka where %s[%d] ends: %w", topic, p.ID, err)
		}
		ranges[ledger.Partition{Topic: topic, ID: p.ID}] = ledger.Range{Earliest: low, End: high}
	}
	return ranges, nil
}

// CountTopics asks Kafka how many topics there are that wanted accepts.
func CountTopics(config kafka.ConfigMap, wanted func(topic string) bool, timeout time.Duration) (int, error) {
	consumer, err := open(config)
	if err != nil {
		return 0, err
	}
	metadata, err := consumer.GetMetadata(nil, true, int(timeout/time.Millisecond))
	if err != nil {
		return 0, errors.Join(fmt.Errorf("asking kafka for its topics: %w", probe.Why(consumer, err)), consumer.Close())
	}
	topics := 0
	for name := range metadata.Topics {
		if wanted(name) {
			topics++
		}
	}
	return topics, consumer.Close()
}

// open makes a client for one question. An admin client would complain of a
// consumer's properties.
func open(config kafka.ConfigMap) (*kafka.Consumer, error) {
	config = maps.Clone(config)
	probe.Quiet(config)
	consumer, err := kafka.NewConsumer(&config)
	if err != nil {
		return nil, fmt.Errorf("making a kafka client: %w", err)
	}
	return consumer, nil
}
