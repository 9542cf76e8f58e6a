package schema

import (
	"fmt"
	"strings"

	"tributary/debezium"
)

// Limits of the server that a store's own type can be within and its utf8mb4
// counterpart beyond (manual, "Limits on Table Column Count and Row Size").
const (
	maxCharBytes = 4     // a character in utf8mb4
	maxVarChar   = 16383 // characters of a VARCHAR alone in a row, 65,532 bytes
	maxRow       = 65535 // bytes of a row without TEXT and BLOB
	maxKeyBytes  = 3072  // bytes of an InnoDB key with DYNAMIC rows
)

// inUTF8 moves text to utf8mb4 and, where the store's charset is known to
// hold the same characters in fewer bytes, to a type with room for them.
func (t Type) inUTF8(f *debezium.Field) Type {
	if !t.textual() {
		return t
	}
	t.Charset = textCharset
	switch t.Base {
	case VarChar, Char:
		if t.Length > maxVarChar {
			return textFor(t.Length * maxCharBytes)
		}
	case TinyText, Text, MediumText:
		// JdbcSinkDataTypesConverter propagates the charset. A one-byte
		// charset may need up to three bytes a character in utf8mb4.
		if charset := f.Parameters["__debezium.source.column.character_set"]; charset != "" && !strings.HasPrefix(charset, "utf8") {
			return textFor(bases[t.Base].size * (maxCharBytes - 1))
		}
	case Enum, Set:
		return t.distinct()
	}
	return t
}

// textFor returns the smallest TEXT type that holds so many bytes.
func textFor(bytes int) Type {
	for _, b := range []Base{TinyText, Text, MediumText} {
		if bytes <= bases[b].size {
			return Type{Base: b, Charset: textCharset}
		}
	}
	return Type{Base: LongText, Charset: textCharset}
}

// blobFor returns the smallest BLOB type that holds so many bytes.
func blobFor(bytes int) Type {
	for _, b := range []Base{TinyBlob, Blob, MediumBlob} {
		if bytes <= bases[b].size {
			return Type{Base: b}
		}
	}
	return Type{Base: LongBlob}
}

// on replaces what the server does not have with what holds the same values.
func (t Type) on(d Dialect) Type {
	switch {
	case t.Base == UUID && !d.HasUUID():
		return Type{Base: Char, Length: 36, Charset: textCharset}
	case t.Base == Inet4 && !d.HasInet4():
		return Type{Base: VarChar, Length: 15, Charset: textCharset}
	case t.Base == Inet6 && !d.HasInet6():
		return Type{Base: VarChar, Length: 39, Charset: textCharset}
	case t.Base == Vector && (!d.HasVector() || t.Length == 0 && d.MariaDB):
		// MariaDB's vectors all have the length of the column, which
		// must be known.
		return Type{Base: JSON}
	case t.Base == Vector && t.Length == 0:
		return Type{Base: Vector, Length: maxVector}
	}
	return t
}

// maxVector is the largest number of entries of MySQL's VECTOR; a column takes
// only the room its values need.
const maxVector = 16383

// labelCollation holds labels apart on every server. It pads, but labels have
// no spaces at the end.
const labelCollation = "utf8mb4_bin"

// distinct asks for a binary collation where the labels could be equal under
// another one: the server refuses such a column, or takes one label for
// another.
func (t Type) distinct() Type {
	seen := make(map[string]bool, len(t.Labels))
	for _, label := range t.Labels {
		folded := strings.ToLower(label)
		if seen[folded] || !plain(label) {
			t.Charset, t.Collation = textCharset, labelCollation
			return t
		}
		seen[folded] = true
	}
	return t
}

// plain says whether all is printable ASCII, which collations hold apart but
// for letter case.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// inKey makes t fit to be part of a primary key that holds apart whatever any
// store holds apart.
func (t Type) inKey(d Dialect) (Type, error) {
	switch t.Kind() {
	case JSONKind, SpatialKind, VectorKind:
		return Type{}, fmt.Errorf("%s cannot be part of a key", t.Base)
	case BinaryKind:
		if bases[t.Base].size > 0 {
			return Type{Base: VarBinary, Length: unknownKeyLength}, nil
		}
	case TextKind:
		if bases[t.Base].size > 0 {
			t = Type{Base: VarChar, Length: unknownKeyLength, Charset: textCharset}
		}
		t.Charset = textCharset
		if t.Collation = d.BinaryCollation(); t.Collation == "" {
			return Type{Base: VarBinary, Length: t.Length * maxCharBytes}, nil
		}
	}
	return t, nil
}

// keyBytes is what a column takes of the 3,072 bytes of a key, which counts
// no length of text.
func (t Type) keyBytes() int {
	if t.Base == VarChar || t.Base == VarBinary {
		return t.rowBytes() - 2
	}
	return t.rowBytes()
}

// rowBytes is what a column takes of the 65,535 bytes of a row.
func (t Type) rowBytes() int {
	char := maxCharBytes
	switch t.Charset {
	case "ascii", "latin1", "binary":
		char = 1
	}
	switch t.Base {
	case Char:
		return t.Length * char
	case VarChar:
		return t.Length*char + 2
	case Binary:
		return t.Length
	case VarBinary, Vector:
		if t.Base == Vector {
			return 12
		}
		return t.Length + 2
	case Decimal:
		return t.Length/2 + 4
	case Bit:
		return 8
	case Enum:
		return 2
	case Set:
		return 8
	}
	switch t.Kind() {
	case TextKind, BinaryKind, JSONKind, SpatialKind:
		return 12
	}
	return bases[t.Base].size
}
