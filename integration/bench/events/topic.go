package events

import (
	"bytes"
	_ "embed"
	"fmt"
	"strconv"
)

// The captured update and its key: MySQL 9.7, Debezium 3.6.1, Kafka Connect
// 4.3.0, with column.propagate.source.type=.*.
var (
	//go:embed testdata/pos_transactions.update.json
	capturedValue []byte
	//go:embed testdata/pos_transactions.key.json
	capturedKey []byte
)

// captured is the topic the events were captured from.
const captured = "prod.0001.s0001.pos_transactions"

// Shape says which topics there are: one for every store and table.
type Shape struct {
	Environment string
	Stores      int
	Tables      int
	Avro        bool // the events come in Avro, with the schemas of [Shape.Schema]
}

// Topics returns the topics, those of one store next to each other. All their
// tables have the same columns.
func (s Shape) Topics() []*Topic {
	topics := make([]*Topic, 0, s.Stores*s.Tables)
	for store := range s.Stores {
		for table := range s.Tables {
			topics = append(topics, newTopic(s.Environment, storeName(store), s.TableName(table)))
			if s.Avro {
				topics[len(topics)-1].inAvro(len(topics) - 1)
			}
		}
	}
	return topics
}

// storeName is a store's id, by its number counted from 0.
func storeName(number int) string { return fmt.Sprintf("%04d", number+1) }

// TableName is the name of a table, counted from 0.
func (s Shape) TableName(number int) string {
	if s.Tables == 1 {
		return "pos_transactions"
	}
	return fmt.Sprintf("pos_transactions_%d", number+1)
}

// Topic makes the events of one store's table. It is not safe for concurrent
// use.
type Topic struct {
	Name  string
	Store string
	Table string

	seed       uint64
	valueStart []byte // of every value, up to its payload
	keyStart   []byte
	source     []byte // of the payload's source block, up to ts_ms
	position   int64  // in the store's binary log
	avro       bool
}

func newTopic(environment, store, table string) *Topic {
	t := &Topic{Name: environment + "." + store + ".pos." + table, Store: store, Table: table}
	t.valueStart = start(capturedValue, t.Name)
	t.keyStart = start(capturedKey, t.Name)
	t.source = fmt.Appendf(nil, `"source":{"version":"3.6.1.Final","connector":"mysql","name":"%s.%s","ts_ms":`, environment, store)
	for _, c := range t.Name {
		t.seed = mix(t.seed ^ uint64(c))
	}
	return t
}

// start is a captured message up to its payload, for another topic.
func start(message []byte, topic string) []byte {
	const payload = `"payload":`
	i := bytes.LastIndex(message, []byte(payload+`{`))
	return bytes.ReplaceAll(message[:i+len(payload)], []byte(captured), []byte(topic))
}

// AppendKey appends the key of a row's events.
func (t *Topic) AppendKey(dst []byte, id uint64) []byte {
	if t.avro {
		return appendDecimal(append(dst, t.keyStart...), int64(id))
	}
	dst = append(append(dst, t.keyStart...), `{"id":"`...)
	return append(appendDecimalBytes(dst, int64(id)), `"}}`...)
}

// Change is one change of a row.
type Change struct {
	Op byte // c, u or d
	ID uint64
	// Version is the image after the change, or what was deleted. An
	// update's image before is the version before.
	Version uint32
	// Micros is when the store committed it, in µs since the epoch.
	Micros int64
}

// AppendValue appends the event of a change. Positions in the binary log go up
// from call to call.
func (t *Topic) AppendValue(dst []byte, c Change) []byte {
	if t.avro {
		return t.appendAvroValue(dst, c)
	}
	dst = append(append(dst, t.valueStart...), `{"before":`...)
	switch c.Op {
	case 'c':
		dst = append(dst, "null"...)
	case 'u':
		dst = t.appendImage(dst, c.ID, c.Version-1)
	default:
		dst = t.appendImage(dst, c.ID, c.Version)
	}
	dst = append(dst, `,"after":`...)
	if c.Op == 'd' {
		dst = append(dst, "null"...)
	} else {
		dst = t.appendImage(dst, c.ID, c.Version)
	}
	t.position += 300
	transaction := t.position / 300
	dst = append(append(dst, ','), t.source...)
	dst = strconv.AppendInt(dst, c.Micros/1000, 10)
	dst = append(dst, `,"snapshot":null,"db":"pos","sequence":null,"ts_us":`...)
	dst = strconv.AppendInt(dst, c.Micros, 10)
	dst = append(dst, `,"ts_ns":`...)
	dst = strconv.AppendInt(dst, c.Micros*1000, 10)
	dst = append(append(append(dst, `,"table":"`...), t.Table...), `","server_id":20016,"gtid":"b6087ee9-e6ab-11f1-acd4-02fc00000001:`...)
	dst = strconv.AppendInt(dst, transaction, 10)
	dst = append(dst, `","file":"binlog.000001","pos":`...)
	dst = strconv.AppendInt(dst, t.position, 10)
	dst = append(dst, `,"row":0,"thread":9,"query":null},"transaction":{"id":"b6087ee9-e6ab-11f1-acd4-02fc00000001:`...)
	dst = strconv.AppendInt(dst, transaction, 10)
	dst = append(dst, `","total_order":1,"data_collection_order":1},"op":"`...)
	dst = append(append(dst, c.Op), `","ts_ms":`...)
	seen := c.Micros + 17_123 // when the connector read it
	dst = strconv.AppendInt(dst, seen/1000, 10)
	dst = append(dst, `,"ts_us":`...)
	dst = strconv.AppendInt(dst, seen, 10)
	dst = append(dst, `,"ts_ns":`...)
	dst = strconv.AppendInt(dst, seen*1000, 10)
	return append(dst, "}}"...)
}
