package lane

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
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

func (benchLedger) Owners(context.Context, string, []string) (map[string]string, error) {
	return nil, nil
}

// captured reads a captured message and returns it with other ids in place of the
// one behind the mark.
func captured(b *testing.B, name, mark, id string, rows int, spell func(id []byte) string) [][]byte {
	text, err := os.ReadFile("../../debezium/testdata/" + name)
	require.NoError(b, err)
	at := bytes.LastIndex(text, []byte(mark+id))
	require.Positive(b, at)
	before, after := text[:at+len(mark)], text[at+len(mark)+len(id):]
	list := make([][]byte, rows)
	for i := range list {
		list[i] = slices.Concat(before, []byte(spell([]byte{1, byte(i >> 8), byte(i)})), after)
	}
	return list
}

// inAvro is how Avro writes a few bytes: behind their number, doubled.
func inAvro(bytes []byte) string { return string(append([]byte{byte(2 * len(bytes))}, bytes...)) }

// benchRegistry has the schemas of the captured messages, by the last byte of
// their ids.
type benchRegistry map[byte]*debezium.Schema

func (r benchRegistry) Schema(message []byte) (*debezium.Schema, error) { return r[message[4]], nil }

func newBenchRegistry(b *testing.B, ids ...byte) benchRegistry {
	r := benchRegistry{}
	for _, id := range ids {
		text, err := os.ReadFile(fmt.Sprintf("../../debezium/testdata/avro/schemas/%d.avsc", id))
		require.NoError(b, err)
		r[id], err = debezium.ParseAvro([]byte{0, 0, 0, 0, id}, text)
		require.NoError(b, err)
	}
	return r
}

// BenchmarkEvent is all the work on one event between Kafka's client and the
// database's: cutting, queueing, decoding, encoding, batching, and its share of
// sorting and of the statement's text.
func BenchmarkEvent(b *testing.B) {
	const rows = 2000
	const asJSON, asAvro = "events/prod.0001.s0001.pos_transactions.", "avro/prod.0002.s0001.pos_transactions."
	const afterJSON, keyJSON, afterAvro, keyAvro = `"after":{"id":"`, `"payload":{"id":"`, "\x02", "\x06"
	registry := newBenchRegistry(b, 6, 7)
	for _, bench := range []struct {
		name, event string
		after, key  string // what stands before the ids
		id          string
		spell       func([]byte) string
	}{
		{"insert", asJSON + "002.c", afterJSON, keyJSON, "Aw==", base64.StdEncoding.EncodeToString},
		{"update", asJSON + "003.u", afterJSON, keyJSON, "AQ==", base64.StdEncoding.EncodeToString},
		{"insert_avro", asAvro + "002", afterAvro, keyAvro, "\x02\x03", inAvro},
		{"update_avro", asAvro + "003", afterAvro, keyAvro, "\x02\x01", inAvro},
	} {
		b.Run(bench.name, func(b *testing.B) {
			values := captured(b, bench.event+".value", bench.after, bench.id, rows, bench.spell)
			keys := captured(b, bench.event+".key", bench.key, bench.id, rows, bench.spell)
			dialect, err := schema.ParseDialect("9.7.0")
			require.NoError(b, err)
			l := New(Config{
				Ledger: benchLedger{},
				Tables: benchTables{dialect: dialect}, Environment: "prod", Budget: NewBudget(1 << 30),
				Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: rows + 1, MaxText: 8 << 20,
			}, "pos_transactions", 0)
			tenure := ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "prod.0001.s0001.pos_transactions"}})
			readers := [2]*debezium.Reader{debezium.NewReaderWith(registry), debezium.NewReaderWith(registry)}
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
