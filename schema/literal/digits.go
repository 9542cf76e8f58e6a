package literal

import (
	"math/bits"
	"strconv"
)

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
	if top == 0 { // nearly every number there is
		n.n = len(strconv.AppendUint(n.digits[:0], words[0], 10))
		return
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
