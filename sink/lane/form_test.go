package lane

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/rules"
)

// doubtfulRow has a column whose values may not be the store's.
const doubtfulRow = `{"type":"int32","optional":false,"field":"id"},` +
	`{"type":"int32","optional":false,"name":"io.debezium.time.Date","version":1,"field":"e"}`

// storeRecord is an event of a store's table whose columns are given.
func storeRecord(t *testing.T, shapes *debezium.Shapes, store, columns string) *batch.Record {
	t.Helper()
	image := func(name string) string {
		return fmt.Sprintf(`{"type":"struct","optional":true,"name":"e.%s.s.t.Value","field":%q,"fields":[%s]}`, store, name, columns)
	}
	event := fmt.Sprintf(`{"schema":{"type":"struct","optional":false,"name":"e.%s.s.t.Envelope","fields":[%s,%s,`+
		`{"type":"struct","optional":false,"field":"source","fields":[{"type":"string","optional":true,"field":"table"}]},`+
		`{"type":"string","optional":false,"field":"op"}]},`+
		`"payload":{"before":null,"after":{"id":1,"e":0},"source":{"table":"t"},"op":"c"}}`, store, image("before"), image("after"))
	key := fmt.Sprintf(`{"schema":{"type":"struct","optional":false,"name":"e.%s.s.t.Key","fields":[{"type":"int32","optional":false,"field":"id"}]},"payload":{"id":1}}`, store)
	r := &batch.Record{Tenure: ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "e." + store + ".s.t"}})}
	cut(t, r, shapes.Reader(nil), event, shapes.Reader(nil), key)
	return r
}

// cut gives a record its event and its key.
func cut(t *testing.T, r *batch.Record, values *debezium.Reader, event string, keys *debezium.Reader, key string) {
	t.Helper()
	var err error
	r.Value, r.ValueRest, err = values.Cut([]byte(event))
	require.NoError(t, err)
	r.Key, r.KeyRest, err = keys.Cut([]byte(key))
	require.NoError(t, err)
}

// The stores' tables of one shape are written in one way, those of another shape
// in another.
func TestStoresShareForms(t *testing.T) {
	dialect, err := schema.ParseDialect("9.7.0")
	require.NoError(t, err)
	p := newPlanner(Config{
		Ledger: benchLedger{}, Tables: benchTables{dialect: dialect}, Environment: "e",
		Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()),
	}, "t")
	shapes := &debezium.Shapes{}
	plan := func(r *batch.Record) *plan {
		made, err := p.plan(t.Context(), r, []byte("t"))
		require.NoError(t, err)
		return made
	}
	one, two := storeRecord(t, shapes, "1", enumRow), storeRecord(t, shapes, "2", enumRow)
	first, second := plan(one), plan(two)
	require.NotSame(t, first, second)
	require.Same(t, first.form, second.form)
	require.Equal(t, "'2'", string(second.store))
	require.NotSame(t, first.form, plan(storeRecord(t, shapes, "3", doubtfulRow)).form)

	tombstone := *two
	tombstone.Value = nil
	require.Same(t, second.form, plan(&tombstone).form, "the topic's own events say how its keys are written")

	p.rules, err = rules.Parse([]byte("tables:\n- match: t\n  exclude: [e]\n"))
	require.NoError(t, err)
	ruled := plan(storeRecord(t, shapes, "4", enumRow))
	require.NotSame(t, first.form, ruled.form)
	require.Len(t, first.rest, 1)
	require.Empty(t, ruled.rest)

	p.forget()
	require.NotSame(t, second.form, plan(two).form)
}

// A form that many topics share still says of each what may be wrong in it, and
// says it once.
func TestDoubtIsToldByTopic(t *testing.T) {
	dialect, err := schema.ParseDialect("9.7.0")
	require.NoError(t, err)
	core, logged := observer.New(zap.WarnLevel)
	l := New(Config{
		Ledger: benchLedger{}, Tables: benchTables{dialect: dialect}, Partitions: &restarts{}, Environment: "e", Budget: NewBudget(1 << 20),
		Log: zap.New(core), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: 10, MaxText: 1 << 20,
	}, "t", 0)
	shapes := &debezium.Shapes{}
	for _, store := range []string{"1", "2", "1", "2"} {
		l.put(t.Context(), storeRecord(t, shapes, store, doubtfulRow))
	}
	var topics []string
	for _, entry := range logged.All() {
		topics = append(topics, entry.ContextMap()["topic"].(string))
	}
	require.Equal(t, []string{"e.1.s.t", "e.2.s.t"}, topics)
}
