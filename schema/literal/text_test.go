package literal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

func TestText(t *testing.T) {
	field := f(debezium.String, "", "VARCHAR(5)")
	check(t, field, "varchar(5)", row{text("it's"), `'it\'s'`}, row{text("grüße"), "'grüße'"}, row{text("😀😀😀😀😀"), "'😀😀😀😀😀'"}, row{text(""), "''"},
		row{text("sechs!"), "!longer than varchar(5) holds"}, row{text("grüße "), "!longer than"}, row{text("fünf "), "'fünf '"}, row{binary("x"), "!kind"})
	check(t, field, "char(5)", row{text("abc"), "'abc'"}, row{text("abc "), "!ends with a space, which CHAR drops"}, row{text(""), "''"})
	check(t, field, "varchar(0)", row{text(""), "''"}, row{text("x"), "!longer"})
	check(t, field, "tinytext", row{text(strings.Repeat("x", 255)), "'" + strings.Repeat("x", 255) + "'"}, row{text(strings.Repeat("x", 256)), "!longer"},
		row{text(strings.Repeat("ü", 128)), "!longer than tinytext"})
	check(t, field, "longtext", row{text("x "), "'x '"})
	check(t, field, "json", row{text(`{"a": "it's"}`), `'{"a": "it\'s"}'`})
	refuses(t, field, "datetime", "nothing in common")
	refuses(t, field, "point", "nothing in common")
	refuses(t, f(debezium.String, "", ""), "varbinary(10)", "column.propagate.source.type")
}

// TestTextSaysWhatItNeeds: the sink widens a column on this.
func TestTextSaysWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		field  *debezium.Field
		target string
		v      debezium.Value
		need   string
	}{
		{f(debezium.String, "", "CHAR(5)"), "char(5)", text("a "), "varchar(5)"},
		{f(debezium.String, "", "TEXT"), "text", text(strings.Repeat("ü", 40000)), "mediumtext"},
		{f(debezium.String, "", "TINYTEXT"), "tinytext", text(strings.Repeat("ü", 200)), "text"},
		{f(debezium.String, "", "VARCHAR(9)"), "varchar(3)", text("long"), "varchar(9)"},
		{f(debezium.Bytes, "", "VARBINARY(4)"), "binary(4)", binary("abc"), "varbinary(4)"},
		{f(debezium.Float64, "", "DOUBLE"), "float", decimal("0.1"), "double"},
		{f(debezium.Int64, "io.debezium.time.MicroTimestamp", "DATETIME(6)"), "datetime(3)", number(1), "datetime(6)"},
		{f(debezium.String, "io.debezium.data.Enum", "ENUM", "allowed", "a,b"), "enum('a')", text("b"), "enum('a','b')"},
		{f(debezium.String, "io.debezium.data.Enum", "ENUM", "allowed", "a"), "enum('a')", text(""), "enum('a','')"},
	} {
		target := parse(t, c.target)
		encode, err := literal.For(c.field, target, mysql9)
		require.NoError(t, err)
		_, err = encode(nil, &c.v)
		var flaw *literal.DataError
		require.ErrorAs(t, err, &flaw, c.target)
		require.NotNil(t, flaw.Need, "%s: %s", c.target, flaw.Reason)
		wide, err := schema.Union(target, *flaw.Need)
		require.NoError(t, err)
		require.Equal(t, c.need, wide.String())
		encode, err = literal.For(c.field, wide, mysql9)
		require.NoError(t, err)
		_, err = encode(nil, &c.v)
		require.NoError(t, err, "the union with what it needs holds the value")
	}
}

func TestBinary(t *testing.T) {
	field := f(debezium.Bytes, "", "BINARY(4)")
	check(t, field, "binary(4)", row{binary("\x00\x01\xfe\xff"), "x'0001feff'"}, row{binary("abc"), "x'61626300'"}, row{binary("abcde"), "!longer than binary(4)"})
	check(t, field, "varbinary(4)", row{binary(""), "x'00000000'"}, row{binary("\x01\x00"), "x'01000000'"}, row{binary("abcde"), "!longer"}, row{number(1), "!kind"})
	check(t, f(debezium.Bytes, "", "BINARY"), "binary(1)", row{binary(""), "x'00'"}, row{binary("a"), "x'61'"})
	check(t, f(debezium.String, "", "BINARY(2)"), "binary(2)", row{text(""), "x'0000'"}, row{text("AQ=="), "x'0100'"}, row{text("0102"), "x'0102'"})
	field = f(debezium.Bytes, "", "VARBINARY(4)")
	check(t, field, "binary(4)", row{binary("abc"), "!shorter than binary(4), which would pad it"})
	check(t, field, "tinyblob", row{binary(strings.Repeat("x", 255)), "x'" + strings.Repeat("78", 255) + "'"}, row{binary(strings.Repeat("x", 256)), "!longer"})
	check(t, field, "longblob", row{binary("it's"), "x'69742773'"})
	var all, hex strings.Builder
	for i := range 256 {
		all.WriteByte(byte(i))
		hex.WriteByte("0123456789abcdef"[i/16])
		hex.WriteByte("0123456789abcdef"[i%16])
	}
	require.Equal(t, "x'"+hex.String()+"'", string(literal.AppendHex(nil, []byte(all.String()))))
	for _, target := range []string{"varchar(10)", "json", "int", "bit(8)"} {
		refuses(t, field, target, "nothing in common")
	}
}

// TestBinaryAsText: binary.handling.mode says how, the event does not.
func TestBinaryAsText(t *testing.T) {
	known := f(debezium.String, "", "VARBINARY(20)")
	check(t, known, "varbinary(20)",
		row{text("SGVsbG8="), "x'48656c6c6f'"}, row{text("48656c6c6f"), "x'48656c6c6f'"}, row{text(""), "x''"},
		row{text("-_-_"), "x'fbffbf'"}, row{text("+/+/"), "x'fbffbf'"}, row{text("AA=="), "x'00'"}, row{text("zzzz"), "x'cf3cf3'"},
		row{text("deadbeef"), "!could be base64 or hex"}, row{text("abc"), "!neither base64 nor hex"}, row{text("AB=="), "!neither"}, row{text("A==="), "!neither"},
		row{text("AAB="), "!neither"}, row{text("===="), "!neither"}, row{text("AA=A"), "!neither"}, row{text("a b="), "!neither"}, row{text("DEADBEEF0a"), "x'DEADBEEF0a'"},
		row{text(strings.Repeat("Zz", 16)), "!longer than varbinary(20)"}, row{binary("x"), "!kind"})
	// The length of a BINARY settles it.
	check(t, f(debezium.String, "", "BINARY(4)"), "binary(4)", row{text("deadbeef"), "x'deadbeef'"}, row{text("AAAAAA=="), "x'00000000'"})
	check(t, f(debezium.String, "", "BINARY(6)"), "binary(6)", row{text("deadbeef"), "x'75e69d6de79f'"}, row{text("deadbeefdead"), "x'deadbeefdead'"})
	check(t, f(debezium.String, "", "BINARY(3)"), "binary(3)", row{text("deadbeef"), "!could be"})
	// Text stays text where the column is text, and goes byte by byte where
	// the store's is.
	check(t, known, "varchar(20)", row{text("SGVsbG8="), "'SGVsbG8='"})
	check(t, f(debezium.String, "", "VARCHAR(20)"), "varbinary(80)", row{text("grün"), "x'6772c3bc6e'"})
}

const (
	enum    = "io.debezium.data.Enum"
	enumSet = "io.debezium.data.EnumSet"
)

// TestEnum: an event from the binlog spells a label as it stands in Debezium's
// list, one from a snapshot as it is.
func TestEnum(t *testing.T) {
	field := f(debezium.String, enum, "ENUM", "allowed", `a,b\,c,it's,back\\slash,`)
	target := `enum('a','b,c','it''s','back\\slash','')`
	check(t, field, target, row{text("a"), "'a'"}, row{text("b,c"), "'b,c'"}, row{text(`b\,c`), "'b,c'"}, row{text("it's"), `'it\'s'`},
		row{text(`back\slash`), `'back\\slash'`}, row{text(`back\\slash`), `'back\\slash'`}, row{text(""), "''"},
		row{text("A"), "!the label is not one of the column's"}, row{text("a "), "!the label"}, row{text("b"), "!the label"}, row{number(1), "!kind"})
	check(t, field, "varchar(10)", row{text(`b\,c`), "'b,c'"}, row{text("b,c"), "'b,c'"}, row{text(`back\\slash`), `'back\\slash'`}, row{text("anything"), "'anything'"},
		row{text("beyond its length"), "!longer than"})
	check(t, field, "enum('a')", row{text("b,c"), "!the label is not one"}, row{text(""), "!index 0"})
	check(t, f(debezium.String, "", "VARCHAR(5)"), "enum('a','b')", row{text("b"), "'b'"}, row{text("B"), "!the label"})
	refuses(t, field, "set('a')", "nothing in common")
	refuses(t, field, "int", "nothing in common")
}

// TestEnumAmbiguous: a spelling that could be two labels is refused.
func TestEnumAmbiguous(t *testing.T) {
	field := f(debezium.String, enum, "ENUM", "allowed", `x\\y,x\\\\y`)
	check(t, field, `enum('x\\y','x\\\\y')`, row{text(`x\y`), `'x\\y'`}, row{text(`x\\y`), "!could be two labels"}, row{text(`x\\\\y`), `'x\\\\y'`})
}

func TestSet(t *testing.T) {
	field := f(debezium.String, enumSet, "SET", "allowed", `x,it's,back\\slash`)
	target := `set('x','it''s','back\\slash')`
	check(t, field, target, row{text("x"), "'x'"}, row{text("x,it's"), `'x,it\'s'`}, row{text(`x,back\slash`), `'x,back\\slash'`},
		row{text(`back\\slash`), `'back\\slash'`}, row{text(""), "''"}, row{text("X"), "!a label is not one"}, row{text("x,"), "!a label"}, row{text(","), "!a label"}, row{text("x,,it's"), "!a label"})
	check(t, field, "varchar(9)", row{text("x,it's"), `'x,it\'s'`}, row{text("x,it's,back"), "!longer"})
	check(t, field, "set('x')", row{text("it's"), "!a label is not one"})
	refuses(t, field, "enum('x')", "nothing in common")
}

func TestJSON(t *testing.T) {
	field := f(debezium.String, "io.debezium.data.Json", "JSON")
	check(t, field, "json", row{text(`{"a": 12345678901234567890}`), `'{"a": 12345678901234567890}'`}, row{text(`"\u00e9\n"`), `'"\\u00e9\\n"'`},
		row{text("null"), "'null'"}, row{number(1), "!kind"})
	check(t, field, "longtext", row{text(`[1, 2]`), "'[1, 2]'"})
	refuses(t, field, "blob", "nothing in common")
}

func TestAddresses(t *testing.T) {
	const id = "123e4567-e89b-12d3-a456-426614174000"
	field := f(debezium.String, "io.debezium.data.Uuid", "UUID")
	checkOn(t, mariadb10, field, schema.Type{Base: schema.UUID}, row{text(id), "'" + id + "'"})
	check(t, field, "char(36)", row{text(id), "'" + id + "'"})
	check(t, field, "varchar(20)", row{text(id), "!longer"})
	checkOn(t, mariadb10, f(debezium.String, "", "INET6"), schema.Type{Base: schema.Inet6}, row{text("::1"), "'::1'"})
	refuses(t, field, "binary(16)", "nothing in common")
}

// TestJSONDecimals: MySQL reads what is no 64-bit integer as a double, though a
// document may hold DECIMALs.
func TestJSONDecimals(t *testing.T) {
	field := f(debezium.String, "io.debezium.data.Json", "JSON")
	check(t, field, "json",
		row{
			text(`{"a": 1.10, "b": 12345678901234567890.1234567890}`),
			`JSON_OBJECT('a',CAST('1.10' AS JSON),'b',CAST(12345678901234567890.1234567890 AS JSON))`,
		},
		row{
			text(`[null, true, "it's \u00e9", {"x":[]}, -0.12345678901234567890]`),
			`JSON_ARRAY(CAST('null' AS JSON),CAST('true' AS JSON),CAST('"it\'s \\u00e9"' AS JSON),JSON_OBJECT('x',JSON_ARRAY()),CAST(-0.12345678901234567890 AS JSON))`,
		},
		row{text("123456789012345678901234567890.5"), "CAST(123456789012345678901234567890.5 AS JSON)"})
	for _, same := range []string{
		`18446744073709551615`, `-9223372036854775808`, `10000000000000000000000`, `0.30000000000000004`, `1.7976931348623157e308`,
		`123456789012345.678`[:16], `"12345678901234567890.1234567890"`, `"\"12345678901234567890.1"`, `{"a\\": "12345678901234567890.1"}`,
		`1.2345678901234567890e5`, `[1.5, 2.25]`, `5.0000000000000000000000000000000000000001`, `{bad 12345678901234567890.12}`, `[12345678901234567890.12`, `[12345678901234567890.12] x`, `[12345678901234567890.12]]`, `{"a" 12345678901234567890.12}`,
		`{1: 12345678901234567890.12}`, strings.Repeat("9", 70) + ".1",
	} {
		check(t, field, "json", row{text(same), string(schema.AppendText(nil, []byte(same)))})
	}
	checkOn(t, mariadb10, field, schema.Type{Base: schema.JSON}, row{text(`[12345678901234567890.12]`), "'[12345678901234567890.12]'"})
	check(t, field, "longtext", row{text(`[12345678901234567890.12]`), "'[12345678901234567890.12]'"})
}

// A large double is printed with all its digits by Debezium, and is no DECIMAL.
func TestJSONDoublesInFull(t *testing.T) {
	field := f(debezium.String, "io.debezium.data.Json", "JSON")
	check(t, field, "json",
		row{text(`{"h":123456789012345677877719597056}`), `'{"h":123456789012345677877719597056}'`},
		row{text(`{"h":123456789012345678901234567890}`), `JSON_OBJECT('h',CAST(123456789012345678901234567890 AS JSON))`})
}
