package exam

const numbers = "Numbers"

const doubled = "decimal.handling.mode=double keeps 15 digits; what has more is set aside"

// digits are what a FLOAT has more than MySQL prints.
const digits = "MySQL prints six digits of a FLOAT, and a snapshot reads what it prints; preflight finds such values"

func numberCases() []Case {
	return []Case{
		typed(numbers, "BOOLEAN", "0", "1", "TRUE", "FALSE"),
		typed(numbers, "TINYINT(1)", "-128", "127", "2", "0"),
		typed(numbers, "TINYINT", "-128", "127", "0", "-1"),
		typed(numbers, "TINYINT UNSIGNED", "0", "255", "128"),
		typed(numbers, "SMALLINT", "-32768", "32767", "0"),
		typed(numbers, "SMALLINT UNSIGNED", "0", "65535", "32768"),
		typed(numbers, "MEDIUMINT", "-8388608", "8388607", "0"),
		typed(numbers, "MEDIUMINT UNSIGNED", "0", "16777215", "8388608"),
		typed(numbers, "INT", "-2147483648", "2147483647", "0"),
		typed(numbers, "INT UNSIGNED", "0", "4294967295", "2147483648"),
		typed(numbers, "INTEGER UNSIGNED", "0", "4294967295", "2147483648"),
		typed(numbers, "INT(8) UNSIGNED ZEROFILL", "0", "7", "4294967295"),
		typed(numbers, "BIGINT", "-9223372036854775808", "9223372036854775807", "0", "-1", "9007199254740993"),
		typed(numbers, "BIGINT UNSIGNED", "0", "18446744073709551615", "9223372036854775808", "9223372036854775807", "9007199254740993").inModes().
			but("plain long", Warned, "bigint.unsigned.handling.mode=long wraps values beyond 2^63-1, and without column.propagate.source.type nothing tells that they are unsigned; the sink warns of negative ones"),
		typed(numbers, "DECIMAL(10,2)", "0", "-0.01", "99999999.99", "-99999999.99", "12.3").inModes(),
		typed(numbers, "DECIMAL(65,30)", "99999999999999999999999999999999999.999999999999999999999999999999",
			"-99999999999999999999999999999999999.999999999999999999999999999999", "0.000000000000000000000000000001", "0", "1").inModes().
			but("nanoseconds, double, long, hex", Reported, doubled),
		typed(numbers, "DECIMAL(65,0)", "99999999999999999999999999999999999999999999999999999999999999999", "-1", "0"),
		typed(numbers, "DECIMAL(30,30)", "0.999999999999999999999999999999", "-0.000000000000000000000000000001", "0"),
		typed(numbers, "NUMERIC", "9999999999", "-9999999999", "0"),
		typed(numbers, "DECIMAL(8,3) UNSIGNED", "0", "99999.999", "0.001"),
		typed(numbers, "FIXED(6,1)", "99999.9", "-0.1"),
		typed(numbers, "FLOAT", "0", "-0.1", "3.1415927", "3.402823e38", "-3.402823e38", "1.17549435e-38", "16777217", "1e-45").but("", Foretold, digits),
		typed(numbers, "FLOAT(20)", "0.1", "123456.789").but("", Foretold, digits),
		typed(numbers, "FLOAT(30)", "0.1", "123456789.123456789"),
		typed(numbers, "FLOAT(7,4)", "0.1", "-999.9999"),
		typed(numbers, "DOUBLE", "0", "0.1", "-0.30000000000000004", "1.7976931348623157e308", "-1.7976931348623157e308",
			"2.2250738585072014e-308", "9007199254740993", "123456789012345.678"),
		typed(numbers, "DOUBLE(16,4)", "0.1", "-999999999999.9999"),
		typed(numbers, "DOUBLE UNSIGNED", "0", "0.1"),
		typed(numbers, "REAL", "0.1", "1e300"),
		typed(numbers, "BIT(1)", "b'0'", "b'1'"),
		typed(numbers, "BIT(2)", "b'0'", "b'1'", "b'10'", "b'11'"),
		typed(numbers, "BIT(8)", "b'0'", "b'10000000'", "b'1'", "b'11111111'"),
		typed(numbers, "BIT(10)", "b'101010101'", "b'1'", "b'1000000000'", "b'1111111111'"),
		typed(numbers, "BIT(33)", "b'1'", "b'100000000000000000000000000000000'", "0x123456789"),
		typed(numbers, "BIT(64)", "b'0'", "b'1'", "0xFFFFFFFFFFFFFFFF", "0x8000000000000000", "0x0123456789ABCDEF"),
	}
}
