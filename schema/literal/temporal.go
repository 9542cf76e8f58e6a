package literal

import (
	"errors"
	"strconv"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

var (
	flawYears    = &flaw{reason: "the date is beyond the years 0 to 9999"}
	flawNanos    = &flaw{reason: "the value has nanoseconds, MySQL keeps microseconds"}
	flawNoDate   = &flaw{reason: "the date is not in the calendar"}
	flawSpecial  = &flaw{reason: "the value is infinite, which MySQL cannot hold"}
	flawWallZone = &flaw{reason: "a wall clock has an offset from UTC"}
)

// timeReader takes a date and time out of a value. It returns it by value, as
// what a function value is given a pointer to moves to the heap.
type timeReader func(v *debezium.Value) (civil, *flaw)

// fractionFlaw is what is wrong with digits the column would round.
func fractionFlaw(target schema.Type) *flaw {
	wide := schema.Type{Base: target.Base, Fraction: 6}
	return flawf("the value has more digits behind the seconds than %s keeps", target).needing(wide)
}

// dateEncoder writes calendar dates.
func dateEncoder(t *task) (encode, error) {
	var read timeReader
	switch t.form {
	case wire.Date:
		read = readDays
	case wire.IsoDate:
		read = readIsoDate
	default:
		read = structReader(t.field)
	}
	switch t.target.Kind() {
	case schema.DateKind:
		return dated(read, nil), nil
	case schema.DateTimeKind:
		return dated(read, []byte(" 00:00:00")), nil
	case schema.TextKind:
		return fitting(dated(read, nil), t.room()), nil
	case schema.IntegerKind:
		return asSent(t)
	}
	return nil, errNoWay
}

func dated(read timeReader, suffix []byte) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		c, flaw := read(v)
		if flaw != nil {
			return dst, flaw
		}
		dst = c.appendDate(append(dst, '\''))
		return append(append(dst, suffix...), '\''), nil
	}
}

// asSent writes the number of a temporal field to an integer column, as sinks
// do that do not know what it means. Its unit is the field's.
func asSent(t *task) (encode, error) {
	if t.field.Type != debezium.Int32 && t.field.Type != debezium.Int64 {
		return nil, errNoWay
	}
	return whole(t, readInt)
}

// fitting checks that a literal without escapes fits into a text column.
func fitting(next encode, room room) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		start := len(dst) + 1
		dst, flaw := next(dst, v)
		if flaw != nil {
			return dst, flaw
		}
		return dst, room.flaw(dst[start : len(dst)-1])
	}
}

// wallClockEncoder writes DATETIME, which arrives as if its wall clock showed
// UTC.
func wallClockEncoder(t *task) (encode, error) {
	if t.cut() {
		return nil, errCut
	}
	read := clockReader(t)
	switch t.target.Kind() {
	case schema.DateTimeKind:
		return timed(read, t.target), nil
	case schema.TextKind:
		return fitting(timed(read, t.asText(schema.DateTime)), t.room()), nil
	case schema.IntegerKind:
		return asSent(t)
	case schema.TimestampKind:
		return nil, errWallClock
	}
	return nil, errNoWay
}

var errCut = errors.New("the connector cuts the store's microseconds to milliseconds; set time.precision.mode=adaptive_time_microseconds on it")

// cut says whether the connector has cut digits off before the event was
// written, as time.precision.mode=connect does: the other modes that send
// milliseconds do so for columns of no more digits.
func (t *task) cut() bool {
	source, known := t.source()
	return known && source.Fraction > 3 && (t.form == wire.TimeMillis || t.form == wire.TimestampMillis)
}

// asText is the type whose digits a temporal value is given in a text column.
func (t *task) asText(base schema.Base) schema.Type {
	if source, ok := t.source(); ok && source.Base == base {
		return source
	}
	if t.form == wire.TimeMillis || t.form == wire.TimestampMillis {
		return schema.Type{Base: base, Fraction: 3}
	}
	return schema.Type{Base: base, Fraction: 6}
}

func clockReader(t *task) timeReader {
	switch t.form {
	case wire.TimestampMillis:
		return readScaled(microsPerMilli)
	case wire.TimestampMicros:
		return readScaled(1)
	case wire.TimestampNanos:
		return readNanos
	case wire.IsoTimestamp:
		return readIsoClock
	}
	return structReader(t.field)
}

// timed writes a date and time with the column's digits of fraction.
func timed(read timeReader, target schema.Type) encode {
	finest, bad, digits := finest[target.Fraction], fractionFlaw(target), target.Fraction
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		c, flaw := read(v)
		if flaw != nil {
			return dst, flaw
		}
		if c.micros%finest != 0 {
			return dst, bad
		}
		dst = c.appendDate(append(dst, '\''))
		dst = c.appendTime(append(dst, ' '), digits)
		return append(dst, '\''), nil
	}
}

func readDays(v *debezium.Value) (c civil, _ *flaw) {
	if v.Kind != debezium.Int {
		return c, flawKind
	}
	if v.Int < firstDay || v.Int > lastDay {
		return c, flawYears
	}
	c.fromDays(int(v.Int))
	return c, nil
}

// readScaled reads units of so many µs.
func readScaled(unit int64) timeReader {
	limit := (int64(lastDay) + 1) * (microsPerDay / unit)
	return func(v *debezium.Value) (c civil, _ *flaw) {
		if v.Kind != debezium.Int {
			return c, flawKind
		}
		if v.Int < -limit || v.Int > limit || !c.fromMicros(v.Int*unit) {
			return c, flawYears
		}
		return c, nil
	}
}

func readNanos(v *debezium.Value) (c civil, _ *flaw) {
	if v.Kind != debezium.Int {
		return c, flawKind
	}
	if v.Int%1000 != 0 {
		return c, flawNanos
	}
	c.fromMicros(v.Int / 1000) // 64 bits of ns reach from 1677 to 2262
	return c, nil
}

// readIsoDate reads "2017-09-15Z".
func readIsoDate(v *debezium.Value) (c civil, _ *flaw) {
	if v.Kind != debezium.Text {
		return c, flawKind
	}
	cur := cursor{rest: v.Bytes}
	cur.date(&c)
	offset := 0
	if len(cur.rest) > 0 {
		offset = cur.offset()
	}
	switch {
	case !cur.ok() || !c.exists():
		return c, flawSyntax
	case offset != 0:
		return c, flawWallZone
	}
	return c, nil
}

// readIso reads "2018-06-20T13:37:03.5+02:00" and returns the offset.
func readIso(v *debezium.Value) (c civil, offset int, _ *flaw) {
	if v.Kind != debezium.Text {
		return c, 0, flawKind
	}
	cur := cursor{rest: v.Bytes}
	cur.date(&c)
	cur.expect('T')
	nanos := cur.time(&c)
	offset = cur.offset()
	switch {
	case !cur.ok():
		return c, 0, flawSyntax
	case !c.exists():
		return c, 0, flawNoDate
	case nanos != 0:
		return c, 0, flawNanos
	}
	return c, offset, nil
}

func readIsoClock(v *debezium.Value) (civil, *flaw) {
	c, offset, flaw := readIso(v)
	if flaw == nil && offset != 0 {
		return c, flawWallZone
	}
	return c, flaw
}

func intParameter(f *debezium.Field, name string) (int, bool) {
	n, err := strconv.Atoi(f.Parameters[name])
	return n, err == nil
}
