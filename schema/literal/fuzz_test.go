package literal_test

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema/literal"
)

func FuzzHex(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("\x00\x01\xfe\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		require.Equal(t, "x'"+hex.EncodeToString(b)+"'", string(literal.AppendHex(nil, b)))
	})
}

// FuzzDecimal compares with math/big, both ways a decimal arrives.
func FuzzDecimal(f *testing.F) {
	f.Add([]byte("\x04\xd2"), 2, "12.34")
	f.Add([]byte("\xff\x00"), 30, "-1e-5")
	f.Add([]byte("\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), 0, "1.5E+20")
	f.Fuzz(func(t *testing.T, b []byte, scale int, s string) {
		target := parse(t, "decimal(65,30)")
		if scale >= 0 && scale <= 30 && len(b) > 0 {
			encode, err := literal.For(fieldOf(debezium.Bytes, connectDecimal, scale), target, mysql9)
			require.NoError(t, err)
			v := binary(string(b))
			if got, err := encode(nil, &v); err == nil {
				require.Zero(t, rational(t, bigDecimal(string(b), scale)).Cmp(rational(t, string(got))))
			}
		}
		encode, err := literal.For(fieldOf(debezium.String, "", 0), target, mysql9)
		require.NoError(t, err)
		v := text(s)
		if got, err := encode(nil, &v); err == nil {
			require.NotContains(t, string(got), "e", "a DECIMAL literal has no exponent")
			if len(s) < 300 && !hugeExponent(s) {
				require.Zero(t, rational(t, s).Cmp(rational(t, string(got))), "%q became %q", s, got)
			}
		}
	})
}

// hugeExponent keeps math/big from writing out a million zeros.
func hugeExponent(s string) bool {
	i := strings.IndexAny(s, "eE")
	return i >= 0 && len(s)-i > 5
}

func rational(t *testing.T, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	require.True(t, ok, "%q is no number", s)
	return r
}

func fieldOf(t debezium.Type, name string, scale int) *debezium.Field {
	return f(t, name, "", "scale", big.NewInt(int64(scale)).String())
}

// FuzzEncodedBytes: what is read as base64 or hex is what the standard library
// reads, and nothing is read that has two meanings.
func FuzzEncodedBytes(f *testing.F) {
	for _, seed := range []string{"", "SGVsbG8=", "48656c6c6f", "deadbeef", "-_-_", "AA==", "A===", "zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		encode, err := literal.For(fFuzz(), parse(t, "longblob"), mysql9)
		require.NoError(t, err)
		v := text(s)
		got, err := encode(nil, &v)
		var meanings []string
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			if b, err := encoding.Strict().DecodeString(s); err == nil && !strings.ContainsAny(s, "\r\n") {
				meanings = append(meanings, string(b))
			}
		}
		if b, err := hex.DecodeString(s); err == nil {
			meanings = append(meanings, string(b))
		}
		if err != nil {
			return
		}
		b, err := hex.DecodeString(string(got[2 : len(got)-1]))
		require.NoError(t, err)
		// The two alphabets may be mixed here, which no encoder does.
		if !(strings.ContainsAny(s, "+/") && strings.ContainsAny(s, "-_")) {
			require.Contains(t, meanings, string(b))
		}
		for _, m := range meanings {
			require.Equal(t, m, string(b), "%q has two meanings", s)
		}
	})
}

func fFuzz() *debezium.Field { return f(debezium.String, "", "LONGBLOB") }

// FuzzTemporal: no text makes an encoder panic or write what is not a time.
func FuzzTemporal(f *testing.F) {
	for _, seed := range []string{"2018-06-20T13:37:03Z", "2018-06-20T13:37:03.123456+02:00", "04:05:11.789Z", "2017-09-15Z", "", "T"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, target := range map[string]string{
			zonedStamp: "datetime(6)", isoStamp: "datetime(6)", "io.debezium.time.IsoDate": "date", "io.debezium.time.IsoTime": "time(6)",
		} {
			encode, err := literal.For(fTemporal(name), parse(t, target), mysql9)
			require.NoError(t, err)
			v := text(s)
			got, err := encode(nil, &v)
			if err != nil {
				require.Empty(t, got)
				continue
			}
			require.Regexp(t, `^'(\d{4}-\d\d-\d\d)?( ?\d\d:\d\d:\d\d\.\d{6})?'$`, string(got))
		}
	})
}

func fTemporal(name string) *debezium.Field { return f(debezium.String, name, "") }
