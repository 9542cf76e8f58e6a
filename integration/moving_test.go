package integration

import (
	"context"
	"database/sql"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"tributary/debezium"
	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/integration/compare"
	"tributary/integration/stack"
	"tributary/sink/ledger"
	"tributary/sink/monitor/gather"
)

// jdbcSink is a JDBC sink as it is usually set up for many stores, and the one
// that deploy/MOVING.md moves from.
func jdbcSink(central *stack.MySQL, database string) map[string]string {
	const topic = `moving\.([^.]+)\.pos\.(.*)`
	return map[string]string{
		"connector.class":                         "io.debezium.connector.jdbc.JdbcSinkConnector",
		"topics.regex":                            `moving\.[^.]+\.pos\..*`,
		"connection.url":                          "jdbc:mysql://" + central.Addr() + "/" + database,
		"connection.username":                     "root",
		"connection.password":                     "",
		"insert.mode":                             "upsert",
		"delete.enabled":                          "true",
		"primary.key.mode":                        "record_key",
		"schema.evolution":                        "basic",
		"use.time.zone":                           "UTC",
		"quote.identifiers":                       "true",
		"collection.name.format":                  "${topic}",
		"transforms":                              "shop",
		"transforms.shop.type":                    "io.debezium.transforms.ByLogicalTableRouter",
		"transforms.shop.topic.regex":             topic,
		"transforms.shop.topic.replacement":       "$2",
		"transforms.shop.key.field.name":          "shop",
		"transforms.shop.key.field.regex":         topic,
		"transforms.shop.key.field.replacement":   "$1",
		"consumer.override.auto.offset.reset":     "earliest",
		"consumer.override.metadata.max.age.ms":   "1000",
		"consumer.override.session.timeout.ms":    "6000",
		"consumer.override.heartbeat.interval.ms": "1000",
	}
}

// TestTakesOverAPosition does what deploy/MOVING.md says with a table as
// Debezium's JDBC sink makes it, behind which another tool's group has
// committed: what that has written is not written again, and nothing is missing.
func TestTakesOverAPosition(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("9"))
	execAll(t, db, "CREATE TABLE sale (id BIGINT NOT NULL, shop VARCHAR(255) NOT NULL, label LONGTEXT NULL, amount INT NULL, PRIMARY KEY (id, shop))",
		"INSERT INTO sale VALUES (1, '7', 'as the old sink left it', 1), (2, '7', 'b', 2), (1, '9', 'c', 3)")
	p.create("7", 1, "a", 1)
	p.create("7", 2, "b", 2)
	p.create("9", 1, "c", 3)
	old, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumerGroup("connect-jdbc"), kgo.ConsumeTopics(saleTopic("7"), saleTopic("9")),
		kgo.DisableAutoCommit(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	for seen := 0; seen < 3; {
		fetched := old.PollFetches(t.Context())
		require.NoError(t, fetched.Err())
		seen += fetched.NumRecords()
	}
	require.NoError(t, old.CommitUncommittedOffsets(t.Context()))
	old.Close()
	p.update("7", 2, "while nobody wrote", 5)
	p.remove("9", 1)
	p.create("9", 2, "new", 4)

	for _, statement := range movingSQL(t) {
		execAll(t, db, statement)
	}
	first := startReplica(t, brokers, dsn, "GROUP=connect-jdbc")
	eventually(t, db, sales, "7 1 as the old sink left it 1", "7 2 while nobody wrote 5", "9 2 new 4")
	require.Equal(t, []string{"3", "4"}, rows(t, db, "SELECT next_offset FROM tributary_ledger ORDER BY topic"))
	first.end()

	// Back again: the group stands where the sink stopped.
	require.Eventually(t, func() bool {
		return committedBy(t, brokers, "connect-jdbc", saleTopic("7")) == 3 && committedBy(t, brokers, "connect-jdbc", saleTopic("9")) == 4
	}, 10*time.Second, 50*time.Millisecond)
}

// TestMovingFromJDBC takes over the tables and the position of Debezium's JDBC
// sink, as deploy/MOVING.md says, with its statements.
func TestMovingFromJDBC(t *testing.T) {
	s, err := stack.Start(t.Context(), stack.Options{Progress: os.Stderr, Plugins: []stack.Plugin{stack.DebeziumJDBC}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	client := connect.New(s.ConnectURL(), connect.Options{})
	shops := make(map[string]*sql.DB)
	for n, id := range []string{"7", "9"} {
		shops[id] = movingShop(t, s, client, n, id)
	}
	own, err := s.MySQL(t.Context(), stack.MySQLOptions{Name: "central", Central: true})
	require.NoError(t, err)
	dsn, db := database(t, own)
	name := rows(t, db, "SELECT DATABASE()")[0]

	// The old way, until both stores' rows are there and its offsets committed.
	require.NoError(t, client.Put(t.Context(), "jdbc", jdbcSink(own, name)))
	const count = "SELECT shop, COUNT(*) FROM sale GROUP BY shop ORDER BY shop"
	require.Eventually(t, func() bool {
		got, err := tryRows(db, count)
		return err == nil && len(got) == 2 && got[0] == "7 3" && got[1] == "9 3"
	}, 2*time.Minute, 100*time.Millisecond, "the JDBC sink writes; its worker's log is %s", s.Workers()[0].LogPath())
	execAll(t, shops["7"], "UPDATE sale SET amount=amount+1 WHERE id=2", "DELETE FROM sale WHERE id=3")
	eventually(t, db, count, "7 2", "9 3")

	// 1. Stop it: stopped connectors leave their group, having committed.
	require.NoError(t, client.Stop(t.Context(), "jdbc"))
	require.NoError(t, client.WaitStopped(t.Context(), "jdbc"))
	// What it has written is not written again: this would be undone.
	_, err = db.Exec("UPDATE sale SET label='as it left it' WHERE shop='7' AND id=1")
	require.NoError(t, err)
	// Meanwhile the stores go on.
	execAll(t, shops["7"], "INSERT INTO sale (label, amount, sold_at) VALUES ('meanwhile', 5, NOW(3))", "DELETE FROM sale WHERE id=2")
	execAll(t, shops["9"], "UPDATE sale SET label='while nobody wrote' WHERE id=1", "INSERT INTO stock VALUES ('b', 2, NULL)")

	// 2. The tables, by the guide's own statements.
	stock := strings.NewReplacer("sale", "stock", "store_id, id", "store_id, sku")
	for _, statement := range movingSQL(t) {
		execAll(t, db, statement, stock.Replace(statement))
	}
	// 3. The sink, in the connector's group.
	said := &spoken{}
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), said, zapcore.DebugLevel))
	startLogged(t, log, s.Kafka.Addr(), dsn, "ENVIRONMENT=moving", "GROUP=connect-jdbc")
	eventually(t, db, "SELECT store_id, id, label, amount FROM sale ORDER BY store_id, id",
		"7 1 as it left it 1.50", "7 4 meanwhile 5.00", "9 1 while nobody wrote 1.50", "9 2 second 2.50", "9 3 third 3.50")
	eventually(t, db, "SELECT store_id, sku, number, note FROM stock ORDER BY store_id, sku", "7 a 1 NULL", "9 a 1 NULL", "9 b 2 NULL")
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))

	// And it goes on: all is equal once the mark is gone.
	execAll(t, shops["7"], "UPDATE sale SET label='first, changed' WHERE id=1", "ALTER TABLE sale ADD COLUMN till INT NULL", "UPDATE sale SET till=3")
	var sides []compare.Store
	for id, shop := range shops {
		sides = append(sides, compare.Store{ID: id, DB: shop, Schema: "pos"})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	report, err := compare.Eventually(ctx, compare.Central{DB: db, Schema: name}, sides, compare.Options{})
	require.NoError(t, err)
	require.True(t, report.Equal(), "%s: %v", report.Verdict(), report.Tables)
	require.Equal(t, []string{"4 4"}, rows(t, db, "SELECT COUNT(*), SUM(next_offset > 0) FROM tributary_ledger WHERE table_name IN ('sale','stock')"), said)
	require.Equal(t, []string{"1"}, rows(t, db, "SELECT COUNT(*) FROM sale WHERE label='first, changed' AND _applied_at IS NOT NULL"))
}

// committedBy is a group's offset of a topic's only partition.
func committedBy(t *testing.T, brokers, group, topic string) int64 {
	t.Helper()
	log, err := gather.NewLog(map[string]string{"bootstrap.servers": brokers}, group)
	require.NoError(t, err)
	defer func() { require.NoError(t, log.Close()) }()
	cluster, err := log.Read(t.Context(), "test", func(debezium.Topic) bool { return true })
	require.NoError(t, err)
	return cluster.Partitions[ledger.Partition{Topic: topic}].Committed
}

// movingShop makes a store with a few rows, captured by Debezium.
func movingShop(t *testing.T, s *stack.Stack, client *connect.Client, n int, id string) *sql.DB {
	t.Helper()
	server, err := s.MySQL(t.Context(), stack.MySQLOptions{Name: "store-" + id, Binlog: true})
	require.NoError(t, err)
	root, err := server.DB()
	require.NoError(t, err)
	execAll(t, root, "CREATE DATABASE pos",
		"CREATE TABLE pos.sale (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, label VARCHAR(40) NOT NULL, amount DECIMAL(10,2) NOT NULL, sold_at DATETIME(3) NOT NULL)",
		"CREATE TABLE pos.stock (sku VARCHAR(24) NOT NULL PRIMARY KEY, number INT UNSIGNED NOT NULL, note TEXT)",
		"INSERT INTO pos.sale (label, amount, sold_at) VALUES ('first', 1.5, NOW(3)), ('second', 2.5, NOW(3)), ('third', 3.5, NOW(3))",
		"INSERT INTO pos.stock VALUES ('a', 1, NULL)")
	require.NoError(t, server.GrantDebezium(t.Context(), "debezium", "pw"))
	store := fleet.Store{
		ID: id, Host: "127.0.0.1", Port: server.Port(), Schemas: []string{"pos"}, User: "debezium",
		Password: fleet.Literal("pw"), TLS: fleet.TLSPreferred, ServerID: uint32(7700 + n),
	}
	config := connect.Config(store, connect.Defaults{
		Environment: "moving", Brokers: s.Kafka.Addr(),
		Topics: fleet.Topics{Replication: 1, TopicPolicy: fleet.TopicPolicy{
			Partitions: 1, Retention: -1, Cleanup: "delete", Compression: "producer", MaxMessageBytes: 1 << 20,
		}},
	})
	require.NoError(t, client.Put(t.Context(), config["name"], config))
	db, err := server.Open("pos")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// movingSQL are the statements of deploy/MOVING.md.
func movingSQL(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile("../deploy/MOVING.md")
	require.NoError(t, err)
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^    ((?:ALTER|UPDATE) [^;]*);`).FindAllStringSubmatch(string(content), -1) {
		list = append(list, m[1])
	}
	require.NotEmpty(t, list, "deploy/MOVING.md has no statements")
	return list
}
