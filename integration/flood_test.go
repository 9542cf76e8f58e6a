package integration

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"tributary/sink"
	"tributary/sink/monitor/gather"
)

// TestFlood lets most events of one store be refused, by the server and before
// it: the store's table is held instead of filling the dead letters, other
// stores of the same lane go on, and so does this one once the cause is mended.
func TestFlood(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(p *producer, id int)
		mend  string // empty where only time helps
	}{
		{"refused by the server", func(p *producer, id int) { p.create("7", id, "refused", -1) }, "ALTER TABLE sale DROP CHECK positive"},
		{"no events", func(p *producer, id int) { p.send(saleTopic("7"), saleKey(id), []byte(`{"schema":`)) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dsn, db := database(t, central(t))
			_, err := db.Exec("CREATE TABLE sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(20), amount INT," +
				" CONSTRAINT positive CHECK (amount > 0), PRIMARY KEY (store_id, id))")
			require.NoError(t, err)
			brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
			p.create("7", 0, "good", 1)
			p.create("8", 0, "good", 1)
			startReplica(t, brokers, dsn, "LANES=1", "HOLD_RETRY=2s")
			eventually(t, db, sales, "7 0 good 1", "8 0 good 1")
			for id := 1; id <= 150; id++ {
				c.spoil(p, id)
				p.create("8", id, "good", 1)
			}
			for id := 151; id <= 160; id++ { // few: dead letters
				p.create("8", id, "refused", -1)
			}
			eventually(t, db, "SELECT store_id, MAX(next_offset), MAX(held_offset IS NOT NULL AND held_offset=next_offset) FROM tributary_ledger"+
				" WHERE store_id='8' GROUP BY 1", "8 161 0")
			eventually(t, db, "SELECT next_offset < 151, held_offset=next_offset, held_time IS NOT NULL, held_reason LIKE '%cannot be written%'"+
				" FROM tributary_ledger WHERE store_id='7'", "1 1 1 1")
			eventually(t, db, "SELECT store_id, SUM(state='open') <= 100 FROM tributary_dead_letters GROUP BY 1 HAVING store_id='8'", "8 1")
			require.LessOrEqual(t, number(t, db, "SELECT COUNT(*) FROM tributary_dead_letters WHERE store_id='7'"), 100)
			require.Len(t, heldTables(t, brokers, dsn), 1)
			monitor, err := gather.NewCentral(dsn, "tributary")
			require.NoError(t, err)
			t.Cleanup(func() { _ = monitor.Close() })
			book, err := monitor.Read(t.Context())
			require.NoError(t, err)
			require.Len(t, book.Held, 1)
			require.WithinDuration(t, time.Now(), book.Held[0].Since, time.Minute)

			if c.mend == "" {
				p.create("8", 200, "others go on", 1)
				eventually(t, db, "SELECT label FROM sale WHERE id=200", "others go on")
				return
			}
			_, err = db.Exec(c.mend)
			require.NoError(t, err)
			p.create("7", 200, "behind it", 1)
			eventually(t, db, "SELECT label FROM sale WHERE store_id='7' AND id=200", "behind it")
			letters := number(t, db, "SELECT COUNT(*) FROM tributary_dead_letters WHERE store_id='7'")
			require.Equal(t, 152, number(t, db, "SELECT COUNT(*) FROM sale WHERE store_id='7'")+letters, "each is a row or a dead letter")
			require.Empty(t, heldTables(t, brokers, dsn))
		})
	}
}

// heldTables is what `tributary deadletters held` reads.
func heldTables(t testing.TB, brokers, dsn string) (topics []string) {
	t.Helper()
	config, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + brokers, "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + dsn,
	})
	require.NoError(t, err)
	letters, err := sink.OpenLetters(context.Background(), config, zaptest.NewLogger(t))
	require.NoError(t, err)
	defer letters.Close()
	held, err := letters.Held(context.Background())
	require.NoError(t, err)
	for _, h := range held {
		require.False(t, h.Since.IsZero())
		require.NotEmpty(t, h.Reason)
		topics = append(topics, h.Topic)
	}
	return topics
}

// number reads one number.
func number(t testing.TB, db *sql.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow(query).Scan(&n), query)
	return n
}
