package literal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

// Default returns the literal of a field's default for a column of type target.
// Rows that a store had before it was given a column show the column's default,
// but no event says so: they can be brought up to date with it.
//
// Ok is false where the field has no default, or one that is not the value rows
// were given: CURRENT_TIMESTAMP arrives as the epoch.
func Default(f *debezium.Field, target schema.Type, d schema.Dialect) (sql []byte, ok bool, err error) {
	if f.Default == nil {
		return nil, false, nil
	}
	form, err := wire.Of(f)
	if err != nil {
		return nil, false, &FieldError{Column: f.Name, Target: target, Reason: err.Error()}
	}
	v, ok, err := defaultValue(f)
	if err != nil || !ok || temporal(form) && isEpoch(v) {
		return nil, false, err
	}
	encode, err := For(f, target, d)
	if err != nil {
		return nil, false, err
	}
	sql, err = encode(nil, &v)
	return sql, err == nil, err
}

// defaultValue reads a default's JSON as a value of the field's type. Structs
// and arrays have none in MySQL that could be told from an expression.
func defaultValue(f *debezium.Field) (v debezium.Value, ok bool, err error) {
	var text string
	var number json.Number
	var flag bool
	var b []byte
	decode := func(into any) {
		d := json.NewDecoder(bytes.NewReader(f.Default))
		if err == nil {
			err = d.Decode(into)
		}
	}
	if string(bytes.TrimSpace(f.Default)) == "null" {
		return debezium.Value{Kind: debezium.Null}, true, nil
	}
	ok = true
	switch f.Type {
	case debezium.Int8, debezium.Int16, debezium.Int32, debezium.Int64:
		decode(&number)
		v.Kind = debezium.Int
		if err == nil {
			v.Int, err = strconv.ParseInt(number.String(), 10, 64)
		}
	case debezium.Float32, debezium.Float64:
		decode(&number)
		v = debezium.Value{Kind: debezium.Number, Bytes: []byte(number)}
	case debezium.Boolean:
		decode(&flag)
		v.Kind = debezium.Bool
		if flag {
			v.Int = 1
		}
	case debezium.String:
		decode(&text)
		v = debezium.Value{Kind: debezium.Text, Bytes: []byte(text)}
	case debezium.Bytes:
		decode(&b)
		v = debezium.Value{Kind: debezium.Binary, Bytes: b}
	default:
		ok = false
	}
	if err != nil {
		return debezium.Value{}, false, fmt.Errorf("reading the default of field %q: %w", f.Name, err)
	}
	return v, ok, nil
}

func temporal(form wire.Form) bool { return form >= wire.Date && form <= wire.ZonedStruct }

// isEpoch says whether a temporal value is 0 or 1970-01-01 in any notation.
func isEpoch(v debezium.Value) bool {
	return v.Kind == debezium.Int && v.Int == 0 || bytes.HasPrefix(v.Bytes, []byte("1970-01-01")) || bytes.HasPrefix(v.Bytes, []byte("00:00:00"))
}
