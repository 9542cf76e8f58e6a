package integration

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"tributary/sink"
	"tributary/sink/deadletter"
)

// TestReplay writes dead letters after all: only those that nothing newer
// supersedes, and none before their cause is settled.
func TestReplay(t *testing.T) {
	ctx := context.Background()
	dsn, db := database(t, central(t))
	_, err := db.Exec("CREATE TABLE sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(20), amount INT," +
		" CONSTRAINT positive CHECK (amount > 0), PRIMARY KEY (store_id, id))")
	require.NoError(t, err)
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	p.create("7", 1, "stays", -1)
	p.create("7", 2, "changes", -1)
	p.update("7", 2, "changed", 2)
	p.create("7", 3, "goes", -1)
	p.remove("7", 3)
	p.send(saleTopic("7"), saleKey(4), []byte("not json"))
	p.create("8", 1, "store 8", -1)
	p.truncate("8")
	p.create("8", 2, "after", 1)
	startReplica(t, brokers, dsn, "BATCH_ROWS=1") // in one batch a later image would supersede the poison
	eventually(t, db, "SELECT COUNT(*), SUM(state='open') FROM tributary_dead_letters", "5 5")
	eventually(t, db, sales, "7 2 changed 2", "8 2 after 1")

	config, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + brokers, "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + dsn,
	})
	require.NoError(t, err)
	letters, err := sink.OpenLetters(ctx, config, zaptest.NewLogger(t))
	require.NoError(t, err)
	defer letters.Close()
	list, err := letters.List(ctx, deadletter.Filter{State: deadletter.Open})
	require.NoError(t, err)
	outcome := func() (states []string) {
		for _, e := range list {
			result, err := letters.Replay(ctx, e.ID)
			require.NoError(t, err)
			states = append(states, e.Store+" "+string(result.State))
		}
		return states
	}
	require.ElementsMatch(t, []string{"7 open", "7 superseded", "7 superseded", "7 open", "8 superseded"}, outcome())

	_, err = db.Exec("ALTER TABLE sale DROP CHECK positive")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"7 replayed", "7 superseded", "7 superseded", "7 open", "8 superseded"}, outcome())
	require.Equal(t, []string{"7 1 stays -1", "7 2 changed 2", "8 2 after 1"}, rows(t, db, sales))

	n, err := letters.Discard(ctx, deadletter.Filter{Store: "7"})
	require.NoError(t, err)
	require.EqualValues(t, 1, n, "what is left open is not JSON")
	p.create("7", 5, "the sink goes on", 5)
	eventually(t, db, "SELECT label FROM sale WHERE id=5", "the sink goes on")
}
