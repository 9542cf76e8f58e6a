package debezium

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/avro"
)

// schemas is a registry of texts by id, in Confluent's wire format.
type schemas map[uint64]string

func (r schemas) Schema(message []byte) (*Schema, error) {
	if len(message) < 5 {
		return nil, ErrNoID
	}
	text, ok := r[uint64(binary.BigEndian.Uint32(message[1:]))]
	if !ok {
		return nil, ErrUnknownSchema
	}
	return ParseAvro(message[:5], []byte(text))
}

// goldenSchemas are those the events in testdata/avro were written with.
func goldenSchemas(t testing.TB) schemas { return schemasIn(t, "testdata/avro") }

func schemasIn(t testing.TB, dir string) schemas {
	files, err := filepath.Glob(dir + "/schemas/*.avsc")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	r := schemas{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		id, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(file), ".avsc"))
		require.NoError(t, err)
		r[uint64(id)] = string(text)
	}
	return r
}

// avroEvents returns the files of real Avro events, of the stores in the
// events' JSON twins.
func avroEvents(t testing.TB) []string { return eventsIn(t, "testdata/avro") }

func eventsIn(t testing.TB, dir string) []string {
	files, err := filepath.Glob(dir + "/*.*[ey]")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func TestGoldenAvro(t *testing.T) {
	for _, file := range append(avroEvents(t), eventsIn(t, "testdata/avro_names")...) {
		registry := schemasIn(t, filepath.Dir(file))
		t.Run(filepath.Base(file), func(t *testing.T) {
			message, err := os.ReadFile(file)
			require.NoError(t, err)
			got := describeWith(t, NewReaderWith(registry), message)
			if *update {
				require.NoError(t, os.WriteFile(file+".golden", []byte(got), 0o644))
			}
			want, err := os.ReadFile(file + ".golden")
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// Columns that Avro calls otherwise are the store's again.
func TestAvroNames(t *testing.T) {
	message, err := os.ReadFile("testdata/avro_names/avro.0007.pos.1st_sales.006.value")
	require.NoError(t, err)
	s, rest, err := NewReaderWith(schemasIn(t, "testdata/avro_names")).Cut(message)
	require.NoError(t, err)
	var names, fields []string
	for i := range s.Columns() {
		names, fields = append(names, s.Columns()[i].ColumnName()), append(fields, s.Columns()[i].Name)
	}
	require.Equal(t, []string{"id-nr", "größe", "2nd"}, names)
	require.NotEqual(t, names, fields)
	var ev Event
	require.NoError(t, s.Decode(rest, AfterImage, &ev))
	require.Equal(t, "1st sales", string(ev.Source.Table))
}

// twins are JSON events and the ids of the schemas that Avro events of the same
// tables have.
var twins = map[string]uint64{
	"every_type.000.r.key": 3, "every_type.000.r.value": 4, "every_type.001.c.value": 4,
	"keyless.000.r.value": 5, "keyless.002.u.value": 5, "keyless.003.d.value": 5, "keyless.005.t.value": 5,
	"pos_transactions.000.r.key": 6, "pos_transactions.000.r.value": 7, "pos_transactions.002.c.value": 7,
	"pos_transactions.003.u.value": 7, "pos_transactions.004.d.value": 7, "pos_transactions.006.c.value": 7,
	"pos_transactions.009.c.value": 12, "made_later.000.c.key": 13, "made_later.000.c.value": 14,
}

// What the two converters say of a table is the same to the last parameter, and
// so are the values, whatever they are: those of the JSON events are written
// with the Avro events' schemas by another library.
func TestAvroSaysWhatJSONSays(t *testing.T) {
	registry := goldenSchemas(t)
	for name, id := range twins {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/events/prod.0001.s0001." + name)
			require.NoError(t, err)
			asJSON, rest := cut(t, text)
			message := binary.BigEndian.AppendUint32([]byte{0}, uint32(id))
			message = append(message, encodeAvro(t, registry[id], asJSON, text)...)
			asAvro, body, err := NewReaderWith(registry).Cut(message)
			require.NoError(t, err)
			require.Equal(t, flat(asJSON.Root()), sameStore(flat(asAvro.Root())))
			require.Equal(t, string(message), string(asAvro.Join(body)))
			if asJSON.Columns() == nil {
				var a, b Key
				require.NoError(t, asJSON.DecodeKey(rest, &a))
				require.NoError(t, asAvro.DecodeKey(body, &b))
				require.Equal(t, show(a.Row), show(b.Row))
				return
			}
			var a, b Event
			require.NoError(t, asJSON.Decode(rest, BothImages, &a))
			require.NoError(t, asAvro.Decode(body, BothImages, &b))
			require.Equal(t, a.Op, b.Op)
			require.Equal(t, a.Source, b.Source)
			require.Equal(t, floats(show(a.Before)), floats(show(b.Before)))
			require.Equal(t, floats(show(a.After)), floats(show(b.After)))

			var one Event
			require.NoError(t, asAvro.Decode(body, AfterImage, &one))
			require.Nil(t, one.Before)
			require.Equal(t, show(b.After), show(one.After))
		})
	}
}

// sameStore calls the Avro events' store by the name of the JSON events'.
func sameStore(f flatField) flatField {
	f.Logical = strings.Replace(f.Logical, "prod.0002.", "prod.0001.", 1)
	for i := range f.Fields {
		f.Fields[i] = sameStore(f.Fields[i])
	}
	return f
}

// floats spells numbers alike.
func floats(row []any) []any {
	for i, v := range row {
		switch v := v.(type) {
		case string:
			if digits, ok := strings.CutPrefix(v, "number "); ok {
				f, _ := strconv.ParseFloat(digits, 64)
				row[i] = f
			}
		case []any:
			row[i] = floats(v)
		}
	}
	return row
}

// other is the schema as another library reads it, logical types as what they
// are made of.
func other(text string) (*avro.Schema, error) {
	var node any
	if err := json.Unmarshal([]byte(text), &node); err != nil {
		return nil, err
	}
	plain, err := json.Marshal(withoutLogical(node))
	if err != nil {
		return nil, err
	}
	return avro.Parse(string(plain), avro.WithLaxNames(func(string) error { return nil }))
}

func withoutLogical(node any) any {
	switch node := node.(type) {
	case map[string]any:
		delete(node, "logicalType")
		delete(node, "default") // of no use here, and checked by some
		for k, v := range node {
			node[k] = withoutLogical(v)
		}
	case []any:
		for i, v := range node {
			node[i] = withoutLogical(v)
		}
	}
	return node
}

// encodeAvro writes the payload of a JSON message with an Avro schema.
func encodeAvro(t *testing.T, schema string, s *Schema, message []byte) []byte {
	var found struct{ Payload json.RawMessage }
	require.NoError(t, json.Unmarshal(message, &found))
	value, ok := oracleValue(s.Root(), found.Payload)
	require.True(t, ok)
	writer, err := other(schema)
	require.NoError(t, err)
	body, err := writer.Encode(native(t, s.Root(), value))
	require.NoError(t, err)
	return body
}

// native is what oracleValue found as the other library takes it.
func native(t *testing.T, f *Field, value any) any {
	switch f.Type {
	case Struct:
		row, ok := value.([]any)
		if !ok {
			return nil
		}
		members := map[string]any{}
		for i := range f.Fields {
			members[f.Fields[i].Name] = native(t, &f.Fields[i], row[i])
		}
		return members
	case Float32, Float64:
		digits, ok := value.(string)
		if !ok {
			return nil
		}
		n, err := strconv.ParseFloat(strings.TrimPrefix(digits, "number "), 64)
		require.NoError(t, err)
		if f.Type == Float32 {
			return float32(n)
		}
		return n
	case Array:
		var items []any
		for _, item := range value.([]any) {
			items = append(items, native(t, f.Items, item))
		}
		return items
	}
	if value == Absent {
		return nil
	}
	return value
}

// Apicurio's converter writes a nullable column's default where the store has
// NULL, which is to be known; Confluent's can keep the two apart.
func TestAvroDefaultForNull(t *testing.T) {
	message, err := os.ReadFile("testdata/avro/prod.0002.s0001.pos_transactions.001.value")
	require.NoError(t, err)
	s, rest, err := NewReaderWith(goldenSchemas(t)).Cut(message)
	require.NoError(t, err)
	var ev Event
	require.NoError(t, s.Decode(rest, AfterImage, &ev))
	var doubtful []string
	for i := range s.Columns() {
		if f := &s.Columns()[i]; f.MayBeNull(&ev.After[i]) {
			require.True(t, f.StandsForNull())
			doubtful = append(doubtful, f.Name)
		}
	}
	require.Equal(t, []string{"tax", "note"}, doubtful, "both were NULL")

	for _, c := range []struct {
		kind, dflt, is, other, null string
	}{
		{`{"type":"int","connect.type":"int16"}`, `7`, "\x00\x0e", "\x00\x0c", "\x02"},
		{`"long"`, `-1`, "\x00\x01", "\x00\x02", "\x02"},
		{`"boolean"`, `true`, "\x00\x01", "\x00\x00", "\x02"},
		{`"float"`, `1.5`, "\x00\x00\x00\xc0\x3f", "\x00\x00\x00\xc0\x40", "\x02"},
		{`"double"`, `0`, "\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00\xf0\x3f", "\x02"},
		{`"string"`, `"a\u00e9"`, "\x00\x06a\xc3\xa9", "\x00\x02a", "\x02"},
		{`"bytes"`, `"\u0000\u00ff"`, "\x00\x04\x00\xff", "\x00\x02\x00", "\x02"},
	} {
		s, err := ParseAvro(nil, fmt.Appendf(nil, `{"type":"record","name":"K","fields":[{"name":"v","type":[%s,"null"],"default":%s}]}`, c.kind, c.dflt))
		require.NoError(t, err)
		f := &s.Root().Fields[0]
		var k Key
		may := func(body string) bool {
			require.NoError(t, s.DecodeKey([]byte(body), &k), c.kind)
			return f.MayBeNull(&k.Row[0])
		}
		require.True(t, may(c.is), c.kind)
		require.False(t, may(c.other), c.kind)
		require.False(t, may(c.null), c.kind)
		require.False(t, may(c.is), "%s: a converter that sends null replaces none", c.kind)
	}
}

// A topic goes on in Avro after its connector's converter was changed, and the
// reader holds both formats' schemas.
func TestMixedTopic(t *testing.T) {
	asJSON, err := os.ReadFile("testdata/events/prod.0001.s0001.pos_transactions.002.c.value")
	require.NoError(t, err)
	asAvro, err := os.ReadFile("testdata/avro/prod.0002.s0001.pos_transactions.002.value")
	require.NoError(t, err)
	r := NewReaderWith(goldenSchemas(t))
	var seen [2]*Schema
	for round := range 3 {
		for i, message := range [][]byte{asJSON, asAvro} {
			s, rest, err := r.Cut(message)
			require.NoError(t, err)
			var ev Event
			require.NoError(t, s.Decode(rest, AfterImage, &ev))
			require.Equal(t, "paid", string(ev.After[3].Bytes))
			if round > 0 {
				require.Same(t, seen[i], s)
			}
			seen[i] = s
		}
	}
	_, _, err = r.Cut([]byte{0, 0, 0})
	require.ErrorIs(t, err, ErrNoID)
	_, _, err = r.Cut([]byte{0, 0, 0, 0, 99, 1})
	require.ErrorIs(t, err, ErrUnknownSchema)
	_, _, err = NewReader().Cut(asAvro)
	require.ErrorIs(t, err, ErrAvro)
	_, _, err = NewReaderWith(nil).Cut(asAvro)
	require.ErrorIs(t, err, ErrAvro)
}

func TestAvroValues(t *testing.T) {
	for _, c := range []struct{ schema, body, want string }{
		{`"int"`, "\x01", `-1`},
		{`{"type":"int","connect.type":"int16"}`, "\xff\xff\x03", `-32768`},
		{`{"type":"int","connect.type":"int16"}`, "\x80\x80\x04", outOfRange},
		{`{"type":"int","connect.type":"int8"}`, "\x80\x02", outOfRange},
		{`"int"`, "\x80\x80\x80\x80\x10", outOfRange},
		{`"long"`, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", `-9223372036854775808`},
		{`"long"`, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", badVarint},
		{`"long"`, "\x80", endsEarly},
		{`"boolean"`, "\x01", `true`},
		{`"boolean"`, "\x02", badBoolean},
		{`"float"`, "\x00\x00\xc0\x3f", `"number 1.5"`},
		{`"float"`, "\x00\x00\x80\x7f", `"number Infinity"`},
		{`"double"`, "\x00\x00\x00\x00\x00\x00\xf0\xff", `"number -Infinity"`},
		{`"double"`, "\x01\x00\x00\x00\x00\x00\xf8\x7f", `"number NaN"`},
		{`"double"`, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", `"number 0.1"`},
		{`"double"`, "\x00\x00", endsEarly},
		{`"string"`, "\x04\xc3\xa9", `"é"`},
		{`"string"`, "\x02\xc3", badUTF8},
		{`"string"`, "\x01", badLength},
		{`"bytes"`, "\x06ab", endsEarly},
		{`["null","string"]`, "\x00", `<nil>`},
		{`["string","null"]`, "\x02", `<nil>`},
		{`["string","null"]`, "\x00\x02x", `"x"`},
		{`["string","null"]`, "\x04", badBranch},
		{`{"type":"fixed","name":"F","size":2}`, "ab", `[]byte{0x61, 0x62}`},
		{`{"type":"fixed","name":"F","size":3}`, "ab", endsEarly},
		{`{"type":"enum","name":"E","symbols":["a","b"]}`, "\x02", `"b"`},
		{`{"type":"enum","name":"E","symbols":["a","b"]}`, "\x04", badSymbol},
		{`{"type":"array","items":"long"}`, "\x04\x02\x04\x00", `[]interface {}{1, 2}`},
		{`{"type":"array","items":"long"}`, "\x02\x02\x03\x04\x04\x06\x02\x08\x00", `[]interface {}{1, 2, 3, 4}`},
		{`{"type":"array","items":"long"}`, "\x00", `[]interface {}(nil)`},
		{`{"type":"array","items":{"type":"record","name":"R","fields":[]}}`, "\xfe\xff\xff\xff\xff\x01\x00", tooManyValues},
		{`{"type":"map","values":"long"}`, "\x02\x02a\x02\x00", `[]byte{0x2, 0x2, 0x61, 0x2, 0x0}`},
		{`{"type":"map","values":{"type":"array","items":"boolean"}}`, "\x01\x06\x02a\x00\x00", `[]byte{0x1, 0x6, 0x2, 0x61, 0x0, 0x0}`},
		{`"int"`, "\x01\x01", bytesBehind},
	} {
		s, err := ParseAvro(nil, fmt.Appendf(nil, `{"type":"record","name":"K","fields":[{"name":"v","type":%s}]}`, c.schema))
		require.NoError(t, err, c.schema)
		var k Key
		if err := s.DecodeKey([]byte(c.body), &k); err != nil {
			require.Equal(t, "malformed", Label(err))
			require.Contains(t, err.Error(), c.want, "%s %q", c.schema, c.body)
			require.Nil(t, k.Row)
			continue
		}
		require.Equal(t, c.want, fmt.Sprintf("%#v", show(k.Row)[0]), "%s %q", c.schema, c.body)
	}
}

func TestAvroSchemaRefused(t *testing.T) {
	deep := strings.Repeat(`{"type":"array","items":`, maxDepth+1) + `"int"` + strings.Repeat(`}`, maxDepth+1)
	wide := `{"type":"record","name":"W0","fields":[{"name":"v","type":"int"}]}`
	for i := 1; i < 40; i++ { // doubles 39 times
		wide = fmt.Sprintf(`{"type":"record","name":"W%d","fields":[{"name":"a","type":%s},{"name":"b","type":"W%d"}]}`, i, wide, i-1)
	}
	for schema, want := range map[string]string{
		``:                                      "is not JSON",
		`{"type":"record"`:                      "is not JSON",
		`{"type":7}`:                            "holds a JSON number",
		`{"type":"strange"}`:                    "names a type that is not described",
		`"Value"`:                               "names a type that is not described",
		`["null","int"]`:                        "may be null as a whole",
		`["int","string"]`:                      "union of something other",
		`["null",["int"]]`:                      "union of something other",
		`["null"]`:                              "union of something other",
		`{"type":"null"}`:                       "names a type that is not described",
		`{"type":"array"}`:                      "items: is not JSON",
		deep:                                    tooDeep,
		wide:                                    "too many fields",
		`{"type":"record"}`:                     "without a name",
		`{"type":"fixed","name":"F","size":-1}`: badLength,
		`{"type":"record","name":"A","fields":[{"name":"x","type":"A"}]}`:                                                                 "x: is part of itself",
		`{"type":"record","name":"A","fields":[{"name":"x","type":["null","A"]}]}`:                                                        "x: is part of itself",
		`{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"array","items":"A"}}]}`:                                        "x.items: is part of itself",
		`{"type":"record","name":"A","fields":[{"name":"x","type":"int"},{"name":"x","type":"int"}]}`:                                     duplicateField,
		`{"type":"record","name":"A","fields":[{"type":"int"}]}`:                                                                          "has no name",
		`{"type":"record","name":"A","fields":[{"name":"x","type":{"type":"int","connect.parameters":{"a":1}}}]}`:                         "holds a JSON number",
		strings.Replace(envelopeAvro, `{"name":"op","type":"string"}`, `{"name":"op","type":"string"},{"name":"source","type":"int"}`, 1): "source: is not a record",
		strings.Replace(envelopeAvro, `"after","type":["null","V"]`,
			`"after","type":{"type":"record","name":"X","fields":[{"name":"id","type":"int"}]}`, 1): "not of one type",
	} {
		_, err := ParseAvro(nil, []byte(schema))
		require.ErrorContains(t, err, want, "%.200s", schema)
		require.Equal(t, "unreadable_schema", Label(err))
	}
}

const envelopeAvro = `{"type":"record","name":"E","fields":[{"name":"before","type":["null",{"type":"record","name":"V","fields":` +
	`[{"name":"id","type":"int"}]}]},{"name":"after","type":["null","V"]},{"name":"op","type":"string"}]}`

// A second column of a named type is not taken for the first one.
func TestAvroSharedType(t *testing.T) {
	s, err := ParseAvro(nil, []byte(`{"type":"record","name":"K","fields":[{"name":"g","type":["null",{"type":"record","name":"Geometry",`+
		`"namespace":"io.debezium.data.geometry","fields":[{"name":"wkb","type":"bytes"}],"connect.name":"io.debezium.data.geometry.Geometry",`+
		`"connect.parameters":{"a":"b","__debezium.source.column.type":"LINESTRING","__debezium.source.column.name":"g"}}]},`+
		`{"name":"h","type":["null","io.debezium.data.geometry.Geometry"]}]}`))
	require.NoError(t, err)
	fields := s.Root().Fields
	require.Equal(t, "g", fields[0].ColumnName())
	source, ok := fields[0].Source()
	require.True(t, ok)
	require.Equal(t, "LINESTRING", source.Type)
	require.Equal(t, "h", fields[1].ColumnName())
	require.Equal(t, "io.debezium.data.geometry.Geometry", fields[1].Logical)
	require.Equal(t, map[string]string{"a": "b"}, fields[1].Parameters)
	_, ok = fields[1].Source()
	require.False(t, ok)
}

// What the body says of itself cannot make the sink work or allocate without end.
func TestAvroHostileBody(t *testing.T) {
	s, err := ParseAvro(nil, []byte(strings.Replace(envelopeAvro, `{"name":"op"`,
		`{"name":"skipped","type":{"type":"array","items":{"type":"record","name":"R","fields":[]}}},{"name":"op"`, 1)))
	require.NoError(t, err)
	var ev Event
	body := append([]byte{0, 0}, binary.AppendVarint(nil, 1<<62)...)
	require.ErrorContains(t, s.Decode(body, AfterImage, &ev), tooManyValues)
	body = []byte{0, 0}
	for range 1000 {
		body = binary.AppendVarint(body, maxItems/2)
	}
	require.ErrorContains(t, s.Decode(body, AfterImage, &ev), tooManyValues)
	require.NoError(t, s.Decode([]byte("\x00\x02\x02\x00\x02u"), BothImages, &ev))
	require.Equal(t, []any{int64(1)}, show(ev.After))
	require.ErrorContains(t, s.Decode([]byte("\x00\x02\x02\x00\x02x"), BothImages, &ev), "payload.op at byte 4: unknown operation")
	require.Nil(t, ev.After)
}

func BenchmarkDecodeAvro(b *testing.B) {
	message, err := os.ReadFile("testdata/avro/prod.0002.s0001.pos_transactions.003.value")
	require.NoError(b, err)
	insert, err := os.ReadFile("testdata/avro/prod.0002.s0001.pos_transactions.002.value")
	require.NoError(b, err)
	registry := goldenSchemas(b)
	for _, bench := range []struct {
		name    string
		message []byte
		want    Images
	}{{"insert", insert, AfterImage}, {"update", message, AfterImage}, {"update_both", message, BothImages}} {
		b.Run(bench.name, func(b *testing.B) {
			r := NewReaderWith(registry)
			var ev Event
			b.SetBytes(int64(len(bench.message)))
			b.ReportAllocs()
			for b.Loop() {
				s, rest, err := r.Cut(bench.message)
				if err == nil {
					err = s.Decode(rest, bench.want, &ev)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseAvro(b *testing.B) {
	text := []byte(goldenSchemas(b)[7])
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseAvro(nil, text); err != nil {
			b.Fatal(err)
		}
	}
}
