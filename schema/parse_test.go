package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/schema"
)

func TestParseTypePrintsBack(t *testing.T) {
	for _, text := range []string{
		"tinyint", "tinyint(1)", "tinyint unsigned", "smallint", "mediumint unsigned", "int", "bigint", "bigint unsigned",
		"int(5) unsigned zerofill", "bigint(20) unsigned zerofill", "int(11)", "int(10) unsigned",
		"decimal(10,2)", "decimal(65,30)", "decimal(5,0) unsigned", "float", "float(7,3)", "double", "double(7,2) unsigned",
		"bit(1)", "bit(64)", "year", "date", "time", "time(6)", "datetime", "datetime(3)", "timestamp", "timestamp(6)",
		"char(1)", "char(0)", "varchar(0)", "varchar(255)", "tinytext", "text", "mediumtext", "longtext",
		"binary(16)", "varbinary(0)", "varbinary(255)", "tinyblob", "blob", "mediumblob", "longblob",
		"enum('a')", "enum('a','b''c','','d,e',' f')", `enum('back\\slash','nul\0','line\nfeed\r','tab	')`, "set('x','y')", "enum('ü','😀')",
		"json", "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geomcollection",
		"vector(2048)", "uuid", "inet4", "inet6",
	} {
		parsed, err := schema.ParseType(text)
		require.NoError(t, err, text)
		require.Equal(t, text, parsed.String())
	}
}

func TestParseTypeSynonyms(t *testing.T) {
	for text, want := range map[string]string{
		"INTEGER": "int", "INT4 UNSIGNED": "int unsigned", "INT1": "tinyint", "int2": "smallint", "int3": "mediumint",
		"middleint": "mediumint", "INT8": "bigint", "BOOL": "tinyint(1)", "Boolean": "tinyint(1)", "SERIAL": "bigint unsigned",
		"DEC": "decimal(10,0)", "NUMERIC(5)": "decimal(5,0)", "fixed(6, 2) unsigned": "decimal(6,2) unsigned",
		"DOUBLE PRECISION": "double", "REAL": "double", "FLOAT8": "double", "FLOAT4": "float", "FLOAT(24)": "float", "FLOAT(25)": "double",
		"BIT": "bit(1)", "YEAR(4)": "year", "CHAR": "char(1)", "CHARACTER(3)": "char(3)", "NATIONAL VARCHAR(5)": "varchar(5)",
		"character varying(7)": "varchar(7)", "NCHAR(3)": "char(3)", "LONG VARCHAR": "mediumtext", "long": "mediumtext",
		"LONG VARBINARY": "mediumblob", "CHAR BYTE(4)": "binary(4)", "TEXT(100)": "text", "BLOB(70000)": "blob",
		"GEOMETRYCOLLECTION": "geomcollection", "int zerofill": "int(10) unsigned zerofill", "tinyint zerofill": "tinyint(3) unsigned zerofill",
		"datetime /* mariadb-5.3 */": "datetime", "int signed": "int",
		"varchar(10) CHARACTER SET latin1 COLLATE latin1_bin": "varchar(10)", "varchar(10) charset utf8mb4": "varchar(10)",
	} {
		parsed, err := schema.ParseType(text)
		require.NoError(t, err, text)
		require.Equal(t, want, parsed.String(), text)
	}
	parsed, err := schema.ParseType("varchar(10) CHARACTER SET latin1 COLLATE latin1_bin")
	require.NoError(t, err)
	require.Equal(t, "latin1", parsed.Charset)
	require.Equal(t, "latin1_bin", parsed.Collation)
}

func TestParseTypeRefuses(t *testing.T) {
	for text, reason := range map[string]string{
		"":                          "no type name",
		"   ":                       "no type name",
		"(10)":                      "unexpected '('",
		"blurb":                     "unknown type",
		"int(":                      "not closed",
		"int(5":                     "not closed",
		"int(5;":                    "unexpected",
		"int(x)":                    "no number or label",
		"int(1,2)":                  "too many",
		"decimal(1,2,3)":            "too many",
		"decimal(66,2)":             "beyond (65,30)",
		"decimal(10,31)":            "beyond (65,30)",
		"decimal(2,3)":              "beyond",
		"bit(65)":                   "beyond 64",
		"datetime(7)":               "beyond 6",
		"varchar(70000)":            "beyond 65535",
		"varchar":                   "needs a length",
		"date(3)":                   "takes no length",
		"json(3)":                   "takes no length",
		"enum":                      "no labels",
		"enum(1)":                   "not quoted",
		"enum('a":                   "not closed",
		"int('a')":                  "takes no labels",
		"int sideways":              "unknown attribute",
		"varchar(9) unsigned":       "unknown attribute",
		"int /* never ends":         "a comment does not end",
		"int(99999999999999999999)": "no number or label",
	} {
		_, err := schema.ParseType(text)
		require.ErrorContains(t, err, reason, text)
	}
}

func FuzzParseType(f *testing.F) {
	for _, seed := range []string{
		"int", "int(5) unsigned zerofill", "decimal(10,2)", "enum('a','b''c')", `set('\\','\0')`, "double precision(3,2)",
		"varchar(10) character set utf8mb4 collate utf8mb4_bin", "/* x */ int", "national character varying(3)", "float(30)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := schema.ParseType(text)
		if err != nil {
			return
		}
		again, err := schema.ParseType(parsed.String())
		require.NoError(t, err, "printed %q", parsed)
		again.Charset, again.Collation = parsed.Charset, parsed.Collation
		require.Equal(t, parsed, again)
	})
}
