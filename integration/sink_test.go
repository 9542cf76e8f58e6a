package integration

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const sales = "SELECT store_id, id, label, amount FROM sale ORDER BY store_id, id"

// TestStoresShareATable pins the first promise of the central key: two stores
// have the same ids, and nothing one does touches the other.
func TestStoresShareATable(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("9"))
	p.create("7", 1, "seven", 10)
	p.create("9", 1, "nine", 20)
	p.create("7", 2, "it's \\ \"quoted\"\x00", nil)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 seven 10", "7 2 it's \\ \"quoted\"\x00 NULL", "9 1 nine 20")

	p.update("9", 1, "nine!", 21)
	p.remove("7", 1)
	eventually(t, db, sales, "7 2 it's \\ \"quoted\"\x00 NULL", "9 1 nine! 21")

	p.truncate("7")
	p.create("7", 3, "after the truncate", 1)
	eventually(t, db, sales, "7 3 after the truncate 1", "9 1 nine! 21")
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
	require.Equal(t, []string{"test.7.pos.sale 6 7 sale", "test.9.pos.sale 2 9 sale"},
		rows(t, db, "SELECT topic, next_offset, store_id, table_name FROM tributary_ledger ORDER BY topic"))
}

// TestTruncateLarge empties a table with more rows than one statement can remove in
// the time it has.
func TestTruncateLarge(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	p.create("8", 1, "stays", 1)
	p.create("7", 0, "goes", 0)
	startReplica(t, brokers, dsn, "STATEMENT_TIMEOUT=1s")
	eventually(t, db, sales, "7 0 goes 0", "8 1 stays 1")
	_, err := db.Exec("INSERT INTO sale (store_id, id, label) WITH d (n) AS (VALUES ROW(0), ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7), ROW(8), ROW(9))" +
		" SELECT '7', 1+a.n+10*b.n+100*c.n+1000*e.n+10000*f.n+100000*g.n, 'goes' FROM d a, d b, d c, d e, d f, d g WHERE g.n<4")
	require.NoError(t, err)
	p.truncate("7")
	p.create("7", 1, "after the truncate", 1)
	within(t, 30*time.Second, db, sales, "7 1 after the truncate 1", "8 1 stays 1")
}

// TestPoisonIsSetAside sends events that cannot be decoded, cannot be encoded
// and are refused by the server, among good ones.
func TestPoisonIsSetAside(t *testing.T) {
	dsn, db := database(t, central(t))
	_, err := db.Exec("CREATE TABLE sale (store_id VARCHAR(64), id BIGINT, label VARCHAR(20), amount INT," +
		" CONSTRAINT positive CHECK (amount > 0), PRIMARY KEY (store_id, id))")
	require.NoError(t, err)
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "good", 1)
	p.send(saleTopic("7"), saleKey(2), []byte(`{"schema":{"type":"struct"`)) // offset 1
	p.create("7", 3, "not a number", "12x")                                  // offset 2
	p.create("7", 4, "refused", -1)                                          // offset 3
	p.send(saleTopic("7"), saleKey(5), []byte(`{"before":null,"op":"c"}`))   // offset 4
	p.create("7", 6, "good too", 6)                                          // offset 5
	late := bytes.ReplaceAll(saleValue("7", "c", nil, saleRow(7, "late", 7)), []byte("1795361999000"), []byte("9223372036854775"))
	p.send(saleTopic("7"), saleKey(7), late) // offset 6, of the year 294247
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 good 1", "7 6 good too 6", "7 7 late 7")
	eventually(t, db, "SELECT kafka_offset, error_code, store_id, table_name, state FROM tributary_dead_letters ORDER BY kafka_offset",
		"1 0 7 sale open", "2 0 7 sale open", "3 3819 7 sale open", "4 0 7 sale open")
	require.Equal(t, []string{"7"}, rows(t, db, "SELECT next_offset FROM tributary_ledger"))
	require.Equal(t, []string{string(saleKey(4))}, rows(t, db, "SELECT record_key FROM tributary_dead_letters WHERE kafka_offset=3"))
	require.Equal(t, []string{string(saleKey(2)) + ` {"schema":{"type":"struct"`},
		rows(t, db, "SELECT record_key, record_value FROM tributary_dead_letters WHERE kafka_offset=1"))
}

// TestTopicsOfOthers has topics in the environment that are none of Debezium's,
// with names longer than any store's or table's: what they hold is set aside, and
// the stores' rows do not wait for them.
func TestTopicsOfOthers(t *testing.T) {
	dsn, db := database(t, central(t))
	long := strings.Repeat("changelog-", 8)
	brokers, p, _ := fakeKafka(t, saleTopic("7"), "test."+long, "test.app.state."+long)
	p.send("test."+long, []byte("k"), []byte("state"))
	p.send("test.app.state."+long, []byte("k"), []byte("state"))
	p.create("7", 1, "a", 1)
	log, logs := overheard()
	startLogged(t, log, brokers, dsn)
	eventually(t, db, sales, "7 1 a 1")
	eventually(t, db, "SELECT topic, state FROM tributary_dead_letters ORDER BY topic", "test.app.state."+long+" open", "test."+long+" open")
	require.Equal(t, []string{"1", "1", "1"}, rows(t, db, "SELECT next_offset FROM tributary_ledger"))

	// Nor do they fill the central database, when they are not read at all.
	for range 300 {
		p.send("test."+long, []byte("k"), []byte("state"))
	}
	require.Eventually(t, func() bool { return logs.FilterMessageSnippet("too many of this store's events").Len() > 0 }, 30*time.Second, 20*time.Millisecond)
	p.create("7", 2, "b", 2)
	eventually(t, db, sales, "7 1 a 1", "7 2 b 2")
	require.Less(t, len(rows(t, db, "SELECT id FROM tributary_dead_letters")), 110)
}

// TestColumnAddedByHand has somebody add a column that no event fills and that must
// be filled, while rows are coming.
func TestColumnAddedByHand(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "a", 1)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 a 1")
	_, err := db.Exec("ALTER TABLE sale ADD COLUMN region VARCHAR(10) NOT NULL")
	require.NoError(t, err)
	p.create("7", 2, "b", 2)
	eventually(t, db, sales, "7 1 a 1", "7 2 b 2")
	require.Equal(t, []string{"7 1 ", "7 2 NULL"}, rows(t, db, "SELECT store_id, id, region FROM sale ORDER BY id"))
}

// TestTableOfOthers has a table in a store's place that is none of the sink's, and
// no ledger to begin from. The other tables begin all the same.
func TestTableOfOthers(t *testing.T) {
	dsn, db := database(t, central(t))
	const odd = "test.7.pos.odd"
	brokers, p, _ := fakeKafka(t, saleTopic("7"), odd)
	p.create("7", 1, "a", 1)
	p.send(odd, saleKey(1), saleValue("7", "c", nil, saleRow(1, "odd", 1)))
	first := startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT label FROM odd", "odd")
	require.Eventually(t, func() bool { return committed(t, brokers, odd) == 1 }, 10*time.Second, 20*time.Millisecond)
	first.end()
	for _, statement := range []string{"DROP TABLE odd", "CREATE TABLE odd (id INT PRIMARY KEY)", "TRUNCATE TABLE tributary_ledger"} {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	p.create("7", 2, "b", 2)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 a 1", "7 2 b 2")
}

// TestTablesInUse has several tables that cannot be changed while a report reads
// them. What waits for them leaves everybody else the connections they need.
func TestTablesInUse(t *testing.T) {
	dsn, db := database(t, central(t))
	busy := []string{"a", "b", "c", "d", "e"}
	topics := []string{saleTopic("7")}
	for _, name := range busy {
		_, err := db.Exec("CREATE TABLE " + name + " (store_id VARCHAR(64), id BIGINT, label VARCHAR(20), PRIMARY KEY (store_id, id))")
		require.NoError(t, err)
		topics = append(topics, "test.7.pos."+name)
	}
	brokers, p, _ := fakeKafka(t, topics...)
	log, logs := overheard()
	address := freeAddress(t)
	startLogged(t, log, brokers, dsn, "HTTP_ADDR="+address, "LANES=1", "HOLD_RETRY=1s")
	report, err := db.Begin()
	require.NoError(t, err)
	defer func() { _ = report.Rollback() }()
	for _, name := range busy {
		_, err := report.Exec("DO (SELECT COUNT(*) FROM " + name + ")")
		require.NoError(t, err)
		p.send("test.7.pos."+name, saleKey(1), saleValue("7", "c", nil, saleRow(1, name, 1)))
	}
	const waiting = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE '%metadata lock%' AND DB=DATABASE()"
	require.Eventually(t, func() bool {
		// It fails while any session's statement has bytes in it that are no text.
		sessions, err := tryRows(db, waiting)
		return err == nil && sessions[0] >= "4"
	}, 20*time.Second, 20*time.Millisecond)
	p.create("7", 1, "a", 1)
	within(t, 5*time.Second, db, sales, "7 1 a 1")
	status, _ := answerOf(t, "http://"+address+"/readyz")
	require.Equal(t, 200, status)
	require.Eventually(t, func() bool { return logs.FilterMessageSnippet("is in use").Len() >= 5 }, 30*time.Second, 20*time.Millisecond)
	require.NoError(t, report.Rollback())
	for _, name := range busy {
		eventually(t, db, "SELECT label, amount FROM "+name, name+" 1")
	}
}

// TestLedgerDecides moves the ledger behind a running sink's back, as a restored
// backup or another writer would.
func TestLedgerDecides(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "a", 1)
	p.create("7", 2, "b", 2)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 a 1", "7 2 b 2")

	// Restored to before the second event: it is read again.
	_, err := db.Exec("UPDATE tributary_ledger SET next_offset=1, owner='backup'")
	require.NoError(t, err)
	_, err = db.Exec("DELETE FROM sale WHERE id=2")
	require.NoError(t, err)
	p.create("7", 3, "c", 3)
	eventually(t, db, sales, "7 1 a 1", "7 2 b 2", "7 3 c 3")

	// Another writer has written the next event already: it is not repeated.
	_, err = db.Exec("UPDATE tributary_ledger SET next_offset=4, owner='somebody'")
	require.NoError(t, err)
	p.create("7", 4, "theirs", 4)
	p.create("7", 5, "ours", 5)
	eventually(t, db, sales, "7 1 a 1", "7 2 b 2", "7 3 c 3", "7 5 ours 5")
}

// TestTopicMadeAnew deletes a topic and makes it again while the sink is away:
// the new log's first events are not taken for ones that are written.
func TestTopicMadeAnew(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, cluster := fakeKafka(t, saleTopic("7"))
	for id := range 5 {
		p.create("7", id, "old", id)
	}
	first := startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "5")
	first.end()
	require.NoError(t, cluster.DeleteTopic(saleTopic("7")))
	require.NoError(t, cluster.CreateTopic(saleTopic("7"), 1, nil))
	newProducer(t, cluster).create("7", 1, "new", 1) // p holds on to the old topic's id
	startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT label, COUNT(*) FROM sale GROUP BY label ORDER BY label", "new 1", "old 4")
	eventually(t, db, "SELECT next_offset FROM tributary_ledger", "1")
}

// TestTopicMadeAnewWithoutKey does so with a table that has none: the new log's rows
// stand where the old one's stood, and must not take their places.
func TestTopicMadeAnewWithoutKey(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, cluster := fakeKafka(t, saleTopic("7"))
	for id := range 3 {
		p.send(saleTopic("7"), nil, saleValue("7", "c", nil, saleRow(id, "old", id)))
	}
	first := startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT COUNT(*) FROM sale", "3")
	first.end()
	require.NoError(t, cluster.DeleteTopic(saleTopic("7")))
	require.NoError(t, cluster.CreateTopic(saleTopic("7"), 1, nil))
	anew := newProducer(t, cluster)
	for id := range 2 {
		anew.send(saleTopic("7"), nil, saleValue("7", "c", nil, saleRow(10+id, "new", id)))
	}
	anew.send(saleTopic("7"), nil, saleValue("7", "d", saleRow(1, "old", 1), nil))
	startReplica(t, brokers, dsn)
	eventually(t, db, "SELECT label, COUNT(*) FROM sale GROUP BY label ORDER BY label", "new 2", "old 2")
}

// TestTopicMadeAnewMeanwhile deletes a topic and makes it again between two looks
// of the sink at Kafka's metadata, with more events than it had. None of them may
// be taken for one that is written.
func TestTopicMadeAnewMeanwhile(t *testing.T) {
	for _, protocol := range []string{"classic", "consumer"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			dsn, db := database(t, central(t))
			brokers, p, cluster := fakeKafka(t, saleTopic("7"))
			for id := range 3 {
				p.create("7", id, "old", id)
			}
			startReplica(t, brokers, dsn, "KAFKA_CONF_TOPIC_METADATA_REFRESH_INTERVAL_MS=300000", "KAFKA_CONF_GROUP_PROTOCOL="+protocol)
			eventually(t, db, "SELECT COUNT(*) FROM sale", "3")
			require.NoError(t, cluster.DeleteTopic(saleTopic("7")))
			require.NoError(t, cluster.CreateTopic(saleTopic("7"), 1, nil))
			anew := newProducer(t, cluster)
			for id := 10; id < 15; id++ {
				anew.create("7", id, "new", id)
			}
			within(t, quietLimit, db, "SELECT label, COUNT(*) FROM sale GROUP BY label ORDER BY label", "new 5", "old 3")
			eventually(t, db, "SELECT next_offset FROM tributary_ledger", "5")
		})
	}
}

// TestTableWithoutKey keeps equal rows apart and finds what a delete or update
// means by the before image, within a batch and across batches.
func TestTableWithoutKey(t *testing.T) {
	for _, size := range []string{"1", "2000"} {
		t.Run("batch of "+size, func(t *testing.T) {
			dsn, db := database(t, central(t))
			brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
			event := func(store, op string, before, after object) {
				p.send(saleTopic(store), nil, saleValue(store, op, before, after))
			}
			row, upper, null := saleRow(1, "a", 1), saleRow(1, "A", 1), object{"id": 2, "label": nil, "amount": nil}
			for range 3 {
				event("7", "c", nil, row)
				event("8", "c", nil, row)
			}
			event("7", "c", nil, upper)
			event("7", "c", nil, null)
			event("7", "d", row, nil)
			event("7", "u", row, saleRow(1, "changed", 1))
			event("7", "d", null, nil)
			event("7", "d", saleRow(99, "never there", 1), nil) // offset 8
			startReplica(t, brokers, dsn, "BATCH_ROWS="+size)
			eventually(t, db, "SELECT store_id, id, CAST(label AS BINARY), COUNT(*) FROM sale GROUP BY 1,2,3 ORDER BY 1,2,3",
				"7 1 A 1", "7 1 a 1", "7 1 changed 1", "8 1 a 3")
			eventually(t, db, "SELECT kafka_offset, reason FROM tributary_dead_letters",
				"8 no row equals the event's before image")
		})
	}
}

// TestWidens lets a value arrive that is longer than the schema said, and a
// column change its type while events flow.
func TestWidens(t *testing.T) {
	dsn, db := database(t, central(t))
	_, err := db.Exec("CREATE TABLE sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(3), amount SMALLINT UNSIGNED, PRIMARY KEY (store_id, id))")
	require.NoError(t, err)
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "abcdef", -5)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 abcdef -5")
	eventually(t, db, "SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='sale' ORDER BY ORDINAL_POSITION",
		"store_id varchar(64)", "id bigint", "label varchar(20)", "amount int")
}

// TestTwoSchemasDoNotMeet refuses the second schema of a store that has a table
// of the same name: their keys may be equal.
func TestTwoSchemasDoNotMeet(t *testing.T) {
	dsn, db := database(t, central(t))
	brokers, p, cluster := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	p.create("7", 1, "till", 1)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 till 1")
	require.NoError(t, cluster.CreateTopic("test.7.online.sale", 1, nil))
	p.send("test.7.online.sale", saleKey(1), saleValue("7", "c", nil, saleRow(1, "online", 2)))
	eventually(t, db, "SELECT topic, next_offset FROM tributary_ledger ORDER BY topic",
		"test.7.online.sale 0", "test.7.pos.sale 1", "test.8.pos.sale 0")
	p.create("7", 2, "goes on", 1)
	p.create("8", 1, "other store", 1)
	eventually(t, db, sales, "7 1 till 1", "7 2 goes on 1", "8 1 other store 1")
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT next_offset FROM tributary_ledger WHERE topic='test.7.online.sale'"))
}
