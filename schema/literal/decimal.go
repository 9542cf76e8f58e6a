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
	write, err := numberWriter(t)
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
		return write(dst, &n)
	}, nil
}

// maxDigits is more than the 77 digits of 32 bytes and than MySQL's 65 with
// room for the zeros of an exponent.
const maxDigits = 96

// number is a decimal number: digits without leading zeros (none for 0), of
// which the last scale stand behind the point. The scale may exceed the number
// of digits and is never negative.
type number struct {
	digits   [maxDigits]byte
	n        int
	scale    int
	negative bool
}

var flawDigits = &flaw{reason: "the number has more digits than any DECIMAL"}

// fromBytes reads two's complement of up to 32 bytes, enough for 77 digits,
// without math/big: four words are divided by 10^19 until nothing is left.
func (n *number) fromBytes(b []byte, scale int) *flaw {
	if len(b) == 0 || scale < -maxDigits || scale > maxDigits {
		return flawSyntax
	}
	n.negative = b[0] >= 0x80
	fill := byte(0)
	if n.negative {
		fill = 0xff
	}
	for len(b) > 1 && b[0] == fill && (b[1] >= 0x80) == n.negative {
		b = b[1:]
	}
	if len(b) > 32 {
		return flawDigits
	}
	var words [4]uint64 // little end first
	for i, c := range b {
		at := len(b) - 1 - i
		words[at/8] |= uint64(c^fill) << (at % 8 * 8)
	}
	if n.negative { // the complement is one less than the magnitude
		carry := uint64(1)
		for i := range words {
			words[i], carry = bits.Add64(words[i], 0, carry)
		}
	}
	n.fromWords(&words)
	n.scale = scale
	if scale < 0 {
		return n.shift(-scale)
	}
	return nil
}

const tenTo19 = 1e19

// fromWords sets the digits, 19 at a time from the right.
func (n *number) fromWords(words *[4]uint64) {
	var backwards [80]byte
	at := len(backwards)
	top := 3
	for top >= 0 && words[top] == 0 {
		top--
	}
	for top >= 0 {
		rem := uint64(0)
		for i := top; i >= 0; i-- {
			words[i], rem = bits.Div64(rem, words[i], tenTo19)
		}
		for top >= 0 && words[top] == 0 {
			top--
		}
		for i := 0; i < 19 && (top >= 0 || rem > 0); i++ {
			at--
			backwards[at] = byte('0' + rem%10)
			rem /= 10
		}
	}
	n.n = copy(n.digits[:], backwards[at:])
}

func (n *number) fromInt(v int64) {
	magnitude := uint64(v)
	if n.negative = v < 0; n.negative {
		magnitude = -magnitude
	}
	n.fromWords(&[4]uint64{magnitude})
	n.scale = 0
}

// fromText reads "-12.30" and "1.5E-7".
func (n *number) fromText(b []byte) *flaw {
	*n = number{}
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		n.negative = b[0] == '-'
		b = b[1:]
	}
	seen, point := false, false
	i := 0
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen = true
		if point {
			n.scale++
		}
		if c == '0' && n.n == 0 {
			continue // a leading zero
		}
		if n.n == maxDigits {
			return flawDigits
		}
		n.digits[n.n] = c
		n.n++
	}
	if !seen {
		return flawSyntax
	}
	if n.scale > 4*maxDigits {
		return flawDigits
	}
	return n.exponent(b[i:])
}

// exponent applies what stands behind the digits.
func (n *number) exponent(b []byte) *flaw {
	if len(b) == 0 {
		return nil
	}
	if b[0] != 'e' && b[0] != 'E' || len(b) == 1 {
		return flawSyntax
	}
	b = b[1:]
	minus := b[0] == '-'
	if minus || b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return flawSyntax
	}
	exp := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return flawSyntax
		}
		exp = min(exp*10+int(c-'0'), 1<<20)
	}
	if n.n == 0 {
		n.scale = 0
		return nil
	}
	if minus {
		n.scale += exp
		n.trim(4 * maxDigits)
		if n.scale > 4*maxDigits {
			return flawDigits
		}
		return nil
	}
	if n.scale >= exp {
		n.scale -= exp
		return nil
	}
	exp -= n.scale
	n.scale = 0
	return n.shift(exp)
}

// shift multiplies by ten, zeros times.
func (n *number) shift(zeros int) *flaw {
	n.scale = 0
	if n.n == 0 {
		return nil
	}
	if n.n+zeros > maxDigits {
		return flawDigits
	}
	for range zeros {
		n.digits[n.n] = '0'
		n.n++
	}
	return nil
}

// trim drops zeros at the end until the scale is at most scale or another
// digit comes.
func (n *number) trim(scale int) {
	if n.n == 0 {
		n.scale = min(n.scale, scale)
	}
	for n.scale > scale && n.n > 0 && n.digits[n.n-1] == '0' {
		n.n--
		n.scale--
	}
}

// appendPlain writes the number without an exponent.
func (n *number) appendPlain(dst []byte) []byte {
	if n.negative && n.n > 0 {
		dst = append(dst, '-')
	}
	before := n.n - n.scale
	if before > 0 {
		dst = append(dst, n.digits[:before]...)
	} else {
		dst = append(dst, '0')
	}
	if n.scale == 0 {
		return dst
	}
	dst = append(dst, '.')
	for range -before {
		dst = append(dst, '0')
	}
	return append(dst, n.digits[max(before, 0):n.n]...)
}

// numberWriter returns what writes a number to the task's target.
func numberWriter(t *task) (func(dst []byte, n *number) ([]byte, *flaw), error) {
	target := t.target
	switch target.Kind() {
	case schema.DecimalKind, schema.IntegerKind:
		return fixedWriter(target), nil
	case schema.FloatKind:
		inexact := flawf("the number has more digits than %s keeps", target)
		most := map[schema.Base]int{schema.Float: 6, schema.Double: 15}[target.Base]
		return func(dst []byte, n *number) ([]byte, *flaw) {
			n.trim(0)
			if n.n > most || target.Length > 0 && (n.scale > target.Scale || n.n-n.scale > target.Length-target.Scale) {
				return dst, inexact
			}
			if target.Unsigned && n.negative {
				return dst, rangeFlaw(target)
			}
			return append(n.appendPlain(dst), "e0"...), nil
		}, nil
	case schema.TextKind:
		room := t.room()
		return func(dst []byte, n *number) ([]byte, *flaw) {
			start := len(dst) + 1
			dst = n.appendPlain(append(dst, '\''))
			if flaw := room.flaw(dst[start:]); flaw != nil {
				return dst, flaw
			}
			return append(dst, '\''), nil
		}, nil
	}
	return nil, errNoWay
}

// fixedWriter writes to DECIMAL and to integers, which are DECIMALs without
// digits behind the point and with odd limits.
func fixedWriter(target schema.Type) func(dst []byte, n *number) ([]byte, *flaw) {
	before, scale := target.Length-target.Scale, target.Scale
	integer := target.Kind() == schema.IntegerKind
	var low int64
	var high uint64
	if integer {
		low, high = target.IntegerRange()
		before, scale = 20, 0
	}
	bad := rangeFlaw(target)
	rounds := flawf("the number has more digits behind the point than %s keeps", target)
	return func(dst []byte, n *number) ([]byte, *flaw) {
		if n.scale > scale {
			if n.trim(scale); n.scale > scale {
				return dst, rounds
			}
		}
		if n.n-n.scale > before || n.negative && n.n > 0 && target.Unsigned || integer && !n.within(low, high) {
			return dst, bad
		}
		return n.appendPlain(dst), nil
	}
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
