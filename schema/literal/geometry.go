package literal

import (
	"encoding/binary"
	"strconv"

	"tributary/debezium"
	"tributary/schema"
)

var (
	flawWKB  = &flaw{reason: "the geometry is not well-known binary in little-endian order"}
	flawSRID = &flaw{reason: "the geometry's reference system is not that of the column"}
)

// geometryEncoder writes geometries from their WKB, which Debezium passes on
// as the store keeps it: MySQL 8 keeps geographic systems longitude first, and
// would read WKB latitude first unless told otherwise.
func geometryEncoder(t *task) (encode, error) {
	if t.target.Kind() != schema.SpatialKind {
		return nil, errNoWay
	}
	wkb, srid := position(t.field, "wkb"), position(t.field, "srid")
	if wkb < 0 {
		return nil, errNoWay
	}
	suffix := ")"
	if t.dialect.AxisOrder() {
		suffix = ",'axis-order=long-lat')"
	}
	kind := wkbKind(t.target.Base)
	wrong := flawf("the geometry is not a %s", t.target.Base).needing(schema.Type{Base: schema.Geometry})
	only := t.target.SRID
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Members || wkb >= len(v.Items) || v.Items[wkb].Kind != debezium.Binary {
			return dst, flawKind
		}
		system, flaw := member(v, srid)
		if flaw != nil {
			return dst, flaw
		}
		b := v.Items[wkb].Bytes
		switch {
		case system < 0 || system > 1<<32-1 || only != nil && system != int64(*only):
			return dst, flawSRID
		case len(b) < 9 || b[0] != 1:
			return dst, flawWKB
		case kind != 0 && binary.LittleEndian.Uint32(b[1:]) != kind:
			return dst, wrong
		}
		dst = AppendHex(append(dst, "ST_GeomFromWKB("...), b)
		dst = strconv.AppendInt(append(dst, ','), system, 10)
		return append(dst, suffix...), nil
	}, nil
}

// wkbKind is the type code of a spatial column's values, 0 for any.
func wkbKind(b schema.Base) uint32 {
	switch b {
	case schema.Point, schema.LineString, schema.Polygon, schema.MultiPoint,
		schema.MultiLineString, schema.MultiPolygon, schema.GeometryCollection:
		return uint32(b-schema.Point) + 1
	}
	return 0
}
