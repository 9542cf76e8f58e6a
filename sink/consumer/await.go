package consumer

import (
	"bytes"
	"errors"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/sink/consumer/inbox"
	"tributary/sink/ledger"
)

// await makes a partition wait at a record whose schema the registry has not
// told yet. Its tenure lasts: what the lane has of it is written meanwhile, and
// it goes on at the record. All other partitions flow.
func (c *client) await(p ledger.Partition, s *seat, m *inbox.Message) {
	s.next = m.Offset
	s.awaits = make([][]byte, 0, 2)
	for _, part := range [][]byte{m.Key, m.Value} {
		if len(part) > 0 && part[0] == 0 {
			s.awaits = append(s.awaits, bytes.Clone(part))
		}
	}
	if c.awaiting[p] == nil { // else it was given up and taken over again meanwhile
		c.schemaless.Add(1)
	}
	c.awaiting[p] = s
	c.pause([]kafka.TopicPartition{at(p, kafka.OffsetInvalid)})
}

// goOn lets the partitions read on whose schemas have become known.
func (c *client) goOn() {
	var seek []kafka.TopicPartition
	for p, s := range c.awaiting {
		ours := c.seat(p) == s && !s.tenure.Ended()
		if ours && !c.told(s) {
			continue
		}
		delete(c.awaiting, p)
		c.schemaless.Add(-1)
		if !ours {
			continue // revoked, or started again from the ledger
		}
		s.awaits = nil
		seek = append(seek, at(p, kafka.Offset(s.next)))
	}
	if len(seek) == 0 {
		return
	}
	if err := c.readFrom(seek); err != nil {
		c.log.Warn("seeking failed, starting the partitions from the ledger", zap.Error(err))
		for _, p := range seek {
			c.startAgain(c.seat(partitionOf(p)).tenure, "seek_failed")
		}
	}
}

// told says whether the registry has said all that a record waits for, be it that
// there is no such schema.
func (c *client) told(s *seat) bool {
	for _, part := range s.awaits {
		if _, err := c.registry.Schema(part); errors.Is(err, debezium.ErrSchemaAwaited) {
			return false
		}
	}
	return true
}

// forgetAwaited settles the account of a client that ends.
func (c *client) forgetAwaited() {
	c.schemaless.Add(-int64(len(c.awaiting)))
	clear(c.awaiting)
}

// Awaiting is how many partitions wait for the registry to tell a schema.
func (g *Group) Awaiting() int { return int(g.shared.schemaless.Load()) }
