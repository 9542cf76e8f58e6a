package literal

import (
	"errors"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

var errWallClock = errors.New("the store's DATETIME is a wall clock and TIMESTAMP is an instant; make the column DATETIME")

// Instants a TIMESTAMP holds, in µs since the epoch.
const (
	firstInstant = 1 * microsPerSecond
	// firstMariaInstant is the least fraction of a second after the epoch.
	firstMariaInstant = 1
	// lastInstant is 2038-01-19 03:14:07.999999. The manual says .499999,
	// but the server keeps the rest too.
	lastInstant = (1<<31)*microsPerSecond - 1
	// lastMariaInstant is 2106-02-07 06:28:15.999999, from MariaDB 11.5.
	lastMariaInstant = (1<<32)*microsPerSecond - 1
)

var (
	flawInstant = (&flaw{reason: "the instant is beyond what TIMESTAMP holds, 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC"}).
			needing(schema.Type{Base: schema.DateTime, Fraction: 6})
	flawReplaced = &flaw{reason: "the epoch is no TIMESTAMP: it stands for a zero date, or for a NULL in whose place a default was put; set value.converter.replace.null.with.default=false on the connector"}
)

// instantEncoder writes TIMESTAMP, which arrives as an instant, in UTC.
func instantEncoder(t *task) (encode, error) {
	read := readZoned
	if t.form == wire.ZonedStruct {
		read = zonedStructReader(t.field)
	}
	switch t.target.Kind() {
	case schema.TimestampKind:
		return timed(inRange(read, t), t.target), nil
	case schema.DateTimeKind:
		return timed(zeroed(read, t), t.target), nil
	case schema.TextKind:
		if t.form == wire.Zoned {
			return quoted(t.room()), nil
		}
	}
	return nil, errNoWay
}

// readZoned reads an instant and moves it to UTC.
func readZoned(v *debezium.Value) (civil, *flaw) {
	c, offset, flaw := readIso(v)
	if flaw != nil || offset == 0 {
		return c, flaw
	}
	return c, c.move(-offset)
}

// move adds seconds.
func (c *civil) move(seconds int) *flaw {
	if !c.fromMicros(c.toMicros() + int64(seconds)*microsPerSecond) {
		return flawYears
	}
	return nil
}

// zeroed reads the epoch as what it stands for. A TIMESTAMP begins after it, so
// that it can only be Debezium's stand-in for 0000-00-00 00:00:00. In a nullable
// column with a default it could also be the wire form of CURRENT_TIMESTAMP in a
// NULL's place, and is refused.
func zeroed(read timeReader, t *task) timeReader {
	if t.form == wire.ZonedStruct {
		return read // which knows zero dates
	}
	// Debezium has this form for TIMESTAMP only, but custom converters may
	// use it for any column.
	source, known := t.source()
	if known && source.Base != schema.Timestamp || !known && t.target.Base != schema.Timestamp {
		return read
	}
	replaced := t.field.Optional && t.field.Default != nil
	return func(v *debezium.Value) (civil, *flaw) {
		c, flaw := read(v)
		if flaw != nil || c.year != 1970 || c.toMicros() != 0 {
			return c, flaw
		}
		if replaced {
			return c, flawReplaced
		}
		return civil{}, nil
	}
}

// inRange refuses instants a TIMESTAMP column does not hold, zero excepted.
func inRange(read timeReader, t *task) timeReader {
	read = zeroed(read, t)
	first, last := int64(firstInstant), int64(lastInstant)
	if t.dialect.MariaDB {
		first = firstMariaInstant
	}
	if t.dialect.LongTimestamp() {
		last = lastMariaInstant
	}
	return func(v *debezium.Value) (civil, *flaw) {
		c, flaw := read(v)
		if flaw != nil || c.year > 1970 && c.year < 2038 || c == (civil{}) {
			return c, flaw
		}
		if at := c.toMicros(); at < first || at > last {
			return c, flawInstant
		}
		return c, nil
	}
}
