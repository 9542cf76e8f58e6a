package schema

import (
	"slices"
	"strconv"
	"strings"

	"tributary/debezium"
	"tributary/schema/wire"
)

// textCharset is what every text column of ours is stored in: it holds what
// any store's charset holds.
const textCharset = "utf8mb4"

// Length given to text and bytes of unknown length when they are part of a key,
// where LONGTEXT and LONGBLOB cannot be. [Derive] makes it as long as the key has
// room for. A longer value is an error.
const unknownKeyLength = 255

// TypeOf returns the type of the column that holds a field's values: the
// store's own type where the connector propagates it
// (column.propagate.source.type), else the smallest type that holds all the
// field can say. In a key, text is compared byte by byte, and types that cannot
// be indexed whole become VARCHAR(255) or VARBINARY(255).
//
// Where the propagated type and the form on the wire contradict each other (a
// custom converter has changed the field), the wire counts.
func TypeOf(f *debezium.Field, d Dialect, key bool) (Type, error) {
	form, err := wire.Of(f)
	if err != nil {
		return Type{}, err
	}
	t, ok := SourceType(f)
	if !ok || !arrivesAs(t, form) {
		t = wireType(f, form)
	}
	if t.Base == Enum || t.Base == Set {
		labels, err := Labels(f)
		if err != nil {
			return Type{}, err
		}
		for _, l := range labels {
			t.Labels = append(t.Labels, l.Text)
		}
	}
	t = t.inUTF8(f).on(d)
	if key {
		return t.inKey(d)
	}
	return t, nil
}

// SourceType returns the store's own type of a column, without labels and
// charset; ok is false when the connector does not propagate it or it is not
// one of MySQL's.
func SourceType(f *debezium.Field) (Type, bool) {
	source, ok := f.Source()
	if !ok {
		return Type{}, false
	}
	p := typeParser{text: source.Type}
	words, args, err := p.head()
	if err != nil {
		return Type{}, false
	}
	t, rest, err := named(words)
	if err != nil || t.Base == Enum || t.Base == Set {
		return t, err == nil // the labels are elsewhere, see Allowed
	}
	if len(args) == 0 && source.Length >= 0 && t.takesLength() {
		args = append(args, argument{number: source.Length})
		if source.Scale >= 0 && (t.Kind() == DecimalKind || t.Kind() == FloatKind) {
			args = append(args, argument{number: source.Scale})
		}
	}
	if t.give(args) != nil {
		return Type{}, false
	}
	t.Unsigned = t.Unsigned || slices.Contains(rest, "unsigned") || slices.Contains(rest, "zerofill")
	t.Zerofill = slices.Contains(rest, "zerofill")
	if t.Kind() == IntegerKind && !t.Boolean() && !t.Zerofill {
		t.Length = 0 // a display width; MariaDB has one for every integer
	}
	t, err = t.settled()
	return t, err == nil
}

// takesLength says whether the propagated length describes the type; Debezium
// sends one for types that have none (an ENUM's is 1).
func (t Type) takesLength() bool {
	switch t.Kind() {
	case DateKind, JSONKind, SpatialKind, AddressKind, YearKind, EnumKind, SetKind:
		return false
	}
	return true
}

// arrivesAs says whether Debezium writes a column of type t in the given form
// in any of its modes.
func arrivesAs(t Type, form wire.Form) bool {
	switch t.Kind() {
	case IntegerKind:
		return form == wire.Int || form == wire.Bool || form == wire.Decimal
	case DecimalKind:
		return form == wire.Decimal || form == wire.Text || form == wire.Float64
	case FloatKind:
		return form == wire.Float32 || form == wire.Float64
	case BitKind:
		return form == wire.Bits || form == wire.Bool
	case YearKind:
		return form == wire.Year || form == wire.Int
	case DateKind:
		return form == wire.Date || form == wire.IsoDate || form == wire.DateStruct
	case TimeKind:
		return form >= wire.TimeMillis && form <= wire.DurationStruct
	case DateTimeKind:
		return form >= wire.TimestampMillis && form <= wire.TimestampStruct
	case TimestampKind:
		return form == wire.Zoned || form == wire.ZonedStruct
	case TextKind:
		return form == wire.Text || form == wire.JSON
	case BinaryKind:
		return form == wire.Bytes || form == wire.Text
	case EnumKind:
		return form == wire.Enum
	case SetKind:
		return form == wire.Set
	case JSONKind:
		return form == wire.JSON || form == wire.Text
	case SpatialKind:
		return form == wire.Geometry
	case VectorKind:
		return form == wire.Vector
	case AddressKind:
		return form == wire.UUID || form == wire.Text
	}
	return false
}

// wireType is the type table for events without propagated types: the column
// each form asks for.
func wireType(f *debezium.Field, form wire.Form) Type {
	switch form {
	case wire.Int:
		return Type{Base: map[debezium.Type]Base{
			debezium.Int8: TinyInt, debezium.Int16: SmallInt, debezium.Int32: Int, debezium.Int64: BigInt,
		}[f.Type]}
	case wire.Bool:
		return Type{Base: TinyInt, Length: 1}
	case wire.Float32:
		return Type{Base: Float}
	case wire.Float64:
		return Type{Base: Double}
	case wire.Bytes:
		return Type{Base: LongBlob}
	case wire.Decimal:
		return wireDecimal(f)
	case wire.Bits:
		return Type{Base: Bit, Length: min(max(parameter(f, "length", 64), 1), 64)}
	case wire.Enum:
		return Type{Base: Enum}
	case wire.Set:
		return Type{Base: Set}
	case wire.JSON:
		return Type{Base: JSON}
	case wire.UUID:
		return Type{Base: UUID}
	case wire.Year:
		return Type{Base: Year}
	case wire.Date, wire.IsoDate, wire.DateStruct:
		return Type{Base: Date}
	case wire.TimeMillis:
		return Type{Base: Time, Fraction: 3}
	case wire.TimeMicros, wire.TimeNanos, wire.IsoTime, wire.DurationStruct:
		return Type{Base: Time, Fraction: precision(f)}
	case wire.TimestampMillis:
		return Type{Base: DateTime, Fraction: 3}
	case wire.TimestampMicros, wire.TimestampNanos, wire.IsoTimestamp, wire.TimestampStruct:
		return Type{Base: DateTime, Fraction: precision(f)}
	case wire.Zoned, wire.ZonedStruct:
		return Type{Base: Timestamp, Fraction: precision(f)}
	case wire.Geometry:
		if strings.HasSuffix(f.Logical, ".Point") {
			return Type{Base: Point}
		}
		return Type{Base: Geometry}
	case wire.Vector:
		return Type{Base: Vector}
	}
	return Type{Base: LongText}
}

// wireDecimal reads Connect's scale and precision; without a precision the
// digits before the point are as many as fit.
func wireDecimal(f *debezium.Field) Type {
	scale := min(max(parameter(f, "scale", 0), 0), 30)
	digits := parameter(f, "connect.decimal.precision", 65)
	return Type{Base: Decimal, Length: min(max(digits, scale, 1), 65), Scale: scale}
}

// precision is the number of fraction digits that structured temporals carry
// as a parameter (3.7), else all that MySQL has.
func precision(f *debezium.Field) int {
	return min(max(parameter(f, "io.debezium.time.precision", 6), 0), 6)
}

func parameter(f *debezium.Field, name string, otherwise int) int {
	n, err := strconv.Atoi(f.Parameters[name])
	if err != nil {
		return otherwise
	}
	return n
}
