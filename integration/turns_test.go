package integration

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// TestFarBehind has a replica that is far behind in many partitions read them in
// turns, while another joins. Everything arrives, and what is sold afterwards arrives
// as well: no partition is left paused.
func TestFarBehind(t *testing.T) {
	const stores, each = 100, 600
	dsn, db := database(t, central(t))
	topics := make([]string, stores)
	for store := range topics {
		topics[store] = saleTopic(fmt.Sprint(store))
	}
	brokers, p, _ := fakeKafka(t, topics...)
	var failed atomic.Int32
	for id := range each {
		for store, topic := range topics {
			p.client.Produce(t.Context(), &kgo.Record{
				Topic: topic, Key: saleKey(id), Value: saleValue(fmt.Sprint(store), "c", nil, saleRow(id, "before", 1)),
			}, func(_ *kgo.Record, err error) {
				if err != nil {
					failed.Add(1)
				}
			})
		}
	}
	require.NoError(t, p.client.Flush(t.Context()))
	require.Zero(t, failed.Load())

	core, logged := observer.New(zap.InfoLevel)
	slowly := []string{"MEMORY=16MiB", "BATCH_ROWS=20", "SESSIONS=1", "LANES=1"}
	first := startLogged(t, zap.New(core), brokers, dsn, slowly...)
	seen := func(message string) func() bool {
		return func() bool { return logged.FilterMessageSnippet(message).Len() > 0 }
	}
	require.Eventually(t, seen("far behind in many partitions"), 20*time.Second, 10*time.Millisecond)
	require.NotEqual(t, []string{fmt.Sprint(stores * each)}, rows(t, db, "SELECT COUNT(*) FROM sale"), "it is not behind any more")
	second := startLogged(t, zap.New(core), brokers, dsn, slowly...)
	require.Eventually(t, seen("partitions revoked"), 20*time.Second, 10*time.Millisecond)
	within(t, time.Minute, db, "SELECT COUNT(*), SUM(amount) FROM sale", fmt.Sprintf("%d %d", stores*each, stores*each))

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for store, topic := range topics {
		require.NoError(t, p.client.ProduceSync(ctx, &kgo.Record{
			Topic: topic, Key: saleKey(each), Value: saleValue(fmt.Sprint(store), "c", nil, saleRow(each, "after", 1)),
		}).FirstErr())
	}
	within(t, 10*time.Second, db, "SELECT COUNT(*) FROM sale WHERE label='after'", fmt.Sprint(stores))
	first.end()
	second.end()
	require.Zero(t, logged.FilterMessageSnippet("stands still").Len())
}
