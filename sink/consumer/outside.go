package consumer

import (
	"context"
	"sync/atomic"
	"time"
)

// outsidePatience is how many times more patient the watch is with a client that
// has to join the group again. In the classic protocol librdkafka waits for the answer
// to its question, if the connection seems to stand, for max.poll.interval.ms and
// three seconds more (2.15.0, rd_kafka_JoinGroupRequest): five minutes.
const outsidePatience = 4

// outside is what is known of a client that is no member of the group.
type outside struct {
	topic   string      // the newest it was given; empty if it has had none
	since   time.Time   // when it was last seen to be one, or was given something
	answers atomic.Bool // Kafka does, as of the last question
}

// leftOut reports whether the client has lost its partitions and its membership for
// long, and Kafka answers: while it does not, another client could not join either.
// Where there is no topic for it yet, it has not joined at all.
func (c *client) leftOut(ctx context.Context, now time.Time) bool {
	if c.outside.topic == "" || len(c.topics) > 0 || c.source.Member() {
		c.outside.since = now
		return false
	}
	if now.Sub(c.outside.since) < outsidePatience*c.patience {
		return false
	}
	if c.outside.answers.Swap(false) {
		return true
	}
	topic := c.outside.topic
	c.aside.Go(func() {
		limited, cancel := context.WithTimeout(ctx, startBudget)
		defer cancel()
		_, _, err := c.facts.IDs(limited, []string{topic})
		c.outside.answers.Store(err == nil)
	})
	return false
}
