package debezium

import "math/bits"

// skip steps over a value of any kind. Numbers and words are checked; objects
// and lists only for brackets and strings that end, since nothing in them is
// used.
func (t *jsonText) skip(i int) int {
	i = t.space(i)
	switch c := t.buf[i]; {
	case c == '"':
		return t.skipString(i + 1)
	case c == '{', c == '[':
		return t.skipNested(i)
	case c == 't':
		return t.literal(i, "true")
	case c == 'f':
		return t.literal(i, "false")
	case c == 'n':
		return t.literal(i, "null")
	case c == '-', '0' <= c && c <= '9':
		return t.number(i)
	default:
		return t.fail(i, "value expected")
	}
}

// skipString steps to behind the closing quote of the string whose content
// begins at i.
func (t *jsonText) skipString(i int) int {
	for i < t.end {
		x := word(t.buf[i:])
		stop := zeros(x^'"'*ones) | zeros(x^'\\'*ones)
		if stop == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(stop) >> 3
		if t.buf[i] == '"' {
			return i + 1
		}
		i += 2
	}
	return t.fail(t.end, endsEarly)
}

// skipNested steps over the object or list that begins at i.
func (t *jsonText) skipNested(i int) int {
	var (
		depth int
		lists uint64 // bit n says whether the bracket n levels up is a list's
	)
	for i < t.end {
		x := word(t.buf[i:])
		// The four brackets differ in bits 0x20, 0x04 and 0x02 only. A few
		// other characters are like them, but stand in strings.
		stop := zeros(x^'"'*ones) | zeros((x|0x26*ones)^0x7f*ones)
		if stop == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(stop) >> 3
		switch c := t.buf[i]; c {
		case '"':
			if i = t.skipString(i + 1); i < 0 {
				return i
			}
			continue
		case '{', '[':
			if depth == maxDepth {
				return t.fail(i, "nested too deeply")
			}
			depth++
			lists = lists<<1 | uint64(c>>5&1^1)
		case '}', ']':
			if lists&1 != uint64(c>>5&1^1) {
				return t.fail(i, "wrong closing bracket")
			}
			depth--
			lists >>= 1
			if depth == 0 {
				return i + 1
			}
		default:
			return t.fail(i, "value expected")
		}
		i++
	}
	return t.fail(t.end, endsEarly)
}
