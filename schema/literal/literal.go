package literal

import (
	"errors"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

// SQLMode is the sql_mode of a session that literals are written in.
const SQLMode = schema.SQLMode

// Encoder appends a value to a statement. A null or absent value is NULL. On
// an error, which is always a [*DataError], dst is returned as it was.
type Encoder func(dst []byte, v *debezium.Value) ([]byte, error)

// For returns the encoder for the values of a field that are written to a
// column of type target. A field that cannot be written to such a column
// exactly is a [*FieldError].
//
// An encoder may be used by several goroutines.
func For(f *debezium.Field, target schema.Type, d schema.Dialect) (Encoder, error) {
	form, err := wire.Of(f)
	if err != nil {
		return nil, &FieldError{Column: f.Name, Target: target, Reason: err.Error()}
	}
	enc, err := choose(&task{field: f, form: form, target: target, dialect: d})
	if err != nil {
		return nil, &FieldError{Column: f.Name, Target: target, Reason: err.Error()}
	}
	name := f.Name
	return func(dst []byte, v *debezium.Value) ([]byte, error) {
		if v.Kind <= debezium.Null {
			return append(dst, "NULL"...), nil
		}
		out, flaw := enc(dst, v)
		if flaw != nil {
			return dst, &DataError{Column: name, Reason: flaw.reason, Need: flaw.need}
		}
		return out, nil
	}, nil
}

// task is what an encoder is chosen for.
type task struct {
	field   *debezium.Field
	form    wire.Form
	target  schema.Type
	dialect schema.Dialect
}

var errNoWay = errors.New("the two have nothing in common")

// choose is the table of forms: each has one function that knows which columns
// its values can be written to. schema.TypeOf has the same rows.
func choose(t *task) (encode, error) {
	switch t.form {
	case wire.Int, wire.Year, wire.Bool:
		return integerEncoder(t)
	case wire.Bits:
		return bitEncoder(t)
	case wire.Float32, wire.Float64:
		return floatEncoder(t)
	case wire.Decimal:
		return decimalEncoder(t)
	case wire.Text:
		return textEncoder(t)
	case wire.Bytes:
		return bytesEncoder(t)
	case wire.Enum, wire.Set:
		return labelEncoder(t)
	case wire.JSON:
		return jsonEncoder(t)
	case wire.UUID:
		return addressEncoder(t)
	case wire.Date, wire.IsoDate, wire.DateStruct:
		return dateEncoder(t)
	case wire.TimeMillis, wire.TimeMicros, wire.TimeNanos, wire.IsoTime, wire.DurationStruct:
		return durationEncoder(t)
	case wire.TimestampMillis, wire.TimestampMicros, wire.TimestampNanos, wire.IsoTimestamp, wire.TimestampStruct:
		return wallClockEncoder(t)
	case wire.Zoned, wire.ZonedStruct:
		return instantEncoder(t)
	case wire.Geometry:
		return geometryEncoder(t)
	case wire.Vector:
		return vectorEncoder(t)
	}
	return nil, errNoWay
}

// source is the store's own type of the column; ok is false when the connector
// does not propagate it.
func (t *task) source() (schema.Type, bool) { return schema.SourceType(t.field) }
