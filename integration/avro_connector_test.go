package integration

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
	"tributary/debezium/registry"
	"tributary/integration/compare"
	"tributary/integration/stack"
)

// avroTables have names Avro does not allow, and a value of most types.
var avroTables = []string{
	"CREATE TABLE `1st sales` (`id-nr` BIGINT UNSIGNED, `größe` DECIMAL(20,5), `2nd` VARCHAR(30), PRIMARY KEY (`id-nr`))",
	"CREATE TABLE every_type (id INT PRIMARY KEY, i8 TINYINT, u8 TINYINT UNSIGNED, b1 TINYINT(1), u16 SMALLINT UNSIGNED, i24 MEDIUMINT, u32 INT UNSIGNED," +
		" i64 BIGINT, u64 BIGINT UNSIGNED, d DECIMAL(65,30), f FLOAT, g DOUBLE, bit1 BIT(1), bit20 BIT(20), c CHAR(5), t TEXT, bi BINARY(4), bl BLOB," +
		" e ENUM('a','b,c','ü'), s SET('x','y'), j JSON, da DATE, ti TIME(6), dt DATETIME(3), dt6 DATETIME(6), ts TIMESTAMP(6) NULL, y YEAR," +
		" p POINT, ge GEOMETRY, must VARCHAR(9) NOT NULL DEFAULT 'dflt', price DECIMAL(6,2) NOT NULL DEFAULT 1.50)",
	"CREATE TABLE keyless (a INT, b VARCHAR(20))",
	"CREATE TABLE defaulted (id INT PRIMARY KEY, note VARCHAR(20) DEFAULT 'none')",
}

func avroRow(id int, text string) string {
	return fmt.Sprintf("INSERT INTO every_type VALUES (%d, -128, 255, 1, 65535, -8388608, 4294967295, -9223372036854775808, 18446744073709551615,"+
		" -12345678901234567890123456789012345.123456789012345678901234567890, 0.1, -1e-300, 1, 0xABCDE, 'abc', '%s', 0x0102, 0xFF00, 'b,c', 'x,y',"+
		" '{\"a\": [1, 2.50, \"ü\"]}', '1000-01-01', '-838:59:58.999999', '9999-12-31 23:59:59.999', '2026-11-22 01:02:03.000004', '2038-01-19 03:14:07.5', 1901,"+
		" ST_GeomFromText('POINT(52.5 13.4)', 4326), ST_GeomFromText('LINESTRING(1 2, 3 4)'), 'm', -0.01)", id, text)
}

// TestAvroConnector switches a real connector from JSON to Avro in the middle of
// its topics, by the inventory's one word, and holds the copies against the
// store.
func TestAvroConnector(t *testing.T) {
	ctx := t.Context()
	s := kafka(t)
	schemas, err := s.AddRegistry(ctx)
	require.NoError(t, err)
	drift(t, schemas)
	store, err := s.MySQL(ctx, stack.MySQLOptions{Name: "store-avro", Binlog: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Stop(context.Background())) })
	root, err := store.DB()
	require.NoError(t, err)
	execAll(t, root, "CREATE DATABASE pos")
	db, err := store.Open("pos")
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1) // USE holds for what follows
	execAll(t, db, avroTables...)
	execAll(t, db, avroRow(1, "json"), "INSERT INTO keyless VALUES (1, 'json'), (1, 'json')",
		"INSERT INTO `1st sales` VALUES (18446744073709551615, -1.5, 'json'), (2, NULL, NULL)", "INSERT INTO defaulted VALUES (1, NULL)")
	require.NoError(t, store.GrantDebezium(ctx, "cdc", "cdc"))
	client := connect.New(s.ConnectURL(), connect.Options{})
	t.Cleanup(func() { require.NoError(t, client.Delete(context.Background(), "avro.0007")) })
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pw"), []byte("password=cdc\n"), 0o600))
	inventory := func(format string) *fleet.Inventory {
		inv, err := fleet.Parse("stores.yaml", fmt.Appendf(nil, `environment: avro
kafka: {brokers: %q, registry: %q}
connect: {url: %q}
topics: {replication: 1}
defaults: {schemas: [pos], user: cdc, password: {file: %s/pw, key: password}, host: 127.0.0.1, format: %s}
stores: [{id: "0007", port: %d, settings: {bigint.unsigned.handling.mode: precise}}]
`, s.Kafka.Addr(), schemas.URL(), s.ConnectURL(), dir, format, store.Port()))
		require.NoError(t, err)
		return inv
	}
	apply := func(inv *fleet.Inventory) string {
		plan, err := connect.NewPlan(ctx, client, inv, inv.Stores)
		require.NoError(t, err)
		var text strings.Builder
		_, err = plan.WriteTo(&text)
		require.NoError(t, err)
		applier := connect.Applier{Client: client, Wave: 1, Report: func(step connect.Step) { t.Log(step) }}
		require.NoError(t, applier.Apply(ctx, plan))
		return text.String()
	}
	dsn, copies := database(t, central(t))
	apply(inventory("json"))
	startReplica(t, s.Kafka.Addr(), dsn, "ENVIRONMENT=avro", "GROUP=avro", "REGISTRY_URL="+schemas.ConfluentURL())
	eventually(t, copies, "SELECT COUNT(*) FROM every_type", "1")

	found := map[string]preflight.Finding{}
	for _, f := range preflight.Fleet(ctx, inventory("avro").Stores, preflight.Options{Kafka: inventory("avro").Kafka})[0].Findings {
		found[f.Check] = f
	}
	require.Equal(t, preflight.Pass, found["registry"].Verdict, found["registry"].Evidence)
	require.Contains(t, found["registry"].Evidence, "this store needs 8, two for each table, and 1 stores like it 8")
	require.Equal(t, preflight.Warn, found["avro-defaults"].Verdict)
	require.Equal(t, "pos.defaulted.note", found["avro-defaults"].Evidence)

	text := apply(inventory("avro"))
	require.Contains(t, text, "events from here on have the other format")
	t.Log(text)
	switched(t, s.Kafka.Addr(), db, "avro.0007.pos.every_type", connect.DefaultsOf(inventory("avro")).HeartbeatTopic())
	execAll(t, db, avroRow(2, "avro ü 😀"), "UPDATE every_type SET t='changed', e='ü', g=NULL WHERE id=1", "INSERT INTO every_type (id) VALUES (3)",
		"INSERT INTO `1st sales` VALUES (3, 99999.99999, 'avrö')", "DELETE FROM `1st sales` WHERE `id-nr`=2", "UPDATE `1st sales` SET `2nd`='changed' WHERE `id-nr`>3",
		"INSERT INTO keyless VALUES (2, NULL)", "UPDATE keyless SET b='changed' LIMIT 1", "INSERT INTO defaulted VALUES (2, 'x')")
	same(t, copies, db, "0007", "1st sales", "every_type", "keyless", "defaulted")
	whileFrozen(t, schemas, db, copies)

	execAll(t, db, "ALTER TABLE every_type ADD COLUMN added VARCHAR(5)", "INSERT INTO every_type (id, added) VALUES (4, 'new')", "TRUNCATE TABLE defaulted",
		"INSERT INTO defaulted VALUES (3, 'y')", "UPDATE `1st sales` SET `id-nr`=4 WHERE `id-nr`=3")
	same(t, copies, db, "0007", "1st sales", "every_type", "keyless", "defaulted")
	require.Equal(t, []string{"0"}, rows(t, copies, "SELECT COUNT(*) FROM tributary_dead_letters"))

	// Apicurio's own interface and ids, as its converter writes them by itself.
	other := fleet.Store{
		ID: "0008", Host: "127.0.0.1", Port: store.Port(), Schemas: []string{"pos"}, User: "cdc", Password: fleet.Literal("cdc"),
		TLS: fleet.TLSPreferred, Format: fleet.Avro, ServerID: 8, Settings: map[string]string{"tombstones.on.delete": "true"},
	}
	for _, side := range []string{"key.converter", "value.converter"} {
		other.Settings[side+".apicurio.registry.as-confluent"] = "false"
		other.Settings[side+".apicurio.registry.use-id"] = "globalId"
		other.Settings[side+".apicurio.registry.check-period-ms"] = "100" // so that it asks in vain at the end
	}
	defaults := connect.DefaultsOf(inventory("avro"))
	defaults.Environment = "avro8"
	require.NoError(t, client.Put(ctx, "avro8.0008", connect.Config(other, defaults)))
	t.Cleanup(func() { require.NoError(t, client.Delete(context.Background(), "avro8.0008")) })
	_, err = copies.Exec("CREATE DATABASE avro8")
	require.NoError(t, err)
	copies8, err := central(t).Open("avro8")
	require.NoError(t, err)
	t.Cleanup(func() { _ = copies8.Close() })
	startReplica(t, s.Kafka.Addr(), central(t).DSN("avro8"), "ENVIRONMENT=avro8", "GROUP=avro8", "REGISTRY_URL="+schemas.URL(), "REGISTRY_ID_BYTES=8")
	eventually(t, copies8, "SELECT COUNT(*) FROM every_type", "4")
	execAll(t, db, "DELETE FROM `1st sales` WHERE `id-nr`=4", "UPDATE every_type SET t='again'")
	same(t, copies8, db, "0008", "1st sales", "every_type", "keyless", "defaulted")
	require.Equal(t, []string{"0"}, rows(t, copies8, "SELECT COUNT(*) FROM tributary_dead_letters"))

	if dir := os.Getenv("AVRO_GOLDEN"); dir != "" {
		keepAvro(t, s.Kafka.Addr(), schemas, dir)
	}
	c, err := registry.New(registry.Config{URLs: []string{schemas.URL()}, IDBytes: 4})
	require.NoError(t, err)
	report, err := c.Check(ctx)
	require.NoError(t, err)
	require.GreaterOrEqual(t, report.Subjects, 7, "four tables, of which three have keys")

	// With the registry gone, connectors and sinks go on with what they know.
	require.NoError(t, schemas.Kill())
	execAll(t, db, "UPDATE every_type SET t='without'")
	same(t, copies, db, "0007", "every_type")
	same(t, copies8, db, "0008", "every_type")
}

// switched changes a row until the topics have had an event in Avro: the
// connector's task may send some more as JSON before it is started again. One of
// the topics is the heartbeats', whose schema the registry is asked for, too.
func switched(t *testing.T, brokers string, store *sql.DB, topics ...string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics(topics...))
	require.NoError(t, err)
	defer client.Close()
	avro, deadline := map[string]bool{}, time.Now().Add(time.Minute)
	for n := 1; len(avro) < len(topics); n++ {
		require.True(t, time.Now().Before(deadline), "within a minute only %v have events in Avro", avro)
		execAll(t, store, fmt.Sprintf("UPDATE every_type SET i24 = %d WHERE id = 1", n))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			if len(r.Value) > 0 && r.Value[0] == 0 {
				avro[r.Topic] = true
			}
		})
		cancel()
	}
}

// whileFrozen freezes the registry for longer than Apicurio's converter remembers
// an answer by itself, 30 s. Rows of tables that it has been asked about go on, and
// those of a new table come when it is back.
func whileFrozen(t *testing.T, schemas *stack.Registry, store, copies *sql.DB) {
	t.Helper()
	require.NoError(t, schemas.Freeze())
	t.Cleanup(func() { _ = schemas.Thaw() })
	for n, began := 1, time.Now(); time.Since(began) < 45*time.Second; n++ {
		execAll(t, store, fmt.Sprintf("UPDATE every_type SET i24 = %d WHERE id = 1", -n))
		eventually(t, copies, "SELECT i24 FROM every_type WHERE id = 1", fmt.Sprint(-n))
	}
	execAll(t, store, "CREATE TABLE later (id INT PRIMARY KEY)", "INSERT INTO later VALUES (1)")
	require.NoError(t, schemas.Thaw())
	same(t, copies, store, "0007", "later", "every_type")
}

// drift makes content ids and global ids different numbers, by one text under two
// names.
func drift(t *testing.T, schemas *stack.Registry) {
	t.Helper()
	for _, subject := range []string{"one", "two", "three"} {
		response, err := http.Post(schemas.ConfluentURL()+"/subjects/"+subject+"/versions", "application/vnd.schemaregistry.v1+json",
			strings.NewReader(`{"schema":"{\"type\":\"record\",\"name\":\"Same\",\"fields\":[{\"name\":\"id\",\"type\":\"int\"}]}"}`))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode)
	}
}

// keepAvro keeps events of names Avro does not allow, and their schemas, for
// debezium/testdata/avro.
func keepAvro(t *testing.T, brokers string, schemas *stack.Registry, dir string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "schemas"), 0o755))
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics("avro.0007.pos.1st_sales", "avro.0007.pos.every_type"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			for part, bytes := range map[string][]byte{"key": r.Key, "value": r.Value} {
				if len(bytes) < 5 || bytes[0] != 0 {
					continue
				}
				require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s.%03d.%s", r.Topic, r.Offset, part)), bytes, 0o644))
				id := binary.BigEndian.Uint32(bytes[1:])
				response, err := http.Get(fmt.Sprintf("%s/ids/contentIds/%d", schemas.URL(), id))
				require.NoError(t, err)
				text, err := io.ReadAll(response.Body)
				require.NoError(t, errors.Join(err, response.Body.Close()))
				require.NoError(t, os.WriteFile(filepath.Join(dir, "schemas", fmt.Sprintf("%d.avsc", id)), text, 0o644))
			}
		})
	}
}

// same waits until the central tables are copies of the store's.
func same(t *testing.T, copies, store *sql.DB, id string, tables ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	center := compare.Central{DB: copies, Schema: rows(t, copies, "SELECT DATABASE()")[0]}
	report, err := compare.Eventually(ctx, center, []compare.Store{{ID: id, DB: store, Schema: "pos", Tables: tables}}, compare.Options{
		Definitions:  true,
		CentralTable: func(_, table string) string { return strings.ReplaceAll(table, " ", "_") },
	})
	require.NoError(t, err)
	for _, table := range report.Tables {
		require.Empty(t, table.Differences, "%s", table.Name)
	}
	require.True(t, report.Equal(), report.Verdict())
	t.Log(report.Verdict())
}
