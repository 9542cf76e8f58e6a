package literal_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

const connectDecimal = "org.apache.kafka.connect.data.Decimal"

func TestIntegers(t *testing.T) {
	for target, limits := range map[string][2]int64{
		"tinyint": {math.MinInt8, math.MaxInt8}, "tinyint unsigned": {0, math.MaxUint8},
		"smallint": {math.MinInt16, math.MaxInt16}, "smallint unsigned": {0, math.MaxUint16},
		"mediumint": {-1 << 23, 1<<23 - 1}, "mediumint unsigned": {0, 1<<24 - 1},
		"int": {math.MinInt32, math.MaxInt32}, "int unsigned": {0, math.MaxUint32},
		"bit(9)": {0, 511}, "decimal(5,2)": {-999, 999}, "decimal(5,2) unsigned": {0, 999},
		"float": {-1 << 24, 1 << 24}, "double": {-1 << 53, 1 << 53},
	} {
		low, high := big.NewInt(limits[0]), big.NewInt(limits[1])
		check(t, f(debezium.Int64, "", ""), target,
			row{number(limits[0]), low.String()}, row{number(limits[1]), high.String()}, row{number(0), "0"},
			row{number(limits[0] - 1), "!out of the range of " + target}, row{number(limits[1] + 1), "!out of the range of"})
	}
	check(t, f(debezium.Int64, "", "BIGINT"), "bigint",
		row{number(math.MinInt64), "-9223372036854775808"}, row{number(math.MaxInt64), "9223372036854775807"})
	check(t, f(debezium.Int64, "", "BIGINT"), "decimal(20,0)", row{number(math.MinInt64), "-9223372036854775808"})
	check(t, f(debezium.Int16, "", "TINYINT"), "tinyint(1)", row{number(1), "1"}, row{number(-128), "-128"})
	check(t, f(debezium.Int32, "", ""), "int", row{text("1"), "!kind its schema declares"}, row{boolean(1), "1"})
	check(t, f(debezium.Int64, "", ""), "varchar(3)", row{number(-12), "'-12'"}, row{number(1234), "!longer than varchar(3)"})
	refuses(t, f(debezium.Int64, "", ""), "datetime", "nothing in common")
	refuses(t, f(debezium.Int64, "", ""), "json", "nothing in common")
}

// TestBigintUnsigned: in mode long, what exceeds 2^63-1 arrives negative, which
// only the store's type tells from a negative number.
func TestBigintUnsigned(t *testing.T) {
	long := f(debezium.Int64, "", "BIGINT UNSIGNED")
	check(t, long, "bigint unsigned", row{number(-1), "18446744073709551615"}, row{number(math.MinInt64), "9223372036854775808"}, row{number(5), "5"})
	check(t, long, "decimal(20,0)", row{number(-1), "18446744073709551615"})
	check(t, long, "varchar(20)", row{number(-1), "'18446744073709551615'"})
	check(t, long, "bigint", row{number(-1), "!out of the range of bigint"})
	check(t, f(debezium.Int64, "", "SERIAL"), "bigint unsigned", row{number(-1), "18446744073709551615"})
	for _, source := range []string{"", "BIGINT", "INT UNSIGNED"} {
		check(t, f(debezium.Int64, "", source), "bigint unsigned", row{number(-1), "!out of the range"})
	}
	precise := f(debezium.Bytes, connectDecimal, "BIGINT UNSIGNED", "scale", "0", "connect.decimal.precision", "20")
	check(t, precise, "bigint unsigned",
		row{binary("\x00\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"}, row{binary("\x00"), "0"},
		row{binary("\xff"), "!out of the range"}, row{binary("\x01\x00\x00\x00\x00\x00\x00\x00\x00"), "!out of the range"})
	check(t, precise, "bigint", row{binary("\x7f\xff\xff\xff\xff\xff\xff\xff"), "9223372036854775807"},
		row{binary("\x80\x00\x00\x00\x00\x00\x00\x00"), "-9223372036854775808"},
		row{binary("\xff\x7f\xff\xff\xff\xff\xff\xff\xff"), "!out of the range"}, row{binary("\x00\x80\x00\x00\x00\x00\x00\x00\x00"), "!out of the range"})
}

func TestBooleans(t *testing.T) {
	for _, target := range []string{"tinyint(1)", "bit(1)", "bigint", "decimal(1,0)"} {
		check(t, f(debezium.Boolean, "", "BOOLEAN"), target, row{boolean(0), "0"}, row{boolean(1), "1"}, row{number(1), "1"})
	}
	check(t, f(debezium.Boolean, "", "BIT"), "bit(1)", row{boolean(1), "1"}, row{text("true"), "!kind"})
}

// TestBits: Debezium's bytes are little-endian.
func TestBits(t *testing.T) {
	field := f(debezium.Bytes, "io.debezium.data.Bits", "BIT", "length", "9")
	check(t, field, "bit(9)", row{binary("\x55\x01"), "341"}, row{binary("\xff\x01"), "511"}, row{binary("\x00\x00"), "0"},
		row{binary("\x00\x02"), "!out of the range of bit(9)"}, row{binary(""), "0"})
	check(t, field, "bigint unsigned", row{binary("\x01\x00\x00\x00\x00\x00\x00\x80"), "9223372036854775809"},
		row{binary("\x01\x00\x00\x00\x00\x00\x00\x80\x00"), "9223372036854775809"}, row{binary("\x01\x00\x00\x00\x00\x00\x00\x80\x01"), "!more than 64 bits"})
	check(t, field, "bit(64)", row{binary("\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615"}, row{number(1), "!kind"})
	refuses(t, field, "blob", "nothing in common")
	refuses(t, field, "longtext", "nothing in common")
}

// TestYears: the binlog client reads 0000 as 1900, which no YEAR can be.
func TestYears(t *testing.T) {
	field := f(debezium.Int32, "io.debezium.time.Year", "YEAR")
	check(t, field, "year", row{number(2024), "2024"}, row{number(1901), "1901"}, row{number(2155), "2155"}, row{number(0), "0"},
		row{number(1900), "0"}, row{number(69), "!a YEAR is 0 or 1901 to 2155"}, row{number(2156), "!a YEAR is"}, row{number(-1), "!a YEAR is"})
	check(t, field, "smallint", row{number(1900), "1900"})
}

func TestDecimals(t *testing.T) {
	field := f(debezium.Bytes, connectDecimal, "DECIMAL", "scale", "2")
	check(t, field, "decimal(10,2)",
		row{binary("\x04\xd2"), "12.34"}, row{binary("\xfb\x2e"), "-12.34"}, row{binary("\x00"), "0.00"}, row{binary("\x01"), "0.01"},
		row{binary("\xff"), "-0.01"}, row{binary("\x64"), "1.00"}, row{binary("\x00\x00\x00\x64"), "1.00"}, row{binary("\xff\xff\xff\x9c"), "-1.00"},
		row{binary("\x02\x54\x0b\xe3\xff"), "99999999.99"}, row{binary("\x02\x54\x0b\xe4\x00"), "!out of the range of decimal(10,2)"},
		row{binary(""), "!notation"}, row{number(-5), "-5"}, row{decimal("-5.5"), "-5.5"}, row{decimal("1.5E1"), "15"}, row{boolean(1), "!kind"})
	check(t, field, "decimal(10,2) unsigned", row{binary("\x04\xd2"), "12.34"}, row{binary("\xff"), "!out of the range"}, row{binary("\x00"), "0.00"})
	check(t, field, "decimal(10,1)", row{binary("\x04\xd2"), "!more digits behind the point than decimal(10,1)"}, row{binary("\x0a"), "0.1"}, row{binary("\x00"), "0.0"})
	check(t, field, "decimal(10,4)", row{binary("\x04\xd2"), "12.34"})
	check(t, field, "int", row{binary("\x64"), "1"}, row{binary("\x65"), "!more digits behind the point"})
	check(t, field, "tinyint unsigned", row{binary("\x63\x9c"), "255"}, row{binary("\x64\x00"), "!out of the range"}, row{binary("\xff\x9c"), "!out of the range"})
	check(t, field, "varchar(6)", row{binary("\xfb\x2e"), "'-12.34'"}, row{binary("\x01\xe2\x40"), "!longer than"}, row{binary("\x01\x00\x00\x00\x00"), "!longer than varchar(6)"})
	check(t, field, "double", row{binary("\x04\xd2"), "12.34e0"}, row{binary("\x0d\xe0\xb6\xb3\xa7\x63\xff\xff"), "!more digits than double keeps"})
	check(t, f(debezium.Bytes, connectDecimal, "DECIMAL", "scale", "30"), "decimal(65,30)",
		row{
			binary("\x1e\x02\xbc\x1e\x97\x85\x8b\xdc\x6c\xb9\x50\x58\xf3\x42\x4d\x7d\x3a\x7f\xec\x7b\x03\xe2\x66\x8e\x3f\x0a\xd2"),
			"12345678901234567890123456789012345.123456789012345678901234567890",
		})
	check(t, f(debezium.Bytes, connectDecimal, "", "scale", "-2"), "decimal(10,2)", row{binary("\x05"), "500"}, row{binary("\x00"), "0"})
	check(t, f(debezium.Bytes, connectDecimal, "", "scale", "900"), "decimal(10,2)", row{binary("\x05"), "!notation"})
	refuses(t, field, "datetime", "nothing in common")
}

// bigDecimal is what math/big makes of two's complement.
func bigDecimal(b string, scale int) string {
	n := new(big.Int).SetBytes([]byte(b))
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	text := new(big.Int).Abs(n).String()
	for len(text) <= scale {
		text = "0" + text
	}
	if scale > 0 {
		text = text[:len(text)-scale] + "." + text[len(text)-scale:]
	}
	if n.Sign() < 0 {
		text = "-" + text
	}
	return text
}

// TestDecimalsAgreeWithMathBig draws numbers of every size a DECIMAL has, with
// redundant sign bytes in front.
func TestDecimalsAgreeWithMathBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 26).Draw(t, "bytes")
		scale := rapid.IntRange(0, 30).Draw(t, "scale")
		fill := byte(0)
		if b[0] >= 0x80 {
			fill = 0xff
		}
		for range rapid.IntRange(0, 3).Draw(t, "padding") {
			b = append([]byte{fill}, b...)
		}
		want := bigDecimal(string(b), scale)
		encode, err := literal.For(f(debezium.Bytes, connectDecimal, "", "scale", big.NewInt(int64(scale)).String()),
			schema.Type{Base: schema.LongText, Charset: "utf8mb4"}, mysql9)
		require.NoError(t, err)
		v := binary(string(b))
		got, err := encode(nil, &v)
		require.NoError(t, err)
		require.Equal(t, "'"+want+"'", string(got))

		// And as text, which is how decimal.handling.mode=string sends it.
		encode, err = literal.For(f(debezium.String, "", "DECIMAL"), schema.Type{Base: schema.Decimal, Length: 65, Scale: 30}, mysql9)
		require.NoError(t, err)
		v = text(want)
		got, err = encode(nil, &v)
		if err != nil { // more than 35 digits before the point
			require.ErrorContains(t, err, "out of the range")
			return
		}
		a, ok := new(big.Rat).SetString(string(got))
		require.True(t, ok, "%s", got)
		expected, _ := new(big.Rat).SetString(want)
		require.Zero(t, a.Cmp(expected), "%s is %s", want, got)
	})
}

func TestDecimalText(t *testing.T) {
	check(t, f(debezium.String, "", "DECIMAL"), "decimal(10,3)",
		row{text("12.30"), "12.30"}, row{text("-0.5"), "-0.5"}, row{text("1.5E+3"), "1500"}, row{text("1.5E-2"), "0.015"}, row{text("0E-10"), "0"},
		row{text("-0.000"), "0.000"}, row{text("1E10"), "!out of the range"}, row{text("1E-4"), "!behind the point"}, row{text("1000E-4"), "0.100"},
		row{text("0.00000"), "0.000"}, row{text("0E99999999999999999999"), "0"}, row{text("1E99999999999999999999"), "!more digits than any"},
		row{text("1E-99999999999999999999"), "!more digits than any"},
		row{text(""), "!notation"}, row{text("."), "!notation"}, row{text("-"), "!notation"}, row{text("1e"), "!notation"}, row{text("1e+"), "!notation"},
		row{text("1.2.3"), "!notation"}, row{text("0x10"), "!notation"}, row{text("NaN"), "!notation"}, row{text("1_0"), "!notation"}, row{text("1e5x"), "!notation"},
		row{text("00000001.100"), "1.100"}, row{text("+7"), "7"}, row{decimal("7"), "!kind"})
	long := make([]byte, 200)
	for i := range long {
		long[i] = '9'
	}
	check(t, f(debezium.String, "", "DECIMAL"), "decimal(65,30)", row{text(string(long)), "!more digits than any DECIMAL"}, row{text("0." + string(long)), "!more digits"})
	check(t, f(debezium.String, "", ""), "bigint", row{text("42"), "42"}, row{text("4.2"), "!behind the point"})
	refuses(t, f(debezium.String, "", ""), "datetime", "nothing in common")
}

func TestDoubles(t *testing.T) {
	field := f(debezium.Float64, "", "DOUBLE")
	check(t, field, "double", row{decimal("1.5"), "1.5e0"}, row{decimal("-2.25E-300"), "-2.25E-300"}, row{decimal("0.0"), "0.0e0"}, row{decimal("-0.0"), "-0.0e0"},
		row{decimal("1.7976931348623157E308"), "1.7976931348623157E308"}, row{decimal("4.9E-324"), "4.9E-324"}, row{number(3), "3e0"},
		row{text("NaN"), "!NaN or infinite"}, row{text("Infinity"), "!NaN or infinite"}, row{decimal("1e999"), "!NaN or infinite"},
		row{decimal("0x1p3"), "!notation"}, row{decimal("1_0.5"), "!notation"}, row{decimal("bla"), "!notation"}, row{boolean(1), "!kind"})
	check(t, field, "double unsigned", row{decimal("1.5"), "1.5e0"}, row{decimal("-1.5"), "!out of the range"})
	check(t, field, "float", row{decimal("1.5"), "1.5e+00"}, row{decimal("0.1"), "!more digits than FLOAT keeps"}, row{decimal("1e300"), "!NaN or infinite"})
	check(t, field, "double(7,2)", row{decimal("1.25"), "1.25e0"}, row{decimal("1.255"), "!more digits than double(7,2)"}, row{decimal("1.2550E1"), "1.2550E1"})
	check(t, field, "varchar(20)", row{decimal("1.5E-7"), "'1.5E-7'"}, row{text("NaN"), "!NaN"})
	refuses(t, field, "int", "nothing in common")
}

// TestFloats: a column of floats is written and found by the double that a
// float is, not by its short text.
func TestFloats(t *testing.T) {
	field := f(debezium.Float32, "", "FLOAT")
	check(t, field, "float", row{decimal("0.1"), "1.0000000149011612e-01"}, row{decimal("1.5"), "1.5e+00"}, row{decimal("3.4028235E38"), "3.4028234663852886e+38"},
		row{decimal("1.4E-45"), "1.401298464324817e-45"}, row{decimal("3.5E38"), "!NaN or infinite"}, row{text("-Infinity"), "!NaN or infinite"})
	check(t, field, "double", row{decimal("0.1"), "1.0000000149011612e-01"})
	// FLOAT(M,D) arrives as a double, exact from the binlog and short from a snapshot.
	fixed := f(debezium.Float64, "", "FLOAT(10,2)")
	check(t, fixed, "float(10,2)", row{decimal("1234.56005859375"), "1.23456005859375e+03"}, row{decimal("1234.56"), "1.23456005859375e+03"})
	check(t, f(debezium.Float64, "", "FLOAT(10,3)"), "float(10,2)", row{decimal("1234.567"), "!more digits than float(10,2)"}, row{decimal("1234.5"), "1.2345e+03"})
	// A REAL that was taken for a float has lost digits; few survive.
	lossy := f(debezium.Float32, "", "REAL")
	check(t, lossy, "double", row{decimal("3.14"), "3.14e0"}, row{decimal("3.1415927"), "!treat.real.as.double"}, row{decimal("100000.0"), "100000.0e0"})
}

// TestDecimalsAsDoubles: decimal.handling.mode=double keeps 15 digits.
func TestDecimalsAsDoubles(t *testing.T) {
	short := f(debezium.Float64, "", "DECIMAL(10,2)")
	check(t, short, "decimal(10,2)", row{decimal("12.3"), "12.3"}, row{decimal("1.0E7"), "10000000"}, row{decimal("12.345"), "!behind the point"})
	long := f(debezium.Float64, "", "DECIMAL(20,2)")
	check(t, long, "decimal(20,2)", row{decimal("1234567890123.45"), "1234567890123.45"}, row{decimal("1.234567890123456E13"), "!decimal.handling.mode=double"}, row{decimal("0.0"), "0.0"})
}
