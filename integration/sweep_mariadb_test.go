package integration

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/topics"
	"tributary/integration/stack"
	"tributary/sink"
)

// TestSweepTellsOfMariaDB has a MariaDB store captured again, and one of its tables
// read by a blocking snapshot behind that: only the first is a beginning.
func TestSweepTellsOfMariaDB(t *testing.T) {
	ctx := t.Context()
	s, err := stack.Start(ctx, stack.Options{Progress: os.Stderr, Plugins: []stack.Plugin{stack.DebeziumMariaDB}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	m, err := s.MySQL(ctx, stack.MySQLOptions{Name: "maria", Flavor: stack.FlavorMariaDB, Binlog: true})
	require.NoError(t, err)
	root, err := m.DB()
	require.NoError(t, err)
	execAll(t, root, "CREATE DATABASE pos")
	require.NoError(t, m.GrantDebezium(ctx, "cdc", "cdc"))
	db, err := m.Open("pos")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	execAll(t, db, "CREATE TABLE goods (id INT PRIMARY KEY)", "INSERT INTO goods VALUES (1), (2), (3)",
		"CREATE TABLE promo (id INT PRIMARY KEY)", "INSERT INTO promo VALUES (1), (2)",
		"CREATE TABLE signals (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32), data VARCHAR(2048))")

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pw"), []byte("password=cdc\n"), 0o600))
	store := fleet.Store{
		ID: "9", Host: "127.0.0.1", Port: m.Port(), Flavor: fleet.MariaDB, Schemas: []string{"pos"}, User: "cdc", Password: fleet.Literal("cdc"),
		TLS: fleet.TLSPreferred, ServerID: 90009,
		Settings: map[string]string{"signal.enabled.channels": "source", "signal.data.collection": "pos.signals"},
	}
	defaults := connect.Defaults{Environment: "test", Brokers: s.Kafka.Addr(), Topics: fleet.Topics{
		Replication: 1, TopicPolicy: fleet.TopicPolicy{Partitions: 1, Retention: -1, Cleanup: "delete", Compression: "producer", MaxMessageBytes: 1 << 20},
	}}
	client := connect.New(s.ConnectURL(), connect.Options{})
	require.NoError(t, client.Create(ctx, "test.9", connect.Config(store, defaults), connect.Started))
	require.NoError(t, client.WaitSnapshot(ctx, "test.9"))
	dsn, copies := database(t, central(t))
	startReplica(t, s.Kafka.Addr(), dsn)
	eventually(t, copies, "SELECT COUNT(*) FROM goods", "3")
	eventually(t, copies, "SELECT COUNT(*) FROM promo", "2")

	admin, err := topics.Dial(s.Kafka.Addr(), nil)
	require.NoError(t, err)
	defer admin.Close()
	require.NoError(t, client.Snapshot(ctx, "test.9", func(ctx context.Context) error {
		execAll(t, db, "DELETE FROM goods WHERE id=2")
		return admin.Delete(ctx, []string{defaults.HistoryTopic("9")})
	}))
	require.NoError(t, client.WaitSnapshot(ctx, "test.9"))
	execAll(t, db, `INSERT INTO signals VALUES ('1','execute-snapshot','{"type":"BLOCKING","data-collections":["pos.promo"],`+
		`"additional-conditions":[{"data-collection":"pos.promo","filter":"SELECT * FROM pos.promo WHERE id=1"}]}')`)
	eventually(t, copies, "SELECT MAX(next_offset) FROM tributary_ledger WHERE table_name='promo'", "5")

	config, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + s.Kafka.Addr(), "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + dsn,
	})
	require.NoError(t, err)
	open, err := sink.OpenSweep(ctx, config, zaptest.NewLogger(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, open.Close()) }()
	open.Patience = 15 * time.Second
	tables, err := open.Look(ctx, "9", "")
	require.NoError(t, err)
	older := map[string]int64{}
	for i := range tables {
		require.Empty(t, tables[i].Refusal, tables[i].Name)
		older[tables[i].Name] = tables[i].Older
	}
	require.Equal(t, int64(1), older["goods"])
	require.Equal(t, int64(0), older["promo"], "row 2 is there, though the blocking snapshot left it out")
	for i := range tables {
		_, err := open.Apply(ctx, &tables[i])
		require.NoError(t, err)
	}
	require.Equal(t, []string{"1", "3"}, rows(t, copies, "SELECT id FROM goods ORDER BY id"))
	require.Equal(t, []string{"1", "2"}, rows(t, copies, "SELECT id FROM promo ORDER BY id"))
}
