package literal

import (
	"math/bits"

	"tributary/debezium"
	"tributary/schema"
)

// decimalEncoder writes Connect's Decimal: the unscaled value as big-endian two's
// complement, or a number's text with decimal.format=NUMERIC.
func decimalEncoder(t *task) (encode, error) {
	scale, ok := intParameter(t.field, "scale")
	if !ok {
		scale = 0
	}
	column, err := t.numberColumn()
	if err != nil {
		return nil, err
	}
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		var n number
		switch v.Kind {
		case debezium.Binary:
			if flaw := n.fromBytes(v.Bytes, scale); flaw != nil {
				return dst, flaw
			}
		case debezium.Number, debezium.Text:
			if flaw := n.fromText(v.Bytes); flaw != nil {
				return dst, flaw
			}
		case debezium.Int:
			n.fromInt(v.Int)
		default:
			return dst, flawKind
		}
		return column.write(dst, &n)
	}, nil
}

// numberColumn is a column that numbers are written to. It is a type and not a
// function, as what a function value is given a pointer to moves to the heap.
type numberColumn struct {
	kind schema.Kind
	// before and scale are the digits before and behind the point.
	before, scale int
	// low and high are the range of an integer column.
	low      int64
	high     uint64
	unsigned bool
	// digits is how many a float keeps.
	digits int
	room   room

	bad, rounds *flaw
}

func (t *task) numberColumn() (numberColumn, error) {
	target := t.target
	c := numberColumn{
		kind: target.Kind(), before: target.Length - target.Scale, scale: target.Scale, unsigned: target.Unsigned,
		bad: rangeFlaw(target), rounds: flawf("the number has more digits behind the point than %s keeps", target),
	}
	switch c.kind {
	case schema.DecimalKind:
	case schema.IntegerKind:
		c.low, c.high = target.IntegerRange()
		c.before, c.scale = 20, 0
	case schema.FloatKind:
		c.digits = map[schema.Base]int{schema.Float: 6, schema.Double: 15}[target.Base]
		c.rounds = flawf("the number has more digits than %s keeps", target)
		if target.Length == 0 {
			c.before, c.scale = maxDigits, 4*maxDigits
		}
	case schema.TextKind:
		c.room = t.room()
	default:
		return c, errNoWay
	}
	return c, nil
}

// write writes a number as it is, or not at all.
func (c *numberColumn) write(dst []byte, n *number) ([]byte, *flaw) {
	switch c.kind {
	case schema.TextKind:
		start := len(dst) + 1
		dst = n.appendPlain(append(dst, '\''))
		if flaw := c.room.flaw(dst[start:]); flaw != nil {
			return dst, flaw
		}
		return append(dst, '\''), nil
	case schema.FloatKind:
		if n.trim(0); n.n > c.digits || n.scale > c.scale {
			return dst, c.rounds
		}
	default:
		if n.scale > c.scale {
			if n.trim(c.scale); n.scale > c.scale {
				return dst, c.rounds
			}
		}
	}
	if n.n-n.scale > c.before || c.unsigned && n.negative && n.n > 0 || c.kind == schema.IntegerKind && !n.within(c.low, c.high) {
		return dst, c.bad
	}
	dst = n.appendPlain(dst)
	if c.kind == schema.FloatKind {
		dst = append(dst, "e0"...) // or it is a DECIMAL to MySQL
	}
	return dst, nil
}

// within says whether a number without a scale is in a range of 64 bits. It
// has at most 20 digits.
func (n *number) within(low int64, high uint64) bool {
	var v uint64
	for _, c := range n.digits[:n.n] {
		hi, lo := bits.Mul64(v, 10)
		sum, carry := bits.Add64(lo, uint64(c-'0'), 0)
		if hi != 0 || carry != 0 {
			return false
		}
		v = sum
	}
	if n.negative {
		return v <= -uint64(low)
	}
	return v <= high
}

// power10 is 10^n for n up to 19.
func power10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}
