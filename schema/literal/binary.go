package literal

import (
	"errors"

	"tributary/debezium"
	"tributary/schema"
)

var errTextOrBytes = errors.New("a string may be text or bytes in base64 or hex; set column.propagate.source.type=.* on the connector, which tells")

// bytesEncoder writes bytes as x'…', which is read byte for byte whatever the
// session's character set.
func bytesEncoder(t *task) (encode, error) {
	if t.target.Kind() != schema.BinaryKind {
		return nil, errNoWay
	}
	return hexed(t.byteRoom()), nil
}

// byteRoom is what a binary column holds: from min to max bytes. The store's own
// BINARY(n) always has n bytes, and what is shorter on the wire has lost zeros at
// its end: the binary log leaves them out, and Debezium does not know n where a
// statement says BINARY alone.
type byteRoom struct {
	min, max int
	fill     int
	full     *flaw
	pads     *flaw
}

// byteRoom reads it off the target. BINARY fills a shorter value up with zeros,
// so only values of its own length go into one.
func (t *task) byteRoom() byteRoom {
	target := t.target
	r := byteRoom{max: target.Length, full: flawf("the value is longer than %s holds", target)}
	if source, known := t.source(); known && source.Base == schema.Binary {
		r.fill = source.Length
	}
	if need, ok := t.longer(); ok {
		r.full.needing(need)
	}
	switch target.Base {
	case schema.Binary:
		r.min = target.Length
		r.pads = flawf("the value is shorter than %s, which would pad it", target).
			needing(schema.Type{Base: schema.VarBinary, Length: target.Length})
	case schema.VarBinary:
	default:
		r.max = target.Size()
	}
	return r
}

func (r *byteRoom) flaw(n int) *flaw {
	if n > r.max {
		return r.full
	}
	if n < r.min {
		return r.pads
	}
	return nil
}

// filled adds zeros to a literal of so many bytes.
func (r *byteRoom) filled(dst []byte, n int) []byte {
	dst = dst[:len(dst)-1]
	for ; n < r.fill; n++ {
		dst = append(dst, "00"...)
	}
	return append(dst, '\'')
}

// hexed writes the bytes of a value, of text too.
func hexed(r byteRoom) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Binary && v.Kind != debezium.Text {
			return dst, flawKind
		}
		if flaw := r.flaw(max(len(v.Bytes), r.fill)); flaw != nil {
			return dst, flaw
		}
		dst = AppendHex(dst, v.Bytes)
		if len(v.Bytes) < r.fill {
			return r.filled(dst, len(v.Bytes)), nil
		}
		return dst, nil
	}
}

// hexDigits holds the two digits of every byte.
const hexDigits = "" +
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" +
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f" +
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" +
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f" +
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f" +
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf" +
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf" +
	"e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"

// AppendHex appends bytes as x'…'.
func AppendHex(dst, b []byte) []byte {
	dst = append(dst, 'x', '\'')
	dst = appendHexDigits(dst, b)
	return append(dst, '\'')
}

func appendHexDigits(dst, b []byte) []byte {
	start := len(dst)
	dst = grow(dst, 2*len(b))
	out := dst[start:]
	for i, c := range b {
		at := 2 * int(c)
		out[2*i], out[2*i+1] = hexDigits[at], hexDigits[at+1]
	}
	return dst
}

// grow makes room for n more bytes, whose values are whatever was there.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) < n {
		bigger := make([]byte, len(dst), 2*cap(dst)+n)
		copy(bigger, dst)
		dst = bigger
	}
	return dst[:len(dst)+n]
}
