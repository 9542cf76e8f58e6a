package integration

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kmsg"
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
