package sink

import (
	"context"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/sink/changes"
	"tributary/sink/consumer"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
)

// judge returns what judges the stores' schema changes.
func (c *Config) judge(b *base) *changes.Judge {
	return &changes.Judge{
		Environment: c.Environment, Rules: c.rules, Wanted: c.carries(),
		Facts: changeFacts{base: b, group: c.Group, kafka: c.properties("tributary-probe", 1)},
	}
}

// changeFacts answers the judge's questions.
type changeFacts struct {
	*base
	group string
	kafka kafka.ConfigMap
}

// probeBudget bounds how long Kafka may take to say where a topic ends.
const probeBudget = 15 * time.Second

// OldRows implements [changes.Facts].
func (f changeFacts) OldRows(ctx context.Context, table, store string, micros int64) (bool, error) {
	return f.tables.OldRows(ctx, table, store, micros)
}

// Former implements [changes.Facts].
func (f changeFacts) Former(ctx context.Context, topic, table string) ([]string, error) {
	return f.tables.Former(ctx, topic, table)
}

// Progress implements [changes.Facts].
func (f changeFacts) Progress(ctx context.Context, topic string) (written, end int64, err error) {
	ranges, err := consumer.Ranges(f.kafka, topic, probeBudget)
	if err != nil {
		return 0, 0, err
	}
	partitions := make([]ledger.Partition, 0, len(ranges))
	for p := range ranges {
		partitions = append(partitions, p)
	}
	at, err := f.ledger.Read(ctx, partitions)
	if err != nil {
		return 0, 0, err
	}
	for p, r := range ranges {
		written += max(at[p].Next, r.Earliest)
		end += r.End
	}
	return written, end, nil
}

// Sources implements [changes.Facts].
func (f changeFacts) Sources(ctx context.Context, store string) ([]string, error) {
	return f.ledger.Sources(ctx, store)
}

// Said implements [changes.Facts].
func (f changeFacts) Said(ctx context.Context, topic, table, words string) (bool, error) {
	said, err := deadletter.Said(ctx, f.control, f.group, topic, table, words)
	if err != nil {
		return false, fmt.Errorf("looking for an earlier report: %w", err)
	}
	return said, nil
}
