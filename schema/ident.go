package schema

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quote returns a name in backticks, safe to stand in a statement whatever it
// holds. Whether the server takes such a name is its own matter: see
// [CheckName].
func Quote(name string) string { return string(AppendIdent(nil, name)) }

// Marks returns so many question marks, with commas: a list of a statement's values.
func Marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

// AppendIdent appends a name in backticks to a statement.
func AppendIdent(dst []byte, name string) []byte {
	dst = append(dst, '`')
	for {
		i := strings.IndexByte(name, '`')
		if i < 0 {
			break
		}
		dst = append(dst, name[:i+1]...)
		dst = append(dst, '`')
		name = name[i+1:]
	}
	dst = append(dst, name...)
	return append(dst, '`')
}

// maxName is the longest name of a table or column, in characters (manual,
// "Identifier Length Limits").
const maxName = 64

// CheckName says why the server would refuse a table's or column's name, nil
// if it would not.
func CheckName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return fmt.Errorf("a name is empty")
	case n > maxName:
		return fmt.Errorf("the name %q has %d characters, MySQL allows %d", name, n, maxName)
	case strings.HasSuffix(name, " "):
		return fmt.Errorf("the name %q ends with a space", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("the name %q is not UTF-8", name)
	}
	for _, r := range name {
		if r == 0 || r > 0xffff {
			return fmt.Errorf("the name %q holds %U, which MySQL's names cannot", name, r)
		}
	}
	return nil
}
