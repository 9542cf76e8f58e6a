package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/integration/stack"
)

// ownCentral is a central MySQL that a test may kill.
func ownCentral(t *testing.T) *stack.MySQL {
	t.Helper()
	m, err := stack.StartMySQL(context.Background(), filepath.Join(t.TempDir(), "central"),
		stack.MySQLOptions{Name: "central", Central: true, BufferPoolMB: 64}, os.Stderr)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		require.NoError(t, m.Stop(ctx))
	})
	return m
}

// TestCentralAway kills and freezes the central database under load: nothing is
// lost, nothing becomes a dead letter, and the sink comes back by itself.
func TestCentralAway(t *testing.T) {
	for _, c := range []struct {
		name       string
		away, back func(*stack.MySQL) error
	}{
		{"killed", (*stack.MySQL).Kill, func(m *stack.MySQL) error { return m.Restart(context.Background()) }},
		{"frozen", (*stack.MySQL).Freeze, (*stack.MySQL).Thaw},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := ownCentral(t)
			dsn, db := database(t, m)
			brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
			startReplica(t, brokers, dsn, "STATEMENT_TIMEOUT=2s")
			p.create("7", 0, "before", 0)
			eventually(t, db, "SELECT COUNT(*) FROM sale", "1")

			require.NoError(t, c.away(m))
			for id := 1; id <= 100; id++ {
				p.create("7", id, "meanwhile", id)
				p.create("8", id, "meanwhile", id)
			}
			late := startReplica(t, brokers, dsn, "STATEMENT_TIMEOUT=2s") // joins during the outage, takes over a part, or waits
			select {
			case err := <-late.done:
				t.Fatalf("the replica that started during the outage ended: %v", err)
			case <-time.After(4 * time.Second): // longer than any deadline above
			}
			require.NoError(t, c.back(m))
			eventually(t, db, "SELECT store_id, COUNT(*), SUM(amount) FROM sale GROUP BY store_id ORDER BY store_id",
				"7 101 5050", "8 100 5050")
			require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
		})
	}
}

// TestHandOver starts and stops replicas while stores sell. Every sale sets a
// counter, so that a step missed or repeated out of order would show.
func TestHandOver(t *testing.T) {
	dsn, db := database(t, central(t))
	var topics []string
	for store := range 8 {
		topics = append(topics, saleTopic(fmt.Sprint(store)))
	}
	brokers, p, _ := fakeKafka(t, topics...)
	const rounds = 60
	replicas := []*replica{startReplica(t, brokers, dsn)}
	for n := 1; n <= rounds; n++ {
		for store := range 8 {
			p.update(fmt.Sprint(store), 1, fmt.Sprint(n), n)
			p.create(fmt.Sprint(store), 1000+n, "", n)
		}
		switch n {
		case 15:
			replicas = append(replicas, startReplica(t, brokers, dsn))
		case 30:
			replicas = append(replicas, startReplica(t, brokers, dsn))
			replicas[0].end()
		case 45:
			replicas[1].end()
		}
	}
	eventually(t, db, "SELECT COUNT(*), SUM(amount), MIN(label), MAX(label) FROM sale WHERE id=1", fmt.Sprintf("8 %d %d %d", 8*rounds, rounds, rounds))
	eventually(t, db, "SELECT COUNT(*), SUM(amount) FROM sale WHERE id>1000", fmt.Sprintf("%d %d", 8*rounds, 8*rounds*(rounds+1)/2))
	require.Equal(t, []string{fmt.Sprintf("8 %d", 2*rounds)},
		rows(t, db, "SELECT COUNT(*), MIN(next_offset) FROM tributary_ledger"))
}

// TestLockedRow holds one store's row locked: the other stores of the same
// table, and the same lane, go on.
func TestLockedRow(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"), saleTopic("9"))
	for _, store := range []string{"7", "8", "9"} {
		p.create(store, 1, "free", 0)
	}
	startReplica(t, brokers, dsn, "LANES=1", "LOCK_TIMEOUT=1s")
	eventually(t, db, "SELECT COUNT(*) FROM sale", "3")

	lock, err := db.Begin()
	require.NoError(t, err)
	_, err = lock.Exec("UPDATE sale SET label='locked' WHERE store_id='8'")
	require.NoError(t, err)
	for n := 1; n <= 50; n++ {
		for _, store := range []string{"7", "8", "9"} {
			p.update(store, 1, "sold", n)
		}
	}
	eventually(t, db, "SELECT store_id, amount FROM sale WHERE store_id<>'8' ORDER BY store_id", "7 50", "9 50")
	p.update("9", 1, "sold", 51) // and goes on while the lock is held
	eventually(t, db, "SELECT amount FROM sale WHERE store_id='9'", "51")
	require.NoError(t, lock.Rollback())
	eventually(t, db, "SELECT store_id, amount FROM sale ORDER BY store_id", "7 50", "8 50", "9 51")
}
