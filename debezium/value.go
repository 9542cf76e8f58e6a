package debezium

import (
	"bytes"
	"slices"
	"strconv"
)

// Kind says which member of a [Value] holds it.
type Kind uint8

// The kinds of values. The zero Value is Absent, which differs from Null: an
// absent field was not in the message at all.
const (
	Absent Kind = iota
	Null
	// Bool is 0 or 1 in Int.
	Bool
	// Int is a whole number of up to 64 bits in Int.
	Int
	// Number is any other number as decimal text in Bytes, exactly as sent:
	// a float, or a decimal with decimal.format=NUMERIC. It may have an
	// exponent. A float may also be NaN, Infinity or -Infinity.
	Number
	// Text is a string's UTF-8 in Bytes, unescaped; or a map's JSON text,
	// which no column of MySQL becomes.
	Text
	// Binary is raw bytes in Bytes, base64 already undone; or a map as it
	// stands in an Avro body.
	Binary
	// List is an array's elements in Items.
	List
	// Members is a struct's fields in Items, in the order of Field.Fields.
	Members
)

// Value is one decoded field: what stood on the wire, before any logical type
// is applied to it. Bytes and Items belong to the [Event] it was decoded into
// and are valid until that Event is used again.
type Value struct {
	Kind  Kind
	Int   int64
	Bytes []byte
	Items []Value
}

// Row holds a row's values in the order of the schema's columns.
type Row []Value

// Equal says whether two rows hold the same values, whatever format they came in:
// numbers may be spelt differently.
func (r Row) Equal(other Row) bool { return slices.EqualFunc(r, other, Value.equal) }

func (v Value) equal(w Value) bool {
	if v.Kind != w.Kind || v.Int != w.Int || !slices.EqualFunc(v.Items, w.Items, Value.equal) {
		return false
	}
	if bytes.Equal(v.Bytes, w.Bytes) || v.Kind != Number {
		return bytes.Equal(v.Bytes, w.Bytes)
	}
	a, errA := strconv.ParseFloat(string(v.Bytes), 64)
	b, errB := strconv.ParseFloat(string(w.Bytes), 64)
	return errA == nil && errB == nil && a == b
}
