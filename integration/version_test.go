package integration

import (
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"tributary/integration/stack"
)

// version is a version of the table sale: its columns as events describe them.
type version []object

// with returns the version with another column at its end.
func (v version) with(f object, more object) version {
	for name, value := range more {
		f[name] = value
	}
	return append(append(version{}, v...), f)
}

// event is an event of this version; before and after are rows.
func (v version) event(t *testing.T, store, table, op string, before, after object) []byte {
	t.Helper()
	var parts struct{ Schema, Payload map[string]any }
	require.NoError(t, json.Unmarshal(saleValue(store, op, before, after), &parts))
	for _, part := range parts.Schema["fields"].([]any)[:2] {
		part.(map[string]any)["fields"] = v
	}
	parts.Payload["source"].(map[string]any)["table"] = table
	return encode(object{"schema": parts.Schema, "payload": parts.Payload})
}

// TestVersions adds, renames and drops columns of a store's table: the rows that
// the store has not written since must follow, and no other store's.
func TestVersions(t *testing.T) {
	for _, flavor := range []stack.Flavor{stack.FlavorMySQL, stack.FlavorMariaDB} {
		for _, size := range []string{"1", "2000"} {
			t.Run(flavor.String()+" batch of "+size, func(t *testing.T) { testVersions(t, centralOf(t, flavor), size) })
		}
	}
}

func testVersions(t *testing.T, server *stack.MySQL, size string) {
	dsn, db := ownDatabase(t, server)
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	row := func(id int, more object) object {
		r := saleRow(id, "a", id)
		for name, value := range more {
			r[name] = value
		}
		return r
	}
	send := func(v version, op string, id int, after object) {
		p.send(saleTopic("7"), saleKey(id), v.event(t, "7", "sale", op, nil, after))
	}
	first := version(saleFields())
	second := first.with(field("n", "int32", "INT", true, ""), object{"default": 7}).with(field("s", "string", "VARCHAR", false, "5"), nil)
	third := append(version{}, second...)
	third[1] = field("name", "string", "VARCHAR", true, "20") // label has another name now
	for id := 1; id <= 3; id++ {
		send(first, "c", id, row(id, nil))
		p.create("8", id, "other", id)
	}
	replica := startReplica(t, brokers, dsn, "BATCH_ROWS="+size)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "6")
	send(first, "c", 4, row(4, nil))
	send(second, "u", 1, row(1, object{"n": nil, "s": "new"}))
	query := "SELECT id, n, s FROM sale WHERE store_id='7' ORDER BY id"
	eventually(t, db, query, "1 NULL new", "2 7 ", "3 7 ", "4 7 ")
	require.Equal(t, []string{"NULL NULL"}, rows(t, db, "SELECT DISTINCT n, s FROM sale WHERE store_id='8'"))

	// The version outlives the replica.
	replica.end()
	renamed := row(5, object{"n": 1, "s": "x", "name": "five"})
	send(third, "c", 5, renamed)
	replica = startReplica(t, brokers, dsn, "BATCH_ROWS="+size)
	eventually(t, db, "SELECT id, name, n FROM sale WHERE store_id='7' ORDER BY id", "1 a NULL", "2 a 7", "3 a 7", "4 a 7", "5 five 1")

	// Dropped, which is the first version again, and added with another default.
	send(first, "c", 6, row(6, nil))
	send(first.with(field("n", "int32", "INT", true, ""), object{"default": 8}), "c", 7, row(7, object{"n": 1}))
	eventually(t, db, "SELECT id, n FROM sale WHERE store_id='7' ORDER BY id", "1 8", "2 8", "3 8", "4 8", "5 8", "6 8", "7 1")
	requireNothingHeld(t, db)
	replica.end()
}

// TestVersionsWithoutKey finds a row by a before image that has a column more than
// the event that wrote the row.
func TestVersionsWithoutKey(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	first := version(saleFields())
	second := first.with(field("n", "int32", "INT", false, ""), object{"default": 7})
	with := func(row object, n int) object { row["n"] = n; return row }
	for id := 1; id <= 3; id++ {
		p.send(saleTopic("7"), nil, first.event(t, "7", "sale", "c", nil, saleRow(id, "a", id)))
	}
	p.send(saleTopic("7"), nil, second.event(t, "7", "sale", "u", with(saleRow(1, "a", 1), 7), with(saleRow(1, "b", 1), 8)))
	p.send(saleTopic("7"), nil, second.event(t, "7", "sale", "d", with(saleRow(2, "a", 2), 7), nil))
	startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT id, label, n FROM sale ORDER BY id", "1 b 8", "3 a 7")
	requireNothingHeld(t, db)
}

// TestVersionsOfSeveralPartitions leaves the rows of a topic alone whose events
// have no order among them, and says so.
func TestVersionsOfSeveralPartitions(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, cluster := fakeKafka(t)
	require.NoError(t, cluster.CreateTopic(saleTopic("7"), 2, nil))
	first := version(saleFields())
	second := first.with(field("n", "int32", "INT", false, ""), object{"default": 7})
	row := func(id int) object { r := saleRow(id, "a", id); r["n"] = 1; return r }
	p.send(saleTopic("7"), saleKey(1), first.event(t, "7", "sale", "c", nil, saleRow(1, "a", 1)))
	core, logs := observer.New(zapcore.WarnLevel)
	startLogged(t, zap.New(core), brokers, dsn)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "1")
	p.send(saleTopic("7"), saleKey(2), second.event(t, "7", "sale", "c", nil, row(2)))
	eventually(t, db, "SELECT id, n FROM sale ORDER BY id", "1 NULL", "2 1")
	require.Len(t, logs.FilterMessageSnippet("no event tells what its rows have").All(), 1)
}

// TestVersionsWaitForLocks lets one store wait whose rows somebody has locked, and
// no other.
func TestVersionsWaitForLocks(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	first := version(saleFields())
	second := first.with(field("n", "int32", "INT", false, ""), object{"default": 7})
	row := func(store string, id int) object {
		r := saleRow(id, store, id)
		r["n"] = 1
		return r
	}
	p.create("7", 1, "a", 1)
	p.send(saleTopic("8"), saleKey(1), second.event(t, "8", "sale", "c", nil, row("8", 1)))
	core, logs := observer.New(zapcore.WarnLevel)
	startLogged(t, zap.New(core), brokers, dsn, "LANES=1")
	eventually(t, db, "SELECT COUNT(*) FROM sale", "2")
	lock, err := db.Begin()
	require.NoError(t, err)
	t.Cleanup(func() { _ = lock.Rollback() }) // before the database is dropped
	_, err = lock.Exec("SELECT * FROM sale WHERE store_id='7' FOR UPDATE")
	require.NoError(t, err)
	p.send(saleTopic("7"), saleKey(2), second.event(t, "7", "sale", "c", nil, row("7", 2)))
	require.Eventually(t, func() bool { return logs.FilterMessageSnippet("a row is locked").Len() == 1 }, 20*time.Second, 20*time.Millisecond)
	p.send(saleTopic("8"), saleKey(2), second.event(t, "8", "sale", "c", nil, row("8", 2)))
	eventually(t, db, "SELECT store_id, id FROM sale WHERE store_id='8' ORDER BY id", "8 1", "8 2")
	require.Equal(t, []string{"1 NULL"}, rows(t, db, "SELECT id, n FROM sale WHERE store_id='7'"))
	require.NoError(t, lock.Rollback())
	eventually(t, db, "SELECT id, n FROM sale WHERE store_id='7' ORDER BY id", "1 7", "2 1")
}

func requireNothingHeld(t *testing.T, db *sql.DB) {
	t.Helper()
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_ledger WHERE held_offset IS NOT NULL"))
}

// TestTwoTablesOneTopic keeps rows apart that Kafka's spelling of their tables'
// names does not, whatever their columns, and a replica that comes later too.
func TestTwoTablesOneTopic(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	first := version(saleFields())
	second := first.with(field("n", "int32", "INT", true, ""), object{"default": 7})
	send := func(v version, table string, id int) {
		p.send(saleTopic("7"), saleKey(id), v.event(t, "7", table, "c", nil, saleRow(id, table, id)))
	}
	send(first, "sa le", 1)
	send(second, "sa+le", 1)
	replica := startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT next_offset FROM tributary_ledger", "2")
	replica.end()
	send(second, "sa+le", 2)
	send(first, "sa+le", 3)
	send(first, "sa le", 4)
	startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT id, label FROM sale ORDER BY id", "1 sa le", "4 sa le")
	require.Equal(t, []string{"1", "2", "3"}, rows(t, db, "SELECT kafka_offset FROM tributary_dead_letters ORDER BY 1"))
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='sale' AND COLUMN_NAME='n'"))
}

// TestZeroDatesAreSaid says of the epoch, in a column that cannot be NULL,
// that it may stand for a zero date.
func TestZeroDatesAreSaid(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	dated := version(saleFields()).with(field("day", "int32", "DATE", false, ""), object{"name": "io.debezium.time.Date"})
	for id, day := range []int{0, 1, 0} {
		after := saleRow(id, "a", id)
		after["day"] = day
		p.send(saleTopic("7"), saleKey(id), dated.event(t, "7", "sale", "c", nil, after))
	}
	core, logs := observer.New(zapcore.WarnLevel)
	startLogged(t, zap.New(core), brokers, dsn)
	eventually(t, db, "SELECT id, day FROM sale ORDER BY id", "0 1970-01-01", "1 1970-01-02", "2 1970-01-01")
	said := logs.FilterMessage("a value may not be the store's; it is written as it came").All()
	require.Len(t, said, 1, "once for a column")
	require.Equal(t, "day", said[0].ContextMap()["column"])
}
