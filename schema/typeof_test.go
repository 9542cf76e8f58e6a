package schema_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

// propagated is a field as column.propagate.source.type sends it. Negative
// lengths and scales are left out.
func propagated(t debezium.Type, logical, sourceType string, length, scale int, more ...string) *debezium.Field {
	f := &debezium.Field{
		Name: "c", Type: t, Logical: logical, Optional: true,
		Parameters: map[string]string{"__debezium.source.column.type": sourceType},
	}
	if length >= 0 {
		f.Parameters["__debezium.source.column.length"] = strconv.Itoa(length)
	}
	if scale >= 0 {
		f.Parameters["__debezium.source.column.scale"] = strconv.Itoa(scale)
	}
	for i := 0; i < len(more); i += 2 {
		f.Parameters[more[i]] = more[i+1]
	}
	return f
}

// bare is a field of a connector that propagates nothing.
func bare(t debezium.Type, logical string, parameters ...string) *debezium.Field {
	f := &debezium.Field{Name: "c", Type: t, Logical: logical, Optional: true}
	for i := 0; i < len(parameters); i += 2 {
		if f.Parameters == nil {
			f.Parameters = make(map[string]string)
		}
		f.Parameters[parameters[i]] = parameters[i+1]
	}
	return f
}

const (
	connectDecimal = "org.apache.kafka.connect.data.Decimal"
	zoned          = "io.debezium.time.ZonedTimestamp"
	microTimestamp = "io.debezium.time.MicroTimestamp"
	enum           = "io.debezium.data.Enum"
	enumSet        = "io.debezium.data.EnumSet"
)

func TestTypeOfPropagated(t *testing.T) {
	for _, c := range []struct {
		want string
		f    *debezium.Field
	}{
		{"tinyint", propagated(debezium.Int16, "", "TINYINT", -1, -1)},
		{"tinyint", propagated(debezium.Int8, "", "TINYINT", -1, -1)},
		{"tinyint(1)", propagated(debezium.Int16, "", "TINYINT", 1, -1)},
		{"tinyint(1)", propagated(debezium.Boolean, "", "BOOLEAN", -1, -1)},
		{"tinyint(1)", propagated(debezium.Boolean, "", "TINYINT", 1, -1)},
		{"smallint unsigned", propagated(debezium.Int32, "", "SMALLINT UNSIGNED", -1, -1)},
		{"int", propagated(debezium.Int32, "", "INTEGER", -1, -1)},
		{"int unsigned", propagated(debezium.Int64, "", "INT UNSIGNED", 10, -1)},
		{"int(5) unsigned zerofill", propagated(debezium.Int64, "", "INT UNSIGNED ZEROFILL", 5, -1)},
		{"bigint unsigned", propagated(debezium.Int64, "", "BIGINT UNSIGNED", -1, -1)},
		{"bigint unsigned", propagated(debezium.Bytes, connectDecimal, "BIGINT UNSIGNED", -1, -1, "scale", "0", "connect.decimal.precision", "20")},
		{"decimal(20,5)", propagated(debezium.Bytes, connectDecimal, "DECIMAL", 20, 5, "scale", "5")},
		{"decimal(20,5)", propagated(debezium.String, "", "DECIMAL", 20, 5)},
		{"decimal(20,5)", propagated(debezium.Float64, "", "NUMERIC", 20, 5)},
		{"decimal(6,2) unsigned", propagated(debezium.Bytes, connectDecimal, "DECIMAL UNSIGNED", 6, 2, "scale", "2")},
		{"decimal(10,0)", propagated(debezium.Bytes, connectDecimal, "DEC", -1, -1, "scale", "0")},
		{"float", propagated(debezium.Float32, "", "FLOAT", -1, -1)},
		{"double", propagated(debezium.Float64, "", "FLOAT", 30, -1)},
		{"double", propagated(debezium.Float32, "", "REAL", -1, -1)},
		{"float(10,2)", propagated(debezium.Float64, "", "FLOAT", 10, 2)},
		{"bit(1)", propagated(debezium.Boolean, "", "BIT", 1, -1)},
		{"bit(9)", propagated(debezium.Bytes, "io.debezium.data.Bits", "BIT", 9, -1, "length", "9")},
		{"year", propagated(debezium.Int32, "io.debezium.time.Year", "YEAR", 4, -1)},
		{"date", propagated(debezium.Int32, "io.debezium.time.Date", "DATE", -1, -1)},
		{"date", propagated(debezium.String, "io.debezium.time.IsoDate", "DATE", -1, -1)},
		{"time", propagated(debezium.Int64, "io.debezium.time.MicroTime", "TIME", -1, -1)},
		{"time(3)", propagated(debezium.Int64, "io.debezium.time.MicroTime", "TIME", 3, -1)},
		{"datetime", propagated(debezium.Int64, "io.debezium.time.Timestamp", "DATETIME", -1, -1)},
		{"datetime(6)", propagated(debezium.Int64, microTimestamp, "DATETIME", 6, -1)},
		{"timestamp(3)", propagated(debezium.String, zoned, "TIMESTAMP", 3, -1)},
		{"char(5)", propagated(debezium.String, "", "CHAR", 5, -1)},
		{"char(1)", propagated(debezium.String, "", "CHAR", -1, -1)},
		{"varchar(20)", propagated(debezium.String, "", "VARCHAR", 20, -1)},
		{"varchar(20)", propagated(debezium.String, "", "NATIONAL VARCHAR", 20, -1)},
		{"varchar(16383)", propagated(debezium.String, "", "VARCHAR", 16383, -1)},
		{"mediumtext", propagated(debezium.String, "", "VARCHAR", 16384, -1)}, // 65,536 bytes in utf8mb4
		{"text", propagated(debezium.String, "", "TEXT", -1, -1)},
		{"text", propagated(debezium.String, "", "TINYTEXT", -1, -1, "__debezium.source.column.character_set", "latin1")},
		{"tinytext", propagated(debezium.String, "", "TINYTEXT", -1, -1, "__debezium.source.column.character_set", "utf8mb4")},
		{"binary(4)", propagated(debezium.Bytes, "", "BINARY", 4, -1)},
		{"binary(4)", propagated(debezium.String, "", "BINARY", 4, -1)},
		{"blob", propagated(debezium.Bytes, "", "BLOB", -1, -1)},
		{`enum('a','b,c','')`, propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", `a,b\,c,`)},
		{`enum('it''s','back\\slash')`, propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", `it's,back\\slash`)},
		{"enum('padded')", propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", `padded  `)},
		{"set('x','y')", propagated(debezium.String, enumSet, "SET", 3, -1, "allowed", "x,y")},
		{"json", propagated(debezium.String, "io.debezium.data.Json", "JSON", -1, -1)},
		{"longtext", propagated(debezium.String, "", "LONGTEXT", -1, -1)},
		{"geometry", propagated(debezium.Struct, "io.debezium.data.geometry.Geometry", "GEOMETRY", -1, -1)},
		{"geomcollection", propagated(debezium.Struct, "io.debezium.data.geometry.Geometry", "GEOMCOLLECTION", -1, -1)},
		{"point", propagated(debezium.Struct, "io.debezium.data.geometry.Point", "POINT", -1, -1)},
		{"vector(3)", propagated(debezium.Array, "io.debezium.data.FloatVector", "VECTOR", 3, -1)},
		{"vector(16383)", propagated(debezium.Array, "io.debezium.data.FloatVector", "VECTOR", -1, -1)},
		{"char(36)", propagated(debezium.String, "io.debezium.data.Uuid", "UUID", -1, -1)},
		{"varchar(39)", propagated(debezium.String, "", "INET6", -1, -1)},
		// A converter has changed the field: what arrives counts.
		{"int", propagated(debezium.Int32, "", "VARCHAR", 20, -1)},
		{"longtext", propagated(debezium.String, "", "TIMESTAMP", -1, -1)},
		{"longtext", propagated(debezium.String, "", "SOMETHING NEW", -1, -1)},
		{"longtext", propagated(debezium.String, "", "((", -1, -1)},
		{"datetime(6)", propagated(debezium.Int64, microTimestamp, "DATETIME", 9, -1)}, // beyond MySQL's 6
	} {
		got, err := schema.TypeOf(c.f, mysql9, false)
		require.NoError(t, err, c.want)
		require.Equal(t, c.want, got.String(), "%s", c.f.Parameters)
	}
}

func TestTypeOfBare(t *testing.T) {
	for _, c := range []struct {
		want string
		f    *debezium.Field
	}{
		{"tinyint", bare(debezium.Int8, "")},
		{"smallint", bare(debezium.Int16, "")},
		{"int", bare(debezium.Int32, "")},
		{"bigint", bare(debezium.Int64, "")},
		{"tinyint(1)", bare(debezium.Boolean, "")},
		{"float", bare(debezium.Float32, "")},
		{"double", bare(debezium.Float64, "")},
		{"longtext", bare(debezium.String, "")},
		{"longtext", bare(debezium.String, "com.example.Label")}, // a name that changes nothing
		{"longblob", bare(debezium.Bytes, "")},
		{"decimal(65,2)", bare(debezium.Bytes, connectDecimal, "scale", "2")},
		{"decimal(8,2)", bare(debezium.Bytes, connectDecimal, "scale", "2", "connect.decimal.precision", "8")},
		{"decimal(3,3)", bare(debezium.Bytes, connectDecimal, "scale", "3", "connect.decimal.precision", "2")},
		{"bit(9)", bare(debezium.Bytes, "io.debezium.data.Bits", "length", "9")},
		{"bit(64)", bare(debezium.Bytes, "io.debezium.data.Bits")},
		{"enum('a')", bare(debezium.String, enum, "allowed", "a")},
		{"json", bare(debezium.String, "io.debezium.data.Json")},
		{"year", bare(debezium.Int32, "io.debezium.time.Year")},
		{"date", bare(debezium.Int32, "org.apache.kafka.connect.data.Date")},
		{"date", bare(debezium.Struct, "io.debezium.time.StructuredDate")},
		{"time(3)", bare(debezium.Int32, "org.apache.kafka.connect.data.Time")},
		{"time(6)", bare(debezium.Int64, "io.debezium.time.NanoTime")},
		{"time(6)", bare(debezium.Struct, "io.debezium.time.StructuredDuration")},
		{"time(2)", bare(debezium.Struct, "io.debezium.time.StructuredDurationSourceColumn63", "io.debezium.time.precision", "2")},
		{"datetime(3)", bare(debezium.Int64, "org.apache.kafka.connect.data.Timestamp")},
		{"datetime(6)", bare(debezium.String, "io.debezium.time.IsoTimestamp")},
		{"datetime", bare(debezium.Struct, "io.debezium.time.StructuredTimestampPrecision0", "io.debezium.time.precision", "0")},
		{"timestamp(6)", bare(debezium.String, zoned)},
		{"timestamp(6)", bare(debezium.Struct, "io.debezium.time.StructuredZonedTimestamp")},
		{"geometry", bare(debezium.Struct, "io.debezium.data.geometry.Geometry")},
		{"point", bare(debezium.Struct, "io.debezium.data.geometry.Point")},
		{"vector(16383)", bare(debezium.Array, "io.debezium.data.FloatVector")},
	} {
		got, err := schema.TypeOf(c.f, mysql9, false)
		require.NoError(t, err, c.want)
		require.Equal(t, c.want, got.String(), "%s %s", c.f.Logical, c.f.Parameters)
	}
}

func TestTypeOfRefuses(t *testing.T) {
	for reason, f := range map[string]*debezium.Field{
		"no column can hold the type":                  bare(debezium.Map, ""),
		"no column can hold the type \"\" (array)":     bare(debezium.Array, ""),
		"no column can hold the type \"a.b\" (struct)": bare(debezium.Struct, "a.b"),
		"does not arrive as string":                    bare(debezium.String, "io.debezium.time.MicroTime"),
		"does not say which labels":                    bare(debezium.String, enum),
	} {
		_, err := schema.TypeOf(f, mysql9, false)
		require.ErrorContains(t, err, reason)
		require.ErrorContains(t, err, `"c"`)
	}
}

func TestTypeOfDialects(t *testing.T) {
	for _, c := range []struct {
		f       *debezium.Field
		dialect schema.Dialect
		want    string
	}{
		{propagated(debezium.String, "io.debezium.data.Uuid", "UUID", -1, -1), mariadb10, "uuid"},
		{propagated(debezium.String, "", "INET6", -1, -1), mariadb10, "inet6"},
		{propagated(debezium.String, "", "INET4", -1, -1), mariadb10, "inet4"},
		{propagated(debezium.String, "", "INET4", -1, -1), mysql9, "varchar(15)"},
		{propagated(debezium.Array, "io.debezium.data.FloatVector", "VECTOR", 3, -1), mariadb11, "vector(3)"},
		{bare(debezium.Array, "io.debezium.data.FloatVector"), mariadb11, "json"},
		{bare(debezium.Array, "io.debezium.data.FloatVector"), mysql57, "json"},
	} {
		got, err := schema.TypeOf(c.f, c.dialect, false)
		require.NoError(t, err)
		require.Equal(t, c.want, got.String())
	}
}

func TestTypeOfInKeys(t *testing.T) {
	for _, c := range []struct {
		f       *debezium.Field
		dialect schema.Dialect
		want    string
	}{
		{propagated(debezium.String, "", "VARCHAR", 20, -1), mysql9, "varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"},
		{propagated(debezium.String, "", "CHAR", 3, -1), mariadb10, "char(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"},
		{propagated(debezium.String, "", "VARCHAR", 20, -1), mysql57, "varbinary(80)"},
		{propagated(debezium.String, "", "TEXT", -1, -1), mysql9, "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"},
		{bare(debezium.String, ""), mysql9, "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"},
		{bare(debezium.Bytes, ""), mysql9, "varbinary(255)"},
		{propagated(debezium.Bytes, "", "BINARY", 16, -1), mysql9, "binary(16)"},
		{propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", "a,b"), mysql9, "enum('a','b') CHARACTER SET utf8mb4"},
		{propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", "a,A"), mysql9, "enum('a','A') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
		{propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", "e,é"), mysql9, "enum('e','é') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
		{propagated(debezium.Int64, "", "BIGINT UNSIGNED", -1, -1), mysql9, "bigint unsigned"},
	} {
		got, err := schema.TypeOf(c.f, c.dialect, true)
		require.NoError(t, err)
		require.Equal(t, c.want, got.SQL(c.dialect))
	}
	_, err := schema.TypeOf(bare(debezium.String, "io.debezium.data.Json"), mysql9, true)
	require.ErrorContains(t, err, "json cannot be part of a key")
}

// TestTypeOfRealEvents holds the types against the DDL of the table that
// Debezium's connectors captured (the table every_type of testdata's README).
func TestTypeOfRealEvents(t *testing.T) {
	message, err := os.ReadFile("../debezium/testdata/events/prod.0001.s0001.every_type.000.r.value")
	require.NoError(t, err)
	s, _, err := debezium.NewReader().Cut(message)
	require.NoError(t, err)
	want := map[string]string{
		"id": "int", "t1": "tinyint", "t2": "tinyint unsigned", "b1": "tinyint(1)", "s1": "smallint", "m1": "mediumint",
		"m2": "mediumint unsigned", "i1": "int", "i2": "int unsigned", "l1": "bigint", "l2": "bigint unsigned",
		"d1": "decimal(20,5)", "d2": "decimal(65,30)", "d3": "decimal(5,0)", "f1": "float", "f2": "double", "f3": "double",
		"f4": "float(10,2)", "bit1": "bit(1)", "bit9": "bit(9)", "bit64": "bit(64)", "c1": "char(5)", "v1": "varchar(20)",
		"tt": "tinytext", "tx": "text", "lt": "longtext", "bi": "binary(4)", "vb": "varbinary(8)", "bl": "blob",
		"e1": "enum('a','b,c','')", "st": "set('x','y')", "js": "json", "da": "date", "ti": "time", "ti3": "time(3)", "ti6": "time(6)",
		"dt": "datetime", "dt3": "datetime(3)", "dt6": "datetime(6)", "ts": "timestamp", "ts3": "timestamp(3)", "ts6": "timestamp(6)",
		"ye": "year", "ge": "geometry", "po": "point", "la": "varchar(20)", "em": "varchar(20)",
	}
	got := make(map[string]string)
	columns := s.Columns()
	for i := range columns {
		typ, err := schema.TypeOf(&columns[i], mysql9, false)
		require.NoError(t, err)
		got[columns[i].Name] = typ.String()
	}
	require.Equal(t, want, got)
}

func TestKeyFields(t *testing.T) {
	columns := []debezium.Field{
		*propagated(debezium.Int64, "", "BIGINT UNSIGNED", -1, -1),
		{Name: "d", Type: debezium.String, Parameters: map[string]string{"a": "b"}},
	}
	key := []debezium.Field{{Name: "c", Type: debezium.Int64}, {Name: "d", Type: debezium.Int32}, {Name: "e", Type: debezium.String}}
	got := schema.KeyFields(key, columns)
	require.Equal(t, columns[0].Parameters, got[0].Parameters)
	require.Nil(t, got[1].Parameters, "another type is another column")
	require.Equal(t, key[2], got[2])
	require.Nil(t, key[0].Parameters, "the schema's own fields are not changed")
}
