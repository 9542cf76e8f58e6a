package schema

import (
	"strconv"
	"strings"
)

// String prints t exactly as information_schema's COLUMN_TYPE does.
func (t Type) String() string { return string(t.append(nil)) }

// SQL prints t as it stands in a column definition, with charset, collation
// and reference system.
func (t Type) SQL(d Dialect) string {
	b := t.append(nil)
	if t.Base == GeometryCollection {
		b = append(b[:0], "geometrycollection"...) // MariaDB knows no other name
	}
	if t.Charset != "" && t.textual() {
		b = append(append(b, " CHARACTER SET "...), t.Charset...)
	}
	if t.Collation != "" && t.textual() {
		b = append(append(b, " COLLATE "...), t.Collation...)
	}
	return string(b)
}

// sridClause prints the SRID attribute, which stands behind NULL or NOT NULL
// in a column definition and which only MySQL 8 has; "" for none.
func (t Type) sridClause(d Dialect) string {
	if t.SRID == nil || !d.HasSRID() {
		return ""
	}
	return " SRID " + strconv.FormatUint(uint64(*t.SRID), 10)
}

func (t Type) textual() bool {
	return t.Kind() == TextKind || t.Kind() == EnumKind || t.Kind() == SetKind
}

func (t Type) append(b []byte) []byte {
	b = append(b, t.Base.String()...)
	switch t.Kind() {
	case EnumKind, SetKind:
		b = appendLabels(b, t.Labels)
	case DecimalKind:
		b = appendArgs(b, t.Length, t.Scale)
	case FloatKind:
		if t.Length > 0 {
			b = appendArgs(b, t.Length, t.Scale)
		}
	case TimeKind, DateTimeKind, TimestampKind:
		if t.Fraction > 0 {
			b = appendArgs(b, t.Fraction)
		}
	default:
		if t.Length > 0 || t.Base == Char || t.Base == VarChar || t.Base == Binary || t.Base == VarBinary {
			b = appendArgs(b, t.Length)
		}
	}
	if t.Unsigned {
		b = append(b, " unsigned"...)
	}
	if t.Zerofill {
		b = append(b, " zerofill"...)
	}
	return b
}

func appendArgs(b []byte, args ...int) []byte {
	for i, n := range args {
		b = append(b, "(,"[min(i, 1)])
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, ')')
}

// labelEscapes are the characters MySQL escapes in COLUMN_TYPE.
var labelEscapes = strings.NewReplacer("'", "''", `\`, `\\`, "\x00", `\0`, "\n", `\n`, "\r", `\r`)

func appendLabels(b []byte, labels []string) []byte {
	for i, label := range labels {
		b = append(b, "(,"[min(i, 1)], '\'')
		b = append(b, labelEscapes.Replace(label)...)
		b = append(b, '\'')
	}
	return append(b, ')')
}
