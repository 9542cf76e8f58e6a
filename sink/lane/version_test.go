package lane

import (
	"context"
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

// versioned remembers a store's table by how many columns it has.
type versioned struct {
	benchTables
	columns int // of the rows that are there
	is      int // of the rows to come
	steps   int
}

func (v *versioned) Last(context.Context, string, []string) (map[string]tables.Version, error) {
	return nil, nil
}

func (v *versioned) Next(_ context.Context, _ tables.Version, r tables.Rows) (*tables.Step, error) {
	v.is = len(r.Fields)
	if v.columns == 0 {
		v.columns = v.is
	}
	if v.columns == v.is {
		return nil, nil
	}
	return &tables.Step{}, nil
}

func (v *versioned) Do(context.Context, *tables.Step) error {
	v.columns = v.is
	v.steps++
	return nil
}

// TestVersionsAfterASetBack sets the central database back to before its rows
// were brought to a version, when the next event is of that version. A partition
// that begins anew has them brought there again: what was done is known for one
// tenure.
func TestVersionsAfterASetBack(t *testing.T) {
	d, err := schema.ParseDialect("9.7.0")
	require.NoError(t, err)
	known := &versioned{benchTables: benchTables{dialect: d}}
	l := New(Config{
		Ledger: benchLedger{}, Tables: known, Partitions: &restarts{}, Environment: "e", Budget: NewBudget(1 << 20),
		Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: 10, MaxText: 1 << 20,
	}, "t", 0)
	const added = `,{"type":"int32","optional":true,"field":"added"}`
	event := strings.ReplaceAll(strings.ReplaceAll(enumEvent, `"field":"e"}`, `"field":"e"}`+added), `"e":""`, `"e":"a","added":1`)
	values, keys := debezium.NewReader(), debezium.NewReader()
	put := func(tenure *ledger.Tenure, offset int64, event string) {
		r := batch.Record{Tenure: tenure, Offset: offset}
		cut(t, &r, values, event, keys, enumKey)
		l.filled = batch.New("t") // as if what came before were written
		l.put(t.Context(), &r)
		require.Equal(t, 1, l.filled.Len())
	}
	at := ledger.Position{Partition: ledger.Partition{Topic: "e.7.s.t"}}
	first := ledger.NewTenure(at)
	put(first, 0, strings.ReplaceAll(enumEvent, `"e":""`, `"e":"a"`))
	put(first, 1, event)
	require.Equal(t, 1, known.steps)
	put(first, 2, event)
	require.Equal(t, 1, known.steps)

	known.columns-- // the database is set back
	at.Next = 1
	put(ledger.NewTenure(at), 1, event)
	require.Equal(t, 2, known.steps)
}
