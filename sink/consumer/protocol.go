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

// errForgotten ends a client whose group Kafka has lost, with all its members. Another
// one makes the group again; where it goes on, the ledger says.
var errForgotten = errors.New("kafka does not know the group any more")

// joining is what is known of a client that may yet have to join by another
// protocol.
type joining struct {
	since   time.Time   // zero if it has no other protocol to join by
	asked   time.Time   // when Kafka was last asked whether it is there
	answers atomic.Bool // it was
}

// fatal is the error of a client that cannot go on. Whatever it had it has lost, and
// nobody will revoke it (rd_kafka_rebalance_op_incr).
func (c *client) fatal(reason kafka.Error) error {
	c.dead = true
	c.letAllGo()
	if reason.Code() == kafka.ErrGroupIDNotFound && c.outside.topic != "" { // it has been a member
		return fmt.Errorf("%w: %w", errForgotten, reason)
	}
	if !c.joining.since.IsZero() {
		switch reason.Code() {
		case kafka.ErrUnsupportedVersion, kafka.ErrUnsupportedFeature, kafka.ErrGroupIDNotFound:
			return fmt.Errorf("%w: %w", errRefused, reason)
		}
	}
	return fmt.Errorf("kafka client: %w", reason)
}

// ignored reports whether Kafka is there and has, for a long time, neither given any
// of the process's clients anything nor let this one be a member: one that waits for
// what a dead member has is none of those that wait in vain.
func (c *client) ignored(ctx context.Context, now time.Time) bool {
	j := &c.joining
	if j.since.IsZero() || c.given.Load() || now.Sub(j.since) < joinPatience {
		return false
	}
	if c.source.Member() {
		c.given.Store(true)
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
