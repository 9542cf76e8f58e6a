package debezium

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// avroBody is a message's body in Avro's binary encoding while it is read. Its
// methods take the offset to read at and return the offset behind what they
// read, or -1 once the body has turned out wrong.
type avroBody struct {
	failure
	buf []byte
	// budget is how many values may still be stepped over: what lists and maps
	// claim to hold may take no bytes at all.
	budget int
}

// Reasons a body can be refused for.
const (
	badVarint   = "number has more than 64 bits"
	badLength   = "length is negative"
	badBranch   = "the union has no such branch"
	badSymbol   = "the enumeration has no such symbol"
	badBoolean  = "boolean is neither 0 nor 1"
	bytesBehind = "bytes behind the message: was it written with another schema?"
)

// long reads a whole number: seven bits a byte, the lowest first, the sign in
// the lowest bit (Avro specification, "Binary Encoding").
func (b *avroBody) long(i int) (int64, int) {
	if i < len(b.buf) {
		if c := b.buf[i]; c < 0x80 {
			return int64(c>>1) ^ -int64(c&1), i + 1
		}
	}
	return b.longer(i)
}

// longer is long for numbers of more than one byte.
func (b *avroBody) longer(i int) (int64, int) {
	n, size := binary.Uvarint(b.buf[i:])
	switch {
	case size == 0:
		return 0, b.fail(len(b.buf), endsEarly)
	case size < 0:
		return 0, b.fail(i, badVarint)
	}
	return int64(n>>1) ^ -int64(n&1), i + size
}

// whole reads a number of a type's range.
func (b *avroBody) whole(declared Type, i int) (int64, int) {
	n, next := b.long(i)
	limit := int64(math.MaxInt64)
	switch declared {
	case Int32:
		limit = math.MaxInt32
	case Int16:
		limit = math.MaxInt16
	case Int8:
		limit = math.MaxInt8
	}
	if n > limit || n < -limit-1 {
		return 0, b.fail(i, outOfRange)
	}
	return n, next
}

// run reads a length and that many bytes.
func (b *avroBody) run(i int) ([]byte, int) {
	n, next := b.long(i)
	switch {
	case next < 0:
		return nil, next
	case n < 0:
		return nil, b.fail(i, badLength)
	case n > int64(len(b.buf)-next):
		return nil, b.fail(len(b.buf), endsEarly)
	}
	end := next + int(n)
	return b.buf[next:end:end], end
}

// text reads a string.
func (b *avroBody) text(i int) ([]byte, int) {
	s, next := b.run(i)
	if next >= 0 && !utf8.Valid(s) {
		return nil, b.fail(i, badUTF8)
	}
	return s, next
}

// fixed steps over n bytes.
func (b *avroBody) fixed(i, n int) int {
	if n > len(b.buf)-i {
		return b.fail(len(b.buf), endsEarly)
	}
	return i + n
}

// boolean reads a byte that is 0 or 1.
func (b *avroBody) boolean(i int) (int64, int) {
	switch {
	case i >= len(b.buf):
		return 0, b.fail(i, endsEarly)
	case b.buf[i] > 1:
		return 0, b.fail(i, badBoolean)
	}
	return int64(b.buf[i]), i + 1
}

// null reads which branch an optional value has and says whether it is null. A
// value that is not optional has none.
func (b *avroBody) null(n *avroNode, i int) (bool, int) {
	if !n.optional {
		return false, i
	}
	if i >= len(b.buf) {
		return false, b.fail(i, endsEarly)
	}
	switch b.buf[i] {
	case n.null:
		if s := n.field.standIn; s != nil && !s.kept.Load() {
			s.kept.Store(true)
		}
		return true, i + 1
	case n.null ^ 2:
		return false, i + 1
	}
	return false, b.fail(i, badBranch)
}

// symbol reads which of its symbols an enumeration has.
func (b *avroBody) symbol(n *avroNode, i int) ([]byte, int) {
	k, next := b.long(i)
	if next >= 0 && (k < 0 || k >= int64(len(n.symbols))) {
		return nil, b.fail(i, badSymbol)
	}
	if next < 0 {
		return nil, next
	}
	return n.symbols[k], next
}

// block reads the head of a block of a list or map: how many values it holds,
// 0 behind the last one, and, where the writer says so, the bytes they take,
// else -1.
func (b *avroBody) block(i int) (count, size int64, next int) {
	count, next = b.long(i)
	if next < 0 || count >= 0 {
		return count, -1, next
	}
	if count == math.MinInt64 {
		return 0, 0, b.fail(i, badVarint)
	}
	if size, next = b.long(next); next >= 0 && (size < 0 || size > int64(len(b.buf)-next)) {
		return 0, 0, b.fail(i, badLength)
	}
	return -count, size, next
}
