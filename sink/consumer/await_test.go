package consumer

import (
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/sink/consumer/inbox"
	"tributary/sink/ledger"
)

// silentRegistry has told no schema yet, or all of them.
type silentRegistry struct{ told bool }

func (r *silentRegistry) Schema([]byte) (*debezium.Schema, error) {
	if r.told {
		return nil, debezium.ErrUnknownSchema
	}
	return nil, debezium.ErrSchemaAwaited
}

// TestAwaitedTwice takes a partition that waits for a schema away and gives it
// back, before anybody looked: it is one partition that waits, not two, or the
// replica would never be ready again.
func TestAwaitedTwice(t *testing.T) {
	registry := &silentRegistry{}
	p := ledger.Partition{Topic: "t"}
	c := &client{
		shared: &shared{registry: registry}, log: zap.NewNop(),
		source: &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool)},
		topics: map[string]*topic{"t": {name: "t", port: &port{}, seats: make(map[int32]*seat)}},
		parked: make(map[ledger.Partition]parked), awaiting: make(map[ledger.Partition]*seat),
	}
	group := Group{shared: c.shared}
	for range 2 {
		s := newSeat(ledger.NewTenure(ledger.Position{Partition: p}))
		if former := c.seat(p); former != nil {
			former.tenure.End()
		}
		c.topics["t"].seats[0] = s
		c.await(p, s, &inbox.Message{Topic: "t", Value: []byte("\x00\x00\x00\x00\x07")})
		require.Equal(t, 1, group.Awaiting())
	}
	c.goOn()
	require.Equal(t, 1, group.Awaiting())
	registry.told = true
	c.goOn()
	require.Zero(t, group.Awaiting())
	require.Empty(t, c.awaiting)
}
