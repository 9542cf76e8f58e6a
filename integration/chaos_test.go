package integration

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/integration/chaos"
	"tributary/integration/stack/process"
)

// chaosRun starts what chaos needs. It is deleted again if the test passes.
func chaosRun(t *testing.T, o chaos.Options) *chaos.Chaos {
	t.Helper()
	o.Seed = uint64(time.Now().Unix())
	if given := os.Getenv("CHAOS_SEED"); given != "" {
		var err error
		o.Seed, err = strconv.ParseUint(given, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("%s deals the same faults again", o.Again())
	dir, err := os.MkdirTemp("", "tributary-chaos-")
	require.NoError(t, err)
	o.Stores, o.Dir, o.Say = 4, dir, t.Logf
	c, err := chaos.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, c.Close())
		if t.Failed() {
			t.Logf("logs and data are in %s", dir)
			return
		}
		require.NoError(t, os.RemoveAll(dir))
	})
	return c
}

func exact(t *testing.T, c *chaos.Chaos) {
	t.Helper()
	report, err := c.Judge(t.Context(), 2*time.Minute)
	require.NoError(t, err)
	report.Print(t.Output())
	require.Empty(t, report.Wrong)
	require.NotEmpty(t, report.Rounds)
	require.Positive(t, report.Snapshots)
}

// TestChaos is the short form of `make chaos`: a few faults that are over soon, by
// either group protocol as the second of its start has it.
func TestChaos(t *testing.T) {
	c := chaosRun(t, chaos.Options{Only: []string{
		"replica killed", "replica added", "central killed", "central rows locked", "central cut off", "central half-open",
		"Kafka half-open", "Kafka cut off", "poison",
	}})
	require.NoError(t, c.Run(t.Context(), 15*time.Second))
	exact(t, c)
}

// TestChaosWhole makes every kind of fault, and then a control run: the same
// judge must see events that were written twice.
func TestChaosWhole(t *testing.T) {
	for _, protocol := range []string{chaos.Classic, chaos.Consumer} {
		t.Run(protocol, func(t *testing.T) { wholeChaos(t, protocol) })
	}
}

func wholeChaos(t *testing.T, protocol string) {
	c := chaosRun(t, chaos.Options{Protocol: protocol})
	require.NoError(t, c.Run(t.Context(), time.Minute))
	exact(t, c)

	// With steps of the ledger undone, as if nothing had guarded it, changes of
	// rows without a key are made again.
	_, err := c.Central().Exec("UPDATE tributary_ledger SET next_offset=next_offset-40 WHERE store_id='0001' AND table_name='counters'")
	require.NoError(t, err)
	for range 8 { // one of them makes an event, by which the sink sees it
		require.NoError(t, c.Enter(t.Context(), "0001"))
	}
	report, err := c.Judge(t.Context(), 20*time.Second)
	require.NoError(t, err)
	require.NotEmpty(t, report.Wrong, "changes made twice were not seen")
}

// TestChaosUnguarded is the control run without the ledger's compare-and-set:
// replicas that were frozen, and statements that arrive late, write again what
// others have written, and that must be seen.
func TestChaosUnguarded(t *testing.T) {
	c := chaosRun(t, chaos.Options{Unguarded: true, Only: []string{"replica frozen", "central unreachable"}})
	require.NoError(t, c.Run(t.Context(), 80*time.Second))
	report, err := c.Judge(t.Context(), 20*time.Second)
	require.NoError(t, err)
	report.Print(t.Output())
	require.NotEmpty(t, report.Wrong, "nothing was written twice, or it was not seen")
}

// TestFrozenOwner freezes a replica in the middle of its transaction, which
// then holds the ledger's row. The central session's time-out is what lets the
// new owner go on; the control run without one must find it stuck.
func TestFrozenOwner(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "tributary")
	require.NoError(t, chaos.BuildSink(t.Context(), binary))
	for _, c := range []struct {
		timeout string
		stuck   bool
	}{
		{"3s", false},
		{"1h", true},
	} {
		t.Run(c.timeout, func(t *testing.T) {
			dsn, db := database(t, central(t))
			brokers, p, _ := fakeKafka(t, saleTopic("7"))
			p.create("7", 1, "free", 0)
			settings := []string{
				"LOCK_TIMEOUT=30s", "SESSION_TIMEOUT=" + c.timeout,
				"KAFKA_CONF_SESSION_TIMEOUT_MS=6000", "KAFKA_CONF_HEARTBEAT_INTERVAL_MS=1000",
			}
			first := childReplica(t, binary, brokers, dsn, settings...)
			eventually(t, db, sales, "7 1 free 0")

			// Its statement waits for our lock, then for nobody: the answer
			// comes to a process that sleeps.
			// (INNODB_TRX would not tell: it is a copy that is renewed only
			// when nobody has read it for 100 ms.)
			const waits = "Innodb_row_lock_current_waits"
			const waiting = "SHOW GLOBAL STATUS LIKE '" + waits + "'"
			lock, err := db.Begin()
			require.NoError(t, err)
			_, err = lock.Exec("UPDATE sale SET label='locked'")
			require.NoError(t, err)
			p.update("7", 1, "sold", 1)
			eventually(t, db, waiting, waits+" 1")
			require.NoError(t, first.Freeze())
			require.NoError(t, lock.Rollback())
			eventually(t, db, waiting, waits+" 0")
			startReplica(t, brokers, dsn, settings...)
			if c.stuck {
				eventually(t, db, waiting, waits+" 1") // the new owner, for the ledger's row
				require.Never(t, func() bool {
					return rows(t, db, "SELECT amount FROM sale")[0] != "0"
				}, 10*time.Second, 100*time.Millisecond, "the control run must be stuck")
				require.NoError(t, first.Thaw())
			}
			eventually(t, db, sales, "7 1 sold 1")
			require.NoError(t, first.Thaw())
			p.update("7", 1, "sold", 2)
			eventually(t, db, sales, "7 1 sold 2")
			eventually(t, db, "SELECT next_offset FROM tributary_ledger", "3")
		})
	}
}

// childReplica runs a sink that can be frozen.
func childReplica(t testing.TB, binary, brokers, dsn string, settings ...string) *process.Process {
	t.Helper()
	environ := []string{
		"TRIBUTARY_KAFKA_BROKERS=" + brokers, "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + dsn,
		"TRIBUTARY_HTTP_ADDR=127.0.0.1:0", "TRIBUTARY_LINGER=5ms",
	}
	for _, s := range settings {
		environ = append(environ, "TRIBUTARY_"+s)
	}
	dir := t.TempDir()
	child := process.New(process.Command{
		Name: "replica", Argv: []string{binary, "sink"}, Env: environ, Dir: dir, Log: filepath.Join(dir, "replica.log"),
		Ready: func(context.Context) error { return nil },
	})
	require.NoError(t, child.Start(t.Context()))
	t.Cleanup(func() {
		require.NoError(t, child.Kill())
		if t.Failed() {
			log, err := os.ReadFile(child.LogPath())
			t.Logf("its log (%v):\n%s", err, log)
		}
	})
	return child
}

// TestOffsetsFollowTheLedger kills a replica that has written and not yet told
// Kafka so. Who takes over tells it, though no further event comes.
func TestOffsetsFollowTheLedger(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "tributary")
	require.NoError(t, chaos.BuildSink(t.Context(), binary))
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	first := childReplica(t, binary, brokers, dsn, "KAFKA_CONF_AUTO_COMMIT_INTERVAL_MS=600000",
		"KAFKA_CONF_SESSION_TIMEOUT_MS=6000", "KAFKA_CONF_HEARTBEAT_INTERVAL_MS=1000")
	p.create("7", 1, "sold", 1)
	eventually(t, db, sales, "7 1 sold 1")
	require.NoError(t, first.Kill())
	require.Negative(t, committed(t, brokers, saleTopic("7")))
	startReplica(t, brokers, dsn)
	require.Eventually(t, func() bool { return committed(t, brokers, saleTopic("7")) == 1 }, 30*time.Second, 100*time.Millisecond)
}
