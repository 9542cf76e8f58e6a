package gather

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/debezium"
	"tributary/sink/ledger"
)

// readAtOnce bounds how many waiting records are looked at in one round, and
// with them what a round reads from Kafka.
const readAtOnce = 64

// Waiting returns the timestamps of the records at these offsets, or of the
// next ones behind them, as far as they can be read in time.
func (l *Log) Waiting(ctx context.Context, at map[ledger.Partition]int64) (map[ledger.Partition]time.Time, error) {
	found := map[ledger.Partition]time.Time{}
	var list []kafka.TopicPartition
	for p, offset := range at {
		if len(list) == readAtOnce {
			break
		}
		list = append(list, kafka.TopicPartition{Topic: &p.Topic, Partition: p.ID, Offset: kafka.Offset(offset)})
	}
	if len(list) == 0 {
		return found, nil
	}
	ended := map[ledger.Partition]bool{}
	err := l.each(ctx, list, func(p ledger.Partition, m *kafka.Message) bool {
		if _, seen := found[p]; m != nil && !seen {
			found[p] = m.Timestamp
		}
		ended[p] = true
		return len(ended) == len(list)
	})
	return found, err
}

// each reads partitions from the given offsets on and calls visit for every
// record, and with a nil record at the end of a partition, until visit returns
// true or the context ends.
func (l *Log) each(ctx context.Context, from []kafka.TopicPartition, visit func(ledger.Partition, *kafka.Message) (done bool)) error {
	if err := l.consumer.Assign(from); err != nil {
		return fmt.Errorf("reading records: %w", err)
	}
	defer func() { _ = l.consumer.Unassign() }()
	for ctx.Err() == nil {
		done := false
		switch e := l.consumer.Poll(50).(type) {
		case *kafka.Message:
			if e.TopicPartition.Error == nil {
				done = visit(partitionOf(e.TopicPartition), e)
			}
		case kafka.PartitionEOF:
			done = visit(partitionOf(kafka.TopicPartition(e)), nil)
		case kafka.Error:
			if e.IsFatal() {
				return fmt.Errorf("reading records: %w", e)
			}
		}
		if done {
			return nil
		}
	}
	return nil // what was found in time is the answer
}

func partitionOf(p kafka.TopicPartition) ledger.Partition {
	return ledger.Partition{Topic: *p.Topic, ID: p.Partition}
}

// Beats remembers the newest heartbeat of every connector.
type Beats struct {
	// At is by topic prefix, {environment}.{store}.
	At map[string]time.Time
	// Topics says that there is a topic with heartbeats at all.
	Topics bool

	next map[ledger.Partition]int64
}

// HeartbeatWindow is how far back heartbeats are looked for at the start.
const HeartbeatWindow = 15 * time.Minute

// Beats reads the heartbeats that have come since the last call, at the first
// one those of the last [HeartbeatWindow].
func (l *Log) Beats(ctx context.Context, b *Beats, environment string, c Cluster, now time.Time) error {
	if b.At == nil {
		b.At, b.next = map[string]time.Time{}, map[ledger.Partition]int64{}
	}
	var partitions []ledger.Partition
	for name, count := range c.Topics {
		if _, kind := debezium.ParseTopic(environment, name); kind == debezium.HeartbeatTopic {
			for id := range count {
				partitions = append(partitions, ledger.Partition{Topic: name, ID: int32(id)})
			}
		}
	}
	b.Topics = len(partitions) > 0
	ends, err := l.list(ctx, partitions, kafka.LatestOffsetSpec)
	if err != nil {
		return fmt.Errorf("listing heartbeats: %w", err)
	}
	var unseen []ledger.Partition
	for _, p := range partitions {
		if _, ok := b.next[p]; !ok {
			unseen = append(unseen, p)
		}
	}
	starts, err := l.list(ctx, unseen, kafka.NewOffsetSpecForTimestamp(now.Add(-HeartbeatWindow).UnixMilli()))
	if err != nil {
		return fmt.Errorf("listing heartbeats: %w", err)
	}
	for p, info := range starts {
		b.next[p] = int64(info.Offset)
		if info.Offset < 0 { // none within the window
			b.next[p] = int64(ends[p].Offset)
		}
	}
	return l.readBeats(ctx, b, environment, ends)
}

func (l *Log) readBeats(ctx context.Context, b *Beats, environment string, ends map[ledger.Partition]kafka.ListOffsetsResultInfo) error {
	var from []kafka.TopicPartition
	for p, info := range ends {
		if next, ok := b.next[p]; ok && next > int64(info.Offset) {
			b.next[p] = 0 // the topic was made anew
		}
		if next, ok := b.next[p]; ok && next < int64(info.Offset) {
			from = append(from, kafka.TopicPartition{Topic: &p.Topic, Partition: p.ID, Offset: kafka.Offset(next)})
		}
	}
	if len(from) == 0 {
		return nil
	}
	left := len(from)
	return l.each(ctx, from, func(p ledger.Partition, m *kafka.Message) bool {
		if m != nil {
			b.note(environment, m)
			b.next[p] = int64(m.TopicPartition.Offset) + 1
			return false
		}
		left--
		return left == 0
	})
}

// note takes down one heartbeat. The record's timestamp is the worker's clock,
// as is the ts_ms in its value.
func (b *Beats) note(environment string, m *kafka.Message) {
	prefix := heartbeatOf(environment, *m.TopicPartition.Topic, m.Key)
	if prefix != "" && m.Timestamp.After(b.At[prefix]) {
		b.At[prefix] = m.Timestamp
	}
}

// avroServerName reads a heartbeat's key in Avro: a magic byte, the schema's id of
// four or eight bytes, and one string, which needs no registry to be read.
func avroServerName(key []byte) string {
	for _, header := range []int{5, 9} {
		if len(key) <= header {
			break
		}
		n, size := binary.Varint(key[header:])
		if name := key[header+max(size, 0):]; size > 0 && n == int64(len(name)) {
			return string(name)
		}
	}
	return ""
}

// heartbeatOf returns whose heartbeat a record is: in a topic of one connector
// the topic's name says it, in a shared one the key does, {"serverName":…} with
// or without a schema, or in Avro (io.debezium.heartbeat.HeartbeatImpl).
func heartbeatOf(environment, topic string, key []byte) string {
	if t, _ := debezium.ParseTopic(environment, topic); t.Store != "" {
		return t.String()
	}
	var k struct {
		ServerName string `json:"serverName"`
		Payload    struct {
			ServerName string `json:"serverName"`
		} `json:"payload"`
	}
	switch {
	case len(key) > 0 && key[0] == 0:
		k.ServerName = avroServerName(key)
	case json.Unmarshal(key, &k) != nil:
		return ""
	case k.ServerName == "":
		k.ServerName = k.Payload.ServerName
	}
	if !strings.HasPrefix(k.ServerName, environment+".") {
		return ""
	}
	return k.ServerName
}
