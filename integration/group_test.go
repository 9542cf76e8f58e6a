package integration

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// TestIdleReplicaLeaves stops a replica that holds no partition: the group is
// told at once, and nobody waits for its session to time out.
func TestIdleReplicaLeaves(t *testing.T) {
	const session = "KAFKA_CONF_SESSION_TIMEOUT_MS=45000" // longer than the test waits
	dsn, db := database(t, central(t))
	brokers, p, cluster := fakeKafka(t, saleTopic("7"))
	startReplica(t, brokers, dsn, session)
	p.create("7", 1, "one", 1)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "1") // so the first replica holds the partition
	idle := startReplica(t, brokers, dsn, session)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := cluster.WaitGroupStable(ctx, "tributary", 2)
	require.NoError(t, err)

	idle.end()
	_, err = cluster.WaitGroupStable(ctx, "tributary", 1)
	require.NoError(t, err, "the replica left without telling the group")
	p.create("7", 2, "two", 2)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "2")
}

// TestStalledClient lets fetches come back empty although there are records,
// until the client has been made anew: starting the partition again does not
// help, so the watch must go that far, and nothing is lost.
func TestStalledClient(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, cluster := fakeKafka(t, saleTopic("7"))
	startReplica(t, brokers, dsn, "STALL_TIMEOUT=1s")
	p.create("7", 1, "before", 1)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "1")

	var starving, joins atomic.Int32
	cluster.Control(func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		switch r := request.(type) {
		case *kmsg.JoinGroupRequest:
			joins.Add(starving.Swap(0))
		case *kmsg.FetchRequest:
			if starving.Load() > 0 {
				return r.ResponseKind(), nil, true
			}
		}
		return nil, nil, false
	})
	starving.Store(1)
	for id := 2; id <= 4; id++ {
		p.create("7", id, "meanwhile", id)
	}
	eventually(t, db, "SELECT COUNT(*), SUM(amount) FROM sale", "4 10")
	require.EqualValues(t, 1, joins.Load(), "the records came before the client was made anew")
}

// TestShutOut has the coordinator forget a member for good, or its whole group. By the
// group protocol of Kafka 4 a client goes by one name for all its life: another one is
// another member.
func TestShutOut(t *testing.T) {
	for _, c := range []struct {
		name    string
		code    int16
		said    string
		patient string // the watch
	}{
		{"a member", kerr.UnknownMemberID.Code, "partitions revoked", "1s"},
		{"the group", kerr.GroupIDNotFound.Code, "kafka has lost the consumer group", "1h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dsn, db := database(t, central(t))
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, saleTopic("7")), kfake.BrokerConfigs(map[string]string{
				"group.consumer.session.timeout.ms": "1500", "group.consumer.heartbeat.interval.ms": "300",
			}))
			require.NoError(t, err)
			t.Cleanup(cluster.Close)
			var shut atomic.Bool
			var out atomic.Value
			cluster.Control(func(request kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				r, ok := request.(*kmsg.ConsumerGroupHeartbeatRequest)
				if !ok || !shut.Load() {
					return nil, nil, false
				}
				out.CompareAndSwap(nil, r.MemberID)
				response := r.ResponseKind().(*kmsg.ConsumerGroupHeartbeatResponse)
				response.ErrorCode = c.code
				return response, nil, r.MemberID == out.Load()
			})
			p := newProducer(t, cluster)
			log, logs := overheard()
			startLogged(t, log, cluster.ListenAddrs()[0], dsn, "KAFKA_CONF_GROUP_PROTOCOL=consumer", "STALL_TIMEOUT="+c.patient)
			p.create("7", 1, "before", 1)
			eventually(t, db, sales, "7 1 before 1")
			shut.Store(true)
			require.Eventually(t, func() bool { return logs.FilterMessageSnippet(c.said).Len() == 1 }, 10*time.Second, time.Millisecond)
			p.create("7", 2, "behind", 2)
			eventually(t, db, sales, "7 1 before 1", "7 2 behind 2")
		})
	}
}

// TestJoinUnanswered has a client of the classic protocol lose its membership, and its
// question for another one come to nothing. librdkafka would wait for its answer for
// five minutes.
func TestJoinUnanswered(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, cluster := fakeKafka(t, saleTopic("7"))
	var forgotten, lost atomic.Bool
	cluster.Control(func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		switch r := request.(type) {
		case *kmsg.HeartbeatRequest:
			response := r.ResponseKind().(*kmsg.HeartbeatResponse)
			response.ErrorCode = kerr.UnknownMemberID.Code
			return response, nil, forgotten.Swap(false)
		case *kmsg.JoinGroupRequest:
			return nil, nil, lost.Swap(false)
		}
		return nil, nil, false
	})
	log, logs := overheard()
	startLogged(t, log, brokers, dsn, "STALL_TIMEOUT=1s",
		"KAFKA_CONF_SESSION_TIMEOUT_MS=6000", "KAFKA_CONF_HEARTBEAT_INTERVAL_MS=100")
	p.create("7", 1, "before", 1)
	eventually(t, db, sales, "7 1 before 1")
	lost.Store(true)
	forgotten.Store(true)
	require.Eventually(t, func() bool { return logs.FilterMessage("partitions revoked").Len() == 1 }, 10*time.Second, time.Millisecond)
	p.create("7", 2, "behind", 2)
	eventually(t, db, sales, "7 1 before 1", "7 2 behind 2")
	require.Equal(t, 1, logs.FilterMessageSnippet("does not join the group again").Len())
}

// TestSilentPartition lets Kafka say nothing of one store's partition, as when
// the only broker that has it is away. The others start, and so does that one
// when Kafka answers.
func TestSilentPartition(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, cluster := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	p.create("7", 1, "one", 1)
	p.create("8", 1, "one", 1)
	var away atomic.Bool
	away.Store(true)
	cluster.Control(func(request kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		r, ok := request.(*kmsg.ListOffsetsRequest)
		if !ok || !away.Load() {
			return nil, nil, false
		}
		response := r.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, asked := range r.Topics {
			partition := kmsg.NewListOffsetsResponseTopicPartition()
			switch {
			case asked.Topic == saleTopic("8"):
				partition.ErrorCode = kerr.LeaderNotAvailable.Code
			case asked.Partitions[0].Timestamp == -2: // the earliest
				partition.Offset = 0
			default:
				partition.Offset = 1
			}
			response.Topics = append(response.Topics, kmsg.ListOffsetsResponseTopic{
				Topic: asked.Topic, Partitions: []kmsg.ListOffsetsResponseTopicPartition{partition},
			})
		}
		return response, nil, true
	})
	log, logs := overheard()
	startLogged(t, log, brokers, dsn)
	eventually(t, db, sales, "7 1 one 1")
	require.NotZero(t, logs.FilterMessageSnippet("kafka cannot say what there is to read").Len())
	away.Store(false)
	eventually(t, db, sales, "7 1 one 1", "8 1 one 1")
}

// TestBrokersShareOut has so many topics that the brokers share them out, after
// another process shared them out by itself.
func TestBrokersShareOut(t *testing.T) {
	dsn, db := database(t, central(t))
	topics := make([]string, 801)
	for i := range topics {
		topics[i] = saleTopic(fmt.Sprint(i))
	}
	brokers, p, _ := fakeKafka(t, topics...)
	sell := func(n int) {
		for store := range 20 {
			p.create(fmt.Sprint(40*store), n, "sold", n)
		}
	}
	sell(1)
	before := startReplica(t, brokers, dsn, "KAFKA_CONF_GROUP_PROTOCOL=classic")
	eventually(t, db, "SELECT COUNT(*) FROM sale", "20")
	before.end()

	core, logged := observer.New(zap.InfoLevel)
	for n := 2; n <= 3; n++ {
		startLogged(t, zap.New(core), brokers, dsn)
		sell(n)
		eventually(t, db, "SELECT COUNT(*), SUM(amount) FROM sale", fmt.Sprintf("%d %d", 20*n, 20*n*(n+1)/2))
	}
	for _, started := range logged.FilterMessage("sink started").All() {
		require.EqualValues(t, 2, started.ContextMap()["clients"])
	}
	require.Empty(t, logged.FilterMessageSnippet("classic group protocol").All())
}

// TestOldBrokers has brokers that leave clients of the new group protocol waiting
// without a word.
func TestOldBrokers(t *testing.T) {
	dsn, db := database(t, central(t))
	topics := make([]string, 801)
	for i := range topics {
		topics[i] = saleTopic(fmt.Sprint(i))
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topics...), kfake.MaxVersions(kversion.V3_6_0()))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	core, logged := observer.New(zap.WarnLevel)
	startLogged(t, zap.New(core), cluster.ListenAddrs()[0], dsn)
	newProducer(t, cluster).create("7", 1, "one", 1)
	require.Eventually(t, func() bool { return logged.FilterMessageSnippet("classic group protocol").Len() == 1 },
		2*time.Minute, 100*time.Millisecond)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "1")
}
