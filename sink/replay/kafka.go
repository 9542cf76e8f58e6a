package replay

import (
	"context"
	"errors"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/sink/ledger"
	"tributary/sink/topiclog"
)

// Kafka reads logs with a consumer that is in no group's way.
type Kafka struct {
	// Properties are librdkafka's.
	Properties kafka.ConfigMap
}

// Keys implements [Log].
func (k Kafka) Keys(ctx context.Context, p ledger.Partition, from, to int64, see func(key []byte)) (err error) {
	log, err := topiclog.Open(k.Properties)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	held, err := log.Range(ctx, p)
	if err != nil {
		return err
	}
	if held.Earliest > from {
		return ErrGone
	}
	return log.Read(ctx, p, from, to, func(r topiclog.Record) bool {
		see(r.Key)
		return true
	})
}
