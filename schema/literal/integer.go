package literal

import (
	"strconv"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

// integerEncoder writes whole numbers of up to 64 bits, booleans as 0 and 1 and
// years.
func integerEncoder(t *task) (encode, error) {
	read := readInt
	switch {
	case t.form == wire.Bool:
		read = readBool
	case t.form == wire.Year && t.target.Base == schema.Year:
		read = readYear
	case t.wraps():
		read = readUnsigned
	}
	return whole(t, read)
}

// wraps says whether int64 values stand for a BIGINT UNSIGNED
// (bigint.unsigned.handling.mode=long), where those beyond 2^63-1 arrive
// negative.
func (t *task) wraps() bool {
	source, ok := t.source()
	return ok && t.field.Type == debezium.Int64 && source.Base == schema.BigInt && source.Unsigned
}

// number64 is a whole number of up to 64 bits and a sign. A negative one is
// held as the bits of its two's complement.
type number64 struct {
	bits     uint64
	negative bool
}

func (n number64) append(dst []byte) []byte {
	if n.negative {
		return strconv.AppendInt(dst, int64(n.bits), 10)
	}
	return strconv.AppendUint(dst, n.bits, 10)
}

// reader takes a whole number out of a value.
type reader func(v *debezium.Value) (number64, *flaw)

func readInt(v *debezium.Value) (number64, *flaw) {
	if v.Kind != debezium.Int && v.Kind != debezium.Bool {
		return number64{}, flawKind
	}
	return number64{uint64(v.Int), v.Int < 0}, nil
}

func readUnsigned(v *debezium.Value) (number64, *flaw) {
	if v.Kind != debezium.Int {
		return number64{}, flawKind
	}
	return number64{uint64(v.Int), false}, nil
}

// readBool also takes numbers: BOOL arrives as an int16 from a snapshot and as
// a boolean when its DDL was seen while streaming.
func readBool(v *debezium.Value) (number64, *flaw) {
	if v.Kind != debezium.Bool && v.Kind != debezium.Int {
		return number64{}, flawKind
	}
	return number64{uint64(v.Int), v.Int < 0}, nil
}

// readYear takes 1900, which no YEAR can be, for what it stands for: the binlog
// client reads the byte 0 of the year 0000 as 1900 + 0.
func readYear(v *debezium.Value) (number64, *flaw) {
	n, flaw := readInt(v)
	if flaw == nil && n.bits == 1900 {
		n.bits = 0
	}
	return n, flaw
}

// whole writes whole numbers into whatever column can hold them.
func whole(t *task, read reader) (encode, error) {
	switch t.target.Kind() {
	case schema.IntegerKind:
		low, high := t.target.IntegerRange()
		return ranged(read, low, high, rangeFlaw(t.target)), nil
	case schema.BitKind:
		return ranged(read, 0, ^uint64(0)>>(64-t.target.Length), rangeFlaw(t.target)), nil
	case schema.YearKind:
		return year(read), nil
	case schema.DecimalKind:
		digits := t.target.Length - t.target.Scale
		if digits >= 20 {
			return ranged(read, low64(t.target.Unsigned), ^uint64(0), rangeFlaw(t.target)), nil
		}
		high := power10(digits) - 1
		low := -int64(min(high, 1<<63-1))
		if t.target.Unsigned {
			low = 0
		}
		return ranged(read, low, high, rangeFlaw(t.target)), nil
	case schema.FloatKind:
		// Beyond the mantissa not every whole number exists.
		bits := map[schema.Base]int{schema.Float: 24, schema.Double: 53}[t.target.Base]
		return ranged(read, -1<<bits, 1<<bits, rangeFlaw(t.target)), nil
	case schema.TextKind:
		return quotedNumber(t, read), nil
	}
	return nil, errNoWay
}

func low64(unsigned bool) int64 {
	if unsigned {
		return 0
	}
	return -1 << 63
}

func rangeFlaw(target schema.Type) *flaw {
	return flawf("the number is out of the range of %s", target)
}

// ranged writes numbers from low to high.
func ranged(read reader, low int64, high uint64, bad *flaw) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		n, flaw := read(v)
		if flaw != nil {
			return dst, flaw
		}
		if n.negative && int64(n.bits) < low || !n.negative && n.bits > high {
			return dst, bad
		}
		return n.append(dst), nil
	}
}

// year writes a YEAR as a number: '0' in quotes would be the year 2000.
func year(read reader) encode {
	bad := flawf("a YEAR is 0 or 1901 to 2155")
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		n, flaw := read(v)
		if flaw != nil {
			return dst, flaw
		}
		if n.bits != 0 && (n.negative || n.bits < 1901 || n.bits > 2155) {
			return dst, bad
		}
		return n.append(dst), nil
	}
}

func quotedNumber(t *task, read reader) encode {
	room := t.room()
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		n, flaw := read(v)
		if flaw != nil {
			return dst, flaw
		}
		start := len(dst) + 1
		dst = n.append(append(dst, '\''))
		if flaw := room.flaw(dst[start:]); flaw != nil {
			return dst, flaw
		}
		return append(dst, '\''), nil
	}
}

// bitEncoder writes BIT(n), whose bytes arrive in little-endian order, as a number:
// MySQL takes one for a BIT column too, and would read a string of bytes in
// big-endian order.
func bitEncoder(t *task) (encode, error) {
	if t.target.Kind() == schema.TextKind {
		return nil, errNoWay
	}
	return whole(t, readBits)
}

var flawBits = &flaw{reason: "a BIT value has more than 64 bits"}

func readBits(v *debezium.Value) (number64, *flaw) {
	if v.Kind != debezium.Binary {
		return number64{}, flawKind
	}
	var n uint64
	for i, b := range v.Bytes {
		if i >= 8 {
			if b != 0 {
				return number64{}, flawBits
			}
			continue
		}
		n |= uint64(b) << (8 * i)
	}
	return number64{n, false}, nil
}
