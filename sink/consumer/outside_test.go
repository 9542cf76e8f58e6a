package consumer

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"

	"tributary/sink/ledger"
)

// awayFacts is Kafka while it does not answer.
type awayFacts struct{ topics }

func (awayFacts) IDs(context.Context, []string) (map[string]ledger.LogID, []string, error) {
	return nil, nil, errors.New("away")
}

// TestLeftOut has librdkafka lose its membership and not join again, as it did once
// behind a broker that was frozen.
func TestLeftOut(t *testing.T) {
	b := &book{started: make(map[ledger.Partition]ledger.Started)}
	b.tell("t", ledger.Resumed, 7)
	f := &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool)}
	c := newTestClient(t, b, f)
	c.patience, c.stalls, c.facts = time.Second, &stalls{}, topics{}
	now := time.Now()
	watch := func(times int, why string) {
		t.Helper()
		for range times {
			now = now.Add(c.patience)
			require.NoError(t, c.watchOver(t.Context(), now), why)
			c.aside.Wait()
		}
	}
	watch(2*outsidePatience, "it has not joined yet")
	given := []kafka.TopicPartition{at(ledger.Partition{Topic: "t"}, kafka.OffsetInvalid)}
	require.NoError(t, c.assigned(given))
	require.NoError(t, c.revoked(given)) // before the watch has seen it
	f.member = true
	watch(2*outsidePatience, "a member without partitions")
	f.member, c.facts = false, awayFacts{}
	watch(3*outsidePatience, "no client could join")
	c.facts = topics{}
	watch(1, "the answer is still to come")
	require.ErrorIs(t, c.watchOver(t.Context(), now.Add(c.patience)), errStalled)
}
