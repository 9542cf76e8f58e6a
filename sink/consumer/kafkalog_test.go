package consumer

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tributary/sink/ledger"
)

// TestBrokerGoes has the broker go when it is asked for offsets. What it did not answer
// is not known: a log that is taken to end before it does is read again as a whole.
func TestBrokerGoes(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	consumer, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": cluster.ListenAddrs()[0], "group.id": "g"})
	require.NoError(t, err)
	defer func() { require.NoError(t, consumer.Close()) }()
	admin, err := kafka.NewAdminClientFromConsumer(consumer)
	require.NoError(t, err)
	log := kafkaLog{consumer: consumer, admin: admin}

	p := ledger.Partition{Topic: "t"}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ranges, err := log.Ranges(ctx, []ledger.Partition{p})
	require.NoError(t, err)
	require.Equal(t, map[ledger.Partition]ledger.Range{p: {}}, ranges)

	for _, dies := range []int32{1, 2} { // at the first question, or the second
		var asked atomic.Int32
		cluster.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			return nil, errors.New("away"), asked.Add(1) >= dies
		})
		ranges, err = log.Ranges(ctx, []ledger.Partition{p})
		require.NoError(t, err)
		require.Empty(t, ranges)
	}
	ends, err := log.Ends(ctx, []ledger.Partition{p})
	require.NoError(t, err)
	require.Empty(t, ends)
}
