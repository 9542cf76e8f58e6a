package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"tributary/debezium"
	"tributary/integration/chaos"
	"tributary/integration/chaos/proxy"
	"tributary/integration/stack"
	"tributary/sink/ledger"
	"tributary/sink/monitor/gather"
)

// overheard is a log that tests can look into.
func overheard() (*zap.Logger, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.DebugLevel)
	return zap.New(core), logs
}

// refusals are the error numbers that failed transactions were told.
func refusals(logs *observer.ObservedLogs) (numbers []int) {
	for _, entry := range logs.All() {
		if n, ok := entry.ContextMap()["mysql_error"].(uint16); ok {
			numbers = append(numbers, int(n))
		}
	}
	return numbers
}

// TestRefusedForAWhile lets the central server refuse every row with the errors
// of full disks, failovers and the like. The sink must wait, and go on by itself,
// with no event set aside.
func TestRefusedForAWhile(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 0, "before", 0)
	log, logs := overheard()
	startLogged(t, log, brokers, dsn)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "1")
	for _, number := range []int{
		1021, 1026, 1030, 1041, 1114, // disk and memory
		1290, 1792, 1836, 3032, 3100, 3101, // failovers
		1020, 1205, 1213, 1317, 1534, 1969, 3024, 3168, 3169, // others' doing
	} {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			_, err := db.Exec(fmt.Sprintf("CREATE TRIGGER refusing BEFORE INSERT ON sale FOR EACH ROW"+
				" SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO=%d, MESSAGE_TEXT='from the test'", number))
			require.NoError(t, err)
			p.create("7", number, "late", number)
			require.Eventually(t, func() bool {
				return slices.Contains(refusals(logs), number) || strings.Contains(fmt.Sprint(logs.All()), "a row is locked")
			}, 10*time.Second, 5*time.Millisecond, "the sink has not met error %d", number)
			_, err = db.Exec("DROP TRIGGER refusing")
			require.NoError(t, err)
			eventually(t, db, fmt.Sprintf("SELECT amount FROM sale WHERE id=%d", number), fmt.Sprint(number))
			require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
			logs.TakeAll()
		})
	}
}

// TestReadOnly lets the central server refuse all writes, as one that lost its
// role in a failover does, while one replica runs and another starts.
func TestReadOnly(t *testing.T) {
	m := ownCentral(t)
	dsn, db := database(t, m)
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	log, logs := overheard()
	startLogged(t, log, brokers, dsn)
	p.create("7", 0, "before", 0)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "1")
	_, err := db.Exec("SET GLOBAL super_read_only=ON")
	require.NoError(t, err)
	for id := 1; id <= 20; id++ {
		p.create("7", id, "meanwhile", id)
		p.create("8", id, "meanwhile", id)
	}
	late := startReplica(t, brokers, dsn)
	require.Eventually(t, func() bool { return slices.Contains(refusals(logs), 1290) }, 20*time.Second, 5*time.Millisecond)
	select {
	case err := <-late.done:
		t.Fatalf("the replica that started meanwhile ended: %v", err)
	case <-time.After(time.Second):
	}
	_, err = db.Exec("SET GLOBAL super_read_only=OFF, GLOBAL read_only=OFF")
	require.NoError(t, err)
	eventually(t, db, "SELECT store_id, COUNT(*) FROM sale GROUP BY store_id ORDER BY store_id", "7 21", "8 20")
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
}

// TestDiskFull takes all room from the central server while events arrive. It
// answers with errors, hangs, or ends, and is started again if it has ended.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		untested(t, "a full disk of the central database; only root may mount the small one")
	}
	for _, binlog := range []bool{false, true} {
		t.Run(fmt.Sprintf("binary log %v", binlog), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "central")
			require.NoError(t, os.MkdirAll(dir, 0o755))
			disk, err := chaos.MountDisk(dir, 400)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, disk.Unmount()) })
			m, err := stack.StartMySQL(t.Context(), dir, stack.MySQLOptions{
				Name: "central", Central: true, BufferPoolMB: 64, Binlog: binlog, Args: []string{"--innodb-redo-log-capacity=32M"},
			}, os.Stderr)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, m.Kill()) })
			dsn, db := database(t, m)
			_, err = db.Exec("CREATE TABLE sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(5000), amount INT, PRIMARY KEY (store_id, id))")
			require.NoError(t, err)
			brokers, p, _ := fakeKafka(t, saleTopic("7"))
			log, logs := overheard()
			startLogged(t, log, brokers, dsn, "STATEMENT_TIMEOUT=2s", "BATCH_ROWS=1")
			long := strings.Repeat("x", 4000)
			p.create("7", 0, long, 0)
			eventually(t, db, "SELECT COUNT(*) FROM sale", "1")

			require.NoError(t, disk.Fill())
			for id := 1; id <= 200; id++ {
				if binlog { // the table needs no more room, only the log does
					p.update("7", 0, long, id)
				} else {
					p.create("7", id, long, id)
				}
			}
			require.Eventually(t, func() bool { return logs.FilterMessage("transaction failed, retrying").Len() >= 3 }, 30*time.Second, 5*time.Millisecond,
				"the sink has not met a full disk: %v", logs.All())
			t.Logf("it was told %v", refusals(logs))
			require.NoError(t, disk.Free())
			if !m.Running() {
				require.NoError(t, m.Restart(t.Context()))
			}
			eventually(t, db, "SELECT MAX(amount), COUNT(*) FROM sale", map[bool]string{false: "200 201", true: "200 1"}[binlog])
			require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
		})
	}
}

// TestFailover turns the central address to other servers, as a failover or a
// restored backup does: to an empty one, and to one that lacks the last rows.
func TestFailover(t *testing.T) {
	t.Parallel()
	first, second := ownCentral(t), central(t)
	dsn, empty := database(t, second)
	name := rows(t, empty, "SELECT DATABASE()")[0]
	root, err := first.Open("")
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	_, err = root.Exec("CREATE DATABASE " + name)
	require.NoError(t, err)
	db, err := first.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	way, err := proxy.Listen()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, way.Close()) })
	turn := func(to *stack.MySQL) {
		way.Cut()
		way.Forward(to.Addr())
		way.Heal()
	}

	way.Forward(first.Addr())
	dsn = strings.Replace(dsn, second.Addr(), way.Addr(), 1)
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	log, logs := overheard()
	startLogged(t, log, brokers, dsn)
	p.create("7", 1, "early", 1)
	p.create("8", 1, "quiet", 1)
	p.send(saleTopic("7"), saleKey(2), []byte(`{"schema":`))
	eventually(t, db, sales, "7 1 early 1", "8 1 quiet 1")
	require.Eventually(t, func() bool { return committed(t, brokers, saleTopic("7")) == 2 }, 10*time.Second, 20*time.Millisecond)

	turn(second)
	p.create("7", 3, "on the empty one", 3)
	eventually(t, empty, "SELECT id, label FROM sale WHERE store_id='7' ORDER BY id", "1 early", "3 on the empty one")
	eventually(t, empty, "SELECT kafka_offset FROM tributary_dead_letters", "1")
	require.Equal(t, 1, logs.FilterMessageSnippet("tables are gone").Len())
	within(t, quietLimit, empty, sales, "7 1 early 1", "7 3 on the empty one 3", "8 1 quiet 1")

	turn(first)
	p.create("7", 4, "on the older one", 4)
	eventually(t, db, "SELECT id, label FROM sale WHERE store_id='7' ORDER BY id", "1 early", "3 on the empty one", "4 on the older one")
	require.Equal(t, 1, logs.FilterMessageSnippet("the ledger is behind").Len())
}

// quietLimit is how long a loss may go unnoticed of which no event tells: two
// checks of the ledger, and what it takes to read again.
const quietLimit = 75 * time.Second

// TestSetBackWhileQuiet gives the central database an earlier state while no
// event comes, as a promoted replica or a restored backup has it: rows and ledger
// together. The copy must be whole again by itself.
func TestSetBackWhileQuiet(t *testing.T) {
	t.Parallel()
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"), saleTopic("9"))
	log, logs := overheard()
	address := freeAddress(t)
	startLogged(t, log, brokers, dsn, "HTTP_ADDR="+address)
	var all []string
	for _, store := range []string{"7", "8", "9"} {
		for id := 1; id <= 3; id++ {
			p.create(store, id, "sold", id)
			all = append(all, fmt.Sprintf("%s %d sold %d", store, id, id))
		}
	}
	eventually(t, db, sales, all...)

	backup, err := db.Begin()
	require.NoError(t, err)
	for _, statement := range []string{
		"DELETE FROM sale WHERE store_id='7' AND id>1", "UPDATE tributary_ledger SET next_offset=1 WHERE store_id='7'",
		"DELETE FROM sale WHERE store_id='8'", "DELETE FROM tributary_ledger WHERE store_id='8'",
	} {
		_, err := backup.Exec(statement)
		require.NoError(t, err)
	}
	require.NoError(t, backup.Commit())
	began := time.Now()
	within(t, quietLimit, db, sales, all...)
	t.Logf("whole again after %.1f s", time.Since(began).Seconds())
	eventually(t, db, "SELECT store_id, next_offset FROM tributary_ledger ORDER BY store_id", "7 3", "8 3", "9 3")
	for _, said := range []string{"the ledger is behind", "the ledger has no row"} {
		require.Equal(t, 1, logs.FilterMessageSnippet(said).Len(), "%q in %v", said, logs.All())
	}
	_, metrics := answerOf(t, "http://"+address+"/metrics")
	require.Contains(t, metrics, "\ntributary_partition_restarts_total{reason=\"ledger_behind\"} 1\n")
	require.Contains(t, metrics, "\ntributary_partition_restarts_total{reason=\"ledger_gone\"} 1\n")
	require.NotContains(t, metrics, "reason=\"ledger_moved\"")
}

// committed is the group's offset of a topic's only partition.
func committed(t testing.TB, brokers, topic string) int64 {
	t.Helper()
	log, err := gather.NewLog(map[string]string{"bootstrap.servers": brokers}, "tributary")
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	cluster, err := log.Read(t.Context(), "test", func(debezium.Topic) bool { return true })
	require.NoError(t, err)
	return cluster.Partitions[ledger.Partition{Topic: topic}].Committed
}
