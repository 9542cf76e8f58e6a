package integration

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap/zaptest"

	"tributary/sink"
	"tributary/sink/deadletter"
	"tributary/sink/sweep"
)

// retold is a store's table that is captured twice on a fake broker: rows 1 to 3 an
// hour ago, and now what a test says.
type retold struct {
	t       *testing.T
	p       *producer
	cluster *kfake.Cluster
	brokers string
	dsn     string
	db      *sql.DB
	now     time.Time
	sink    *replica
}

// at sends a record with a timestamp of the caller's.
func (r *retold) at(after time.Duration, topic string, key, value []byte) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(r.t, r.p.client.ProduceSync(ctx,
		&kgo.Record{Topic: topic, Key: key, Value: value, Timestamp: r.now.Add(after)}).FirstErr())
}

// row sends an event of a row: its mark and position are the snapshot's, or "false"
// and any.
func (r *retold) row(after time.Duration, id int, amount any, mark string, pos int) {
	r.t.Helper()
	op := "r"
	if mark == "false" {
		op = "c"
	}
	value := saleValue("7", op, nil, saleRow(id, "x", amount))
	value = bytes.Replace(value, []byte(`"pos":4`), fmt.Appendf(nil, `"pos":%d`, pos), 1)
	value = bytes.Replace(value, []byte(`"snapshot":"false"`), fmt.Appendf(nil, `"snapshot":%q`, mark), 1)
	r.at(after, saleTopic("7"), saleKey(id), value)
}

// ddl sends a schema change of the store.
func (r *retold) ddl(after time.Duration, mark string, pos int, database, text string, kindAndTable ...string) {
	r.t.Helper()
	str := func(name string) object { return object{"field": name, "type": "string", "optional": true} }
	changes := []object{}
	if len(kindAndTable) == 2 {
		changes = append(changes, object{"type": kindAndTable[0], "id": fmt.Sprintf("%q.%q", database, kindAndTable[1])})
	}
	r.at(after, "test.7", nil, encode(object{
		"schema": object{"type": "struct", "optional": false, "name": "io.debezium.connector.mysql.SchemaChangeValue", "fields": []object{
			{"field": "source", "type": "struct", "optional": false, "fields": []object{
				str("connector"), str("snapshot"), str("file"), {"field": "pos", "type": "int64", "optional": false},
			}},
			str("databaseName"), str("ddl"),
			{"field": "tableChanges", "type": "array", "optional": false, "items": object{
				"type": "struct", "optional": false, "fields": []object{str("type"), str("id")},
			}},
		}},
		"payload": object{
			"source":       object{"connector": "mysql", "snapshot": mark, "file": "binlog.000001", "pos": pos},
			"databaseName": database, "ddl": text, "tableChanges": changes,
		},
	}))
}

// describe sends the definitions a snapshot begins with.
func (r *retold) describe(after time.Duration, pos int) {
	r.ddl(after, "true", pos, "", "SET character_set_server=utf8mb4")
	r.ddl(after, "true", pos, "pos", "DROP TABLE IF EXISTS `pos`.`sale`", "DROP", "sale")
	r.ddl(after, "true", pos, "pos", "CREATE TABLE `sale` (…)", "CREATE", "sale")
}

func newRetold(t *testing.T, partitions int32, statements ...string) *retold {
	r := &retold{t: t, now: time.Now()}
	r.dsn, r.db = database(t, central(t))
	execAll(t, r.db, statements...)
	r.brokers, r.p, r.cluster = fakeKafka(t, "test.7")
	require.NoError(t, r.cluster.CreateTopic(saleTopic("7"), partitions, nil))
	r.describe(-time.Hour, 100)
	for id, mark := range []string{"first", "true", "last"} {
		r.row(-time.Hour, id+1, 1, mark, 100)
	}
	r.sink = startReplica(t, r.brokers, r.dsn)
	eventually(t, r.db, "SELECT next_offset FROM tributary_ledger WHERE topic='test.7.pos.sale' AND part=0", "3")
	return r
}

// look looks when the sink has written so many events.
func (r *retold) look(written int) (*sink.Sweep, []sweep.Table, error) {
	r.t.Helper()
	eventually(r.t, r.db, "SELECT next_offset FROM tributary_ledger WHERE topic='test.7.pos.sale' AND part=0", fmt.Sprint(written))
	config, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + r.brokers, "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + r.dsn,
	})
	require.NoError(r.t, err)
	s, err := sink.OpenSweep(r.t.Context(), config, zaptest.NewLogger(r.t))
	require.NoError(r.t, err)
	r.t.Cleanup(func() { require.NoError(r.t, s.Close()) })
	s.Patience = time.Second
	tables, err := s.Look(r.t.Context(), "7", "")
	return s, tables, err
}

// again captures the table again, of which row 1 alone is left.
func (r *retold) again() {
	r.describe(0, 500)
	r.row(10*time.Millisecond, 1, 1, "last", 500)
}

func TestSweepTells(t *testing.T) {
	keyed := "CREATE TABLE sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(20), amount INT, PRIMARY KEY (store_id, id)"
	t.Run("rows of before, and other stores'", func(t *testing.T) {
		r := newRetold(t, 1)
		require.NoError(t, r.cluster.CreateTopic(saleTopic("8"), 1, nil))
		r.p.create("8", 2, "other", 1)
		eventually(t, r.db, "SELECT COUNT(*) FROM sale", "4")
		_, tables, err := r.look(3)
		require.NoError(t, err)
		require.Empty(t, tables, "captured once")
		r.again()
		s, tables, err := r.look(4)
		require.NoError(t, err)
		require.Len(t, tables, 1)
		table := &tables[0]
		require.Empty(t, table.Refusal)
		require.Equal(t, [3]int64{3, 2, 3}, [3]int64{table.Rows, table.Older, table.Boundary})
		require.True(t, table.Most())
		// What asks for this sweep is settled, and what asks for more is not.
		for offset, reason := range []string{"sale: `tributary sweep 7 sale` shows them", "the same; besides, `tributary sweep 7 sale`", "`tributary sweep 7 sales`"} {
			execAll(t, r.db, fmt.Sprintf("INSERT INTO tributary_dead_letters (grp, topic, part, log_id, kafka_offset, store_id, table_name, refused_time, reason)"+
				" VALUES ('tributary', 'test.7', 0, '', %d, '7', 'sale', NOW(), '%s')", offset, reason))
		}
		// A row that is written after it was shown stays, even with an offset
		// of another log.
		execAll(t, r.db, "UPDATE sale SET _applied_at=UTC_TIMESTAMP(6) WHERE store_id='7' AND id=2")
		n, err := s.Apply(t.Context(), table)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.Equal(t, []string{"0 superseded", "1 open", "2 open"}, rows(t, r.db, "SELECT kafka_offset, state FROM tributary_dead_letters ORDER BY 1"))
		require.Equal(t, []string{"7 1", "7 2", "8 2"}, rows(t, r.db, "SELECT store_id, id FROM sale ORDER BY 1, 2"))
	})
	for _, c := range []struct {
		name       string
		partitions int32
		statements []string
		tell       func(r *retold)
		written    int
		refusal    string
	}{
		{"definitions alone", 1, nil, func(r *retold) { r.describe(0, 500) }, 3, "not yet: no row of any table"},
		{"under way", 1, nil, func(r *retold) {
			r.describe(0, 500)
			r.row(10*time.Millisecond, 1, 1, "first", 500)
		}, 4, "not yet: the snapshot"},
		{"no offsets", 1, []string{keyed + ")"}, (*retold).again, 4, "no column _offset"},
		{"two partitions", 2, nil, (*retold).again, 4, "several partitions"},
		{"a dead letter", 1, []string{keyed + ", _offset BIGINT UNSIGNED, CHECK (amount > 0))"}, func(r *retold) {
			r.describe(0, 500)
			r.row(10*time.Millisecond, 1, 1, "first", 500)
			r.row(11*time.Millisecond, 2, -1, "last", 500)
		}, 5, "events since then are dead letters (1)"},
		{"the same, discarded", 1, []string{keyed + ", _offset BIGINT UNSIGNED, CHECK (amount > 0))"}, func(r *retold) {
			r.describe(0, 500)
			r.row(10*time.Millisecond, 1, 1, "first", 500)
			r.row(11*time.Millisecond, 2, -1, "last", 500)
			eventually(r.t, r.db, "SELECT COUNT(*) FROM tributary_dead_letters", "1")
			n, err := deadletter.Settle(r.t.Context(), r.db, "tributary", deadletter.Filter{Store: "7"}, deadletter.Discarded)
			require.NoError(r.t, err)
			require.EqualValues(r.t, 1, n)
		}, 5, "discarded"},
		{"another table's name", 1, nil, func(r *retold) {
			r.ddl(0, "false", 600, "pos", "RENAME TABLE sale TO sale_old", "ALTER", "sale_old")
			r.ddl(0, "false", 600, "pos", "RENAME TABLE sale_new TO sale", "ALTER", "sale")
		}, 3, "without events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRetold(t, c.partitions, c.statements...)
			c.tell(r)
			s, tables, err := r.look(c.written)
			require.NoError(t, err)
			require.Len(t, tables, 1)
			require.Contains(t, tables[0].Refusal, c.refusal)
			t.Log(tables[0].Refusal)
			n, err := s.Apply(t.Context(), &tables[0])
			require.NoError(t, err)
			require.Zero(t, n)
			require.Equal(t, []string{"3"}, rows(t, r.db, "SELECT COUNT(*) FROM sale"))
		})
	}
	t.Run("a topic made again", func(t *testing.T) {
		r := newRetold(t, 1)
		r.sink.end()
		require.NoError(t, r.cluster.DeleteTopic(saleTopic("7")))
		require.NoError(t, r.cluster.CreateTopic(saleTopic("7"), 1, nil))
		r.p = newProducer(t, r.cluster)
		execAll(t, r.db, "UPDATE sale SET _applied_at=_applied_at-INTERVAL 1 HOUR")
		_, tables, err := r.look(3)
		require.NoError(t, err)
		require.Empty(t, tables, "captured once, and nothing since")
		r.again()
		_, tables, err = r.look(3)
		require.NoError(t, err)
		require.Contains(t, tables[0].Refusal, "not yet: its topic was made again")
		startReplica(t, r.brokers, r.dsn)
		_, tables, err = r.look(1)
		require.NoError(t, err)
		require.Empty(t, tables[0].Refusal)
		require.Equal(t, [2]int64{0, 2}, [2]int64{tables[0].Older, tables[0].Strays})
	})
	t.Run("rows without an offset", func(t *testing.T) {
		r := newRetold(t, 1)
		execAll(t, r.db, "UPDATE sale SET _offset=NULL WHERE id=2")
		r.again()
		_, tables, err := r.look(4)
		require.NoError(t, err)
		require.Equal(t, [2]int64{1, 1}, [2]int64{tables[0].Older, tables[0].Unplaced})
	})
	t.Run("nothing that tells", func(t *testing.T) {
		r := newRetold(t, 1)
		require.NoError(t, r.cluster.DeleteTopic("test.7"))
		_, _, err := r.look(3)
		require.ErrorContains(t, err, "include.schema.changes")
	})
}
