package literal

import (
	"slices"

	"tributary/debezium"
)

// parts are the positions of the members of a structured temporal
// (time.precision.mode=structured, io.debezium.time.StructuredTemporal), -1
// for those it does not have.
type parts struct {
	year, month, day     int
	hour, minute, second int
	nanos, picos         int
	offset, special      int
}

func partsOf(f *debezium.Field) parts {
	return parts{
		year: position(f, "year"), month: position(f, "month"), day: position(f, "day"),
		hour: position(f, "hour"), minute: position(f, "minute"), second: position(f, "second"),
		nanos: position(f, "nanos"), picos: position(f, "picoseconds"),
		offset: position(f, "offsetSeconds"), special: position(f, "specialValue"),
	}
}

// position is where a struct has a member, -1 if it has none of that name.
func position(f *debezium.Field, name string) int {
	return slices.IndexFunc(f.Fields, func(m debezium.Field) bool { return m.Name == name })
}

// member is the whole number at a position, 0 for none.
func member(v *debezium.Value, at int) (int64, *flaw) {
	if at < 0 || at >= len(v.Items) || v.Items[at].Kind <= debezium.Null {
		return 0, nil
	}
	if v.Items[at].Kind != debezium.Int {
		return 0, flawKind
	}
	return v.Items[at].Int, nil
}

// micros reads the fraction: nanoseconds in the first version of the format,
// picoseconds in later ones.
func (p *parts) micros(v *debezium.Value) (int64, *flaw) {
	nanos, flaw := member(v, p.nanos)
	if flaw != nil {
		return 0, flaw
	}
	picos, flaw := member(v, p.picos)
	if flaw != nil {
		return 0, flaw
	}
	if nanos%1_000 != 0 || picos%1_000_000 != 0 {
		return 0, flawNanos
	}
	return nanos/1_000 + picos/1_000_000, nil
}

// structReader reads StructuredDate and StructuredTimestamp. The parts need
// not be a date of the calendar: 0000-00-00 and 2026-02-31 are what this mode
// exists to keep.
func structReader(f *debezium.Field) timeReader {
	p := partsOf(f)
	return func(v *debezium.Value) (c civil, _ *flaw) {
		if v.Kind != debezium.Members {
			return c, flawKind
		}
		if p.special >= 0 && p.special < len(v.Items) && v.Items[p.special].Kind > debezium.Null {
			return c, flawSpecial
		}
		micros, flaw := p.micros(v)
		if flaw != nil {
			return c, flaw
		}
		if micros < 0 || micros >= microsPerSecond {
			return c, flawSyntax
		}
		c.micros = int(micros)
		for _, part := range [...]struct {
			to  *int
			at  int
			max int64
		}{
			{&c.year, p.year, 9999},
			{&c.month, p.month, 12},
			{&c.day, p.day, 31},
			{&c.hour, p.hour, 23},
			{&c.minute, p.minute, 59},
			{&c.second, p.second, 59},
		} {
			n, flaw := member(v, part.at)
			if flaw != nil {
				return c, flaw
			}
			if n < 0 || n > part.max {
				return c, flawYears
			}
			*part.to = int(n)
		}
		return c, nil
	}
}

// zonedStructReader reads StructuredZonedTimestamp and moves it to UTC.
func zonedStructReader(f *debezium.Field) timeReader {
	p, read := partsOf(f), structReader(f)
	return func(v *debezium.Value) (civil, *flaw) {
		c, flaw := read(v)
		if flaw != nil {
			return c, flaw
		}
		offset, flaw := member(v, p.offset)
		if flaw != nil || offset == 0 {
			return c, flaw
		}
		if !c.exists() || offset < -secondsPerDay || offset > secondsPerDay {
			return c, flawNoDate
		}
		return c, c.move(-int(offset))
	}
}

// durationStructReader reads StructuredDuration, whose parts all bear the sign.
// A TIME has no calendar, so that years and months must be 0.
func durationStructReader(f *debezium.Field) microsReader {
	type unit struct {
		at          int
		size, limit int64
	}
	p := partsOf(f)
	units := []unit{{at: position(f, "years")}, {at: position(f, "months")}}
	for name, size := range map[string]int64{"days": secondsPerDay, "hours": 3600, "minutes": 60, "seconds": 1} {
		size *= microsPerSecond
		// Twice what is allowed, so that the sum does not overflow and parts
		// may make up for each other.
		units = append(units, unit{at: position(f, name), size: size, limit: 2 * maxMariaDuration / size})
	}
	return func(v *debezium.Value) (int64, *flaw) {
		if v.Kind != debezium.Members {
			return 0, flawKind
		}
		sum, flaw := p.micros(v)
		if flaw != nil {
			return 0, flaw
		}
		for _, u := range units {
			n, flaw := member(v, u.at)
			if flaw != nil {
				return 0, flaw
			}
			if n < -u.limit || n > u.limit {
				return 0, flawDuration
			}
			sum += n * u.size
		}
		return sum, nil
	}
}
