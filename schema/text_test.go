package schema_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/schema"
)

func TestAppendText(t *testing.T) {
	for in, want := range map[string]string{
		"":                            `''`,
		"plain":                       `'plain'`,
		"it's":                        `'it\'s'`,
		`back\slash`:                  `'back\\slash'`,
		`\`:                           `'\\'`,
		"'":                           `'\''`,
		"''''":                        `'\'\'\'\''`,
		"nul\x00 sub\x1a":             `'nul\0 sub\Z'`,
		"line\nfeed\r\ttab":           "'line\nfeed\r\ttab'",
		`"double"`:                    `'"double"'`,
		"grüße 😀":                     "'grüße 😀'",
		"12345678'":                   `'12345678\''`,
		"1234567'":                    `'1234567\''`,
		"a long one, then '":          `'a long one, then \''`,
		"'1234567890":                 `'\'1234567890'`,
		strings.Repeat("x", 100):      "'" + strings.Repeat("x", 100) + "'",
		strings.Repeat("12'45678", 2): `'12\'4567812\'45678'`,
		"\x01\x1b&(]\x80":             "'\x01\x1b&(]\x80'", // the neighbours of what is escaped
	} {
		require.Equal(t, "x"+want, string(schema.AppendText([]byte("x"), []byte(in))), "%q", in)
	}
}

// readString reads a string literal the way MySQL's lexer does and returns
// what is behind it.
func readString(t *testing.T, s string) (value []byte, rest string) {
	t.Helper()
	require.NotEmpty(t, s)
	require.Equal(t, byte('\''), s[0])
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\'':
			if i+1 < len(s) && s[i+1] == '\'' {
				i++
				value = append(value, '\'')
				continue
			}
			return value, s[i+1:]
		case '\\':
			i++
			require.Less(t, i, len(s))
			value = append(value, strings.NewReplacer("0", "\x00", "Z", "\x1a", "n", "\n", "r", "\r", "t", "\t", "b", "\b").Replace(s[i:i+1])...)
		default:
			value = append(value, s[i])
		}
	}
	t.Fatalf("%q does not end", s)
	return nil, ""
}

// FuzzText: whatever the text, the literal ends where it ends and means it.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "'", `\`, "\x00\x1a", "plain text", "it's \\ 'quoted' \xff", "' OR 1=1 -- ", "12345678'", "😀"} {
		f.Add([]byte(seed), []byte("prefix"))
	}
	f.Fuzz(func(t *testing.T, text, before []byte) {
		got := schema.AppendText(append([]byte(nil), before...), text)
		require.True(t, bytes.HasPrefix(got, before))
		value, rest := readString(t, string(got[len(before):]))
		require.Empty(t, rest)
		require.True(t, bytes.Equal(text, value), "%q came back as %q", text, value)
	})
}

func TestAppendDatetime(t *testing.T) {
	at := time.Date(2026, 11, 22, 15, 39, 58, 9564000, time.UTC)
	require.Equal(t, "x2026-11-22 15:39:58.009564", string(schema.AppendDatetime([]byte("x"), at.UnixMicro())))
}
