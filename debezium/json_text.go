package debezium

import "encoding/binary"

// jsonPadding is how many zero bytes follow the text that is scanned: a word
// may be read at its end, and an escape's second byte stepped over.
const jsonPadding = 16

// maxDepth is how deep a message may nest.
const maxDepth = 64

// jsonText is JSON text while it is read. Its methods take the offset to read
// at and return the offset behind what they read, or -1 once the text has
// turned out wrong; what and where then stands in the failure.
type jsonText struct {
	// buf is the text and jsonPadding zeros, which no rule of JSON allows
	// anywhere: scanning stops there by itself.
	buf []byte
	end int

	failure
}

const endsEarly = "message ends early"

// fail records what is wrong at offset i; at the end of the text it is always
// the same.
func (t *jsonText) fail(i int, reason string) int {
	if i >= t.end {
		i, reason = t.end, endsEarly
	}
	return t.failure.fail(i, reason)
}

// space steps over white space.
func (t *jsonText) space(i int) int {
	for {
		switch t.buf[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
}

// open steps over an opening bracket and the white space around it. It does
// not look for an empty object or list: see empty.
func (t *jsonText) open(i int, bracket byte) int {
	if t.buf[i] != bracket {
		if i = t.space(i); t.buf[i] != bracket {
			return t.fail(i, mismatch(bracketNames[bracket], t.buf[i]))
		}
	}
	return i + 1
}

// empty says whether nothing but the closing bracket follows an opening one,
// and where what follows begins.
func (t *jsonText) empty(i int, closing byte) (int, bool) {
	if t.buf[i] != closing {
		if i = t.space(i); t.buf[i] != closing {
			return i, false
		}
	}
	return i + 1, true
}

// more steps over the comma behind a member or an element, or else over the
// closing bracket.
func (t *jsonText) more(i int, closing byte) (int, bool) {
	switch t.buf[i] {
	case ',':
		return i + 1, true
	case closing:
		return i + 1, false
	}
	i = t.space(i)
	switch t.buf[i] {
	case ',':
		return i + 1, true
	case closing:
		return i + 1, false
	}
	return t.fail(i, "comma or closing bracket expected"), false
}

// name reads a member's name and its colon, and returns the offset of the
// value.
func (t *jsonText) name(i int) ([]byte, int) {
	if i = t.space(i); t.buf[i] != '"' {
		return nil, t.fail(i, "field name expected")
	}
	name, i := t.str(i + 1)
	if i < 0 {
		return nil, i
	}
	if i = t.space(i); t.buf[i] != ':' {
		return nil, t.fail(i, "colon expected")
	}
	return name, t.space(i + 1)
}

// literal steps over true, false or null.
func (t *jsonText) literal(i int, word string) int {
	if j := i + len(word); j <= t.end && string(t.buf[i:j]) == word {
		return j
	}
	return t.fail(i, "unknown word")
}

// Words of eight bytes, to look at eight characters at once.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func word(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// zeros marks the high bit of each zero byte of x. Bytes above a zero byte may
// be marked wrongly; the lowest mark is right.
func zeros(x uint64) uint64 { return (x - ones) &^ x & highs }

// exactZeros marks the high bit of each zero byte of x, and no other.
func exactZeros(x uint64) uint64 {
	const low7 = 0x7f * ones
	return ^((x&low7 + low7) | x | low7)
}

// bracketNames and the like name what a schema declares or a text holds.
var bracketNames = [256]string{'{': "object", '[': "list"}

// mismatch says that the text holds something other than what was declared.
// It names kinds only: the text itself may be row data.
func mismatch(declared string, found byte) string {
	kind := "something else"
	switch {
	case found == '"':
		kind = "string"
	case found == '{':
		kind = "object"
	case found == '[':
		kind = "list"
	case found == 't', found == 'f':
		kind = "boolean"
	case found == 'n':
		kind = "null"
	case found == '-', '0' <= found && found <= '9':
		kind = "number"
	}
	return declared + " declared, " + kind + " found"
}
