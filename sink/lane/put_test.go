package lane

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
)

// widening has a table whose ENUM lacks a label until it is widened, if it can
// be.
type widening struct {
	benchTables
	err   error
	asked schema.Type
}

func (w *widening) Fit(ctx context.Context, name string, columns []debezium.Field, key []string, soft bool) (want, have *schema.Table, err error) {
	want, have, err = w.benchTables.Fit(ctx, name, columns, key, soft)
	if err == nil && w.asked.Base != 0 && w.err == nil {
		is := *have
		is.Columns = append([]schema.Column{}, have.Columns...)
		is.Column("e").Type, err = schema.Union(is.Column("e").Type, w.asked)
		have = &is
	}
	return want, have, err
}

func (w *widening) Widen(_ context.Context, _ *schema.Table, field string, need schema.Type) (*schema.Table, error) {
	if field != "e" {
		return nil, fmt.Errorf("asked to widen %q", field)
	}
	w.asked = need
	return nil, w.err
}

// restarts notes why partitions were restarted.
type restarts []string

func (r *restarts) Restart(_ *ledger.Tenure, _ time.Duration, why string) { *r = append(*r, why) }
func (*restarts) Committed([]ledger.Move)                                 {}

func (benchLedger) Hold(context.Context, ledger.Partition, string) error { return nil }

const (
	enumKey   = `{"schema":{"type":"struct","optional":false,"name":"Key","fields":[{"type":"int32","optional":false,"field":"id"}]},"payload":{"id":1}}`
	enumEvent = `{"schema":{"type":"struct","optional":false,"name":"e.7.s.t.Envelope","fields":[` +
		`{"type":"struct","optional":true,"name":"Value","field":"before","fields":[` + enumRow + `]},` +
		`{"type":"struct","optional":true,"name":"Value","field":"after","fields":[` + enumRow + `]},` +
		`{"type":"struct","optional":false,"name":"io.debezium.connector.mysql.Source","field":"source","fields":[{"type":"int64","optional":true,"field":"ts_ms"},{"type":"string","optional":true,"field":"table"}]},` +
		`{"type":"string","optional":false,"field":"op"}]},"payload":{"before":null,"after":{"id":1,"e":""},"source":{"ts_ms":1,"table":"t"},"op":"c"}}`
	enumRow = `{"type":"int32","optional":false,"field":"id"},` +
		`{"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"a,b"},"field":"e"}`
)

// A value that its event's schema did not announce widens the table; where no
// type holds both, the one event is set aside; any other trouble holds the table.
func TestValuesThatWereNotAnnounced(t *testing.T) {
	dialect, err := schema.ParseDialect("9.7.0")
	require.NoError(t, err)
	for _, test := range []struct {
		name              string
		widen             error
		rows, dead, holds int
	}{
		{"widened", nil, 1, 0, 0},
		{"no type holds both", fmt.Errorf("widening: %w", &schema.ClashError{}), 0, 1, 0},
		{"not allowed", errors.New("may not be changed by itself"), 0, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			tables := &widening{benchTables: benchTables{dialect: dialect}, err: test.widen}
			restarted := &restarts{}
			l := New(Config{
				Ledger: benchLedger{}, Tables: tables, Partitions: restarted, Environment: "e", Budget: NewBudget(1 << 20),
				Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: 10, MaxText: 1 << 20,
			}, "t", 0)
			r := batch.Record{Tenure: ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "e.7.s.t"}})}
			cut(t, &r, debezium.NewReader(), enumEvent, debezium.NewReader(), enumKey)
			l.put(t.Context(), &r)
			require.Equal(t, schema.Enum, tables.asked.Base)
			require.Equal(t, test.rows, l.filled.Len())
			require.Len(t, l.filled.Dead(), test.dead)
			require.Len(t, *restarted, test.holds)
			for _, d := range l.filled.Dead() {
				require.ErrorContains(t, d.Reason, "the empty error value of an ENUM", "the event's own trouble, not the table's")
			}
		})
	}
}
