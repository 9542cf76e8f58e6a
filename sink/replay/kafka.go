package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/sink/ledger"
)

// Kafka reads logs with a consumer that is in no group's way.
type Kafka struct {
	// Properties are librdkafka's. The group's are not needed: partitions are
	// assigned by hand and no offsets are committed.
	Properties kafka.ConfigMap
}

// patience bounds the wait for one more record.
const patience = 30 * time.Second

// Keys implements [Log].
func (k Kafka) Keys(ctx context.Context, p ledger.Partition, from, to int64, see func(key []byte)) (err error) {
	properties := maps.Clone(k.Properties)
	properties["enable.auto.commit"] = false
	properties["enable.partition.eof"] = true // compaction may have removed the last offsets
	properties["go.logs.channel.enable"] = false
	consumer, err := kafka.NewConsumer(&properties)
	if err != nil {
		return fmt.Errorf("making a kafka consumer: %w", err)
	}
	defer func() { err = errors.Join(err, consumer.Close()) }()
	low, _, err := consumer.QueryWatermarkOffsets(p.Topic, p.ID, int(patience/time.Millisecond))
	if err != nil {
		return fmt.Errorf("looking at %s: %w", p, err)
	}
	if low > from {
		return ErrGone
	}
	start := kafka.TopicPartition{Topic: &p.Topic, Partition: p.ID, Offset: kafka.Offset(from)}
	if err := consumer.Assign([]kafka.TopicPartition{start}); err != nil {
		return fmt.Errorf("reading %s: %w", p, err)
	}
	for deadline := time.Now().Add(patience); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch e := consumer.Poll(200).(type) {
		case *kafka.Message:
			if e.TopicPartition.Error != nil {
				return fmt.Errorf("reading %s: %w", p, e.TopicPartition.Error)
			}
			if int64(e.TopicPartition.Offset) >= to {
				return nil
			}
			see(e.Key)
			if int64(e.TopicPartition.Offset) == to-1 {
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
