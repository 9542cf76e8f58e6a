package literal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema/literal"
)

// ordinary are values as a shop's tables hold them, one for each form.
func ordinary() []struct {
	name   string
	field  *debezium.Field
	target string
	v      debezium.Value
} {
	clock := structured("io.debezium.time.StructuredTimestamp", "DATETIME(6)",
		parts("year", "month", "day", "hour", "minute", "second", "nanos", "specialValue", "precision"))
	point := geometryField("io.debezium.data.geometry.Point", "POINT", "x", "y", "wkb", "srid")
	return []struct {
		name   string
		field  *debezium.Field
		target string
		v      debezium.Value
	}{
		{"null", f(debezium.Int64, "", "BIGINT"), "bigint", null()},
		{"int", f(debezium.Int64, "", "BIGINT"), "bigint", number(1234567890123)},
		{"bool", f(debezium.Boolean, "", "BOOL"), "tinyint(1)", boolean(1)},
		{"bits", f(debezium.Bytes, "io.debezium.data.Bits", "BIT(9)"), "bit(9)", binary("\x55\x01")},
		{"float", f(debezium.Float32, "", "FLOAT"), "float", decimal("1234.56")},
		{"double", f(debezium.Float64, "", "DOUBLE"), "double", decimal("-2.25E-300")},
		{"decimal(10,2)", f(debezium.Bytes, connectDecimal, "", "scale", "2"), "decimal(10,2)", binary("\x01\x23\x45")},
		{"decimal(20,5)", f(debezium.Bytes, connectDecimal, "", "scale", "5"), "decimal(20,5)", binary("\xff\x54\xab\x56\x73\x14\xe0\xf5\x2d")},
		{
			"decimal(65,30)", f(debezium.Bytes, connectDecimal, "", "scale", "30"), "decimal(65,30)",
			binary("\x1e\x02\xbc\x1e\x97\x85\x8b\xdc\x6c\xb9\x50\x58\xf3\x42\x4d\x7d\x3a\x7f\xec\x7b\x03\xe2\x66\x8e\x3f\x0a\xd2"),
		},
		{"decimal text", f(debezium.String, "", "DECIMAL(10,2)"), "decimal(10,2)", text("12345.67")},
		{"text 12", f(debezium.String, "", "VARCHAR(20)"), "varchar(20)", text("Müller & Co.")},
		{"text 120", f(debezium.String, "", "TEXT"), "text", text("It's a longer text of the kind that notes are, with a quote in it and a backslash \\, and one hundred and twenty bytes.")},
		{"enum", f(debezium.String, enum, "ENUM", "allowed", "open,paid,cancelled"), "enum('open','paid','cancelled')", text("paid")},
		{"set", f(debezium.String, enumSet, "SET", "allowed", "a,b,c"), "set('a','b','c')", text("a,c")},
		{"json", f(debezium.String, "io.debezium.data.Json", "JSON"), "json", text(`{"a": [1, 2.5, "ü", null], "b": {"c": 1000.0}}`)},
		{"binary 16", f(debezium.Bytes, "", "BINARY(16)"), "binary(16)", binary("0123456789abcdef")},
		{"base64 16", f(debezium.String, "", "BINARY(16)"), "binary(16)", text("MDEyMzQ1Njc4OWFiY2RlZg==")},
		{"date", f(debezium.Int32, daysName, "DATE"), "date", number(19782)},
		{"time", f(debezium.Int64, microTime, "TIME(6)"), "time(6)", number(-86399125000)},
		{"datetime(3)", f(debezium.Int64, milliStamp, "DATETIME(3)"), "datetime(3)", number(1709251199123)},
		{"datetime(6)", f(debezium.Int64, microStamp, "DATETIME(6)"), "datetime(6)", number(1709251199123456)},
		{"datetime struct", clock, "datetime(6)", members(number(2026), number(2), number(28), number(12), number(13), number(14), number(123456000), null(), number(6))},
		{"timestamp", f(debezium.String, zonedStamp, "TIMESTAMP(6)"), "timestamp(6)", text("2026-11-22T15:39:58.009564Z")},
		{"year", f(debezium.Int32, "io.debezium.time.Year", "YEAR"), "year", number(2024)},
		{"point", point, "point", members(decimal("20.0"), decimal("10.0"), binary(pointWKB), null())},
		{"vector 3", f(debezium.Array, "io.debezium.data.FloatVector", "VECTOR(3)"), "vector(3)", list(decimal("1.0"), decimal("-2.5"), decimal("0.1"))},
	}
}

func TestEncodersDoNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 1024)
	for _, c := range ordinary() {
		encode, err := literal.For(c.field, parse(t, c.target), mysql9)
		require.NoError(t, err, c.name)
		_, err = encode(dst, &c.v)
		require.NoError(t, err, c.name)
		allocs := testing.AllocsPerRun(100, func() { _, _ = encode(dst, &c.v) })
		require.Zero(t, allocs, c.name)
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range ordinary() {
		b.Run(c.name, func(b *testing.B) {
			encode, err := literal.For(c.field, parse(b, c.target), mysql9)
			require.NoError(b, err)
			dst := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := encode(dst, &c.v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
