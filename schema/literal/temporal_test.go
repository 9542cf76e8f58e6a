package literal_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

const (
	daysName   = "io.debezium.time.Date"
	microTime  = "io.debezium.time.MicroTime"
	milliStamp = "io.debezium.time.Timestamp"
	microStamp = "io.debezium.time.MicroTimestamp"
	nanoStamp  = "io.debezium.time.NanoTimestamp"
	isoStamp   = "io.debezium.time.IsoTimestamp"
	zonedStamp = "io.debezium.time.ZonedTimestamp"
)

func TestDates(t *testing.T) {
	field := f(debezium.Int32, daysName, "DATE")
	check(t, field, "date", row{number(0), "'1970-01-01'"}, row{number(-1), "'1969-12-31'"}, row{number(19782), "'2024-02-29'"},
		row{number(2932896), "'9999-12-31'"}, row{number(-719162), "'0001-01-01'"}, row{number(-719528), "'0000-01-01'"},
		row{number(2932897), "!beyond the years 0 to 9999"}, row{number(-719529), "!beyond the years"}, row{text("x"), "!kind"})
	check(t, field, "datetime(3)", row{number(19782), "'2024-02-29 00:00:00'"})
	check(t, field, "varchar(10)", row{number(19782), "'2024-02-29'"})
	check(t, field, "varchar(9)", row{number(19782), "!longer than varchar(9)"})
	check(t, field, "int", row{number(19782), "19782"})
	refuses(t, field, "timestamp", "nothing in common")
	check(t, f(debezium.Int32, "org.apache.kafka.connect.data.Date", "DATE"), "date", row{number(19782), "'2024-02-29'"})
	check(t, f(debezium.String, "io.debezium.time.IsoDate", "DATE"), "date", row{text("2017-09-15Z"), "'2017-09-15'"}, row{text("2017-09-15"), "'2017-09-15'"},
		row{text("2017-09-15+00:00"), "'2017-09-15'"}, row{text("2017-09-15+02:00"), "!wall clock has an offset"}, row{text("2017-02-30Z"), "!notation"},
		row{text("+12017-09-15Z"), "!notation"}, row{text("2017-9-15Z"), "!notation"}, row{text("2017-09-15Zx"), "!notation"}, row{number(1), "!kind"})
	refuses(t, f(debezium.String, "io.debezium.time.IsoDate", "DATE"), "int", "nothing in common")
}

// TestDatesAgreeWithTime walks the calendar's edges and draws days.
func TestDatesAgreeWithTime(t *testing.T) {
	encode, err := literal.For(f(debezium.Int32, daysName, ""), schema.Type{Base: schema.Date}, mysql9)
	require.NoError(t, err)
	same := func(t require.TestingT, days int64) {
		v := number(days)
		got, err := encode(nil, &v)
		require.NoError(t, err)
		require.Equal(t, time.Unix(days*86400, 0).UTC().Format("'2006-01-02'"), string(got), "day %d", days)
	}
	for year := 1; year < 10000; year += 1 {
		for _, edge := range []time.Time{time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC)} {
			same(t, edge.Unix()/86400)
			same(t, edge.Unix()/86400-1)
		}
	}
	rapid.Check(t, func(t *rapid.T) { same(t, rapid.Int64Range(-719162, 2932896).Draw(t, "days")) })
}

func TestDatetimes(t *testing.T) {
	micro := f(debezium.Int64, microStamp, "DATETIME(6)")
	check(t, micro, "datetime(6)", row{number(0), "'1970-01-01 00:00:00.000000'"}, row{number(-1), "'1969-12-31 23:59:59.999999'"},
		row{number(253402300799999999), "'9999-12-31 23:59:59.999999'"}, row{number(-62135596800000000), "'0001-01-01 00:00:00.000000'"},
		row{number(-62167219200000000), "'0000-01-01 00:00:00.000000'"}, row{number(253402300800000000), "!beyond the years"},
		row{number(-62167219200000001), "!beyond the years"}, row{number(1<<63 - 1), "!beyond"}, row{number(-1 << 63), "!beyond"}, row{text("1"), "!kind"})
	check(t, micro, "datetime(3)", row{number(1000), "'1970-01-01 00:00:00.001'"}, row{number(1), "!more digits behind the seconds than datetime(3)"}, row{number(-1000), "'1969-12-31 23:59:59.999'"})
	check(t, micro, "datetime", row{number(-1000000), "'1969-12-31 23:59:59'"}, row{number(1000), "!more digits"})
	check(t, micro, "varchar(26)", row{number(1), "'1970-01-01 00:00:00.000001'"})
	check(t, micro, "bigint", row{number(-5), "-5"})
	refuses(t, micro, "timestamp(6)", "make the column DATETIME")
	refuses(t, micro, "date", "nothing in common")
	milli := f(debezium.Int64, milliStamp, "DATETIME(3)")
	check(t, milli, "datetime(3)", row{number(-30610223999999), "'1000-01-01 00:00:00.001'"}, row{number(1709251199000), "'2024-02-29 23:59:59.000'"}, row{number(1<<63 - 1), "!beyond"})
	check(t, milli, "datetime", row{number(1709251199000), "'2024-02-29 23:59:59'"})
	check(t, milli, "varchar(30)", row{number(1709251199000), "'2024-02-29 23:59:59.000'"})
	check(t, f(debezium.Int64, "org.apache.kafka.connect.data.Timestamp", ""), "datetime(6)", row{number(1), "'1970-01-01 00:00:00.001000'"})
	check(t, f(debezium.Int64, nanoStamp, "DATETIME(6)"), "datetime(6)", row{number(-1000), "'1969-12-31 23:59:59.999999'"}, row{number(1), "!nanoseconds"})
	check(t, f(debezium.String, isoStamp, "DATETIME(6)"), "datetime(6)", row{text("2018-06-20T13:37:03.5Z"), "'2018-06-20 13:37:03.500000'"},
		row{text("2018-06-20T13:37Z"), "'2018-06-20 13:37:00.000000'"}, row{text("2018-06-20T13:37:03.123456789Z"), "!nanoseconds"},
		row{text("2018-06-20T13:37:03+01:00"), "!wall clock has an offset"}, row{text("2018-02-30T00:00:00Z"), "!not in the calendar"})
}

func TestDatetimesAgreeWithTime(t *testing.T) {
	encode, err := literal.For(f(debezium.Int64, microStamp, ""), schema.Type{Base: schema.DateTime, Fraction: 6}, mysql9)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-62135596800000000, 253402300799999999).Draw(t, "micros")
		v := number(micros)
		got, err := encode(nil, &v)
		require.NoError(t, err)
		require.Equal(t, time.UnixMicro(micros).UTC().Format("'2006-01-02 15:04:05.000000'"), string(got))
	})
}

// TestTimestamps: an instant, whatever its offset, written in UTC.
func TestTimestamps(t *testing.T) {
	field := f(debezium.String, zonedStamp, "TIMESTAMP(6)")
	check(t, field, "timestamp(6)", row{text("2018-06-20T13:37:03Z"), "'2018-06-20 13:37:03.000000'"}, row{text("1970-01-01T00:00:01.5Z"), "'1970-01-01 00:00:01.500000'"},
		row{text("2018-06-20T13:37:03.123456+02:00"), "'2018-06-20 11:37:03.123456'"}, row{text("2018-01-01T00:30:00+0100"), "'2017-12-31 23:30:00.000000'"},
		row{text("2018-12-31T23:30:00-01:00"), "'2019-01-01 00:30:00.000000'"}, row{text("2018-06-20T13:37:03+05:30:15"), "'2018-06-20 08:06:48.000000'"}, row{text("2018-06-20T13:37:03-09"), "'2018-06-20 22:37:03.000000'"},
		row{text("2038-01-19T03:14:07.999999Z"), "'2038-01-19 03:14:07.999999'"}, row{text("2038-01-19T03:14:08Z"), "!beyond what TIMESTAMP holds"},
		row{text("1970-01-01T00:00:00.999999Z"), "!beyond what TIMESTAMP holds"}, row{text("1969-12-31T23:59:59Z"), "!beyond what TIMESTAMP holds"},
		row{text("2018-06-20T13:37:03.1234567Z"), "!nanoseconds"}, row{text("2018-06-20T13:37:03.1234560Z"), "'2018-06-20 13:37:03.123456'"},
		row{text("2018-06-20 13:37:03Z"), "!notation"}, row{text("2018-06-20T13:37:03"), "!notation"}, row{text("2018-06-20T24:00:00Z"), "!notation"},
		row{text("2018-06-20T13:60:00Z"), "!notation"}, row{text("2018-13-20T13:37:03Z"), "!notation"}, row{text("2018-02-29T00:00:00Z"), "!calendar"},
		row{text("2018-06-20T13:37:03.Z"), "!notation"}, row{text("2018-06-20T13:37:03.1234567890Z"), "!notation"}, row{text(""), "!notation"}, row{text("+292278994-08-17T07:12:55.807Z"), "!notation"},
		row{text("9999-12-31T23:59:59-01:00"), "!beyond the years"}, row{number(1), "!kind"})
	check(t, field, "timestamp", row{text("2018-06-20T13:37:03.000Z"), "'2018-06-20 13:37:03'"}, row{text("2018-06-20T13:37:03.5Z"), "!more digits behind the seconds"})
	check(t, field, "datetime(6)", row{text("2018-06-20T13:37:03+02:00"), "'2018-06-20 11:37:03.000000'"}, row{text("2106-01-01T00:00:00Z"), "'2106-01-01 00:00:00.000000'"})
	check(t, field, "varchar(30)", row{text("2018-06-20T13:37:03+02:00"), "'2018-06-20T13:37:03+02:00'"})
	refuses(t, field, "bigint", "nothing in common")
	checkOn(t, mariadb10, field, schema.Type{Base: schema.Timestamp, Fraction: 6}, row{text("1970-01-01T00:00:00.000001Z"), "'1970-01-01 00:00:00.000001'"}, row{text("2100-01-01T00:00:00Z"), "!beyond"})
	checkOn(t, mariadb11, field, schema.Type{Base: schema.Timestamp, Fraction: 6}, row{text("2100-01-01T00:00:00Z"), "'2100-01-01 00:00:00.000000'"}, row{text("2106-02-07T06:28:16Z"), "!beyond"})
}

// TestZeroTimestamps: no TIMESTAMP is the epoch. It stands for zero, or where a
// NULL can have been replaced by a default for nobody knows what.
func TestZeroTimestamps(t *testing.T) {
	epoch := text("1970-01-01T00:00:00Z")
	check(t, required(f(debezium.String, zonedStamp, "TIMESTAMP")), "timestamp", row{epoch, "'0000-00-00 00:00:00'"}, row{text("1970-01-01T01:00:00+01:00"), "'0000-00-00 00:00:00'"})
	check(t, required(f(debezium.String, zonedStamp, "TIMESTAMP(3)")), "datetime(3)", row{epoch, "'0000-00-00 00:00:00.000'"})
	check(t, f(debezium.String, zonedStamp, "TIMESTAMP"), "timestamp", row{epoch, "'0000-00-00 00:00:00'"})
	check(t, f(debezium.String, zonedStamp, ""), "timestamp", row{epoch, "'0000-00-00 00:00:00'"})
	check(t, f(debezium.String, zonedStamp, ""), "datetime", row{epoch, "'1970-01-01 00:00:00'"})
	check(t, f(debezium.String, zonedStamp, "DATETIME"), "timestamp", row{epoch, "!beyond what TIMESTAMP holds"})
	defaulted := f(debezium.String, zonedStamp, "TIMESTAMP")
	defaulted.Default = []byte(`"1970-01-01T00:00:00Z"`)
	check(t, defaulted, "timestamp", row{epoch, "!replace.null.with.default=false"})
	check(t, required(defaulted), "timestamp", row{epoch, "'0000-00-00 00:00:00'"})
}

// TestTimes: a TIME is a signed duration.
func TestTimes(t *testing.T) {
	field := f(debezium.Int64, microTime, "TIME(6)")
	check(t, field, "time(6)", row{number(0), "'00:00:00.000000'"}, row{number(-1), "'-00:00:00.000001'"}, row{number(86399125000), "'23:59:59.125000'"},
		row{number(3020399000000), "'838:59:59.000000'"}, row{number(-3020399000000), "'-838:59:59.000000'"}, row{number(360000000000), "'100:00:00.000000'"},
		row{number(3020399000001), "!beyond 838:59:59"}, row{number(-3020399000001), "!beyond 838:59:59"}, row{number(1<<63 - 1), "!beyond"}, row{number(-1 << 63), "!beyond"}, row{text("x"), "!kind"})
	check(t, field, "time", row{number(-3600000000), "'-01:00:00'"}, row{number(500000), "!more digits behind the seconds than time"})
	check(t, field, "time(1)", row{number(500000), "'00:00:00.5'"})
	check(t, field, "varchar(20)", row{number(-1), "'-00:00:00.000001'"})
	check(t, field, "bigint", row{number(-1), "-1"})
	refuses(t, field, "datetime", "nothing in common")
	checkOn(t, mariadb10, field, schema.Type{Base: schema.Time, Fraction: 6}, row{number(3020399999999), "'838:59:59.999999'"}, row{number(3020400000000), "!beyond"})
	for _, name := range []string{"io.debezium.time.Time", "org.apache.kafka.connect.data.Time"} {
		check(t, f(debezium.Int32, name, "TIME(3)"), "time(3)", row{number(-1500), "'-00:00:01.500'"}, row{number(3020399001), "!beyond"})
	}
	check(t, f(debezium.Int32, "io.debezium.time.Time", ""), "varchar(20)", row{number(1500), "'00:00:01.500'"})
	check(t, f(debezium.Int64, "io.debezium.time.NanoTime", "TIME(6)"), "time(6)", row{number(-1000), "'-00:00:00.000001'"}, row{number(1), "!nanoseconds"})
	check(t, f(debezium.String, "io.debezium.time.IsoTime", "TIME(3)"), "time(3)", row{text("04:05:11.789Z"), "'04:05:11.789'"}, row{text("04:05Z"), "'04:05:00.000'"}, row{text("04:05:11"), "'04:05:11.000'"},
		row{text("04:05:11+01:00"), "!offset"}, row{text("25:00:00Z"), "!notation"}, row{text("04:05:11.0000001Z"), "!nanoseconds"}, row{number(1), "!kind"})
}

func TestTimesAgreeWithDuration(t *testing.T) {
	encode, err := literal.For(f(debezium.Int64, microTime, ""), schema.Type{Base: schema.Time, Fraction: 6}, mysql9)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-3020399000000, 3020399000000).Draw(t, "micros")
		v := number(micros)
		got, err := encode(nil, &v)
		require.NoError(t, err)
		require.Equal(t, micros, readTime(t, string(got)))
	})
}

// readTime reads '-HHH:MM:SS.ffffff' the plain way.
func readTime(t require.TestingT, s string) int64 {
	s = s[1 : len(s)-1]
	sign := int64(1)
	if s[0] == '-' {
		sign, s = -1, s[1:]
	}
	digits := len(s) - len(":00:00.000000")
	atoi := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
		return n
	}
	h, m, sec, us := atoi(s[:digits]), atoi(s[digits+1:digits+3]), atoi(s[digits+4:digits+6]), atoi(s[digits+7:])
	require.Less(t, m, int64(60))
	require.Less(t, sec, int64(60))
	return sign * (((h*60+m)*60+sec)*1e6 + us)
}

// part is an optional number of a structured temporal.
func parts(names ...string) (fields []debezium.Field) {
	for _, name := range names {
		fields = append(fields, debezium.Field{Name: name, Type: debezium.Int32, Optional: true})
	}
	return fields
}

func structured(name, source string, fields []debezium.Field) *debezium.Field {
	field := f(debezium.Struct, name, source)
	field.Fields = fields
	return field
}

// TestStructured: time.precision.mode=structured keeps what the other modes
// lose.
func TestStructured(t *testing.T) {
	n, none := number, null()
	date := structured("io.debezium.time.StructuredDate", "DATE", parts("year", "month", "day", "specialValue"))
	check(t, date, "date", row{members(n(2017), n(9), n(15), none), "'2017-09-15'"}, row{members(n(0), n(0), n(0), none), "'0000-00-00'"},
		row{members(n(2024), n(0), n(10), none), "'2024-00-10'"}, row{members(n(2026), n(2), n(31), none), "'2026-02-31'"},
		row{members(none, none, none, text("POSITIVE_INFINITY")), "!infinite"}, row{members(n(10000), n(1), n(1), none), "!beyond the years"},
		row{members(n(2017), n(13), n(1), none), "!beyond"}, row{members(n(2017), n(-1), n(1), none), "!beyond"}, row{members(n(2017), text("x"), n(1), none), "!kind"}, row{n(1), "!kind"})
	check(t, date, "varchar(10)", row{members(n(0), n(0), n(0), none), "'0000-00-00'"})
	refuses(t, date, "int", "nothing in common")

	clock := parts("year", "month", "day", "hour", "minute", "second", "nanos", "specialValue", "precision")
	stamp := structured("io.debezium.time.StructuredTimestamp", "DATETIME(6)", clock)
	at := func(y, mo, d, h, mi, s, nanos int64) debezium.Value {
		return members(n(y), n(mo), n(d), n(h), n(mi), n(s), n(nanos), none, n(6))
	}
	check(t, stamp, "datetime(6)", row{at(2026, 2, 31, 12, 13, 14, 123456000), "'2026-02-31 12:13:14.123456'"}, row{at(0, 0, 0, 0, 0, 0, 0), "'0000-00-00 00:00:00.000000'"},
		row{at(9999, 12, 31, 23, 59, 59, 999999000), "'9999-12-31 23:59:59.999999'"}, row{at(2026, 1, 1, 0, 0, 0, 1), "!nanoseconds"}, row{at(2026, 1, 1, 24, 0, 0, 0), "!beyond"},
		row{at(2026, 1, 1, 0, 0, 0, 1e9), "!notation"}, row{at(2026, 1, 1, 0, 0, 0, -1000), "!notation"})
	check(t, stamp, "datetime", row{at(2026, 1, 1, 0, 0, 0, 1000), "!more digits"})
	// Later versions of the format count picoseconds and give each column a name of its own.
	clock[6].Name = "picoseconds"
	picos := structured("io.debezium.time.StructuredTimestampPrecision6SourceColumn63", "DATETIME(6)", clock)
	check(t, picos, "datetime(6)", row{at(2026, 1, 2, 3, 4, 5, 123456000000), "'2026-01-02 03:04:05.123456'"}, row{at(2026, 1, 1, 0, 0, 0, 1), "!nanoseconds"})

	zoned := structured("io.debezium.time.StructuredZonedTimestamp", "TIMESTAMP(6)",
		parts("year", "month", "day", "hour", "minute", "second", "nanos", "offsetSeconds", "zoneId", "specialValue", "precision"))
	with := func(y, mo, d, h, mi, s, nanos, offset int64) debezium.Value {
		return members(n(y), n(mo), n(d), n(h), n(mi), n(s), n(nanos), n(offset), none, none, none)
	}
	check(t, zoned, "timestamp(6)", row{with(2018, 6, 20, 13, 37, 3, 500000000, 7200), "'2018-06-20 11:37:03.500000'"}, row{with(0, 0, 0, 0, 0, 0, 0, 0), "'0000-00-00 00:00:00.000000'"},
		row{with(2018, 6, 20, 13, 37, 3, 0, 0), "'2018-06-20 13:37:03.000000'"}, row{with(2038, 1, 19, 3, 14, 8, 0, 0), "!beyond what TIMESTAMP holds"}, row{with(0, 0, 0, 0, 0, 0, 0, 3600), "!not in the calendar"})
	check(t, zoned, "datetime", row{with(2018, 1, 1, 0, 0, 0, 0, 3600), "'2017-12-31 23:00:00'"})
	refuses(t, zoned, "varchar(40)", "nothing in common")

	duration := structured("io.debezium.time.StructuredDuration", "TIME(6)",
		parts("years", "months", "days", "hours", "minutes", "seconds", "nanos", "precision"))
	lasting := func(y, mo, d, h, mi, s, nanos int64) debezium.Value {
		return members(n(y), n(mo), n(d), n(h), n(mi), n(s), n(nanos), none)
	}
	check(t, duration, "time(6)", row{lasting(0, 0, 0, -838, -59, -59, 0), "'-838:59:59.000000'"}, row{lasting(0, 0, 1, 1, 0, 0, 1000), "'25:00:00.000001'"},
		row{lasting(0, 0, 0, 0, 0, 3020399, 0), "'838:59:59.000000'"}, row{lasting(0, 0, 0, 0, 0, 0, -1000), "'-00:00:00.000001'"}, row{lasting(0, 0, 0, 0, 0, 0, 1), "!nanoseconds"},
		row{lasting(0, 0, 0, 838, 59, 60, 0), "!beyond 838:59:59"}, row{lasting(0, 0, 0, 1<<40, 0, 0, 0), "!beyond"}, row{lasting(1, 0, 0, 0, 0, 0, 0), "!beyond"}, row{lasting(0, -1, 0, 0, 0, 0, 0), "!beyond"}, row{n(1), "!kind"})
}

// Digits that were cut off before the event was written are no matter of the
// value: any value of the column may have had some.
func TestCutDigitsAreRefused(t *testing.T) {
	six := []string{"__debezium.source.column.length", "6"}
	refuses(t, f(debezium.Int64, "org.apache.kafka.connect.data.Timestamp", "DATETIME", six...), "datetime(6)", "cuts the store's microseconds")
	refuses(t, f(debezium.Int32, "org.apache.kafka.connect.data.Time", "TIME", six...), "time(6)", "time.precision.mode=adaptive_time_microseconds")
	check(t, f(debezium.Int64, "org.apache.kafka.connect.data.Timestamp", "DATETIME", "__debezium.source.column.length", "3"), "datetime(3)",
		row{number(1), "'1970-01-01 00:00:00.001'"})
}
