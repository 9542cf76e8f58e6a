package integration

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/integration/chaos"
	"tributary/integration/stack"
	"tributary/sink"
	"tributary/sink/deadletter"
)

// TestSchemaChangesReported does to a real store's tables what no row event
// tells, among much that is harmless, and kills the sink in between: each has one
// letter, and nothing else has.
func TestSchemaChangesReported(t *testing.T) {
	ctx := t.Context()
	s := kafka(t)
	store, err := s.MySQL(ctx, stack.MySQLOptions{Name: "store-changes", Binlog: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Stop(context.Background())) })
	root, err := store.DB()
	require.NoError(t, err)
	execAll(t, root, "CREATE DATABASE pos", "CREATE DATABASE attic")
	db, err := store.Open("pos")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	const columns = " (id INT PRIMARY KEY, v VARCHAR(20))"
	for _, table := range []string{"promo", "menu", "loyalty", "price", "rota", "tax", "attic.note"} {
		execAll(t, db, "CREATE TABLE "+table+columns, "INSERT INTO "+table+" VALUES (1,'a'),(2,'b')")
	}
	execAll(t, db, "CREATE TABLE nothing"+columns, "CREATE TABLE old_text (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET hp8)",
		"CREATE TABLE sale"+columns+" PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (100))",
		"INSERT INTO sale VALUES (1,'old'),(11,'new')")
	require.NoError(t, store.GrantDebezium(ctx, "cdc", "cdc"))

	client := connect.New(s.ConnectURL(), connect.Options{})
	config := connect.Config(fleet.Store{
		ID: "47", Host: "127.0.0.1", Port: store.Port(), Schemas: []string{"pos", "attic"}, User: "cdc", Password: fleet.Literal("cdc"),
		TLS: fleet.TLSPreferred, ServerID: 47,
	}, connect.Defaults{Environment: "changes", Brokers: s.Kafka.Addr(), Topics: fleet.Topics{Replication: 1, TopicPolicy: fleet.TopicPolicy{
		Partitions: 1, Retention: -1, Cleanup: "delete", Compression: "producer", MaxMessageBytes: 16 << 20,
	}}})
	require.NoError(t, client.Put(ctx, config["name"], config))
	t.Cleanup(func() { require.NoError(t, client.Delete(context.Background(), config["name"])) })

	binary := filepath.Join(t.TempDir(), "tributary")
	require.NoError(t, chaos.BuildSink(ctx, binary))
	dsn, copies := database(t, central(t))
	settings := []string{
		"ENVIRONMENT=changes", "KAFKA_CONF_TOPIC_METADATA_REFRESH_INTERVAL_MS=500",
		"KAFKA_CONF_SESSION_TIMEOUT_MS=6000", "KAFKA_CONF_HEARTBEAT_INTERVAL_MS=1000",
	}
	const letters = "SELECT table_name, SUBSTRING_INDEX(SUBSTRING_INDEX(reason, ' at 20', 1), ' that Debezium', 1), LEFT(topic, 10) FROM tributary_dead_letters ORDER BY id"
	const passed = "SELECT v FROM zz_marker ORDER BY id DESC LIMIT 1"
	step := func(label string, statements ...string) {
		t.Helper()
		execAll(t, db, statements...)
		execAll(t, db, "CREATE TABLE IF NOT EXISTS zz_marker (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO zz_marker (v) VALUES ('"+label+"')")
	}
	first := childReplica(t, binary, s.Kafka.Addr(), dsn, settings...)
	eventually(t, copies, "SELECT COUNT(*) FROM sale", "2")
	want := []string{"old_text columns of pos.old_text have a character set changes.47"}
	eventually(t, copies, letters, want...)

	step("one",
		// Harmless: rows that have events, tables without rows, a copy and a rename.
		"DELETE FROM menu", "DROP TABLE menu", "CREATE TABLE menu"+columns, "INSERT INTO menu VALUES (3,'c')",
		"DROP TABLE nothing", "TRUNCATE TABLE loyalty", "ALTER TABLE tax ADD rate INT",
		"CREATE TABLE _price_new"+columns, "INSERT INTO _price_new SELECT * FROM price", "RENAME TABLE price TO _price_old, _price_new TO price", "DROP TABLE _price_old",
		"CREATE TABLE scratch"+columns, "ALTER TABLE old_text ADD n INT", "CREATE PROCEDURE p() DROP TABLE rota",
		"ALTER TABLE sale REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (100), PARTITION p2 VALUES LESS THAN (1000))",
		// Not so.
		"DROP TABLE promo, scratch", "CREATE TABLE promo"+columns, "INSERT INTO promo VALUES (3,'c')",
		"ALTER TABLE sale TRUNCATE PARTITION p0",
	)
	want = append(want, "promo DROP TABLE pos.promo changes.47", "sale ALTER TABLE pos.sale TRUNCATE PARTITION p0 changes.47")
	eventually(t, copies, letters, want...)
	require.NoError(t, first.Kill())

	step("two", "RENAME TABLE rota TO rota_2025", "CREATE TABLE plan (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET koi8u)", "DROP DATABASE attic")
	second := childReplica(t, binary, s.Kafka.Addr(), dsn, settings...)
	want = append(want, "rota RENAME TABLE pos.rota TO pos.rota_2025 changes.47", "plan columns of pos.plan have a character set changes.47", "note DROP DATABASE attic changes.47")
	eventually(t, copies, letters, want...)
	require.NoError(t, second.Kill())

	// The ledger behind what was reported, as after a restored backup: the same
	// letters, not other ones.
	execAll(t, copies, "UPDATE tributary_ledger SET next_offset=0 WHERE topic='changes.47'")
	step("three", "DROP TABLE tax")
	childReplica(t, binary, s.Kafka.Addr(), dsn, settings...)
	want = append(want, "tax DROP TABLE pos.tax changes.47")
	eventually(t, copies, "SELECT table_name FROM tributary_dead_letters WHERE reason LIKE '%DROP TABLE pos.tax%'", "tax")
	eventually(t, copies, passed, "three")
	require.Len(t, rows(t, copies, letters), len(want))
	eventually(t, copies, "SELECT table_name FROM tributary_ledger WHERE topic='changes.47'", "")

	letter := rows(t, copies, "SELECT id FROM tributary_dead_letters WHERE table_name='tax'")[0]
	settled, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + s.Kafka.Addr(), "TRIBUTARY_ENVIRONMENT=changes", "TRIBUTARY_CENTRAL_DSN=" + dsn,
	})
	require.NoError(t, err)
	open, err := sink.OpenLetters(ctx, settled, zaptest.NewLogger(t))
	require.NoError(t, err)
	defer open.Close()
	list, err := open.List(ctx, deadletter.Filter{Table: "tax"})
	require.NoError(t, err)
	require.Len(t, list, 1)
	entry, err := open.Get(ctx, list[0].ID)
	require.NoError(t, err)
	require.Contains(t, string(entry.Value), "DROP TABLE", "byte for byte")
	result, err := open.Replay(ctx, list[0].ID)
	require.NoError(t, err)
	require.Equal(t, deadletter.Open, result.State)
	require.Contains(t, result.Reason, "there is nothing to write: do what its reason says, then `tributary deadletters discard "+letter+"`")
	n, err := open.Discard(ctx, deadletter.Filter{Table: "tax"})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}
