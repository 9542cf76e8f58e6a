package literal

import (
	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

// maxDuration is the longest TIME either way in µs, 838:59:59, to which
// MariaDB adds a fraction.
const (
	maxDuration      = (838*3600 + 59*60 + 59) * microsPerSecond
	maxMariaDuration = maxDuration + microsPerSecond - 1
)

var flawDuration = &flaw{reason: "the duration is beyond 838:59:59 either way"}

// durationEncoder writes TIME, which is a signed duration of up to 838 hours
// and not a time of day.
func durationEncoder(t *task) (encode, error) {
	if t.cut() {
		return nil, errCut
	}
	read := durationReader(t)
	switch t.target.Kind() {
	case schema.TimeKind:
		return lasting(read, t.target, t.dialect), nil
	case schema.TextKind:
		return fitting(lasting(read, t.asText(schema.Time), schema.Dialect{MariaDB: true}), t.room()), nil
	case schema.IntegerKind:
		return asSent(t)
	}
	return nil, errNoWay
}

// microsReader takes a duration in µs out of a value.
type microsReader func(v *debezium.Value) (int64, *flaw)

func durationReader(t *task) microsReader {
	switch t.form {
	case wire.TimeMillis:
		return readDuration(microsPerMilli)
	case wire.TimeMicros:
		return readDuration(1)
	case wire.TimeNanos:
		return readDurationNanos
	case wire.IsoTime:
		return readIsoTime
	}
	return durationStructReader(t.field)
}

func readDuration(unit int64) microsReader {
	limit := maxMariaDuration / unit
	return func(v *debezium.Value) (int64, *flaw) {
		if v.Kind != debezium.Int {
			return 0, flawKind
		}
		if v.Int < -limit || v.Int > limit {
			return 0, flawDuration
		}
		return v.Int * unit, nil
	}
}

func readDurationNanos(v *debezium.Value) (int64, *flaw) {
	if v.Kind != debezium.Int {
		return 0, flawKind
	}
	if v.Int%1000 != 0 {
		return 0, flawNanos
	}
	return v.Int / 1000, nil
}

// readIsoTime reads "04:05:11.789Z", a time of day.
func readIsoTime(v *debezium.Value) (int64, *flaw) {
	if v.Kind != debezium.Text {
		return 0, flawKind
	}
	var c civil
	cur := cursor{rest: v.Bytes}
	nanos := cur.time(&c)
	offset := 0
	if len(cur.rest) > 0 {
		offset = cur.offset()
	}
	switch {
	case !cur.ok():
		return 0, flawSyntax
	case offset != 0:
		return 0, flawWallZone
	case nanos != 0:
		return 0, flawNanos
	}
	return int64(c.hour*3600+c.minute*60+c.second)*microsPerSecond + int64(c.micros), nil
}

// lasting writes a duration with the column's digits of fraction.
func lasting(read microsReader, target schema.Type, d schema.Dialect) encode {
	longest := int64(maxDuration)
	if d.MariaDB {
		longest = maxMariaDuration
	}
	finest, bad, digits := int64(finest[target.Fraction]), fractionFlaw(target), target.Fraction
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		micros, flaw := read(v)
		switch {
		case flaw != nil:
			return dst, flaw
		case micros < -longest || micros > longest:
			return dst, flawDuration
		case micros%finest != 0:
			return dst, bad
		}
		dst = append(dst, '\'')
		if micros < 0 {
			dst = append(dst, '-')
			micros = -micros
		}
		seconds := int(micros / microsPerSecond)
		if hours := seconds / 3600; hours >= 100 {
			dst = append(dst, byte('0'+hours/100))
		}
		c := civil{hour: seconds / 3600 % 100, minute: seconds / 60 % 60, second: seconds % 60, micros: int(micros % microsPerSecond)}
		return append(c.appendTime(dst, digits), '\''), nil
	}
}
