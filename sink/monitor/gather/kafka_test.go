package gather

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tributary/debezium"
	"tributary/debezium/fleet"
	"tributary/sink/ledger"
)

// broker is a fake one, with a producer that decides timestamps.
func broker(t *testing.T, topics ...string) (*Log, func(topic, key string, at ...time.Time)) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topics...))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	log, err := NewLog(map[string]string{"bootstrap.servers": cluster.ListenAddrs()[0]}, "sink")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	return log, func(topic, key string, at ...time.Time) {
		t.Helper()
		var records []*kgo.Record
		for _, ts := range at {
			records = append(records, &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte("{}"), Timestamp: ts})
		}
		require.NoError(t, client.ProduceSync(t.Context(), records...).FirstErr())
	}
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func everything(debezium.Topic) bool { return true }

func TestRead(t *testing.T) {
	log, produce := broker(t, "test.7.pos.sale", "test.7.pos.empty", "test.8.pos.sale", "other.7.pos.sale", "test.7")
	now := time.Now().Truncate(time.Millisecond)
	produce("test.7.pos.sale", "", now.Add(-time.Hour), now.Add(-time.Minute), now.Add(-2*time.Minute))
	c, err := log.Read(limited(t), "test", func(topic debezium.Topic) bool { return topic.Store == "7" })
	require.NoError(t, err)
	require.Equal(t, map[string]int{"test.7.pos.sale": 1, "test.7.pos.empty": 1, "test.8.pos.sale": 1, "test.7": 1}, c.Topics)
	require.Len(t, c.Partitions, 2)
	sale, empty := ledger.Partition{Topic: "test.7.pos.sale"}, ledger.Partition{Topic: "test.7.pos.empty"}
	require.Equal(t, Offsets{Start: 0, End: 3, Committed: -1, NewestAt: now.Add(-time.Minute)}, c.Partitions[sale])
	require.Equal(t, Offsets{Committed: -1}, c.Partitions[empty])
	require.Zero(t, c.Members)

	produce("test.7.pos.sale", "", now)
	c, err = log.Read(limited(t), "test", everything)
	require.NoError(t, err)
	require.Equal(t, now, c.Partitions[sale].NewestAt, "asked again, since the log has moved")

	waiting, err := log.Waiting(limited(t), map[ledger.Partition]int64{sale: 1, empty: 0})
	require.NoError(t, err)
	require.Equal(t, map[ledger.Partition]time.Time{sale: now.Add(-time.Minute)}, waiting)
}

func TestBeats(t *testing.T) {
	log, produce := broker(t, "__cdc-heartbeat.test", "__debezium-heartbeat.test.9", "__cdc-heartbeat.other", "test.7.pos.sale")
	now := time.Now().Truncate(time.Millisecond)
	produce("__cdc-heartbeat.test", `{"serverName":"test.7"}`, now.Add(-time.Hour), now.Add(-2*time.Minute))
	produce("__cdc-heartbeat.test", `{"schema":{},"payload":{"serverName":"test.8"}}`, now.Add(-time.Minute))
	produce("__cdc-heartbeat.test", `not JSON`, now)
	produce("__debezium-heartbeat.test.9", `{"serverName":"test.9"}`, now.Add(-time.Second))
	produce("__cdc-heartbeat.other", `{"serverName":"test.7"}`, now)
	c, err := log.Read(limited(t), "test", everything)
	require.NoError(t, err)
	var b Beats
	require.NoError(t, log.Beats(limited(t), &b, "test", c, now))
	require.True(t, b.Topics)
	require.Equal(t, map[string]time.Time{
		"test.7": now.Add(-2 * time.Minute), "test.8": now.Add(-time.Minute), "test.9": now.Add(-time.Second),
	}, b.At)

	produce("__cdc-heartbeat.test", `{"serverName":"test.7"}`, now)
	require.NoError(t, log.Beats(limited(t), &b, "test", c, now))
	require.Equal(t, now, b.At["test.7"])
	require.NoError(t, log.Beats(limited(t), &b, "test", c, now), "nothing new is no reason to wait")
}

// TestHabits sells every hour of a week at one store, and stops at noon today.
func TestHabits(t *testing.T) {
	log, produce := broker(t, "test.7.pos.sale", "test.7.pos.steady", "test.8.pos.sale")
	now := time.Date(2026, 11, 18, 12, 20, 0, 0, time.UTC) // a Wednesday
	hours, err := fleet.ParseHours("00:00-24:00", time.UTC)
	require.NoError(t, err)
	inv := &fleet.Inventory{Environment: "test", Stores: []fleet.Store{{ID: "7", Hours: hours}, {ID: "8", Hours: hours}}}
	// The hour judged is from 11 to 12.
	var sale, steady []time.Time
	for day := 8; day >= 0; day-- {
		for i := range 60 {
			at := time.Date(2026, 11, 18-day, 11, i, 30, 0, time.UTC)
			steady = append(steady, at)
			if day > 0 || i < 2 {
				sale = append(sale, at)
			}
		}
	}
	produce("test.7.pos.sale", "", sale...)
	produce("test.7.pos.steady", "", steady...)
	produce("test.8.pos.sale", "", sale[len(sale)-2:]...) // a new store has no habit
	c, err := log.Read(limited(t), "test", everything)
	require.NoError(t, err)
	habits, err := log.Habits(limited(t), c, inv, now)
	require.NoError(t, err)
	require.Equal(t, map[string]Habit{
		"test.7.pos.sale": {Expected: 60, Got: 2}, "test.7.pos.steady": {Expected: 60, Got: 60},
	}, habits)

	night, err := fleet.ParseHours("20:00-23:00", time.UTC)
	require.NoError(t, err)
	inv.Stores[0].Hours = night
	habits, err = log.Habits(limited(t), c, inv, now)
	require.NoError(t, err)
	require.Empty(t, habits, "a closed store has nothing to sell")
}

func TestUnreachable(t *testing.T) {
	log, err := NewLog(map[string]string{"bootstrap.servers": "127.0.0.1:1"}, "sink")
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	for range 2 { // the client says it once
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err = log.Read(ctx, "test", everything)
		cancel()
		require.ErrorContains(t, err, "listing topics")
		require.ErrorContains(t, err, "127.0.0.1:1 failed: Connection refused")
	}
}

// TestBrokerGoes has the broker go when it is asked where a topic ends: that is not
// known then.
func TestBrokerGoes(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "test.7.pos.sale"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	cluster.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		return nil, errors.New("away"), true
	})
	log, err := NewLog(map[string]string{"bootstrap.servers": cluster.ListenAddrs()[0]}, "sink")
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	c, err := log.Read(limited(t), "test", everything)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"test.7.pos.sale": 1}, c.Topics)
	require.Empty(t, c.Partitions)
}

func TestHeartbeatOf(t *testing.T) {
	for i, c := range []struct{ topic, key, want string }{
		{"__cdc-heartbeat.test", `{"serverName":"test.7"}`, "test.7"},
		{"__cdc-heartbeat.test", `{"serverName":"prod.7"}`, ""},
		{"__cdc-heartbeat.test", ``, ""},
		{"__debezium-heartbeat.test.7", "\x00\x01avro", "test.7"},
		{"__cdc-heartbeat.test", "\x00\x00\x00\x00\x08\x0ctest.7", "test.7"},
		{"__cdc-heartbeat.test", "\x00\x00\x00\x00\x00\x00\x00\x00\x08\x0ctest.7", "test.7"},
		{"__cdc-heartbeat.test", "\x00\x00\x00\x00\x08\x0cprod.7", ""},
		{"__cdc-heartbeat.test", "\x00\x00\x00\x00\x08\x0ctest.", ""},
		{"__cdc-heartbeat.test", "\x00\x00\x00\x00\x08", ""},
	} {
		require.Equal(t, c.want, heartbeatOf("test", c.topic, []byte(c.key)), fmt.Sprint(i))
	}
}
