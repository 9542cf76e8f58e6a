package literal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

const pointWKB = "\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x34\x40\x00\x00\x00\x00\x00\x00\x24\x40"

func geometryField(name, source string, names ...string) *debezium.Field {
	field := f(debezium.Struct, name, source)
	for _, n := range names {
		field.Fields = append(field.Fields, debezium.Field{Name: n})
	}
	return field
}

// TestGeometry: the WKB of a geographic system arrives longitude first.
func TestGeometry(t *testing.T) {
	const hex = "x'010100000000000000000034400000000000002440'"
	field := geometryField("io.debezium.data.geometry.Geometry", "GEOMETRY", "wkb", "srid")
	value := func(wkb string, srid debezium.Value) debezium.Value { return members(binary(wkb), srid) }
	check(t, field, "geometry", row{value(pointWKB, number(4326)), "ST_GeomFromWKB(" + hex + ",4326,'axis-order=long-lat')"},
		row{value(pointWKB, null()), "ST_GeomFromWKB(" + hex + ",0,'axis-order=long-lat')"}, row{value("\x00"+pointWKB[1:], null()), "!little-endian"}, row{value("\x01", null()), "!well-known binary"},
		row{value(pointWKB, number(-1)), "!reference system"}, row{value(pointWKB, text("x")), "!kind"}, row{members(null(), null()), "!kind"}, row{members(), "!kind"}, row{number(1), "!kind"})
	check(t, field, "point", row{value(pointWKB, null()), "ST_GeomFromWKB(" + hex + ",0,'axis-order=long-lat')"})
	check(t, field, "polygon", row{value(pointWKB, null()), "!the geometry is not a polygon"})
	check(t, field, "geomcollection", row{value("\x01\x07\x00\x00\x00\x00\x00\x00\x00", null()), "ST_GeomFromWKB(x'010700000000000000',0,'axis-order=long-lat')"})
	checkOn(t, mariadb10, field, schema.Type{Base: schema.Geometry}, row{value(pointWKB, number(4326)), "ST_GeomFromWKB(" + hex + ",4326)"})
	point := geometryField("io.debezium.data.geometry.Point", "POINT", "x", "y", "wkb", "srid")
	check(t, point, "point", row{members(decimal("20.0"), decimal("10.0"), binary(pointWKB), null()), "ST_GeomFromWKB(" + hex + ",0,'axis-order=long-lat')"})
	srid := uint32(4326)
	checkOn(t, mysql9, field, schema.Type{Base: schema.Point, SRID: &srid}, row{value(pointWKB, number(4326)), "ST_GeomFromWKB(" + hex + ",4326,'axis-order=long-lat')"},
		row{value(pointWKB, null()), "!reference system is not that of the column"})
	refuses(t, field, "blob", "nothing in common")
	refuses(t, geometryField("io.debezium.data.geometry.Geometry", "GEOMETRY", "x"), "geometry", "nothing in common")
}

func TestVectors(t *testing.T) {
	field := f(debezium.Array, "io.debezium.data.FloatVector", "VECTOR(3)")
	check(t, field, "vector(3)", row{list(decimal("1.0"), decimal("-2.5"), number(3)), "x'0000803f000020c000004040'"}, row{list(decimal("0.1")), "x'cdcccc3d'"},
		row{list(), "!number of entries"}, row{list(number(1), number(2), number(3), number(4)), "!number of entries of vector(3)"},
		row{list(text("NaN")), "!NaN"}, row{list(decimal("1e99")), "!NaN or infinite"}, row{list(decimal("x")), "!notation"}, row{list(boolean(1)), "!kind"}, row{number(1), "!kind"})
	checkOn(t, mariadb11, field, schema.Type{Base: schema.Vector, Length: 3}, row{list(decimal("1.0")), "!number of entries"}, row{list(number(1), number(2), number(3)), "x'0000803f0000004000004040'"})
	check(t, field, "json", row{list(decimal("1.0"), decimal("0.1"), decimal("1.0E-10")), "'[1,0.1,1e-10]'"}, row{list(), "'[]'"}, row{list(text("NaN")), "!NaN"})
	check(t, field, "varchar(5)", row{list(number(1), number(2)), "'[1,2]'"}, row{list(number(1), number(22)), "!longer"})
	refuses(t, field, "blob", "nothing in common")
}

func TestForRefusesUnknownForms(t *testing.T) {
	refuses(t, f(debezium.Map, "", ""), "json", "no column can hold the type")
	refuses(t, f(debezium.String, microTime, ""), "time", "does not arrive as string")
}

// TestEveryFormFitsItsOwnColumn holds the two tables of forms together: what
// schema.TypeOf makes of a field, literal.For can write.
func TestEveryFormFitsItsOwnColumn(t *testing.T) {
	struct_ := []debezium.Field{{Name: "wkb"}, {Name: "srid"}}
	for name, field := range map[string]*debezium.Field{
		"int8": f(debezium.Int8, "", ""), "int16": f(debezium.Int16, "", ""), "int32": f(debezium.Int32, "", ""), "int64": f(debezium.Int64, "", ""),
		"bool": f(debezium.Boolean, "", ""), "float": f(debezium.Float32, "", ""), "double": f(debezium.Float64, "", ""),
		"text": f(debezium.String, "", ""), "bytes": f(debezium.Bytes, "", ""), "decimal": f(debezium.Bytes, connectDecimal, "", "scale", "2"),
		"bits": f(debezium.Bytes, "io.debezium.data.Bits", "", "length", "3"), "enum": f(debezium.String, enum, "", "allowed", "a"),
		"set": f(debezium.String, enumSet, "", "allowed", "a"), "json": f(debezium.String, "io.debezium.data.Json", ""),
		"uuid": f(debezium.String, "io.debezium.data.Uuid", ""), "year": f(debezium.Int32, "io.debezium.time.Year", ""),
		"date": f(debezium.Int32, daysName, ""), "isodate": f(debezium.String, "io.debezium.time.IsoDate", ""), "datestruct": f(debezium.Struct, "io.debezium.time.StructuredDate", ""),
		"time": f(debezium.Int32, "io.debezium.time.Time", ""), "microtime": f(debezium.Int64, microTime, ""), "nanotime": f(debezium.Int64, "io.debezium.time.NanoTime", ""),
		"isotime": f(debezium.String, "io.debezium.time.IsoTime", ""), "duration": f(debezium.Struct, "io.debezium.time.StructuredDuration", ""),
		"stamp": f(debezium.Int64, milliStamp, ""), "microstamp": f(debezium.Int64, microStamp, ""), "nanostamp": f(debezium.Int64, nanoStamp, ""),
		"isostamp": f(debezium.String, isoStamp, ""), "stampstruct": f(debezium.Struct, "io.debezium.time.StructuredTimestamp", ""),
		"zoned": f(debezium.String, zonedStamp, ""), "zonedstruct": f(debezium.Struct, "io.debezium.time.StructuredZonedTimestamp", ""),
		"geometry": {Name: "c", Type: debezium.Struct, Logical: "io.debezium.data.geometry.Geometry", Fields: struct_},
		"point":    {Name: "c", Type: debezium.Struct, Logical: "io.debezium.data.geometry.Point", Fields: struct_},
		"vector":   f(debezium.Array, "io.debezium.data.FloatVector", ""),
	} {
		for _, d := range []schema.Dialect{mysql9, mariadb10, mariadb11} {
			target, err := schema.TypeOf(field, d, false)
			require.NoError(t, err, name)
			_, err = literal.For(field, target, d)
			require.NoError(t, err, "%s to %s on %s", name, target, d)
		}
	}
}

// TestEveryFieldFitsItsUnions holds schema and literal together: what a central
// column becomes because of other stores, the values of each store still go
// into, and so they do into the columns that schema says hold them as they are.
func TestEveryFieldFitsItsUnions(t *testing.T) {
	others := []string{
		"tinyint", "tinyint(1)", "smallint unsigned", "mediumint", "int", "int unsigned", "bigint", "bigint unsigned", "int(5) unsigned zerofill",
		"decimal(10,2)", "decimal(20,0)", "decimal(4,2) unsigned", "decimal(35,15)", "float", "double", "float(9,3)", "bit(1)", "bit(9)", "bit(64)", "year",
		"date", "time", "time(6)", "datetime", "datetime(3)", "datetime(6)", "timestamp", "timestamp(6)",
		"char(3)", "varchar(5)", "varchar(300)", "tinytext", "text", "longtext", "binary(4)", "varbinary(40)", "tinyblob", "longblob",
		"enum('open','x')", "enum('new')", "set('a','q')", "json", "geometry", "polygon", "point", "vector(7)", "uuid", "inet6",
	}
	united, held := 0, 0
	for _, c := range ordinary() {
		own, err := schema.TypeOf(c.field, mysql9, false)
		require.NoError(t, err)
		for _, name := range others {
			other := parse(t, name)
			columns := []schema.Type{}
			if schema.Holds(other, own) {
				columns = append(columns, other)
				held++
			}
			for _, pair := range [][2]schema.Type{{own, other}, {other, own}} {
				if u, err := schema.Union(pair[0], pair[1]); err == nil {
					columns = append(columns, u)
					united++
				}
			}
			for _, column := range columns {
				encode, err := literal.For(c.field, column, mysql9)
				if c.field.Type == debezium.Struct && column.Kind() == schema.IntegerKind {
					require.Error(t, err, "a struct is no number, which only its field tells")
					continue
				}
				require.NoError(t, err, "%s (%s) and %s", c.name, own, other)
				_, err = encode(nil, &c.v)
				require.NoError(t, err, "%s (%s) and %s", c.name, own, other)
			}
		}
	}
	require.Greater(t, united, 200)
	require.Greater(t, held, 40)
}
