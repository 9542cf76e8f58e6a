package exam

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// keepEvents writes the first snapshot event and the first streamed one of each
// topic of the connector's modes to files, named after topic, offset and
// operation.
func (t *taking) keepEvents(ctx context.Context) error {
	if err := os.MkdirAll(t.Golden, 0o755); err != nil {
		return err
	}
	ends, err := t.ends(ctx, "modes")
	if err != nil {
		return err
	}
	consumer, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": t.stack.Kafka.Addr(), "group.id": "golden", "enable.auto.commit": false,
	})
	if err != nil {
		return err
	}
	defer func() { _ = consumer.Close() }()
	for topic, end := range ends {
		if strings.HasSuffix(topic, "."+marker) {
			continue
		}
		from := []kafka.TopicPartition{{Topic: &topic, Offset: kafka.OffsetBeginning}}
		if err := consumer.Assign(from); err != nil {
			return err
		}
		if err := keepTopic(ctx, consumer, t.Golden, end); err != nil {
			return fmt.Errorf("topic %s: %w", topic, err)
		}
	}
	return nil
}

// keepTopic reads the assigned topic up to its end.
func keepTopic(ctx context.Context, consumer *kafka.Consumer, dir string, end int64) error {
	kept := map[string]bool{}
	for offset := int64(-1); offset < end-1; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		m, err := consumer.ReadMessage(10 * time.Second)
		if err != nil {
			return err
		}
		offset = int64(m.TopicPartition.Offset)
		var event struct {
			Payload struct{ Op string }
		}
		if m.Value == nil || json.Unmarshal(m.Value, &event) != nil {
			continue
		}
		op := event.Payload.Op
		if (op != "r" && op != "c") || kept[op] {
			continue
		}
		kept[op] = true
		name := filepath.Join(dir, fmt.Sprintf("%s.%03d.%s.value", *m.TopicPartition.Topic, offset, op))
		if err := os.WriteFile(name, m.Value, 0o644); err != nil {
			return err
		}
	}
	return nil
}
