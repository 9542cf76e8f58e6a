package compare

import (
	"bytes"
	"math/big"
	"slices"
)

// form is how a column's values are read as text that both servers print
// alike, and what two such texts mean.
type form int

const (
	text     form = iota // as it is, in utf8mb4
	raw                  // bytes
	other                // what the server prints it as
	integer              // BIT and YEAR among them
	decimal              //
	float                // printed so that every bit shows
	temporal             //
	set                  //
	document             // JSON
	spatial              // SRID and WKB with longitude first
	vector               // hexadecimal
)

// formOf is the table of types. MariaDB's own (uuid, inet6, …) are printed.
func formOf(dataType string) form {
	switch dataType {
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum":
		return text
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return raw
	case "tinyint", "smallint", "mediumint", "int", "bigint", "bit", "year":
		return integer
	case "decimal":
		return decimal
	case "float", "double":
		return float
	case "date", "time", "datetime", "timestamp":
		return temporal
	case "set":
		return set
	case "json":
		return document
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geomcollection", "geometrycollection":
		return spatial
	case "vector":
		return vector
	default:
		return other
	}
}

// read is the SQL expression that yields a column as text. Strings are read as
// they are: a function's result beyond max_allowed_packet would be NULL on both
// sides (MySQL manual, "Server System Variables"), which looks equal.
func (f form) read(column string, mariadb bool) string {
	switch f {
	case text, raw, set, document:
		return column
	case integer:
		return "CAST(" + column + "+0 AS CHAR)"
	case float:
		return "CAST(CAST(" + column + " AS DOUBLE) AS CHAR)"
	case spatial:
		// MySQL prints geographic systems latitude first unless told
		// otherwise; MariaDB prints what was stored.
		wkb := "ST_AsWKB(" + column + ", 'axis-order=long-lat')"
		if mariadb {
			wkb = "ST_AsWKB(" + column + ")"
		}
		return "CONCAT(ST_SRID(" + column + "), ' ', HEX(" + wkb + "))"
	case vector:
		return "HEX(" + column + ")"
	default:
		return "CAST(" + column + " AS CHAR)"
	}
}

// sortBy is the SQL expression that puts rows in the order of [form.compare]:
// numbers by value (and by their index), everything else by the bytes of the
// text, whatever the collation.
func (f form) sortBy(column string, numeric, mariadb bool) string {
	switch {
	case numeric && f == integer:
		return column
	case f == raw:
		return column
	case f == text || f == set:
		return "CAST(CONVERT(" + column + " USING utf8mb4) AS BINARY)"
	default:
		return "CAST(" + f.read(column, mariadb) + " AS BINARY)"
	}
}

// common is the form in which a store's column and a central one are compared.
// They may differ where the central table was made by hand.
func common(a, b form) form {
	switch {
	case a == b:
		return a
	case a == document || b == document:
		return document
	case (a == integer || a == decimal || a == float) && (b == integer || b == decimal || b == float):
		return decimal
	default:
		return other
	}
}

// canonical brings texts of one meaning to one text.
func (f form) canonical(value []byte) []byte {
	switch f {
	case decimal:
		return trimFraction(value)
	case float:
		return roundLong(value)
	case temporal: // a date is its midnight
		return bytes.TrimSuffix(trimFraction(value), []byte(" 00:00:00"))
	case set:
		labels := bytes.Split(value, []byte(","))
		slices.SortFunc(labels, bytes.Compare)
		return bytes.Join(labels, []byte(","))
	case document:
		return canonicalJSON(value)
	default:
		return value
	}
}

// same says whether two values, nil for NULL, mean the same.
func (f form) same(a, b []byte) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	return bytes.Equal(a, b) || bytes.Equal(f.canonical(a), f.canonical(b))
}

// compare orders two key values as their servers do. Integers are compared by
// value, everything else by its bytes.
func (f form) compare(a, b []byte) int {
	switch f {
	case integer:
	case set: // sorted as printed
		return bytes.Compare(a, b)
	default:
		return bytes.Compare(f.canonical(a), f.canonical(b))
	}
	negative := bytes.HasPrefix(a, []byte("-"))
	switch {
	case negative != bytes.HasPrefix(b, []byte("-")):
		if negative {
			return -1
		}
		return 1
	case negative:
		a, b = b, a
	}
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return bytes.Compare(a, b)
}

// widest is the longest text MySQL casts a number to, and roundest the digits
// that always fit: "-1.7976931348623157e308" loses its last one. MariaDB prints
// it whole.
const (
	widest   = 22
	roundest = 15
)

func roundLong(value []byte) []byte {
	if len(value) < widest {
		return value
	}
	// Not a float64: the greatest of them, rounded up, is none.
	n, _, err := big.ParseFloat(string(value), 10, 64, big.ToNearestEven)
	if err != nil {
		return value
	}
	return n.Append(nil, 'e', roundest)
}

// trimFraction takes the trailing zeros off a fraction: 1.20 and 1.2000 are
// one amount, as 12:00:00 and 12:00:00.000 are one time.
func trimFraction(value []byte) []byte {
	if !bytes.ContainsRune(value, '.') {
		return value
	}
	return bytes.TrimSuffix(bytes.TrimRight(value, "0"), []byte("."))
}
