package sweep

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/sink/ledger"
	"tributary/sink/topiclog"
)

// fakeLog is Kafka's logs in memory: of every topic the records that are left, in
// the order of their offsets, and where the log begins and ends.
type fakeLog map[string]*fakeTopic

type fakeTopic struct {
	low, high int64
	records   []topiclog.Record
}

func (f fakeLog) Topics(_ context.Context, wanted func(string) bool) (list []topiclog.Topic, _ error) {
	for name := range f {
		if wanted(name) {
			list = append(list, topiclog.Topic{Name: name, Partitions: 1})
		}
	}
	return list, nil
}

func (f fakeLog) Range(_ context.Context, p ledger.Partition) (ledger.Range, error) {
	t := f[p.Topic]
	return ledger.Range{Earliest: t.low, End: t.high}, nil
}

func (f fakeLog) At(_ context.Context, p ledger.Partition, millis int64) (int64, error) {
	for _, r := range f[p.Topic].records {
		if r.Millis >= millis {
			return r.Offset, nil
		}
	}
	return f[p.Topic].high, nil
}

func (f fakeLog) Read(_ context.Context, p ledger.Partition, from, to int64, see func(topiclog.Record) bool) error {
	for _, r := range f[p.Topic].records {
		if r.Offset >= from && r.Offset < to && !see(r) {
			return nil
		}
	}
	return nil
}

// put appends a record; a nil value is a tombstone.
func (f fakeLog) put(topic string, millis int64, value []byte) {
	t := f[topic]
	if t == nil {
		t = &fakeTopic{}
		f[topic] = t
	}
	t.records = append(t.records, topiclog.Record{Offset: t.high, Millis: millis, Value: value})
	t.high++
}

// expire removes what retention would, up to an offset.
func (f fakeLog) expire(topic string, low int64) {
	t := f[topic]
	t.low = low
	kept := t.records[:0]
	for _, r := range t.records {
		if r.Offset >= low {
			kept = append(kept, r)
		}
	}
	t.records = kept
}

// logs are the fake's, of which the named topics carry rows.
func (f fakeLog) logs() *logs {
	l := &logs{Log: f, topics: map[string]topiclog.Topic{}, over: map[place]bool{}, filled: map[place]bool{}}
	for name := range f {
		l.topics[name] = topiclog.Topic{Name: name, Partitions: 1}
	}
	return l
}

const sourceFields = `{"field":"source","type":"struct","optional":false,"fields":[{"field":"snapshot","type":"string","optional":true},` +
	`{"field":"file","type":"string","optional":true},{"field":"pos","type":"int64","optional":true}]}`

// row is an event of a table's topic.
func row(snapshot, file string, pos int64) []byte {
	return fmt.Appendf(nil, `{"schema":{"type":"struct","optional":false,"name":"Envelope","fields":[{"field":"after","type":"struct","optional":true,"fields":[`+
		`{"field":"id","type":"int64","optional":false}]},%s,{"field":"op","type":"string","optional":false}]},`+
		`"payload":{"after":{"id":1},"source":{"snapshot":%q,"file":%q,"pos":%d},"op":"c"}}`, sourceFields, snapshot, file, pos)
}

// change is a schema change; tables are a type and an id for each.
func change(snapshot, file string, pos int64, database, ddl string, tables ...debezium.TableChange) *debezium.SchemaChange {
	c := &debezium.SchemaChange{Database: database, DDL: ddl, Tables: tables}
	c.Source.Snapshot, c.Source.File, c.Source.Position = snapshot, file, pos
	return c
}

func table(kind, name string) debezium.TableChange {
	return debezium.TableChange{Type: kind, ID: debezium.TableID{Database: "pos", Table: name}}
}

func TestRowsAreRead(t *testing.T) {
	e, err := newEventReader(nil).read(topiclog.Record{Offset: 7, Millis: 3, Value: row("first", "binlog.000002", 157)})
	require.NoError(t, err)
	require.Equal(t, event{place: place{"binlog.000002", 157}, offset: 7, millis: 3, snapshot: "first", known: true}, e)
	for name, value := range map[string][]byte{"a tombstone": nil, "poison": []byte("{")} {
		e, err := newEventReader(nil).read(topiclog.Record{Offset: 7, Millis: 3, Value: value})
		require.NoError(t, err, name)
		require.False(t, e.known, name)
	}
	_, err = newEventReader(nil).read(topiclog.Record{Value: row("false", "binlog.000002", 157)})
	require.ErrorIs(t, err, errNoTime)
	_, err = newEventReader(nil).read(topiclog.Record{Millis: 3, Value: []byte{0, 0, 0, 0, 1, 2}})
	require.Error(t, err, "Avro without a registry: nothing may be concluded from what cannot be read")
}
