package topiclog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/debezium/probe"
	"tributary/sink/ledger"
)

// Log reads with one consumer, one partition after the other.
type Log struct {
	consumer *kafka.Consumer
	admin    *kafka.AdminClient
}

// Record is one record of a log.
type Record struct {
	Offset int64
	// Millis is the record's timestamp, in ms since the epoch; 0 without one.
	Millis int64
	// Key and Value belong to the record; nil where it has none.
	Key, Value []byte
}

// Topic is a topic as it is now.
type Topic struct {
	Name       string
	LogID      ledger.LogID
	Partitions int
}

// patience bounds the wait for one more record, and for an answer.
const patience = 30 * time.Second

// Open makes a consumer with librdkafka's properties. The group's are not needed:
// partitions are assigned by hand and no offsets are committed.
func Open(properties kafka.ConfigMap) (*Log, error) {
	properties = maps.Clone(properties)
	properties["enable.auto.commit"] = false
	properties["enable.partition.eof"] = true // compaction may have removed the last offsets
	properties["fetch.min.bytes"] = 1         // a few records at a time, which somebody waits for
	probe.Quiet(properties)
	consumer, err := kafka.NewConsumer(&properties)
	if err != nil {
		return nil, fmt.Errorf("making a kafka consumer: %w", err)
	}
	admin, err := kafka.NewAdminClientFromConsumer(consumer)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making a kafka admin client: %w", err), consumer.Close())
	}
	return &Log{consumer: consumer, admin: admin}, nil
}

// Close ends the consumer.
func (l *Log) Close() error {
	l.admin.Close()
	return l.consumer.Close()
}

// Topics returns the topics whose names are wanted.
func (l *Log) Topics(ctx context.Context, wanted func(name string) bool) ([]Topic, error) {
	all, err := l.consumer.GetMetadata(nil, true, int(patience/time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("listing kafka's topics: %w", probe.Why(l.consumer, err))
	}
	var names []string
	for name := range all.Topics {
		if wanted(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	described, err := l.admin.DescribeTopics(ctx, kafka.NewTopicCollectionOfTopicNames(names))
	if err != nil {
		return nil, fmt.Errorf("describing topics: %w", err)
	}
	var topics []Topic
	for _, d := range described.TopicDescriptions {
		switch d.Error.Code() {
		case kafka.ErrNoError:
			t := Topic{Name: d.Name, Partitions: len(d.Partitions)}
			binary.BigEndian.PutUint64(t.LogID[:8], uint64(d.TopicID.GetMostSignificantBits()))
			binary.BigEndian.PutUint64(t.LogID[8:], uint64(d.TopicID.GetLeastSignificantBits()))
			topics = append(topics, t)
		case kafka.ErrUnknownTopicOrPart: // deleted meanwhile
		default:
			return nil, fmt.Errorf("describing %s: %w", d.Name, d.Error)
		}
	}
	return topics, nil
}

// Range returns the offsets that can be read now.
func (l *Log) Range(_ context.Context, p ledger.Partition) (ledger.Range, error) {
	low, high, err := l.consumer.QueryWatermarkOffsets(p.Topic, p.ID, int(patience/time.Millisecond))
	if err != nil {
		return ledger.Range{}, fmt.Errorf("looking at %s: %w", p, err)
	}
	return ledger.Range{Earliest: low, End: high}, nil
}

// At returns the first offset whose record has this timestamp or a later one: all
// records in front of it have earlier ones. It is the log's end if there is none.
func (l *Log) At(ctx context.Context, p ledger.Partition, millis int64) (int64, error) {
	answer, err := l.consumer.OffsetsForTimes([]kafka.TopicPartition{at(p, millis)}, int(patience/time.Millisecond))
	if err == nil && len(answer) == 1 {
		err = answer[0].Error
	}
	if err != nil {
		return 0, fmt.Errorf("looking for a time in %s: %w", p, err)
	}
	if len(answer) == 1 && answer[0].Offset >= 0 {
		return int64(answer[0].Offset), nil
	}
	r, err := l.Range(ctx, p)
	return r.End, err
}

// Read calls see with the records in [from, to) until it returns false. What the
// log no longer holds is left out: see [Log.Range].
func (l *Log) Read(ctx context.Context, p ledger.Partition, from, to int64, see func(Record) bool) (err error) {
	if from >= to {
		return nil
	}
	if err := l.consumer.Assign([]kafka.TopicPartition{at(p, from)}); err != nil {
		return fmt.Errorf("reading %s: %w", p, err)
	}
	defer func() { err = errors.Join(err, l.consumer.Unassign()) }()
	for deadline := time.Now().Add(patience); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch e := l.consumer.Poll(200).(type) {
		case *kafka.Message:
			if e.TopicPartition.Error != nil {
				return fmt.Errorf("reading %s: %w", p, e.TopicPartition.Error)
			}
			r := recordOf(e)
			if r.Offset >= to || !see(r) || r.Offset == to-1 {
				return nil
			}
			deadline = time.Now().Add(patience)
		case kafka.PartitionEOF:
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("reading %s: no record for %s", p, patience)
		}
	}
}

func recordOf(m *kafka.Message) Record {
	r := Record{Offset: int64(m.TopicPartition.Offset), Key: m.Key, Value: m.Value}
	if m.TimestampType != kafka.TimestampNotAvailable {
		r.Millis = m.Timestamp.UnixMilli()
	}
	return r
}

func at(p ledger.Partition, offset int64) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: &p.Topic, Partition: p.ID, Offset: kafka.Offset(offset)}
}
