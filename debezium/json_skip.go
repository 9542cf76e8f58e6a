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

// skipNested steps over the object or list that begins at i. It looks at eight
// bytes at once: where they hold neither a bracket nor an escape, whether the
// next byte lies in a string depends on the number of quotes alone.
func (t *jsonText) skipNested(i int) int {
	n := nesting{}
	for i < t.end {
		x := word(t.buf[i:])
		brackets := zeros((x|0x20*ones)^'{'*ones) | zeros((x|0x20*ones)^'}'*ones)
		if brackets|zeros(x^'\\'*ones) == 0 {
			n.inString = n.inString != (bits.OnesCount64(exactZeros(x^'"'*ones))&1 == 1)
			i += 8
			continue
		}
		for stop := i + 8; i < stop; i++ {
			if wrong := n.step(t.buf[i]); wrong != "" {
				return t.fail(i, wrong)
			}
			if n.depth == 0 {
				return i + 1
			}
			if n.inString && t.buf[i] == '\\' {
				i++
			}
		}
	}
	return t.fail(t.end, endsEarly)
}

// nesting keeps account of strings and brackets.
type nesting struct {
	inString bool
	depth    int
	// lists says in bit n whether the bracket n levels up is a list's.
	lists uint64
}

// step takes one more character into account and says what is wrong with it.
func (n *nesting) step(c byte) (wrong string) {
	if c == '"' {
		n.inString = !n.inString
	}
	if n.inString {
		return ""
	}
	list := uint64(c>>5&1 ^ 1) // what sets [ and ] apart from { and }
	switch c {
	case '{', '[':
		if n.depth == maxDepth {
			return tooDeep
		}
		n.depth++
		n.lists = n.lists<<1 | list
	case '}', ']':
		if n.lists&1 != list {
			return "wrong closing bracket"
		}
		n.depth--
		n.lists >>= 1
	case '\\':
		return "value expected"
	}
	return ""
}

const tooDeep = "nested too deeply"
