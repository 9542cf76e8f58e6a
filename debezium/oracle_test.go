package debezium

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The oracle reads messages with encoding/json, slowly and with its own hands,
// to say what this package must find in them. Where encoding/json is lenient
// (duplicates, bytes that are not UTF-8, half surrogate pairs), it is not.

// strictJSON says whether the text is JSON in UTF-8 without half surrogate
// pairs, which is what Connect writes.
func strictJSON(text []byte) bool {
	return json.Valid(text) && utf8.Valid(text) && !halfPair(text)
}

// halfPair looks for escapes of surrogates that do not belong together.
func halfPair(text []byte) bool {
	unit := func(i int) (uint64, bool) {
		if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
			return 0, false
		}
		n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
		return n, err == nil
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		n, ok := unit(i)
		switch {
		case !ok:
			i++
		case n>>10 == 0x36:
			if low, ok := unit(i + 6); !ok || low>>10 != 0x37 {
				return true
			}
			i += 11
		case n>>10 == 0x37:
			return true
		default:
			i += 5
		}
	}
	return false
}

// members takes an object apart; ok is false for anything else, and for an
// object in which one of the known names occurs twice.
func members(text []byte, known func(string) bool) (map[string]json.RawMessage, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	found := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil, false
		}
		if _, twice := found[name.(string)]; twice && known(name.(string)) {
			return nil, false
		}
		found[name.(string)] = value
	}
	return found, true
}

// declared says which names a schema declares.
func declared(fields []Field) func(string) bool {
	parent := Field{Fields: fields}
	return func(name string) bool { return parent.Member(name) != nil }
}

// oracleRow reads an object as a row of the fields.
func oracleRow(fields []Field, text []byte) ([]any, bool) {
	found, ok := members(text, declared(fields))
	if !ok {
		return nil, false
	}
	row := make([]any, len(fields))
	for i := range fields {
		value, there := found[fields[i].Name]
		if !there {
			row[i] = Absent
			continue
		}
		if row[i], ok = oracleValue(&fields[i], value); !ok {
			return nil, false
		}
	}
	return row, true
}

// oracleValue reads a value of the field's type, in the form that show prints.
func oracleValue(f *Field, text []byte) (any, bool) {
	if string(text) == "null" {
		return nil, true
	}
	isNumber := text[0] == '-' || isDigit(text[0])
	var s string
	isString := json.Unmarshal(text, &s) == nil
	switch f.Type {
	case Int8, Int16, Int32, Int64:
		n, err := strconv.ParseInt(string(text), 10, map[Type]int{Int8: 8, Int16: 16, Int32: 32, Int64: 64}[f.Type])
		return n, err == nil
	case Boolean:
		return string(text) == "true", string(text) == "true" || string(text) == "false"
	case Float32, Float64:
		if isString {
			return "number " + s, s == "NaN" || strings.TrimPrefix(s, "-") == "Infinity"
		}
		return "number " + string(text), isNumber
	case String:
		return s, isString
	case Bytes:
		if f.Logical == connectDecimal && isNumber {
			return "number " + string(text), true
		}
		decoded, err := base64.StdEncoding.Strict().DecodeString(s)
		return append([]byte{}, decoded...), isString && err == nil && !strings.ContainsAny(s, "\r\n")
	case Struct:
		row, ok := oracleRow(f.Fields, text)
		return row, ok
	case Array:
		var items []json.RawMessage
		if json.Unmarshal(text, &items) != nil {
			return nil, false
		}
		var list []any
		for _, item := range items {
			v, ok := oracleValue(f.Items, item)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		return list, true
	default:
		return string(text), text[0] == '{' || text[0] == '['
	}
}

// depth returns how deep the text nests.
func depth(text []byte) (deepest int) {
	level, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[':
			level++
			deepest = max(deepest, level)
		case c == '}', c == ']':
			level--
		}
	}
	return deepest
}

// oracleEvent is what an envelope's payload holds.
type oracleEvent struct {
	op            string
	before, after []any
	source        Source
}

// readOracleEvent reads an envelope with the schema.
func readOracleEvent(s *Schema, text []byte) (ev oracleEvent, ok bool) {
	found, ok := members(text, declared(s.Root().Fields))
	if !ok || json.Unmarshal(found["op"], &ev.op) != nil || len(ev.op) != 1 || !strings.Contains("crudtm", ev.op) {
		return ev, false
	}
	for name, image := range map[string]*[]any{"before": &ev.before, "after": &ev.after} {
		if text := found[name]; text != nil && string(text) != "null" {
			if *image, ok = oracleRow(s.Columns(), text); !ok {
				return ev, false
			}
		}
	}
	if block := found["source"]; block != nil && string(block) != "null" {
		return ev, readOracleSource(s.Root().Member("source"), block, &ev.source)
	}
	return ev, true
}

func readOracleSource(f *Field, block []byte, s *Source) bool {
	found, ok := members(block, declared(f.Fields))
	if !ok {
		return false
	}
	for name, into := range map[string]*[]byte{"db": &s.Database, "table": &s.Table, "snapshot": &s.Snapshot, "file": &s.File} {
		var text *string
		if found[name] != nil && json.Unmarshal(found[name], &text) != nil {
			return false
		}
		if text != nil {
			*into = []byte(*text)
		}
	}
	whole := func(name string) (n int64, present, ok bool) {
		text := string(found[name])
		if text == "" || text == "null" {
			return 0, false, true
		}
		n, err := strconv.ParseInt(text, 10, 64)
		return n, true, err == nil
	}
	position, _, okPosition := whole("pos")
	millis, _, okMillis := whole("ts_ms")
	micros, exact, okMicros := whole("ts_us")
	if !okPosition || !okMillis || !okMicros || millis > math.MaxInt64/1000 || millis < math.MinInt64/1000 {
		return false
	}
	if s.Position, s.Micros = position, micros; !exact {
		s.Micros = millis * 1000
	}
	return true
}
