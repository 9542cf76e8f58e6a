package wire

import (
	"fmt"
	"strings"

	"tributary/debezium"
)

// Form is how a value stands on the wire.
type Form uint8

// The forms Debezium's MySQL and MariaDB connectors write, in every
// time.precision.mode, decimal.handling.mode, bigint.unsigned.handling.mode and
// binary.handling.mode. The comment behind each says what the value holds.
const (
	Unknown Form = iota

	Int     // a whole number, Kind Int
	Bool    // Kind Bool
	Float32 // Kind Number (NaN and infinities as Text)
	Float64 // likewise
	Text    // Kind Text
	Bytes   // Kind Binary

	Decimal // two's complement, big-endian, scaled; Kind Binary (Number with decimal.format=NUMERIC)
	Bits    // little-endian, Kind Binary
	Enum    // one label, Kind Text
	Set     // labels joined by commas, Kind Text
	JSON    // a document's text, Kind Text
	UUID    // 8-4-4-4-12 hex digits, Kind Text
	Year    // Kind Int

	Date       // days since 1970-01-01, Kind Int
	IsoDate    // "2017-09-15Z", Kind Text
	DateStruct // year, month, day, specialValue

	TimeMillis     // a signed duration in ms, Kind Int
	TimeMicros     // in µs
	TimeNanos      // in ns
	IsoTime        // "04:05:11.789Z", Kind Text
	DurationStruct // years … seconds, nanos or picoseconds

	TimestampMillis // a wall clock as ms since the epoch in UTC, Kind Int
	TimestampMicros // in µs
	TimestampNanos  // in ns
	IsoTimestamp    // "2018-06-20T13:37:03Z", Kind Text
	TimestampStruct // year … second, nanos or picoseconds, specialValue

	Zoned       // an instant, "2018-06-20T13:37:03Z", Kind Text
	ZonedStruct // TimestampStruct and offsetSeconds

	Geometry // a struct with wkb and srid
	Vector   // a list of numbers
)

// names maps Debezium's and Connect's semantic names to forms. A name of the
// structured family may carry a suffix (see structured).
var names = map[string]Form{
	"org.apache.kafka.connect.data.Decimal":   Decimal,
	"org.apache.kafka.connect.data.Date":      Date,
	"org.apache.kafka.connect.data.Time":      TimeMillis,
	"org.apache.kafka.connect.data.Timestamp": TimestampMillis,
	"io.debezium.data.Bits":                   Bits,
	"io.debezium.data.Enum":                   Enum,
	"io.debezium.data.EnumSet":                Set,
	"io.debezium.data.Json":                   JSON,
	"io.debezium.data.Uuid":                   UUID,
	"io.debezium.data.Xml":                    Text,
	"io.debezium.data.FloatVector":            Vector,
	"io.debezium.data.DoubleVector":           Vector,
	"io.debezium.data.geometry.Geometry":      Geometry,
	"io.debezium.data.geometry.Geography":     Geometry,
	"io.debezium.data.geometry.Point":         Geometry,
	"io.debezium.time.Year":                   Year,
	"io.debezium.time.Date":                   Date,
	"io.debezium.time.IsoDate":                IsoDate,
	"io.debezium.time.Time":                   TimeMillis,
	"io.debezium.time.MicroTime":              TimeMicros,
	"io.debezium.time.NanoTime":               TimeNanos,
	"io.debezium.time.IsoTime":                IsoTime,
	"io.debezium.time.Timestamp":              TimestampMillis,
	"io.debezium.time.MicroTimestamp":         TimestampMicros,
	"io.debezium.time.NanoTimestamp":          TimestampNanos,
	"io.debezium.time.IsoTimestamp":           IsoTimestamp,
	"io.debezium.time.ZonedTimestamp":         Zoned,
}

// structured lists the names of time.precision.mode=structured (Debezium 3.7).
// Later versions append "Precision6" or "SourceColumn…" to tell Avro records
// apart (io.debezium.time.StructuredTemporal), so they are matched by prefix.
var structured = []struct {
	prefix string
	form   Form
}{
	{"io.debezium.time.StructuredDate", DateStruct},
	{"io.debezium.time.StructuredDuration", DurationStruct},
	{"io.debezium.time.StructuredTimestamp", TimestampStruct},
	{"io.debezium.time.StructuredZonedTimestamp", ZonedStruct},
}

// bare are the forms of Connect types that carry no semantic name.
var bare = map[debezium.Type]Form{
	debezium.Int8:    Int,
	debezium.Int16:   Int,
	debezium.Int32:   Int,
	debezium.Int64:   Int,
	debezium.Float32: Float32,
	debezium.Float64: Float64,
	debezium.Boolean: Bool,
	debezium.String:  Text,
	debezium.Bytes:   Bytes,
}

// physical says which Connect types a form may arrive as. It guards against a
// transformation that changes the type and leaves the name.
var physical = map[Form][]debezium.Type{
	Decimal:         {debezium.Bytes},
	Bits:            {debezium.Bytes},
	Enum:            {debezium.String},
	Set:             {debezium.String},
	JSON:            {debezium.String},
	UUID:            {debezium.String},
	Text:            {debezium.String},
	Year:            {debezium.Int16, debezium.Int32},
	Date:            {debezium.Int32},
	IsoDate:         {debezium.String},
	TimeMillis:      {debezium.Int32, debezium.Int64},
	TimeMicros:      {debezium.Int64},
	TimeNanos:       {debezium.Int64},
	IsoTime:         {debezium.String},
	TimestampMillis: {debezium.Int64},
	TimestampMicros: {debezium.Int64},
	TimestampNanos:  {debezium.Int64},
	IsoTimestamp:    {debezium.String},
	Zoned:           {debezium.String},
	DateStruct:      {debezium.Struct},
	DurationStruct:  {debezium.Struct},
	TimestampStruct: {debezium.Struct},
	ZonedStruct:     {debezium.Struct},
	Geometry:        {debezium.Struct},
	Vector:          {debezium.Array},
}

// Of returns the form of a field. A semantic name this package does not know
// is ignored where the bare type has a form of its own (a label on a string
// does not change the string); arrays, maps and structs without a known name
// are an error, as no column could hold them exactly.
func Of(f *debezium.Field) (Form, error) {
	form := byName(f.Logical)
	if form == Unknown {
		if form = bare[f.Type]; form != Unknown {
			return form, nil
		}
		return Unknown, fmt.Errorf("field %q: no column can hold the type %q (%s)", f.Name, f.Logical, typeName(f.Type))
	}
	for _, t := range physical[form] {
		if t == f.Type {
			return form, nil
		}
	}
	return Unknown, fmt.Errorf("field %q: %s does not arrive as %s; a transformation may have changed it",
		f.Name, f.Logical, typeName(f.Type))
}

func byName(name string) Form {
	if name == "" {
		return Unknown
	}
	if form, ok := names[name]; ok {
		return form
	}
	for _, s := range structured {
		if strings.HasPrefix(name, s.prefix) {
			return s.form
		}
	}
	return Unknown
}

func typeName(t debezium.Type) string {
	names := [...]string{
		debezium.Int8: "int8", debezium.Int16: "int16", debezium.Int32: "int32", debezium.Int64: "int64",
		debezium.Float32: "float", debezium.Float64: "double", debezium.Boolean: "boolean",
		debezium.String: "string", debezium.Bytes: "bytes",
		debezium.Array: "array", debezium.Map: "map", debezium.Struct: "struct",
	}
	if int(t) < len(names) && names[t] != "" {
		return names[t]
	}
	return fmt.Sprintf("type %d", t)
}
