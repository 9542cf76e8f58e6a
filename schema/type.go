package schema

import "slices"

// Base is a MySQL type's name without its attributes.
type Base uint8

// The types of MySQL 9 and, last, those only MariaDB has.
const (
	TinyInt Base = iota + 1
	SmallInt
	MediumInt
	Int
	BigInt
	Decimal
	Float
	Double
	Bit
	Year
	Date
	Time
	DateTime
	Timestamp
	Char
	VarChar
	TinyText
	Text
	MediumText
	LongText
	Binary
	VarBinary
	TinyBlob
	Blob
	MediumBlob
	LongBlob
	Enum
	Set
	JSON
	Geometry
	Point
	LineString
	Polygon
	MultiPoint
	MultiLineString
	MultiPolygon
	GeometryCollection
	Vector
	UUID
	Inet4
	Inet6
)

// Kind groups the bases that are widened within each other.
type Kind uint8

// The kinds of types.
const (
	IntegerKind Kind = iota + 1
	DecimalKind
	FloatKind
	BitKind
	YearKind
	DateKind
	TimeKind
	DateTimeKind
	TimestampKind
	TextKind
	BinaryKind
	EnumKind
	SetKind
	JSONKind
	SpatialKind
	VectorKind
	AddressKind
)

// bases describes every Base: the name as information_schema prints it, its
// kind and, for integers, text and bytes, the size in bytes.
var bases = [...]struct {
	name string
	kind Kind
	size int
}{
	TinyInt:            {"tinyint", IntegerKind, 1},
	SmallInt:           {"smallint", IntegerKind, 2},
	MediumInt:          {"mediumint", IntegerKind, 3},
	Int:                {"int", IntegerKind, 4},
	BigInt:             {"bigint", IntegerKind, 8},
	Decimal:            {"decimal", DecimalKind, 0},
	Float:              {"float", FloatKind, 4},
	Double:             {"double", FloatKind, 8},
	Bit:                {"bit", BitKind, 0},
	Year:               {"year", YearKind, 1},
	Date:               {"date", DateKind, 3},
	Time:               {"time", TimeKind, 6},
	DateTime:           {"datetime", DateTimeKind, 8},
	Timestamp:          {"timestamp", TimestampKind, 7},
	Char:               {"char", TextKind, 0},
	VarChar:            {"varchar", TextKind, 0},
	TinyText:           {"tinytext", TextKind, 1<<8 - 1},
	Text:               {"text", TextKind, 1<<16 - 1},
	MediumText:         {"mediumtext", TextKind, 1<<24 - 1},
	LongText:           {"longtext", TextKind, 1<<32 - 1},
	Binary:             {"binary", BinaryKind, 0},
	VarBinary:          {"varbinary", BinaryKind, 0},
	TinyBlob:           {"tinyblob", BinaryKind, 1<<8 - 1},
	Blob:               {"blob", BinaryKind, 1<<16 - 1},
	MediumBlob:         {"mediumblob", BinaryKind, 1<<24 - 1},
	LongBlob:           {"longblob", BinaryKind, 1<<32 - 1},
	Enum:               {"enum", EnumKind, 0},
	Set:                {"set", SetKind, 0},
	JSON:               {"json", JSONKind, 1<<32 - 1},
	Geometry:           {"geometry", SpatialKind, 1<<32 - 1},
	Point:              {"point", SpatialKind, 1<<32 - 1},
	LineString:         {"linestring", SpatialKind, 1<<32 - 1},
	Polygon:            {"polygon", SpatialKind, 1<<32 - 1},
	MultiPoint:         {"multipoint", SpatialKind, 1<<32 - 1},
	MultiLineString:    {"multilinestring", SpatialKind, 1<<32 - 1},
	MultiPolygon:       {"multipolygon", SpatialKind, 1<<32 - 1},
	GeometryCollection: {"geomcollection", SpatialKind, 1<<32 - 1},
	Vector:             {"vector", VectorKind, 0},
	UUID:               {"uuid", AddressKind, 16},
	Inet4:              {"inet4", AddressKind, 4},
	Inet6:              {"inet6", AddressKind, 16},
}

// Kind returns the kind b belongs to, 0 for no base.
func (b Base) Kind() Kind {
	if int(b) >= len(bases) {
		return 0
	}
	return bases[b].kind
}

// String returns the name as information_schema prints it.
func (b Base) String() string {
	if b == 0 || int(b) >= len(bases) {
		return "?"
	}
	return bases[b].name
}

// Type is a MySQL column type with everything that decides which values it
// holds.
type Type struct {
	Base Base
	// Unsigned and Zerofill are attributes of numbers. Zerofill implies
	// Unsigned, as in MySQL.
	Unsigned, Zerofill bool
	// Length is the number of characters of CHAR and VARCHAR, of bytes of
	// BINARY and VARBINARY, of bits of BIT, of entries of VECTOR; the digits
	// of DECIMAL, FLOAT(M,D) and DOUBLE(M,D); the display width of an integer.
	// 0 when not given.
	Length int
	// Scale is the digits after the point of DECIMAL, FLOAT(M,D) and
	// DOUBLE(M,D).
	Scale int
	// Fraction is the digits of a second's fraction that TIME, DATETIME and
	// TIMESTAMP keep, 0 to 6.
	Fraction int
	// Labels are those of an ENUM or SET, in order.
	Labels []string
	// Charset and Collation are those of text, ENUM and SET. Empty means
	// whatever the table says when creating, and unknown when comparing.
	Charset, Collation string
	// SRID is the reference system a spatial column is restricted to, nil
	// for any (MySQL 8).
	SRID *uint32
}

// Kind returns the kind of t's base.
func (t Type) Kind() Kind { return t.Base.Kind() }

// Boolean says whether t is TINYINT(1), which is what BOOL means to MySQL and
// the one width it always shows.
func (t Type) Boolean() bool { return t.Base == TinyInt && t.Length == 1 && !t.Unsigned }

// Equal says whether the two types hold the same values and look the same to
// a reader: everything counts but an integer's display width (beyond
// TINYINT(1) and ZEROFILL) and a charset or collation that one of them leaves
// open.
func (t Type) Equal(u Type) bool {
	if t.Base != u.Base || t.Unsigned != u.Unsigned || t.Zerofill != u.Zerofill ||
		t.Scale != u.Scale || t.Fraction != u.Fraction || !slices.Equal(t.Labels, u.Labels) {
		return false
	}
	if t.Kind() == IntegerKind {
		return t.Boolean() == u.Boolean() && (!t.Zerofill || t.Length == u.Length)
	}
	return t.Length == u.Length && open(t.Charset, u.Charset) && open(t.Collation, u.Collation) &&
		(t.SRID == nil) == (u.SRID == nil) && (t.SRID == nil || *t.SRID == *u.SRID)
}

// open says whether a and b agree or one of them leaves the matter open.
func open(a, b string) bool { return a == "" || b == "" || a == b }

// Size is the most bytes a TEXT, BLOB or JSON column of base t holds, and the
// bytes an integer takes; 0 for types whose length decides.
func (t Type) Size() int { return bases[t.Base].size }

// IntegerRange returns the least and the greatest value of an integer type.
func (t Type) IntegerRange() (low int64, high uint64) {
	bits := 8 * bases[t.Base].size
	if t.Unsigned {
		return 0, 1<<bits - 1
	}
	return -1 << (bits - 1), 1<<(bits-1) - 1
}
