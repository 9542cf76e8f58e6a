package literal

import (
	"unicode/utf8"

	"tributary/debezium"
	"tributary/schema"
)

// textEncoder writes strings without a semantic name. What they stand for is
// the store's type if it is known: text, or a decimal (decimal.handling.mode=
// string), bytes (binary.handling.mode) or an address.
func textEncoder(t *task) (encode, error) {
	source, known := t.source()
	switch t.target.Kind() {
	case schema.TextKind:
		return quoted(t.room()), nil
	case schema.JSONKind:
		return jsonEncoder(t)
	case schema.BinaryKind:
		switch {
		case known && source.Kind() == schema.BinaryKind:
			return encodedBytes(t, source)
		case known && source.Kind() == schema.TextKind:
			return hexed(t.byteRoom()), nil
		}
		return nil, errTextOrBytes
	case schema.DecimalKind, schema.IntegerKind, schema.FloatKind:
		column, err := t.numberColumn()
		if err != nil {
			return nil, err
		}
		return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
			var n number
			if v.Kind != debezium.Text {
				return dst, flawKind
			}
			if flaw := n.fromText(v.Bytes); flaw != nil {
				return dst, flaw
			}
			return column.write(dst, &n)
		}, nil
	case schema.EnumKind, schema.SetKind:
		return labelEncoder(t)
	case schema.AddressKind:
		return addressEncoder(t)
	}
	return nil, errNoWay
}

// addressEncoder writes UUIDs and internet addresses, which the server checks.
func addressEncoder(t *task) (encode, error) {
	switch t.target.Kind() {
	case schema.AddressKind:
		return quoted(room{}), nil
	case schema.TextKind:
		return quoted(t.room()), nil
	}
	return nil, errNoWay
}

// quoted writes text that fits.
func quoted(r room) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text && v.Kind != debezium.Number {
			return dst, flawKind
		}
		if flaw := r.flaw(v.Bytes); flaw != nil {
			return dst, flaw
		}
		return schema.AppendText(dst, v.Bytes), nil
	}
}

// room is what a text column holds. The zero room holds everything.
type room struct {
	characters int
	bytes      int
	trims      bool
	full       *flaw
}

// room reads it off the target. MySQL cuts spaces at the end that do not fit in
// silence (manual, "The CHAR and VARCHAR Types"), so the length is checked
// here.
func (t *task) room() room {
	target := t.target
	r := room{full: flawf("the text is longer than %s holds", target)}
	if need, ok := t.longer(); ok {
		r.full.needing(need)
	}
	switch target.Base {
	case schema.Char, schema.VarChar:
		r.characters, r.trims = target.Length, target.Base == schema.Char
		if target.Length == 0 {
			r.characters = -1
		}
	default:
		r.bytes = target.Size()
	}
	return r
}

// longer is the type that holds what is too long for the target: the store's
// own if that is longer, else the next step of the ladder.
func (t *task) longer() (schema.Type, bool) {
	target := t.target
	next := map[schema.Base]schema.Base{
		schema.Char: schema.Text, schema.VarChar: schema.Text, schema.TinyText: schema.Text,
		schema.Text: schema.MediumText, schema.MediumText: schema.LongText,
		schema.Binary: schema.Blob, schema.VarBinary: schema.Blob, schema.TinyBlob: schema.Blob,
		schema.Blob: schema.MediumBlob, schema.MediumBlob: schema.LongBlob,
	}[target.Base]
	if next == 0 {
		return target, false
	}
	source, known := t.source()
	if known && source.Kind() == target.Kind() && (source.Length > target.Length || source.Size() > target.Size()) {
		return source, true
	}
	return schema.Type{Base: next, Charset: target.Charset}, true
}

var flawTrims = (&flaw{reason: "the text ends with a space, which CHAR drops"}).
	needing(schema.Type{Base: schema.VarChar, Charset: "utf8mb4"})

func (r room) flaw(b []byte) *flaw {
	if r.characters != 0 && len(b) > r.characters && utf8.RuneCount(b) > max(r.characters, 0) {
		return r.full
	}
	if r.bytes != 0 && len(b) > r.bytes {
		return r.full
	}
	if r.trims && len(b) > 0 && b[len(b)-1] == ' ' {
		return flawTrims
	}
	return nil
}
