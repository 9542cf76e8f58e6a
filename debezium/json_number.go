package debezium

import "math"

// Reasons a number can be refused for.
const (
	badNumber    = "number is not JSON's"
	notWhole     = "whole number declared, fraction or exponent found"
	outOfRange   = "number is out of the declared type's range"
	leadingZero  = "number with a leading zero"
	maxIntDigits = 19
)

// number steps over a number and checks its grammar.
func (t *jsonText) number(i int) int {
	if t.buf[i] == '-' {
		i++
	}
	from := i
	if i = t.digits(i); i < 0 {
		return i
	}
	if t.buf[from] == '0' && i > from+1 {
		return t.fail(from, leadingZero)
	}
	if t.buf[i] == '.' {
		if i = t.digits(i + 1); i < 0 {
			return i
		}
	}
	if t.buf[i]|0x20 == 'e' {
		i++
		if t.buf[i] == '+' || t.buf[i] == '-' {
			i++
		}
		return t.digits(i)
	}
	return i
}

// digits steps over one or more digits.
func (t *jsonText) digits(i int) int {
	from := i
	for isDigit(t.buf[i]) {
		i++
	}
	if i == from {
		return t.fail(i, badNumber)
	}
	return i
}

// int64 reads a whole number exactly.
func (t *jsonText) int64(i int) (int64, int) {
	negative := t.buf[i] == '-'
	if negative {
		i++
	}
	from := i
	var n uint64
	for i-from <= maxIntDigits-8 {
		x := word(t.buf[i:])
		if !eightDigits(x) {
			break
		}
		n = n*1e8 + parseEight(x)
		i += 8
	}
	for isDigit(t.buf[i]) && i-from < maxIntDigits {
		n = n*10 + uint64(t.buf[i]-'0')
		i++
	}
	switch c := t.buf[i]; {
	case i == from:
		return 0, t.fail(i, badNumber)
	case t.buf[from] == '0' && i > from+1:
		return 0, t.fail(from, leadingZero)
	case c == '.', c|0x20 == 'e':
		return 0, t.fail(i, notWhole)
	case isDigit(c):
		return 0, t.fail(from, outOfRange)
	}
	if negative {
		if n > -math.MinInt64 {
			return 0, t.fail(from, outOfRange)
		}
		return -int64(n), i
	}
	if n > math.MaxInt64 {
		return 0, t.fail(from, outOfRange)
	}
	return int64(n), i
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// eightDigits says whether all bytes of x are ASCII digits: their high half is
// 3, and still is after adding 6.
func eightDigits(x uint64) bool {
	const high, three = 0xf0 * ones, 0x30 * ones
	return x&high == three && (x+6*ones)&high == three
}

// parseEight returns the number that eight digits make, the first one in the
// lowest byte: neighbours are joined to pairs, pairs to fours, fours to eight.
func parseEight(x uint64) uint64 {
	x -= '0' * ones
	x = x*10 + x>>8
	const every4th = 0x000000ff000000ff
	return (x&every4th*(100+1000000<<32) + x>>16&every4th*(1+10000<<32)) >> 32
}
