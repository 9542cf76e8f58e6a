package compare

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonicalJSON(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"spacing":          {`{"a": 1, "b": [1, 2]}`, `{"a":1,"b":[1,2]}`, true},
		"member order":     {`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
		"element order":    {`[1,2]`, `[2,1]`, false},
		"number forms":     {`[1.0,100,0.5]`, `[1,1e2,5e-1]`, true},
		"large numbers":    {`18446744073709551615`, `18446744073709551616`, false},
		"long fractions":   {`0.1000000000000000055`, `0.1`, false},
		"negative zero":    {`-0`, `0`, true},
		"string or number": {`"1"`, `1`, false},
		"string or null":   {`"null"`, `null`, false},
		"marked string":    {`"n1"`, `1`, false},
		"escapes":          {`"\u00e9\/"`, `"é/"`, true},
		"huge exponent":    {`1e999999999`, `1e999999998`, false},
		"no document":      {`{a}`, `{a }`, false},
		"two documents":    {`1 2`, `1 3`, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.same, document.same([]byte(c.a), []byte(c.b)))
		})
	}
}

func FuzzCanonicalJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,null]}`, `"x"`, `1e999999999`, `{`, `-0`, `[[[]]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		once := canonicalJSON(value)
		if !json.Valid(value) {
			return
		}
		require.True(t, json.Valid(once))
		// Spacing must never matter.
		indented, err := json.MarshalIndent(json.RawMessage(value), " ", "  ")
		require.NoError(t, err)
		require.Equal(t, string(once), string(canonicalJSON(indented)))
	})
}

func TestSameTellsNullFromEmpty(t *testing.T) {
	for _, f := range []form{text, raw, decimal, set, document, temporal} {
		require.False(t, f.same(nil, []byte{}))
		require.True(t, f.same(nil, nil))
	}
}

func TestIntegersCompareByValue(t *testing.T) {
	ordered := []string{"-9223372036854775808", "-10", "-9", "-1", "0", "1", "9", "10", "18446744073709551615"}
	for i, a := range ordered {
		for j, b := range ordered {
			got := integer.compare([]byte(a), []byte(b))
			require.Equal(t, []bool{i < j, i == j, i > j}, []bool{got < 0, got == 0, got > 0}, "%s %s", a, b)
		}
	}
}

func TestTrimFraction(t *testing.T) {
	for in, want := range map[string]string{
		"100": "100", "1.20": "1.2", "0.00": "0", "-1.50": "-1.5", "10:00:00.000": "10:00:00", "10:00:00": "10:00:00",
	} {
		require.Equal(t, want, string(trimFraction([]byte(in))))
	}
}

func TestPlainType(t *testing.T) {
	for in, want := range map[string]string{
		"int(11)":                         "int",
		"int(10) unsigned":                "int unsigned",
		"int(6) unsigned zerofill":        "int unsigned",
		"tinyint(1)":                      "tinyint(1)",
		"tinyint(4)":                      "tinyint",
		"tinyint(1) unsigned":             "tinyint unsigned",
		"year(4)":                         "year",
		"decimal(10,2)":                   "decimal(10,2)",
		"bigint(20)":                      "bigint",
		"enum('A','int(11)')":             "enum('A','int(11)')",
		"varchar(20)":                     "varchar(20)",
		"datetime(3)":                     "datetime(3)",
		"decimal(10,2) unsigned zerofill": "decimal(10,2) unsigned",
	} {
		require.Equal(t, want, plainType(in))
	}
}

func TestValuesAreShownForPeople(t *testing.T) {
	require.Equal(t, "NULL", show(text, nil))
	require.Equal(t, `"a\nb"`, show(text, []byte("a\nb")))
	require.Equal(t, "0xFF", show(text, []byte{0xff}))
	require.Equal(t, "0x00", show(raw, []byte{0}))
	require.Equal(t, "12.30", show(decimal, []byte("12.30")))
	long := make([]byte, 500)
	require.Contains(t, show(raw, long), "… (500 bytes)")
	require.Equal(t, "-1,234,567", Grouped(-1234567))
	require.Equal(t, "123", Grouped(123))
	require.Equal(t, "-123", Grouped(-123))
}

// MySQL casts to at most 22 characters, MariaDB to all that are needed.
func TestLongDoubles(t *testing.T) {
	require.True(t, float.same([]byte("-1.7976931348623157e308"), []byte("-1.797693134862316e308")))
	require.True(t, float.same([]byte("2.2250738585072014e-308"), []byte("2.225073858507201e-308")))
	require.False(t, float.same([]byte("-1.7976931348623157e308"), []byte("-1.797693134862318e308")))
	require.False(t, float.same([]byte("0.30000000000000004"), []byte("0.30000000000000003")))
}
