package debezium

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// maxItems is how many values all lists and structs of one message may hold,
// its rows included. A row has up to 4,096 columns, a VECTOR 16,383 elements.
const maxItems = 1 << 18

const (
	duplicateField = "field occurs twice"
	tooManyValues  = "too many values"
	notAFloat      = "string for a number is neither NaN nor an infinity"
)

// value reads the value of a field of n's type at i.
func (t *jsonText) value(n *jsonNode, i int, v *Value, mem *scratch) int {
	c := t.buf[i]
	switch n.field.Type {
	case Int64:
		if c == '-' || isDigit(c) {
			v.Kind = Int
			v.Int, i = t.int64(i)
			return i
		}
	case Int32, Int16, Int8:
		if c == '-' || isDigit(c) {
			return t.narrowInt(n.field.Type, i, v)
		}
	case String:
		if c == '"' {
			v.Kind = Text
			v.Bytes, i = t.str(i + 1)
			return i
		}
	case Bytes:
		if c == '"' || c == '-' || isDigit(c) {
			return t.bytes(n.field, i, v)
		}
	case Boolean:
		if c == 't' {
			v.Kind, v.Int = Bool, 1
			return t.literal(i, "true")
		}
		if c == 'f' {
			v.Kind, v.Int = Bool, 0
			return t.literal(i, "false")
		}
	case Float32, Float64:
		if c == '"' || c == '-' || isDigit(c) {
			return t.float(i, v)
		}
	case Struct:
		if c == '{' {
			v.Kind = Members
			v.Items, i = t.members(n, i, mem)
			return i
		}
	case Array:
		if c == '[' {
			v.Kind = List
			v.Items, i = t.elements(n, i, mem)
			return i
		}
	case Map:
		if c == '{' || c == '[' {
			return t.mapText(i, v)
		}
	}
	return t.otherValue(n, i, v, mem)
}

// otherValue reads what is not the declared type at once: null, or white space
// before the value.
func (t *jsonText) otherValue(n *jsonNode, i int, v *Value, mem *scratch) int {
	if j := t.space(i); j != i {
		return t.value(n, j, v, mem)
	}
	if t.buf[i] == 'n' {
		v.Kind = Null
		return t.literal(i, "null")
	}
	return t.fail(i, mismatch(n.field.Type.String(), t.buf[i]))
}

func (t *jsonText) narrowInt(declared Type, i int, v *Value) int {
	from := i
	v.Kind = Int
	if v.Int, i = t.int64(i); i < 0 {
		return i
	}
	limit := int64(math.MaxInt32)
	switch declared {
	case Int16:
		limit = math.MaxInt16
	case Int8:
		limit = math.MaxInt8
	}
	if v.Int > limit || v.Int < -limit-1 {
		return t.fail(from, outOfRange)
	}
	return i
}

// float keeps a number as its text. What JSON has no number for, Connect's
// writer sends as strings (Jackson's QUOTE_NON_NUMERIC_NUMBERS).
func (t *jsonText) float(i int, v *Value) int {
	v.Kind = Number
	if t.buf[i] != '"' {
		from := i
		i = t.number(i)
		if i >= 0 {
			v.Bytes = t.buf[from:i:i]
		}
		return i
	}
	from := i
	if v.Bytes, i = t.str(i + 1); i < 0 {
		return i
	}
	switch string(v.Bytes) {
	case "NaN", "Infinity", "-Infinity":
		return i
	}
	return t.fail(from, notAFloat)
}

// bytes reads base64, or a decimal number where decimal.format=NUMERIC.
func (t *jsonText) bytes(f *Field, i int, v *Value) int {
	from := i
	if t.buf[i] != '"' {
		if f.Logical != connectDecimal {
			return t.fail(i, mismatch(f.Type.String(), t.buf[i]))
		}
		return t.float(i, v)
	}
	s, i := t.str(i + 1)
	if i < 0 {
		return i
	}
	var ok bool
	v.Kind = Binary
	if v.Bytes, ok = undoBase64(s); !ok {
		return t.fail(from, badBase64)
	}
	return i
}

// connectDecimal is the only type of bytes that may arrive as a number.
const connectDecimal = "org.apache.kafka.connect.data.Decimal"

// members reads the object at i into as many values as n has members.
func (t *jsonText) members(n *jsonNode, i int, mem *scratch) ([]Value, int) {
	row := mem.take(len(n.members))
	if mem.taken > maxItems {
		return nil, t.fail(i, tooManyValues)
	}
	object := jsonObject{node: n}
	for {
		var index int
		if index, i = t.step(&object, i); index < 0 {
			return row, i
		}
		m, v := &n.members[index], &row[index]
		if v.Kind != Absent {
			t.fail(i, duplicateField)
			return nil, t.within(m.name)
		}
		if i = t.value(&m.node, i, v, mem); i < 0 {
			return nil, t.within(m.name)
		}
	}
}

// elements reads the list at i. Its length is found first, so that the values
// of one list lie side by side whatever they hold themselves.
func (t *jsonText) elements(n *jsonNode, i int, mem *scratch) ([]Value, int) {
	i, done := t.empty(i+1, ']')
	if done {
		return nil, i
	}
	length := 1
	for j := i; ; length++ {
		if j = t.skip(j); j < 0 {
			return nil, j
		}
		var more bool
		if j, more = t.more(j, ']'); j < 0 {
			return nil, j
		}
		if length > maxItems-mem.taken {
			return nil, t.fail(j-1, tooManyValues)
		}
		if !more {
			break
		}
	}
	items := mem.take(length)
	for k := range items {
		if i = t.value(n.item, i, &items[k], mem); i < 0 {
			return nil, t.within("[" + strconv.Itoa(k) + "]")
		}
		i, _ = t.more(i, ']')
		if i < 0 {
			return nil, i
		}
	}
	return items, i
}

// mapText keeps a map as its JSON text: no column is one.
func (t *jsonText) mapText(i int, v *Value) int {
	from := i
	if i = t.skip(i); i < 0 {
		return i
	}
	v.Kind, v.Bytes = Text, t.buf[from:i:i]
	if !json.Valid(v.Bytes) || !utf8.Valid(v.Bytes) {
		return t.fail(from, "map is not JSON")
	}
	return i
}
