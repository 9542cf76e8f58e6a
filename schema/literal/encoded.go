package literal

import (
	"tributary/debezium"
	"tributary/schema"
)

var (
	flawEncoding  = &flaw{reason: "the text is neither base64 nor hex"}
	flawAmbiguous = &flaw{reason: "the text could be base64 or hex; set binary.handling.mode=bytes on the connector"}
)

// encodedBytes writes bytes that arrive as text because of
// binary.handling.mode, base64, base64-url-safe or hex. The event does not say
// which, so a value is written only if it can be read in one way: by its
// alphabet, and for BINARY(n) by its length.
func encodedBytes(t *task, source schema.Type) (encode, error) {
	room := t.byteRoom()
	length := -1
	if source.Base == schema.Binary {
		length = source.Length
	}
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text {
			return dst, flawKind
		}
		hex, base := hexLength(v.Bytes), base64Length(v.Bytes)
		if length >= 0 && (hex == length) != (base == length) {
			if hex == length {
				base = -1
			} else {
				hex = -1
			}
		}
		switch {
		case len(v.Bytes) == 0:
			hex, base = 0, -1
		case hex >= 0 && base >= 0:
			return dst, flawAmbiguous
		case hex < 0 && base < 0:
			return dst, flawEncoding
		}
		if flaw := room.flaw(max(hex, base, room.fill)); flaw != nil {
			return dst, flaw
		}
		dst = append(dst, 'x', '\'')
		if hex >= 0 {
			dst = append(dst, v.Bytes...)
		} else {
			dst = appendBase64AsHex(dst, v.Bytes)
		}
		dst = append(dst, '\'')
		if n := max(hex, base); n < room.fill {
			return room.filled(dst, n), nil
		}
		return dst, nil
	}, nil
}

// hexLength is the number of bytes hex digits stand for, -1 if they are none.
func hexLength(b []byte) int {
	if len(b)%2 != 0 {
		return -1
	}
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return -1
		}
	}
	return len(b) / 2
}

// base64Length is the number of bytes padded base64 stands for, in either
// alphabet, -1 if it is none.
func base64Length(b []byte) int {
	if len(b)%4 != 0 {
		return -1
	}
	n := len(b) / 4 * 3
	body := b
	for len(body) > 0 && body[len(body)-1] == '=' && len(b)-len(body) < 2 {
		body = body[:len(body)-1]
		n--
	}
	for _, c := range body {
		if sextet(c) < 0 {
			return -1
		}
	}
	// The bits of the last character that belong to no byte are zero.
	switch len(b) - len(body) {
	case 1:
		if sextet(body[len(body)-1])&3 != 0 {
			return -1
		}
	case 2:
		if sextet(body[len(body)-1])&15 != 0 {
			return -1
		}
	}
	return n
}

func sextet(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return -1
}

// appendBase64AsHex appends the hex digits of checked base64.
func appendBase64AsHex(dst, b []byte) []byte {
	for len(b) > 0 {
		word, have := 0, 0
		for _, c := range b[:4] {
			word <<= 6
			if s := sextet(c); s >= 0 {
				word |= s
				have++
			}
		}
		three := [3]byte{byte(word >> 16), byte(word >> 8), byte(word)}
		dst = appendHexDigits(dst, three[:have*6/8])
		b = b[4:]
	}
	return dst
}
