package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	kafkaclient "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
	"tributary/integration/stack"
)

// TestConnectorsOfBothFlavours registers a MySQL and a MariaDB store behind
// their preflights, and then kills the stores' servers, which must not need a
// person.
func TestConnectorsOfBothFlavours(t *testing.T) {
	s, err := stack.Start(t.Context(), stack.Options{Progress: os.Stderr, Plugins: []stack.Plugin{stack.DebeziumMariaDB}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	secrets := filepath.Join(t.TempDir(), "stores.properties")
	require.NoError(t, os.WriteFile(secrets, []byte("password=dbz-pw\n"), 0o600))

	servers := map[string]*stack.MySQL{}
	text := fmt.Sprintf(`
environment: both
kafka: {brokers: "%s"}
connect: {url: "%s", wave: 2}
topics: {replication: 1}
settings: {connect.keep.alive.interval.ms: 5000} # a lost server is noticed by it; 60 s else
defaults: {host: 127.0.0.1, schemas: [shop], tables: [sales, stock], password: {file: %s, key: password}}
stores:
`, s.Kafka.Addr(), s.ConnectURL(), secrets)
	for _, flavor := range []stack.Flavor{stack.FlavorMySQL, stack.FlavorMariaDB} {
		id := map[stack.Flavor]string{stack.FlavorMySQL: "mysql", stack.FlavorMariaDB: "mariadb"}[flavor]
		m, err := s.MySQL(t.Context(), stack.MySQLOptions{Name: id, Flavor: flavor, Binlog: true, Args: []string{"--binlog-expire-logs-seconds=2592000"}})
		require.NoError(t, err)
		db, err := m.DB()
		require.NoError(t, err)
		execAll(t, db, shop...)
		require.NoError(t, m.GrantDebezium(t.Context(), "debezium", "dbz-pw"))
		servers[id] = m
		text += fmt.Sprintf("  - {id: %s, port: %d, flavor: %s}\n", id, m.Port(), id)
	}
	inv, err := fleet.Parse("stores.yaml", []byte(text))
	require.NoError(t, err)
	client := connect.New(s.ConnectURL(), connect.Options{})

	plan, err := connect.NewPlan(t.Context(), client, inv, inv.Stores)
	require.NoError(t, err)
	applier := connect.Applier{
		Client: client, Wave: 2, Gate: preflight.Gate(preflight.Options{}),
		Report: func(step connect.Step) { t.Log(step) },
	}
	require.NoError(t, applier.Apply(t.Context(), plan))
	plan, err = connect.NewPlan(t.Context(), client, inv, inv.Stores)
	require.NoError(t, err)
	require.False(t, plan.Pending())

	// The password itself is nowhere in Connect.
	all, err := client.Fleet(t.Context())
	require.NoError(t, err)
	for name, c := range all {
		require.Equal(t, "${file:"+secrets+":password}", c.Config["database.password"], name)
	}

	t.Run("snapshot interrupted", func(t *testing.T) { surviveInterruption(t, s, client, inv, servers["mysql"]) })
	for id, m := range servers {
		t.Run(id+" killed", func(t *testing.T) { surviveKill(t, s, client, "both."+id, m) })
	}
}

// surviveInterruption kills the worker while a first snapshot waits for a lock:
// nothing may be saved by then that keeps the connector from starting again.
func surviveInterruption(t *testing.T, s *stack.Stack, client *connect.Client, inv *fleet.Inventory, m *stack.MySQL) {
	const name = "both.waiting"
	db, err := m.DB()
	require.NoError(t, err)
	execAll(t, db, "CREATE DATABASE waiting", "CREATE TABLE waiting.sales (id INT PRIMARY KEY)", "INSERT INTO waiting.sales VALUES (1), (2)")
	lock, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer func() { _ = lock.Close() }()
	_, err = lock.ExecContext(t.Context(), "LOCK TABLES waiting.sales WRITE")
	require.NoError(t, err)

	store, ok := inv.Store("mysql")
	require.True(t, ok)
	store.ID, store.Schemas, store.Tables, store.ServerID = "waiting", []string{"waiting"}, []string{"sales"}, 4712
	require.NoError(t, client.Create(t.Context(), name, connect.Config(store, connect.DefaultsOf(inv)), connect.Started))
	require.Eventually(t, func() bool {
		var waiting int
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'debezium' AND STATE LIKE 'Waiting for %lock%'").Scan(&waiting))
		return waiting > 0
	}, time.Minute, 100*time.Millisecond)
	flushed := time.Now()
	require.Eventually(t, func() bool { return time.Since(flushed) > 3*time.Second }, time.Minute, time.Second) // what is to be saved, is

	require.NoError(t, s.Workers()[0].Kill())
	_, err = lock.ExecContext(t.Context(), "UNLOCK TABLES")
	require.NoError(t, err)
	require.NoError(t, s.Workers()[0].Restart(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(t, client.WaitSnapshot(ctx, name))
	require.Equal(t, int64(2), eventsOf(t, s, name+".waiting.sales"))
	require.NoError(t, client.Delete(t.Context(), name))
}

// surviveKill kills a store's server while its connector reads, starts it again
// and waits until what is changed then has arrived in Kafka, with the guard's
// help where Debezium gives up.
func surviveKill(t *testing.T, s *stack.Stack, client *connect.Client, name string, m *stack.MySQL) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	topic := name + ".shop.stock"
	before := eventsOf(t, s, topic)
	require.Equal(t, int64(2), before, "the snapshot's rows")
	require.NoError(t, m.Kill())
	guard := connect.Guard{Client: client, FirstPause: 5 * time.Second, Tries: 20}
	var treated []connect.Treatment
	look := func() connect.State {
		done, err := guard.Check(ctx, time.Now())
		require.NoError(t, err)
		treated = append(treated, done...)
		status, err := client.Status(ctx, name)
		require.NoError(t, err)
		return status.State
	}
	// Long enough for the task to notice and, if it does, to fail.
	states := map[connect.State]bool{}
	down := time.Now()
	require.Eventually(t, func() bool {
		states[look()] = true
		return time.Since(down) > 15*time.Second
	}, time.Minute, time.Second)

	require.NoError(t, m.Restart(ctx))
	db, err := m.Open("shop")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	execAll(t, db, "UPDATE stock SET n = n + 1")
	begin := time.Now()
	require.Eventually(t, func() bool {
		states[look()] = true
		return eventsOf(t, s, topic) >= before+2
	}, 2*time.Minute, time.Second)
	t.Logf("%s reads on %s after its server came back; states seen %v, restarts by the guard %v", name, time.Since(begin).Round(time.Second), states, treated)
}

// eventsOf is how many events a topic has taken.
func eventsOf(t *testing.T, s *stack.Stack, topic string) int64 {
	t.Helper()
	consumer, err := kafkaclient.NewConsumer(&kafkaclient.ConfigMap{"bootstrap.servers": s.Kafka.Addr(), "group.id": "count"})
	require.NoError(t, err)
	defer func() { require.NoError(t, consumer.Close()) }()
	_, high, err := consumer.QueryWatermarkOffsets(topic, 0, 10_000)
	require.NoError(t, err)
	return high
}
