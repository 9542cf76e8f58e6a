package events

import (
	_ "embed"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// The captured schemas: the same table as in JSON, by way of Apicurio's converter
// 2.5.11.
var (
	//go:embed testdata/pos_transactions.value.avsc
	valueSchema string
	//go:embed testdata/pos_transactions.key.avsc
	keySchema string
)

// capturedAvro is the namespace the schemas were captured with.
const capturedAvro = "prod.0002.s0001.pos_transactions"

// Schema returns the Avro schema with an id: topic n, counted from 0, has
// 2n+1 for its keys and 2n+2 for its values.
func (s Shape) Schema(id int) (text string, ok bool) {
	n := (id - 1) / 2
	if id < 1 || n >= s.Stores*s.Tables {
		return "", false
	}
	t := newTopic(s.Environment, storeName(n/s.Tables), s.TableName(n%s.Tables))
	text = valueSchema
	if id%2 == 1 {
		text = keySchema
	}
	return strings.ReplaceAll(text, capturedAvro, t.Name), true
}

// inAvro makes the topic's events come in Avro.
func (t *Topic) inAvro(n int) {
	t.keyStart = binary.BigEndian.AppendUint32([]byte{0}, uint32(2*n+1))
	t.valueStart = binary.BigEndian.AppendUint32([]byte{0}, uint32(2*n+2))
	t.avro = true
}

// The branches of an optional value, with null first or last.
const (
	nullFirst, thenValue = 0, 2
	valueFirst, thenNull = 0, 2
)

func appendLong(dst []byte, v int64) []byte { return binary.AppendVarint(dst, v) }

func appendString(dst []byte, s string) []byte { return append(appendLong(dst, int64(len(s))), s...) }

// appendDecimal appends an unscaled value in as few bytes as hold it.
func appendDecimal(dst []byte, v int64) []byte {
	var b [8]byte
	bytes := appendTwos(b[:0], v)
	return append(appendLong(dst, int64(len(bytes))), bytes...)
}

// appendAvroValue appends the event of a change.
func (t *Topic) appendAvroValue(dst []byte, c Change) []byte {
	dst = append(dst, t.valueStart...)
	switch c.Op {
	case 'c':
		dst = append(dst, nullFirst)
	case 'u':
		dst = t.appendAvroImage(append(dst, thenValue), c.ID, c.Version-1)
	default:
		dst = t.appendAvroImage(append(dst, thenValue), c.ID, c.Version)
	}
	if c.Op == 'd' {
		dst = append(dst, nullFirst)
	} else {
		dst = t.appendAvroImage(append(dst, thenValue), c.ID, c.Version)
	}
	t.position += 300
	gtid := "b6087ee9-e6ab-11f1-acd4-02fc00000001:" + strconv.FormatInt(t.position/300, 10)
	prefix, _, _ := strings.Cut(t.Name, ".pos.")
	dst = appendString(appendString(appendString(dst, "3.6.1.Final"), "mysql"), prefix)
	dst = append(appendLong(dst, c.Micros/1000), thenNull) // snapshot
	dst = append(appendString(dst, "pos"), nullFirst)      // sequence
	dst = appendLong(append(dst, thenValue), c.Micros)
	dst = appendLong(append(dst, thenValue), c.Micros*1000)
	dst = appendLong(appendString(append(dst, thenValue), t.Table), 20016)
	dst = appendString(append(dst, thenValue), gtid)
	dst = appendLong(appendString(dst, "binlog.000001"), t.position)
	dst = appendLong(append(appendLong(dst, 0), thenValue), 9) // row, thread
	dst = append(dst, nullFirst)                               // query
	dst = appendString(append(dst, thenValue), gtid)
	dst = appendString(appendLong(appendLong(dst, 1), 1), string(c.Op))
	seen := c.Micros + 17_123 // when the connector read it
	for _, at := range [...]int64{seen / 1000, seen, seen * 1000} {
		dst = appendLong(append(dst, thenValue), at)
	}
	return dst
}

// appendAvroImage appends a row.
func (t *Topic) appendAvroImage(dst []byte, id uint64, version uint32) []byte {
	m := t.image(id, version)
	dst = appendLong(appendDecimal(dst, int64(m.id)), m.register)
	if m.customer == 0 {
		dst = append(dst, nullFirst)
	} else {
		dst = appendLong(append(dst, thenValue), m.customer)
	}
	dst = appendDecimal(appendString(dst, m.status), m.cents)
	if m.noTax {
		dst = append(dst, thenNull)
	} else {
		dst = appendDecimal(append(dst, valueFirst), m.tax)
	}
	if m.note == nil {
		dst = append(dst, thenNull)
	} else {
		dst = appendString(append(dst, valueFirst), m.note.plain)
	}
	dst = appendString(append(dst, thenValue), m.flags)
	details := `{"lines":` + strconv.FormatInt(m.lines, 10) + `,"cashier":` + m.cashier.json + `}`
	dst = appendString(append(dst, thenValue), details)
	dst = appendLong(dst, int64(digit(m.test)-'0'))
	dst = appendLong(append(dst, thenValue), m.paid)
	return appendString(dst, time.UnixMicro(m.updated).UTC().Format("2006-01-02T15:04:05.000000Z"))
}
