package debezium

import (
	"math/bits"
	"unicode/utf8"
)

// Reasons a string can be refused for.
const (
	badUTF8      = "string is not UTF-8"
	badControl   = "control character in a string"
	badEscape    = "unknown escape in a string"
	badSurrogate = "half of a surrogate pair in a string"
	badBase64    = "bytes are not base64"
)

// str reads the string whose content begins at i. The result lies in the text
// itself: escapes are undone in place, where they only shrink.
func (t *jsonText) str(i int) ([]byte, int) {
	start := i
	var seen uint64
	for {
		x := word(t.buf[i:])
		seen |= x
		stop := zeros(x^'"'*ones) | zeros(x^'\\'*ones) | (x-' '*ones)&^x&highs
		if stop == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(stop) >> 3
		break
	}
	switch t.buf[i] {
	case '"':
		s := t.buf[start:i:i]
		if seen&highs != 0 && !utf8.Valid(s) {
			return nil, t.fail(start, badUTF8)
		}
		return s, i + 1
	case '\\':
		return t.unescape(start, i)
	default:
		return nil, t.fail(i, badControl)
	}
}

// unescape reads on in a string that begins at start and has its first escape
// at i.
func (t *jsonText) unescape(start, i int) ([]byte, int) {
	w := i
	for {
		switch c := t.buf[i]; {
		case c == '"':
			s := t.buf[start:w:w]
			if !utf8.Valid(s) {
				return nil, t.fail(start, badUTF8)
			}
			return s, i + 1
		case c < ' ':
			return nil, t.fail(i, badControl)
		case c != '\\':
			t.buf[w] = c
			i, w = i+1, w+1
		case t.buf[i+1] == 'u':
			r, next := t.unicode(i)
			if next < 0 {
				return nil, next
			}
			// The longest, a pair of 12 bytes, shrinks to 4; 6 shrink to 3.
			w += utf8.EncodeRune(t.buf[w:], r)
			i = next
		default:
			c := escaped[t.buf[i+1]]
			if c == 0 {
				return nil, t.fail(i+1, badEscape)
			}
			t.buf[w] = c
			i, w = i+2, w+1
		}
	}
}

// escaped maps the letter of a short escape to what it stands for.
var escaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/',
	'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unicode reads the \u escape at i, and the second one if the two are a
// surrogate pair: how Connect's JSON writer sends every character beyond
// U+FFFF. Half a pair is no character, and would come out as another one.
func (t *jsonText) unicode(i int) (rune, int) {
	r, next := t.hex(i + 2)
	if next < 0 || r&^0x7ff != 0xd800 {
		return r, next
	}
	if r >= 0xdc00 || t.buf[next] != '\\' || t.buf[next+1] != 'u' {
		return 0, t.fail(i, badSurrogate)
	}
	low, next := t.hex(next + 2)
	if next < 0 {
		return 0, next
	}
	if low&^0x3ff != 0xdc00 {
		return 0, t.fail(i, badSurrogate)
	}
	return 0x10000 + (r&0x3ff)<<10 + low&0x3ff, next
}

// hex reads four hexadecimal digits.
func (t *jsonText) hex(i int) (rune, int) {
	var r rune
	for _, c := range t.buf[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, t.fail(i, badEscape)
		}
	}
	return r, i + 4
}
