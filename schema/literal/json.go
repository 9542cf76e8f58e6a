package literal

import (
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"strconv"

	"tributary/debezium"
	"tributary/schema"
)

// jsonEncoder writes a document as text in the session's utf8mb4: the server
// refuses a binary string as JSON.
//
// MySQL reads every number that is no 64-bit integer as a double, though a
// document may hold DECIMALs, put there by SQL functions. A document with a
// number that would not survive that is written as the JSON_OBJECT and
// JSON_ARRAY that make it.
func jsonEncoder(t *task) (encode, error) {
	switch {
	case t.target.Kind() == schema.JSONKind && t.dialect.NativeJSON():
		plain := quoted(room{})
		return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
			if v.Kind == debezium.Text && holdsDecimal(v.Bytes) {
				if built, ok := appendDocument(dst, v.Bytes); ok {
					return built, nil
				}
			}
			return plain(dst, v)
		}, nil
	case t.target.Kind() == schema.JSONKind: // MariaDB keeps the text
		return quoted(room{}), nil
	case t.target.Kind() == schema.TextKind:
		return quoted(t.room()), nil
	}
	return nil, errNoWay
}

// doubleDigits is how many digits any decimal number keeps as a double.
const doubleDigits = 15

// holdsDecimal says whether a document holds a number that a double does not.
// It looks at nothing but numbers of more than 15 characters.
func holdsDecimal(b []byte) bool {
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '"':
			i = stringEnd(b, i)
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(b) && partOfNumber(b[end]) {
				end++
			}
			if end-i > doubleDigits && isDecimal(b[i:end]) {
				return true
			}
			i = end
		default:
			i++
		}
	}
	return false
}

// stringEnd is behind the string that begins at i.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		next := bytes.IndexByte(b[i:], '"')
		if next < 0 {
			break
		}
		slash := bytes.IndexByte(b[i:i+next], '\\')
		if slash < 0 {
			return i + next + 1
		}
		i += slash + 1 // and over what it escapes
	}
	return len(b)
}

func partOfNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'
}

// isDecimal says whether a number is neither a 64-bit integer nor a double: its
// digits are not those the double nearest to it is written with. With an
// exponent it is a double, which MySQL's DECIMALs are never written with.
func isDecimal(token []byte) bool {
	if bytes.ContainsAny(token, "eE") {
		return false
	}
	text := string(token)
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return false
	}
	if _, err := strconv.ParseUint(text, 10, 64); err == nil {
		return false
	}
	nearest, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	var exact, double number
	if exact.fromText(token) != nil || exact.n > maxDecimal || exact.scale > maxDecimalScale {
		return false // beyond a DECIMAL, so it was none
	}
	if double.fromText(strconv.AppendFloat(nil, nearest, 'e', -1, 64)) != nil {
		return true
	}
	exact.trim(0)
	double.trim(0)
	if exact.scale == double.scale && bytes.Equal(exact.digits[:exact.n], double.digits[:double.n]) {
		return false
	}
	// Debezium prints large doubles with all their digits.
	rational, ok := new(big.Rat).SetString(text)
	return !ok || rational.Cmp(new(big.Rat).SetFloat64(nearest)) != 0
}

// The digits a DECIMAL has at most, and those behind the point.
const (
	maxDecimal      = 65
	maxDecimalScale = 30
)

// appendDocument appends the expression that makes a document. Ok is false if
// it is not JSON, which the server is to say.
func appendDocument(dst, document []byte) (_ []byte, ok bool) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	w := documentWriter{decoder: d, text: document}
	if dst, ok = w.value(dst); !ok {
		return dst, false
	}
	_, err := d.Token()
	return dst, err == io.EOF
}

// documentWriter turns JSON into SQL. Parts without a DECIMAL are cast as they
// are.
type documentWriter struct {
	decoder *json.Decoder
	text    []byte
}

// value writes the value that comes next.
func (w *documentWriter) value(dst []byte) ([]byte, bool) {
	if !w.decoder.More() {
		return dst, false
	}
	from := w.decoder.InputOffset()
	token, err := w.decoder.Token()
	if err != nil {
		return dst, false
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return w.members(append(dst, "JSON_OBJECT("...), true)
		}
		return w.members(append(dst, "JSON_ARRAY("...), false)
	case json.Number:
		if isDecimal([]byte(token)) {
			return append(append(append(dst, "CAST("...), token...), " AS JSON)"...), true
		}
	}
	// A scalar as it stands, without what is around it.
	raw := bytes.TrimLeft(w.text[from:w.decoder.InputOffset()], " \t\r\n,:")
	dst = schema.AppendText(append(dst, "CAST("...), raw)
	return append(dst, " AS JSON)"...), true
}

// members writes what is left of an object or array.
func (w *documentWriter) members(dst []byte, named bool) (_ []byte, ok bool) {
	for first := true; w.decoder.More(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		if named {
			name, err := w.decoder.Token()
			key, isText := name.(string)
			if err != nil || !isText {
				return dst, false
			}
			dst = append(schema.AppendText(dst, []byte(key)), ',')
		}
		if dst, ok = w.value(dst); !ok {
			return dst, false
		}
	}
	_, err := w.decoder.Token()
	return append(dst, ')'), err == nil
}
