package schema

import (
	"fmt"
	"strings"
)

// synonyms maps every name of a type in DDL to what MySQL makes of it
// (manual, "Using Data Types from Other Database Engines", and the grammar in
// sql/sql_yacc.yy). Names of several words are joined by a blank.
var synonyms = map[string]Type{
	"tinyint": {Base: TinyInt}, "int1": {Base: TinyInt},
	"bool": {Base: TinyInt, Length: 1}, "boolean": {Base: TinyInt, Length: 1},
	"smallint": {Base: SmallInt}, "int2": {Base: SmallInt},
	"mediumint": {Base: MediumInt}, "int3": {Base: MediumInt}, "middleint": {Base: MediumInt},
	"int": {Base: Int}, "integer": {Base: Int}, "int4": {Base: Int},
	"bigint": {Base: BigInt}, "int8": {Base: BigInt},
	"serial":  {Base: BigInt, Unsigned: true},
	"decimal": {Base: Decimal}, "dec": {Base: Decimal}, "numeric": {Base: Decimal}, "fixed": {Base: Decimal},
	"float": {Base: Float}, "float4": {Base: Float},
	"double": {Base: Double}, "double precision": {Base: Double}, "float8": {Base: Double}, "real": {Base: Double},
	"bit": {Base: Bit}, "year": {Base: Year}, "date": {Base: Date}, "time": {Base: Time},
	"datetime": {Base: DateTime}, "timestamp": {Base: Timestamp},
	"char": {Base: Char}, "character": {Base: Char}, "nchar": {Base: Char},
	"national char": {Base: Char}, "national character": {Base: Char},
	"varchar": {Base: VarChar}, "character varying": {Base: VarChar}, "char varying": {Base: VarChar},
	"varcharacter": {Base: VarChar}, "nvarchar": {Base: VarChar},
	"national varchar": {Base: VarChar}, "national varcharacter": {Base: VarChar},
	"national char varying": {Base: VarChar}, "national character varying": {Base: VarChar},
	"nchar varchar": {Base: VarChar}, "nchar varcharacter": {Base: VarChar}, "nchar varying": {Base: VarChar},
	"tinytext": {Base: TinyText}, "text": {Base: Text}, "longtext": {Base: LongText},
	"mediumtext": {Base: MediumText}, "long": {Base: MediumText}, "long varchar": {Base: MediumText},
	"long varcharacter": {Base: MediumText}, "long char varying": {Base: MediumText},
	"long character varying": {Base: MediumText},
	"binary":                 {Base: Binary}, "char byte": {Base: Binary},
	"varbinary": {Base: VarBinary}, "tinyblob": {Base: TinyBlob}, "blob": {Base: Blob}, "longblob": {Base: LongBlob},
	"mediumblob": {Base: MediumBlob}, "long varbinary": {Base: MediumBlob},
	"enum": {Base: Enum}, "set": {Base: Set}, "json": {Base: JSON},
	"geometry": {Base: Geometry}, "point": {Base: Point}, "linestring": {Base: LineString},
	"polygon": {Base: Polygon}, "multipoint": {Base: MultiPoint}, "multilinestring": {Base: MultiLineString},
	"multipolygon":   {Base: MultiPolygon},
	"geomcollection": {Base: GeometryCollection}, "geometrycollection": {Base: GeometryCollection},
	"vector": {Base: Vector}, "uuid": {Base: UUID}, "inet4": {Base: Inet4}, "inet6": {Base: Inet6},
}

// named finds the type the first words name, taking as many words as it can,
// and returns the words that are left.
func named(words []string) (Type, []string, error) {
	for n := min(len(words), 3); n > 0; n-- {
		if t, ok := synonyms[strings.Join(words[:n], " ")]; ok {
			return t, words[n:], nil
		}
	}
	return Type{}, nil, fmt.Errorf("unknown type")
}

// give applies the arguments in parentheses.
func (t *Type) give(args []argument) error {
	if len(args) == 0 {
		return t.unsized()
	}
	if t.Base == Enum || t.Base == Set {
		for _, a := range args {
			if !a.quoted {
				return fmt.Errorf("a label is not quoted")
			}
			t.Labels = append(t.Labels, a.label)
		}
		return nil
	}
	for _, a := range args {
		if a.quoted {
			return fmt.Errorf("%s takes no labels", t.Base)
		}
	}
	if len(args) > 2 || len(args) == 2 && t.Kind() != DecimalKind && t.Kind() != FloatKind {
		return fmt.Errorf("too many arguments")
	}
	switch t.Kind() {
	case TimeKind, DateTimeKind, TimestampKind:
		t.Fraction = args[0].number
		return nil
	case DateKind, JSONKind, SpatialKind, AddressKind:
		return fmt.Errorf("%s takes no length", t.Base)
	}
	t.Length = args[0].number
	if len(args) == 2 {
		t.Scale = args[1].number
	} else if t.Base == Float || t.Base == Double {
		// FLOAT(p) chooses between the two and is forgotten.
		if t.Length > 24 {
			t.Base = Double
		}
		t.Length = 0
	}
	return nil
}

// unsized gives the length that no argument means.
func (t *Type) unsized() error {
	switch t.Base {
	case Char, Binary:
		t.Length = 1
	case VarChar, VarBinary:
		return fmt.Errorf("%s needs a length", t.Base)
	}
	return nil
}

// attribute applies one attribute behind the type and returns the words left.
func (p *typeParser) attribute(t *Type, words []string) ([]string, error) {
	numeric := t.Kind() == IntegerKind || t.Kind() == DecimalKind || t.Kind() == FloatKind
	switch word := words[0]; {
	case word == "unsigned" && numeric:
		t.Unsigned = true
	case word == "signed" && numeric:
	case word == "zerofill" && numeric:
		t.Zerofill, t.Unsigned = true, true
	case word == "character" && len(words) > 2 && words[1] == "set":
		t.Charset = words[2]
		return words[3:], nil
	case word == "charset" && len(words) > 1:
		t.Charset = words[1]
		return words[2:], nil
	case word == "collate" && len(words) > 1:
		t.Collation = words[1]
		return words[2:], nil
	default:
		return nil, fmt.Errorf("unknown attribute %q", word)
	}
	return words[1:], nil
}

// zerofillWidth is the width that ZEROFILL pads to when none is given.
var zerofillWidth = map[Base]int{TinyInt: 3, SmallInt: 5, MediumInt: 8, Int: 10, BigInt: 20}

// settled fills in the lengths MySQL assumes and checks the limits of the
// rest, so that nothing impossible is printed later.
func (t Type) settled() (Type, error) {
	if t.Zerofill && t.Length == 0 && t.Kind() == IntegerKind {
		t.Length = zerofillWidth[t.Base]
	}
	switch t.Base {
	case Decimal:
		if t.Length == 0 {
			t.Length = 10
		}
		if t.Length > 65 || t.Scale > 30 || t.Scale > t.Length {
			return t, fmt.Errorf("DECIMAL(%d,%d) is beyond (65,30)", t.Length, t.Scale)
		}
	case Bit:
		if t.Length == 0 {
			t.Length = 1
		}
		if t.Length > 64 {
			return t, fmt.Errorf("BIT(%d) is beyond 64", t.Length)
		}
	case Time, DateTime, Timestamp:
		if t.Fraction > 6 {
			return t, fmt.Errorf("%d digits of fraction are beyond 6", t.Fraction)
		}
	case Float, Double:
		if t.Length > 255 || t.Scale > 30 || t.Scale > t.Length {
			return t, fmt.Errorf("%s(%d,%d) is beyond (255,30)", t.Base, t.Length, t.Scale)
		}
	case Year:
		t.Length = 0 // YEAR(4) is YEAR
	case Char, Binary, VarChar, VarBinary:
		if t.Length > 65535 {
			return t, fmt.Errorf("length %d is beyond 65535", t.Length)
		}
	case TinyText, Text, MediumText, LongText, TinyBlob, Blob, MediumBlob, LongBlob:
		t.Length = 0 // TEXT(100) has become a TEXT
	case Enum, Set:
		if len(t.Labels) == 0 {
			return t, fmt.Errorf("no labels")
		}
	}
	return t, nil
}
