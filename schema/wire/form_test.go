package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema/wire"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		t    debezium.Type
		name string
		want wire.Form
	}{
		{debezium.Int8, "", wire.Int},
		{debezium.Int16, "", wire.Int},
		{debezium.Int32, "", wire.Int},
		{debezium.Int64, "", wire.Int},
		{debezium.Float32, "", wire.Float32},
		{debezium.Float64, "", wire.Float64},
		{debezium.Boolean, "", wire.Bool},
		{debezium.String, "", wire.Text},
		{debezium.Bytes, "", wire.Bytes},
		{debezium.Bytes, "org.apache.kafka.connect.data.Decimal", wire.Decimal},
		{debezium.Int32, "org.apache.kafka.connect.data.Date", wire.Date},
		{debezium.Int32, "org.apache.kafka.connect.data.Time", wire.TimeMillis},
		{debezium.Int64, "org.apache.kafka.connect.data.Timestamp", wire.TimestampMillis},
		{debezium.Bytes, "io.debezium.data.Bits", wire.Bits},
		{debezium.String, "io.debezium.data.Enum", wire.Enum},
		{debezium.String, "io.debezium.data.EnumSet", wire.Set},
		{debezium.String, "io.debezium.data.Json", wire.JSON},
		{debezium.String, "io.debezium.data.Uuid", wire.UUID},
		{debezium.String, "io.debezium.data.Xml", wire.Text},
		{debezium.Array, "io.debezium.data.FloatVector", wire.Vector},
		{debezium.Array, "io.debezium.data.DoubleVector", wire.Vector},
		{debezium.Struct, "io.debezium.data.geometry.Geometry", wire.Geometry},
		{debezium.Struct, "io.debezium.data.geometry.Point", wire.Geometry},
		{debezium.Struct, "io.debezium.data.geometry.Geography", wire.Geometry},
		{debezium.Int32, "io.debezium.time.Year", wire.Year},
		{debezium.Int32, "io.debezium.time.Date", wire.Date},
		{debezium.String, "io.debezium.time.IsoDate", wire.IsoDate},
		{debezium.Int32, "io.debezium.time.Time", wire.TimeMillis},
		{debezium.Int64, "io.debezium.time.MicroTime", wire.TimeMicros},
		{debezium.Int64, "io.debezium.time.NanoTime", wire.TimeNanos},
		{debezium.String, "io.debezium.time.IsoTime", wire.IsoTime},
		{debezium.Int64, "io.debezium.time.Timestamp", wire.TimestampMillis},
		{debezium.Int64, "io.debezium.time.MicroTimestamp", wire.TimestampMicros},
		{debezium.Int64, "io.debezium.time.NanoTimestamp", wire.TimestampNanos},
		{debezium.String, "io.debezium.time.IsoTimestamp", wire.IsoTimestamp},
		{debezium.String, "io.debezium.time.ZonedTimestamp", wire.Zoned},
		{debezium.Struct, "io.debezium.time.StructuredDate", wire.DateStruct},
		{debezium.Struct, "io.debezium.time.StructuredDuration", wire.DurationStruct},
		{debezium.Struct, "io.debezium.time.StructuredTimestamp", wire.TimestampStruct},
		{debezium.Struct, "io.debezium.time.StructuredTimestampPrecision6", wire.TimestampStruct},
		{debezium.Struct, "io.debezium.time.StructuredZonedTimestampPrecision3SourceColumn6174", wire.ZonedStruct},
		{debezium.String, "com.example.Phone", wire.Text}, // a name that changes nothing
		{debezium.Int64, "com.example.Count", wire.Int},
	} {
		got, err := wire.Of(&debezium.Field{Name: "c", Type: c.t, Logical: c.name})
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, "%d %s", c.t, c.name)
	}
}

func TestOfRefuses(t *testing.T) {
	for _, c := range []struct {
		t      debezium.Type
		name   string
		reason string
	}{
		{debezium.Array, "", `field "c": no column can hold the type "" (array)`},
		{debezium.Map, "x", `(map)`},
		{debezium.Struct, "x.y", `no column can hold the type "x.y" (struct)`},
		{0, "", "(type 0)"},
		{99, "", "(type 99)"},
		{debezium.String, "io.debezium.time.MicroTime", "io.debezium.time.MicroTime does not arrive as string; a transformation may have changed it"},
		{debezium.Int64, "io.debezium.time.Date", "does not arrive as int64"},
		{debezium.Float64, "org.apache.kafka.connect.data.Decimal", "does not arrive as double"},
	} {
		_, err := wire.Of(&debezium.Field{Name: "c", Type: c.t, Logical: c.name})
		require.ErrorContains(t, err, c.reason)
	}
}
