package literal

import (
	"errors"
	"math"
	"strconv"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

var (
	flawNotFinite = &flaw{reason: "the number is NaN or infinite, which MySQL cannot hold"}
	flawReal      = &flaw{reason: "a REAL arrives as a 32-bit float although MySQL keeps 64 bits; set treat.real.as.double or the JdbcSinkDataTypesConverter on the connector"}
	flawLost      = &flaw{reason: "decimal.handling.mode=double keeps 15 digits and the number has more; set it to precise"}
)

// floatEncoder writes floats from their text. They get an exponent, as a
// number without one is a DECIMAL to MySQL, with its limits.
func floatEncoder(t *task) (encode, error) {
	source, known := t.source()
	target := t.target
	var write encode
	switch {
	case target.Base == schema.Float:
		// FLOAT(M,D) arrives as a double made of a float (streaming) or of
		// its text (snapshot): either way the nearest float is the store's.
		single := t.form == wire.Float32 || known && source.Base == schema.Float
		write = singleWriter(single)
	case target.Base == schema.Double && t.form == wire.Float32 && known && source.Base == schema.Double:
		write = realWriter
	case target.Base == schema.Double && t.form == wire.Float32:
		write = widenedWriter
	case target.Base == schema.Double:
		write = doubleWriter
	case target.Kind() == schema.DecimalKind:
		decimal, err := doubleDecimal(t)
		if err != nil {
			return nil, err
		}
		write = decimal
	case target.Kind() == schema.TextKind:
		return finite(quoted(t.room())), nil
	default:
		return nil, errNoWay
	}
	if target.Length > 0 && target.Kind() == schema.FloatKind && !(known && source.Length > 0 && source.Scale <= target.Scale) {
		write = unrounded(write, target)
	}
	if target.Unsigned {
		write = unsignedFloat(write, target)
	}
	return finite(write), nil
}

// finite lets finite numbers through. Connect's JSON converter writes the
// others as text.
func finite(next encode) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		switch v.Kind {
		case debezium.Number:
			return next(dst, v)
		case debezium.Int:
			text := debezium.Value{Kind: debezium.Number, Bytes: strconv.AppendInt(nil, v.Int, 10)}
			return next(dst, &text)
		case debezium.Text:
			return dst, flawNotFinite
		}
		return dst, flawKind
	}
}

// singleWriter writes the double that equals a float exactly, so that a
// comparison with the column finds it too.
func singleWriter(single bool) encode {
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		f, err := strconv.ParseFloat(string(v.Bytes), 32)
		if err != nil {
			return dst, parseFlaw(err)
		}
		if !single {
			d, err := strconv.ParseFloat(string(v.Bytes), 64)
			if err != nil || d != f {
				return dst, flawSingle
			}
		}
		return strconv.AppendFloat(dst, f, 'e', -1, 64), nil
	}
}

var flawSingle = (&flaw{reason: "the number has more digits than FLOAT keeps"}).needing(schema.Type{Base: schema.Double})

// widenedWriter writes a float into a DOUBLE: the number the float is, not the
// shorter text it is known by.
func widenedWriter(dst []byte, v *debezium.Value) ([]byte, *flaw) {
	f, err := strconv.ParseFloat(string(v.Bytes), 32)
	if err != nil {
		return dst, parseFlaw(err)
	}
	return strconv.AppendFloat(dst, f, 'e', -1, 64), nil
}

// realWriter writes a REAL that Debezium took for a float. Up to six digits
// survive that.
func realWriter(dst []byte, v *debezium.Value) ([]byte, *flaw) {
	var n number
	if flaw := n.fromText(v.Bytes); flaw != nil {
		return dst, flaw
	}
	if n.trim(0); n.n > 6 {
		return dst, flawReal
	}
	return doubleWriter(dst, v)
}

// doubleWriter copies the number's text.
func doubleWriter(dst []byte, v *debezium.Value) ([]byte, *flaw) {
	f, err := strconv.ParseFloat(string(v.Bytes), 64)
	if err != nil {
		return dst, parseFlaw(err)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, flawNotFinite
	}
	exponent := false
	for _, c := range v.Bytes {
		switch {
		case c == 'e' || c == 'E':
			exponent = true
		case c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+':
		default: // hexadecimal, underscores: Go's syntax, not MySQL's
			return dst, flawSyntax
		}
	}
	dst = append(dst, v.Bytes...)
	if !exponent {
		dst = append(dst, "e0"...)
	}
	return dst, nil
}

func parseFlaw(err error) *flaw {
	if errors.Is(err, strconv.ErrRange) {
		return flawNotFinite
	}
	return flawSyntax
}

// doubleDecimal writes what decimal.handling.mode=double made of a DECIMAL. Of
// a number whose digits may not all have survived nothing is written.
func doubleDecimal(t *task) (encode, error) {
	column, err := t.numberColumn()
	if err != nil {
		return nil, err
	}
	source, known := t.source()
	exact := known && source.Kind() == schema.DecimalKind && source.Length <= 15
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		var n number
		if flaw := n.fromText(v.Bytes); flaw != nil {
			return dst, flaw
		}
		if !exact && max(n.n-n.scale, 0)+t.target.Scale > 15 && n.n > 0 {
			return dst, flawLost
		}
		return column.write(dst, &n)
	}, nil
}

// unrounded refuses what FLOAT(M,D) would round.
func unrounded(next encode, target schema.Type) encode {
	bad := flawf("the number has more digits than %s keeps", target)
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		var n number
		if flaw := n.fromText(v.Bytes); flaw != nil {
			return dst, flaw
		}
		if n.trim(target.Scale); n.scale > target.Scale {
			return dst, bad
		}
		return next(dst, v)
	}
}

func unsignedFloat(next encode, target schema.Type) encode {
	bad := rangeFlaw(target)
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if len(v.Bytes) > 0 && v.Bytes[0] == '-' {
			return dst, bad
		}
		return next(dst, v)
	}
}
