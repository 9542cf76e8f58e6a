package debezium

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// everyType is a table with a column of every type Connect has.
var everyType = strings.Join([]string{
	member("i8", "int8"), member("i16", "int16"), member("i32", "int32"), member("i64", "int64"),
	member("f32", "float"), member("f64", "double"), member("b", "boolean"), member("s", "string"), member("x", "bytes"),
	`{` + decimalType + `,"field":"d"}`, `{` + geometryType + `,"field":"g"}`,
	`{` + vectorType + `,"field":"v"}`, `{` + matrixType + `,"field":"mm"}`,
	`{"type":"map","keys":{"type":"string"},"values":{"type":"int8"},"field":"m"}`,
	`{"type":"array","items":{` + geometryType + `},"field":"gs"}`,
}, ",")

const everyValue = `{"i8":-8,"i16":16,"i32":-32,"i64":9223372036854775807,"f32":1.5,"f64":-1E-300,"b":true,"s":"t\u00e9xt \uD83D\uDE00\n",` +
	`"x":"AQI=","d":"BdA=","g":{"wkb":"AQID","srid":4326},"v":[1.5,"NaN",null],"mm":[[1],[]],"m":{"a":[1]},"gs":[{},{"srid":1}]}`

// addGolden adds the events of real connectors to a corpus.
func addGolden(f *testing.F, add func([]byte)) {
	for _, file := range goldenEvents(f) {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		add(text)
	}
}

// FuzzCut feeds whole messages to a Reader. Whatever it accepts is put together
// again byte for byte, and the schema is the one encoding/json finds.
func FuzzCut(f *testing.F) {
	schema := structOf(member("a", "int32"), `{`+decimalType+`,"default":"AA==","field":"d"}`)
	for _, seed := range []string{
		"", "null", "{}", "\x00\x00\x00\x00\x01", `{"schema":null,"payload":1}`,
		`{"schema":` + schema + `,"payload":{"a":1}}`,
		`{"payload":{"a":1},"schema":` + schema + `}`,
		` { "x" : [ ] , "schema" : ` + schema + ` , "payload" : null } `,
		`{"schema":{"type":"map","keys":{"type":"string"},"values":{"type":"int8"}},"payload":{}}`,
		`{"schema":{"type":"string","name":"\u0061\n","parameters":{"k\"":"v"},"doc":"x","version":1},"payload":""}`,
		string(message(smallTable, change("u", `{"id":1}`, `{"id":2,"after":"x"}`))),
	} {
		f.Add([]byte(seed))
	}
	addGolden(f, func(text []byte) { f.Add(text) })
	f.Fuzz(func(t *testing.T, text []byte) {
		r := NewReader()
		original := string(text)
		s, rest, err := r.Cut(text)
		require.Equal(t, original, string(text), "the message must not change")
		if err != nil {
			require.NotEqual(t, "other", Label(err))
			require.NotEmpty(t, Hint(err))
			requireReason(t, text, err)
			return
		}
		require.Equal(t, original, string(s.Join(rest)))
		again, restAgain, err := r.Cut(text)
		require.NoError(t, err)
		require.Same(t, s, again)
		require.Equal(t, string(rest), string(restAgain))

		var (
			ev Event
			k  Key
		)
		decoded := s.Decode(rest, BothImages, &ev) == nil
		decoded = s.DecodeKey(rest, &k) == nil || decoded
		if !strictJSON(text) {
			return
		}
		found, ok := members(text, func(name string) bool { return name == schemaMember || name == payloadMember })
		if !ok {
			require.False(t, decoded, "schema or payload twice")
			return
		}
		want, ok := oracleSchema(found[schemaMember], false)
		require.True(t, ok)
		require.Equal(t, want, flat(s.Root()))
	})
}

// requireReason checks that a message which was refused has a reason to be.
func requireReason(t *testing.T, text []byte, err error) {
	if !strictJSON(text) || depth(text) > maxDepth {
		return
	}
	found, ok := members(text, func(name string) bool { return name == schemaMember || name == payloadMember })
	switch Label(err) {
	case "null_payload":
		require.Equal(t, "null", strings.TrimSpace(string(text)))
	case "no_schema":
		require.True(t, !ok || len(found[schemaMember]) == 0 || found[schemaMember][0] != '{', "%s", text)
	case "malformed":
		_, good := oracleSchema(found[schemaMember], false)
		require.False(t, ok && good && found[payloadMember] != nil, "%s: %v", text, err)
	default:
		t.Fatalf("valid JSON refused: %v", err)
	}
}

// flatField is a Field whose default is text, to be compared.
type flatField struct {
	Field
	Default string
	Fields  []flatField
	Items   *flatField
}

func flat(f *Field) flatField {
	c := flatField{Field: *f, Default: string(f.Default)}
	c.Field.Default, c.Field.Fields, c.Field.Items, c.standIn = nil, nil, nil, nil
	for i := range f.Fields {
		c.Fields = append(c.Fields, flat(&f.Fields[i]))
	}
	if f.Items != nil {
		items := flat(f.Items)
		c.Items = &items
	}
	return c
}

// oracleSchema reads a schema node with encoding/json.
func oracleSchema(text []byte, named bool) (f flatField, ok bool) {
	found, ok := members(text, func(name string) bool { return attribute([]byte(name)) != 0 })
	if _, both := found["values"]; !ok || both && found["items"] != nil {
		return f, false
	}
	read := func(name string, into any) bool {
		return found[name] == nil || json.Unmarshal(found[name], into) == nil
	}
	var typeName *string
	if !read("type", &typeName) || typeName == nil || string(found["optional"]) == "null" || !read("optional", &f.Optional) ||
		!read("name", &f.Logical) || !read("field", &f.Name) {
		return f, false
	}
	for i, known := range typeNames {
		if i > 0 && known == *typeName {
			f.Type = Type(i)
		}
	}
	if d := string(found["default"]); d != "null" {
		f.Default = d
	}
	if !oracleParameters(found["parameters"], &f.Field) || f.Type == 0 || named && f.Name == "" {
		return f, false
	}
	if !named {
		f.Name = ""
	}
	element := append(found["items"], found["values"]...)
	if (element != nil) != (f.Type == Array || f.Type == Map) || (found["fields"] != nil) != (f.Type == Struct) {
		return f, false
	}
	if element != nil {
		item, ok := oracleItem(element)
		f.Items = &item
		return f, ok
	}
	var fields []json.RawMessage
	if !read("fields", &fields) || string(found["fields"]) == "null" {
		return f, false
	}
	seen := map[string]bool{}
	for _, node := range fields {
		member, ok := oracleSchema(node, true)
		if !ok || seen[member.Name] {
			return f, false
		}
		seen[member.Name] = true
		f.Fields = append(f.Fields, member)
	}
	return f, true
}

// oracleItem reads the node of what a list holds, which may have a name that
// means nothing.
func oracleItem(text []byte) (flatField, bool) {
	item, ok := oracleSchema(text, false)
	if ok {
		found, _ := members(text, func(string) bool { return false })
		_ = json.Unmarshal(found["field"], &item.Name)
	}
	return item, ok
}

func oracleParameters(text []byte, f *Field) bool {
	if text == nil || string(text) == "null" {
		return true
	}
	found, ok := members(text, func(string) bool { return false })
	for name, value := range found {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return false
		}
		if f.Parameters == nil {
			f.Parameters = map[string]string{}
		}
		f.Parameters[name] = s
	}
	return ok
}

// FuzzDecode feeds payloads to the schema of a table with every type, and
// compares the event with what encoding/json finds.
func FuzzDecode(f *testing.F) {
	s, _, err := NewReader().Cut(message(envelope(everyType), "null"))
	require.NoError(f, err)
	for _, payload := range []string{
		"null", "{}", `{"op":"c"}`, change("u", everyValue, everyValue), change("d", everyValue, "null"), change("t", "null", "null"),
		` { "op" : "r" , "after" : { "i64" : 1 , "s" : null } , "before" : null , "zz" : [ { } ] } `,
		`{"op":"c","after":{"gs":[{"srid":1,"wkb":"AA=="}],"d":1E+400,"s":"\\\"\/\b\f\n\r\t\u0000"}}`,
		`{"source":{"ts_ms":1,"pos":-9223372036854775808,"db":"x","table":null},"op":"m"}`,
		`{"op":"c","after":{"i64":9223372036854775808}}`, `{"op":"c","after":{"i8":1,"i8":1}}`,
	} {
		f.Add([]byte(payload + "}"))
	}
	addGolden(f, func(text []byte) {
		if _, rest, err := NewReader().Cut(text); err == nil {
			f.Add(rest)
		}
	})
	f.Fuzz(func(t *testing.T, rest []byte) {
		original := string(rest)
		var ev Event
		err := s.Decode(rest, BothImages, &ev)
		require.Equal(t, original, string(rest), "the payload must not change")
		if err != nil && Label(err) != "null_payload" {
			require.Equal(t, "malformed", Label(err))
			require.Nil(t, ev.After)
		}
		requireUTF8(t, ev.Before)
		requireUTF8(t, ev.After)
		if err == nil {
			requireSameImages(t, s, rest, &ev)
		}
		text := s.Join(rest)
		if !strictJSON(text) || depth(text) > maxDepth {
			return // what is skipped is not checked to the last
		}
		requireOracle(t, s, text, &ev, err)
	})
}

// requireOracle compares an event, or the error instead of it, with the
// oracle's.
func requireOracle(t *testing.T, s *Schema, text []byte, ev *Event, err error) {
	found, ok := members(text, func(name string) bool { return name == schemaMember || name == payloadMember })
	if ok && string(found[payloadMember]) == "null" {
		require.ErrorIs(t, err, ErrNullPayload)
		return
	}
	var want oracleEvent
	if ok {
		want, ok = readOracleEvent(s, found[payloadMember])
	}
	if !ok {
		require.Error(t, err)
		return
	}
	require.NoError(t, err)
	require.Equal(t, want.op, string(rune(ev.Op)))
	require.Equal(t, want.before, show(ev.Before))
	require.Equal(t, want.after, show(ev.After))
	require.Equal(t, sourceText(&want.source), sourceText(&ev.Source))
}

// sourceText prints a source; null, absent and empty texts look alike.
func sourceText(s *Source) []any {
	return []any{string(s.Database), string(s.Table), string(s.Snapshot), string(s.File), s.Micros, s.Position}
}

// requireSameImages checks that asking for one image brings the same one.
func requireSameImages(t *testing.T, s *Schema, rest []byte, both *Event) {
	for _, want := range []Images{0, AfterImage, BeforeImage} {
		var ev Event
		require.NoError(t, s.Decode(rest, want, &ev))
		require.Equal(t, both.Op, ev.Op)
		require.Equal(t, sourceText(&both.Source), sourceText(&ev.Source))
		if want&AfterImage != 0 {
			require.Equal(t, show(both.After), show(ev.After))
		} else {
			require.Nil(t, ev.After)
		}
		if want&BeforeImage != 0 {
			require.Equal(t, show(both.Before), show(ev.Before))
		} else {
			require.Nil(t, ev.Before)
		}
	}
}

func requireUTF8(t *testing.T, row []Value) {
	for _, v := range row {
		require.True(t, v.Kind != Text || utf8.Valid(v.Bytes))
		requireUTF8(t, v.Items)
	}
}
