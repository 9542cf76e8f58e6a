package debezium

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func textOf(s string) *jsonText {
	return &jsonText{buf: append([]byte(s), make([]byte, jsonPadding)...), end: len(s)}
}

// Values are skipped to the same end wherever they lie in a word.
func TestSkip(t *testing.T) {
	for _, value := range []string{
		`""`, `"a"`, `"\""`, `"\\"`, `"\\\""`, `"1234567\""`, `"12345678"`, `"{[\"]}"`, `0`, `-1.5e-3`, `true`, `false`, `null`,
		`{}`, `[]`, `{"a":1}`, `{"a":"}"}`, `{"a":"\"}"}`, `{"a":"\\"}`, `[{"a":[]},[],"]",{"}":"{"}]`,
		`{"receipt_no":"R-2026","Y":"y_Y","b":"\\\\\\"}`, `["` + strings.Repeat("x", 100) + `"]`, nested(64),
	} {
		require.True(t, json.Valid([]byte(value)), value)
		for lead := range 9 {
			for _, tail := range []string{"", ",", "}", `]"`, strings.Repeat(`"{`, 9)} {
				text := textOf(strings.Repeat(" ", lead) + value + tail)
				require.Equal(t, lead+len(value), text.skip(0), "%d %s", lead, value)
			}
			for n := 1; n < len(value) && value[0] != '-'; n++ {
				text := textOf(strings.Repeat(" ", lead) + value[:n])
				require.Equal(t, -1, text.skip(0), value[:n])
				require.NotEmpty(t, text.reason)
			}
		}
	}
}

// The word-wise skip finds the end that a byte-wise one finds.
func TestSkipNestedAgainstBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const alphabet = `{}[]"\\ab:,y_Y` + "\x00"
	for range 200_000 {
		s := []byte{"{["[rng.IntN(2)]}
		for range rng.IntN(40) {
			s = append(s, alphabet[rng.IntN(len(alphabet))])
		}
		text := textOf(string(s))
		n, want := nesting{}, -1
		for i := 0; i < len(s); i++ {
			if n.step(s[i]) != "" {
				break
			}
			if n.depth == 0 {
				want = i + 1
				break
			}
			if n.inString && s[i] == '\\' {
				i++
			}
		}
		require.Equal(t, want, text.skipNested(0), "%q", s)
	}
}

func TestStringsAtEveryOffset(t *testing.T) {
	for _, want := range []string{
		"", "a", "1234567", "12345678", "123456789", "é", "1234567é", "12345678é9", "😀", "a\"b\\c\nd\x00e\x1ff",
		strings.Repeat("abcdefg\n", 9), strings.Repeat("漢", 30), "/\u2028\u2029<>&",
	} {
		quoted, err := json.Marshal(want)
		require.NoError(t, err)
		for lead := range 9 {
			text := textOf(strings.Repeat(" ", lead) + string(quoted) + `,"`)
			got, end := text.str(lead + 1)
			require.Equal(t, want, string(got))
			require.Equal(t, lead+len(quoted), end)
			require.Equal(t, len(got), cap(got), "appending to a value must not write into its neighbour")
		}
	}
}

func TestInt64AgainstStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100_000 {
		n := int64(rng.Uint64()) >> rng.IntN(64)
		s := strconv.FormatInt(n, 10)
		got, end := textOf(s + ",").int64(0)
		require.Equal(t, n, got)
		require.Equal(t, len(s), end)
	}
	for _, n := range []int64{math.MaxInt64, math.MinInt64, 0, 99999999, 100000000, -99999999} {
		got, _ := textOf(strconv.FormatInt(n, 10)).int64(0)
		require.Equal(t, n, got)
	}
}

func TestBase64AgainstStandard(t *testing.T) {
	strict := base64.StdEncoding.Strict()
	rng := rand.New(rand.NewPCG(5, 6))
	for size := range 200 {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(rng.Uint32())
		}
		got, ok := undoBase64([]byte(strict.EncodeToString(want)))
		require.True(t, ok)
		require.Equal(t, want, got)
	}
	const alphabet = "AQgw+/z9=-_ ="
	for range 200_000 {
		s := make([]byte, rng.IntN(13))
		for i := range s {
			s[i] = alphabet[rng.IntN(len(alphabet))]
		}
		want, err := strict.DecodeString(string(s))
		got, ok := undoBase64([]byte(string(s)))
		require.Equal(t, err == nil, ok, "%q", s)
		if ok {
			require.Equal(t, want, got)
		}
	}
}
