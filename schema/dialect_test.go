package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/schema"
)

// Servers that stand for what dialects differ in.
var (
	mysql9    = schema.Dialect{Major: 9, Minor: 7, Patch: 4}
	mysql57   = schema.Dialect{Major: 5, Minor: 7, Patch: 44}
	mariadb10 = schema.Dialect{MariaDB: true, Major: 10, Minor: 11, Patch: 18}
	mariadb11 = schema.Dialect{MariaDB: true, Major: 11, Minor: 8, Patch: 2}
)

func TestParseDialect(t *testing.T) {
	for version, want := range map[string]schema.Dialect{
		"9.7.4":                          {Major: 9, Minor: 7, Patch: 4},
		"9.7.4-2":                        {Major: 9, Minor: 7, Patch: 4},
		"8.0.36-28":                      {Major: 8, Patch: 36},
		"8.0":                            {Major: 8},
		"5.7.44-log":                     {Major: 5, Minor: 7, Patch: 44},
		"10.11.18-MariaDB-0+deb12u1":     {MariaDB: true, Major: 10, Minor: 11, Patch: 18},
		"5.5.5-10.11.6-MariaDB-1:10.11.": {MariaDB: true, Major: 10, Minor: 11, Patch: 6},
		"11.8.2-MariaDB":                 {MariaDB: true, Major: 11, Minor: 8, Patch: 2},
		"8.0.mysql_aurora.3.05.2":        {Major: 8},
	} {
		got, err := schema.ParseDialect(version)
		require.NoError(t, err, version)
		require.Equal(t, want, got, version)
	}
	for version, reason := range map[string]string{
		"":                       "no major and minor",
		"nine":                   "no major and minor",
		"5.6.51":                 "MySQL 5.6.51 is too old",
		"10.1.48-MariaDB":        "MariaDB 10.1.48 is too old",
		"99999999999999999999.1": "reading server version",
	} {
		_, err := schema.ParseDialect(version)
		require.ErrorContains(t, err, reason, version)
	}
}

func TestDialectFacts(t *testing.T) {
	type facts struct {
		collation                                       string
		alias, axis, json, vector, uuid, instant, later bool
	}
	for d, want := range map[schema.Dialect]facts{
		mysql9:                               {"utf8mb4_0900_bin", true, true, true, true, false, true, false},
		mysql57:                              {"", false, false, true, false, false, false, false},
		{Major: 8, Patch: 19}:                {"utf8mb4_0900_bin", false, true, true, false, false, true, false},
		mariadb10:                            {"utf8mb4_nopad_bin", false, false, false, false, true, true, false},
		mariadb11:                            {"utf8mb4_nopad_bin", false, false, false, true, true, true, true},
		{MariaDB: true, Major: 10, Minor: 2}: {"utf8mb4_nopad_bin", false, false, false, false, false, false, false},
	} {
		got := facts{d.BinaryCollation(), d.RowAlias(), d.AxisOrder(), d.NativeJSON(), d.HasVector(), d.HasUUID(), d.InstantAdd(), d.LongTimestamp()}
		require.Equal(t, want, got, d)
	}
}

func TestQuote(t *testing.T) {
	require.Equal(t, "`a`", schema.Quote("a"))
	require.Equal(t, "`a``b````c`", schema.Quote("a`b``c"))
	require.Equal(t, "``", schema.Quote(""))
	require.Equal(t, "x`y`", string(schema.AppendIdent([]byte("x"), "y")))
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "select", "mit Leerzeichen", "größe", "a`b", "semi;colon", "64_" + repeat("x", 61)} {
		require.NoError(t, schema.CheckName(name), name)
	}
	for name, reason := range map[string]string{
		"":                 "empty",
		repeat("ü", 65):    "has 65 characters",
		"ends ":            "ends with a space",
		"nul\x00":          "U+0000",
		"😀":                "U+1F600",
		"broken \xff utf8": "not UTF-8",
	} {
		require.ErrorContains(t, schema.CheckName(name), reason, name)
	}
}

func repeat(s string, n int) string {
	b := make([]byte, 0, len(s)*n)
	for range n {
		b = append(b, s...)
	}
	return string(b)
}
