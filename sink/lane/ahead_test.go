package lane

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/tables"
)

// asked is a ledger, and versions, that remember which topics they were asked of.
type asked struct {
	benchLedger
	benchTables
	stores, topics [][]string
	owners         map[string]string
	err            error
}

func (a *asked) Owners(_ context.Context, _ string, stores []string) (map[string]string, error) {
	a.stores = append(a.stores, slices.Sorted(slices.Values(stores)))
	return a.owners, a.err
}

func (a *asked) Last(_ context.Context, _ string, topics []string) (map[string]tables.Version, error) {
	a.topics = append(a.topics, slices.Sorted(slices.Values(topics)))
	return nil, nil
}

func (a *asked) Next(context.Context, tables.Version, tables.Rows) (*tables.Step, error) {
	return nil, nil
}

func (a *asked) Do(context.Context, *tables.Step) error { return errors.New("not part of the test") }

// TestAskedTogether puts the first records of several topics: the database is asked
// once, of all that wait, and of a topic again in its next tenure. One store's
// answer is not another's.
func TestAskedTogether(t *testing.T) {
	d, err := schema.ParseDialect("9.7.0")
	require.NoError(t, err)
	central := &asked{benchTables: benchTables{dialect: d}, owners: map[string]string{"3": "e.3.other.t"}}
	l := New(Config{
		Ledger: central, Tables: central, Partitions: &restarts{}, Environment: "e", Budget: NewBudget(1 << 20),
		Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: 100, MaxText: 1 << 20,
	}, "t", 0)
	values, keys := debezium.NewReader(), debezium.NewReader()
	record := func(tenure *ledger.Tenure, offset int64) batch.Record {
		r := batch.Record{Tenure: tenure, Offset: offset}
		cut(t, &r, values, strings.ReplaceAll(enumEvent, `"e":""`, `"e":"a"`), keys, enumKey)
		return r
	}
	tenure := func(store int) *ledger.Tenure {
		return ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: fmt.Sprintf("e.%d.s.t", store)}})
	}
	of := map[int]*ledger.Tenure{1: tenure(1), 2: tenure(2), 3: tenure(3), 4: tenure(4)}
	of[4].End()
	for offset := range int64(2) {
		for _, store := range []int{3, 1, 2, 4} {
			l.taken = append(l.taken, record(of[store], offset))
		}
	}
	require.True(t, l.work(t.Context()))
	require.Equal(t, [][]string{{"e.1.s.t", "e.2.s.t", "e.3.s.t"}}, central.topics[:1])
	require.Equal(t, [][]string{{"1", "2", "3"}}, central.stores)
	require.Equal(t, 2, l.filled.Len(), "a row of the stores 1 and 2")
	require.True(t, of[3].Ended(), "its table is held: another topic fills it")
	require.Empty(t, slices.Collect(maps.Keys(l.plans.ahead)))

	// In its next tenure a topic is asked of again, alone: the others are known.
	of[1].End()
	of[1] = tenure(1)
	l.taken, l.next = []batch.Record{record(of[1], 2), record(of[2], 2)}, 0
	require.True(t, l.work(t.Context()))
	require.Equal(t, []string{"e.1.s.t"}, central.topics[len(central.topics)-1])
	require.Equal(t, []string{"1"}, central.stores[len(central.stores)-1])
	require.Len(t, central.stores, 2)
}
