package consumer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// joinPatience is how long Kafka may answer questions and yet share nothing out to
// clients that ask by the group protocol of Kafka 4. Brokers that do not know it
// leave them waiting without a word (librdkafka 2.15.0,
// rd_kafka_ConsumerGroupHeartbeatRequest); those that do need some seconds, and more
// for thousands of topics.
const joinPatience = time.Minute

// errRefused ends a client that Kafka does not let join by that protocol: its
// brokers are too old, or set not to know it, or the group has members of the
// classic one.
var errRefused = errors.New("kafka does not let this client join by the group protocol of Kafka 4")

// joining is what is known of a client that may yet have to join by another
// protocol.
type joining struct {
	since   time.Time   // zero if it has no other protocol to join by
	asked   time.Time   // when Kafka was last asked whether it is there
	answers atomic.Bool // it was
}

// fatal is the error of a client that cannot go on.
func (c *client) fatal(reason kafka.Error) error {
	if !c.joining.since.IsZero() {
		switch reason.Code() {
		case kafka.ErrUnsupportedVersion, kafka.ErrUnsupportedFeature, kafka.ErrGroupIDNotFound:
			return fmt.Errorf("%w: %w", errRefused, reason)
		}
	}
	return fmt.Errorf("kafka client: %w", reason)
}

// ignored reports whether Kafka is there and has given none of the process's
// clients anything for a long time.
func (c *client) ignored(ctx context.Context, now time.Time) bool {
	j := &c.joining
	if j.since.IsZero() || c.given.Load() || now.Sub(j.since) < joinPatience {
		return false
	}
	if j.answers.Load() {
		return true
	}
	if now.Sub(j.asked) < startBudget {
		return false
	}
	j.asked = now
	c.aside.Go(func() {
		limited, cancel := context.WithTimeout(ctx, startBudget)
		defer cancel()
		_, _, err := c.facts.IDs(limited, []string{"__consumer_offsets"})
		j.answers.Store(err == nil)
	})
	return false
}
