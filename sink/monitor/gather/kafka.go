package gather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/debezium"
	"tributary/debezium/probe"
	"tributary/sink/ledger"
)

// Log asks Kafka about topics, offsets and the sink's group. It is used by one
// goroutine.
type Log struct {
	consumer *kafka.Consumer
	admin    *kafka.AdminClient
	group    string

	// newest remembers the newest record's time by partition, with the end
	// of the log it holds for.
	newest map[ledger.Partition]stamp

	// met is what kept us from the brokers, while they are away: a client does
	// not say it every time.
	met string
}

type stamp struct {
	end int64
	at  time.Time
}

// NewLog returns a Log with librdkafka's properties, bootstrap.servers among
// them. It reads without joining the group or any other.
func NewLog(properties map[string]string, group string) (*Log, error) {
	config := kafka.ConfigMap{
		"group.id":             group + "-monitor", // demanded, and not used
		"enable.auto.commit":   false,
		"enable.metrics.push":  false,
		"log.connection.close": false,
		// Only single records are read: heartbeats and the first that waits.
		"queued.min.messages":     1,
		"fetch.message.max.bytes": 16 << 10,
		"fetch.wait.max.ms":       50,
		"enable.partition.eof":    true,
		"auto.offset.reset":       "earliest",
	}
	probe.Quiet(config)
	for k, v := range properties {
		config[k] = v
	}
	delete(config, "group.protocol")
	consumer, err := kafka.NewConsumer(&config)
	if err != nil {
		return nil, fmt.Errorf("making a kafka client: %w", err)
	}
	admin, err := kafka.NewAdminClientFromConsumer(consumer)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a kafka admin client: %w", err), consumer.Close())
	}
	return &Log{consumer: consumer, admin: admin, group: group, newest: map[ledger.Partition]stamp{}}, nil
}

// Close ends the client.
func (l *Log) Close() error {
	l.admin.Close()
	if err := l.consumer.Close(); err != nil {
		return fmt.Errorf("closing the kafka client: %w", err)
	}
	return nil
}

// Offsets are what Kafka says about one partition.
type Offsets struct {
	// Start and End bound what can be read; Committed is the group's offset,
	// -1 if there is none.
	Start, End, Committed int64
	// NewestAt is the newest record's timestamp, zero if there is none.
	NewestAt time.Time
}

// Cluster is what Kafka says at one time.
type Cluster struct {
	// Topics are the partition counts of all topics of the environment, by
	// their names.
	Topics map[string]int
	// Partitions are those of the row topics asked for.
	Partitions map[ledger.Partition]Offsets
	// Members and State are the group's; Stable, Empty, …
	Members int
	State   string
}

// Read asks for the row topics of an environment that are wanted.
func (l *Log) Read(ctx context.Context, environment string, wanted func(debezium.Topic) bool) (Cluster, error) {
	c := Cluster{Topics: map[string]int{}, Partitions: map[ledger.Partition]Offsets{}}
	metadata, err := l.admin.GetMetadata(nil, true, milliseconds(ctx))
	if err != nil {
		l.met = cmp.Or(probe.Met(l.consumer), l.met)
		return c, fmt.Errorf("listing topics: %w", probe.Because(err, l.met))
	}
	l.met = ""
	var partitions []ledger.Partition
	for name, topic := range metadata.Topics {
		parsed, kind := debezium.ParseTopic(environment, name)
		if kind == debezium.OtherTopic || topic.Error.Code() != kafka.ErrNoError {
			continue
		}
		c.Topics[name] = len(topic.Partitions)
		if kind != debezium.RowTopic || !wanted(parsed) {
			continue
		}
		for _, p := range topic.Partitions {
			partitions = append(partitions, ledger.Partition{Topic: name, ID: p.ID})
		}
	}
	if err := l.offsets(ctx, partitions, c.Partitions); err != nil {
		return c, err
	}
	if err := l.committed(ctx, c.Partitions); err != nil {
		return c, err
	}
	c.Members, c.State, err = l.members(ctx)
	return c, err
}

// offsets fills in bounds and newest timestamps.
func (l *Log) offsets(ctx context.Context, partitions []ledger.Partition, into map[ledger.Partition]Offsets) error {
	starts, err := l.list(ctx, partitions, kafka.EarliestOffsetSpec)
	if err != nil {
		return fmt.Errorf("listing offsets: %w", err)
	}
	ends, err := l.list(ctx, partitions, kafka.LatestOffsetSpec)
	if err != nil {
		return fmt.Errorf("listing offsets: %w", err)
	}
	var moved []ledger.Partition
	for p, end := range ends {
		start := int64(starts[p].Offset)
		into[p] = Offsets{Start: start, End: int64(end.Offset), Committed: -1}
		if known, ok := l.newest[p]; int64(end.Offset) > start && (!ok || known.end != int64(end.Offset)) {
			moved = append(moved, p)
		}
	}
	newest, err := l.list(ctx, moved, kafka.MaxTimestampOffsetSpec)
	if err != nil {
		return fmt.Errorf("listing the newest records: %w", err)
	}
	for p, info := range newest {
		if info.Timestamp > 0 {
			l.newest[p] = stamp{end: into[p].End, at: time.UnixMilli(info.Timestamp)}
		}
	}
	maps.DeleteFunc(l.newest, func(p ledger.Partition, _ stamp) bool {
		_, there := into[p]
		return !there
	})
	for p, o := range into {
		o.NewestAt = l.newest[p].at
		into[p] = o
	}
	return nil
}

// list asks for one kind of offset. Partitions Kafka does not know any more
// are missing from the answer, and those of a broker that went away over the
// question, of which librdkafka says neither an offset nor an error.
func (l *Log) list(ctx context.Context, partitions []ledger.Partition, spec kafka.OffsetSpec) (map[ledger.Partition]kafka.ListOffsetsResultInfo, error) {
	if len(partitions) == 0 {
		return nil, nil
	}
	want := make(map[kafka.TopicPartition]kafka.OffsetSpec, len(partitions))
	for _, p := range partitions {
		want[kafka.TopicPartition{Topic: &p.Topic, Partition: p.ID}] = spec
	}
	result, err := l.admin.ListOffsets(ctx, want)
	if err != nil {
		return nil, err
	}
	found := make(map[ledger.Partition]kafka.ListOffsetsResultInfo, len(partitions))
	for p, info := range result.ResultInfos {
		if info.Error.Code() == kafka.ErrNoError && info.Offset != kafka.OffsetInvalid {
			found[ledger.Partition{Topic: *p.Topic, ID: p.Partition}] = info
		}
	}
	return found, nil
}

// committed fills in the group's offsets.
func (l *Log) committed(ctx context.Context, into map[ledger.Partition]Offsets) error {
	result, err := l.admin.ListConsumerGroupOffsets(ctx, []kafka.ConsumerGroupTopicPartitions{{Group: l.group}})
	if isNoGroup(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the offsets of group %s: %w", l.group, err)
	}
	for _, group := range result.ConsumerGroupsTopicPartitions {
		for _, p := range group.Partitions {
			key := ledger.Partition{Topic: *p.Topic, ID: p.Partition}
			if o, ok := into[key]; ok && p.Error == nil && p.Offset >= 0 {
				o.Committed = int64(p.Offset)
				into[key] = o
			}
		}
	}
	return nil
}

// members counts the group's members. A group that does not exist has none.
func (l *Log) members(ctx context.Context) (int, string, error) {
	result, err := l.admin.DescribeConsumerGroups(ctx, []string{l.group})
	if isNoGroup(err) {
		return 0, "Dead", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("describing group %s: %w", l.group, err)
	}
	if len(result.ConsumerGroupDescriptions) != 1 {
		return 0, "Dead", nil
	}
	g := result.ConsumerGroupDescriptions[0]
	switch {
	case isNoGroup(g.Error):
		return 0, "Dead", nil
	case g.Error.Code() != kafka.ErrNoError:
		return 0, "", fmt.Errorf("describing group %s: %w", l.group, g.Error)
	}
	return len(g.Members), g.State.String(), nil
}

func isNoGroup(err error) bool {
	var k kafka.Error
	return errors.As(err, &k) && k.Code() == kafka.ErrGroupIDNotFound
}

// milliseconds is the time a context leaves, for requests that take no context.
func milliseconds(ctx context.Context) int {
	if deadline, ok := ctx.Deadline(); ok {
		return max(1, int(time.Until(deadline)/time.Millisecond))
	}
	return 15_000
}
