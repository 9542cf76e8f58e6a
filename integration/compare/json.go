package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// canonicalJSON prints a document without its spacing, with sorted members and
// with numbers by value. What is no document is returned as it is.
func canonicalJSON(value []byte) []byte {
	if value == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber() // no float64: documents hold larger numbers
	var document any
	if err := decoder.Decode(&document); err != nil {
		return value
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return value
	}
	printed, err := json.Marshal(byValue(document))
	if err != nil {
		return value
	}
	return printed
}

// byValue replaces a document's numbers by strings or fractions that are equal
// exactly when the numbers are. Strings get a mark, so that "1" stays unlike 1.
func byValue(node any) any {
	switch node := node.(type) {
	case map[string]any:
		for name, member := range node {
			node[name] = byValue(member)
		}
		return node
	case []any:
		for i, element := range node {
			node[i] = byValue(element)
		}
		return node
	case string:
		return "s" + node
	case json.Number:
		return "n" + exact(node.String())
	default:
		return node
	}
}

// maxExponent bounds the numbers that are compared by value: a fraction of a
// number with exponent n has n digits. MySQL's own end at 308.
const maxExponent = 1000

func exact(number string) string {
	if _, exponent, ok := strings.Cut(strings.ToLower(number), "e"); ok {
		n, err := strconv.Atoi(exponent)
		if err != nil || n > maxExponent || n < -maxExponent {
			return number
		}
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return number
	}
	return value.RatString()
}
