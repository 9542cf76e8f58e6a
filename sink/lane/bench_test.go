package lane

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
)

// benchTables has the one table the events ask for.
type benchTables struct {
	Tables
	dialect schema.Dialect
}

func (t benchTables) Dialect() schema.Dialect { return t.dialect }

func (benchTables) Forget(string) {}

func (t benchTables) Fit(_ context.Context, name string, columns []debezium.Field, key []string, _ bool) (want, have *schema.Table, err error) {
	derived, err := schema.Derive(name, columns, key, schema.Options{Dialect: t.dialect})
	return &derived, &derived, err
}

// benchLedger knows no other topics.
type benchLedger struct{ Ledger }

func (benchLedger) Owner(context.Context, string, string) (string, error) { return "", nil }

// captured reads a captured event and returns it with other ids in place of
// the row's.
func captured(b *testing.B, name, row string, rows int) [][]byte {
	text, err := os.ReadFile("../../debezium/testdata/events/" + name)
	require.NoError(b, err)
	list := make([][]byte, rows)
	for i := range list {
		id := base64.StdEncoding.EncodeToString([]byte{1, byte(i >> 8), byte(i)})
		at := bytes.LastIndex(text, []byte(row+`{"id":"`))
		require.Positive(b, at)
		at += len(row) + 7
		end := at + bytes.IndexByte(text[at:], '"')
		list[i] = append(append(append([]byte{}, text[:at]...), id...), text[end:]...)
	}
	return list
}

// BenchmarkEvent is all the work on one event between Kafka's client and the
// database's: cutting, queueing, decoding, encoding, batching, and its share of
// sorting and of the statement's text.
func BenchmarkEvent(b *testing.B) {
	const rows = 2000
	for _, bench := range []struct{ name, event string }{
		{"insert", "prod.0001.s0001.pos_transactions.002.c"},
		{"update", "prod.0001.s0001.pos_transactions.003.u"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			values, keys := captured(b, bench.event+".value", `"after":`, rows), captured(b, bench.event+".key", `"payload":`, rows)
			dialect, err := schema.ParseDialect("9.7.0")
			require.NoError(b, err)
			l := New(Config{
				Ledger: benchLedger{},
				Tables: benchTables{dialect: dialect}, Environment: "prod", Budget: NewBudget(1 << 30),
				Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: rows + 1, MaxText: 8 << 20,
			}, "pos_transactions", 0)
			tenure := ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "prod.0001.s0001.pos_transactions"}})
			readers := [2]*debezium.Reader{debezium.NewReader(), debezium.NewReader()}
			var statement []byte
			ctx := context.Background()
			b.SetBytes(int64(len(values[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r := batch.Record{Tenure: tenure, Offset: int64(i), Timestamp: 1}
				if r.Value, r.ValueRest, err = readers[0].Cut(values[i%rows]); err != nil {
					b.Fatal(err)
				}
				if r.Key, r.KeyRest, err = readers[1].Cut(keys[i%rows]); err != nil {
					b.Fatal(err)
				}
				if l.Offer(r) != 1 {
					b.Fatal("the lane refuses a record")
				}
				if i%rows != rows-1 {
					continue
				}
				for l.work(ctx) {
				}
				if l.filled.Len() != rows || len(l.filled.Dead()) > 0 {
					b.Fatalf("%d rows, %v", l.filled.Len(), l.filled.Dead()[0].Reason)
				}
				for group := range l.filled.Groups() {
					statement = batch.AppendStatement(statement[:0], group)
				}
				l.queue.release(l.filled.Memory())
				l.filled.Reset()
			}
		})
	}
}
