package debezium

import (
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestSchemaOfAnEnvelope(t *testing.T) {
	s, _ := cut(t, posInsert(1))
	root := s.Root()
	require.Equal(t, Struct, root.Type)
	require.Equal(t, "prod.0047.shop.pos_transactions.Envelope", root.Logical)
	require.Empty(t, root.Name)
	require.False(t, root.Optional)

	columns := s.Columns()
	require.Len(t, columns, 12)
	require.Same(t, &root.Member("before").Fields[0], &root.Member("after").Fields[0], "both images share their columns")
	require.Equal(t, Field{
		Name: "total", Type: Bytes, Logical: "org.apache.kafka.connect.data.Decimal", Optional: true,
		Parameters: map[string]string{
			"scale": "2", "connect.decimal.precision": "12",
			"__debezium.source.column.type": "DECIMAL", "__debezium.source.column.name": "total",
			"__debezium.source.column.length": "12", "__debezium.source.column.scale": "2",
		},
	}, columns[5])
	ddl, ok := columns[5].Source()
	require.True(t, ok)
	require.Equal(t, SourceColumn{Type: "DECIMAL", Length: 12, Scale: 2}, ddl)
	require.False(t, columns[0].Optional)
	require.Equal(t, `"false"`, string(root.Member("source").Member("snapshot").Default))
	require.Nil(t, root.Member("nothing"))
}

func TestSchemaNodes(t *testing.T) {
	for text, want := range map[string]Field{
		`{"type":"int32"}`: {Type: Int32},
		`{"type":"int8","optional":true,"version":3,"doc":"d"}`:                            {Type: Int8, Optional: true},
		`{"optional":false,"name":null,"parameters":null,"default":null,"type":"boolean"}`: {Type: Boolean},
		` { "type" : "float" , "optional" : true , "name" : "n" } `:                        {Type: Float32, Optional: true, Logical: "n"},
		`{"type":"double","default":1.5e3}`:                                                {Type: Float64, Default: []byte(`1.5e3`)},
		`{"type":"string","default":"a\"b"}`:                                               {Type: String, Default: []byte(`"a\"b"`)},
		`{"type":"string","name":"a\u00e9b"}`:                                              {Type: String, Logical: "aéb"},
		`{"type":"string","parameters":{}}`:                                                {Type: String},
		`{"type":"string","parameters":{"a":"1","a\n":"\""}}`:                              {Type: String, Parameters: map[string]string{"a": "1", "a\n": `"`}},
		`{"type":"string","unknown":{"a":[]}}`:                                             {Type: String},
		`{"type":"array","items":{"type":"int16"}}`:                                        {Type: Array, Items: &Field{Type: Int16}},
		`{"type":"map","keys":{"type":"string"},"values":{"type":"bytes"}}`:                {Type: Map, Items: &Field{Type: Bytes}},
		`{"type":"struct","fields":[]}`:                                                    {Type: Struct},
		`{"type":"struct","default":{"a":1},"fields":[{"type":"int64","field":"a"},{"field":"b","type":"struct","fields":[{"type":"int64","field":"a"}]}]}`: {
			Type: Struct, Default: []byte(`{"a":1}`),
			Fields: []Field{{Name: "a", Type: Int64}, {Name: "b", Type: Struct, Fields: []Field{{Name: "a", Type: Int64}}}},
		},
	} {
		s, _ := cut(t, []byte(`{"schema":`+text+`,"payload":null}`))
		if len(want.Fields) == 0 {
			require.Empty(t, s.Root().Fields)
			s.Root().Fields = nil
		}
		require.Equal(t, want, *s.Root(), text)
	}
}

func TestSchemaMalformed(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                                           "schema at byte 10: type is missing",
		`{"optional":true}`:                            "schema at byte 10: type is missing",
		`{"type":"int128"}`:                            "schema at byte 18: unknown type",
		`{"type":"unknown"}`:                           "unknown type",
		`{"type":null}`:                                "string declared, null found",
		`{"type":"int8","type":"int8"}`:                duplicateField,
		`{"type":"int8","optional":1}`:                 "unknown word",
		`{"type":"int8","name":5}`:                     "string declared, number found",
		`{"type":"int8","parameters":[]}`:              "object declared, list found",
		`{"type":"int8","parameters":{"scale":2}}`:     "schema.parameters at byte 47: string declared, number found",
		`{"type":"struct"}`:                            "struct without fields",
		`{"type":"struct","fields":{}}`:                "list declared, object found",
		`{"type":"struct","fields":[{"type":"int8"}]}`: "schema.fields[0] at byte 37: field without a name",
		`{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"int9","field":"b"}]}`: "schema.fields[1] at byte 73: unknown type",
		`{"type":"struct","fields":[{"type":"int8","field":"a"},{"type":"int8","field":"a"}]}`: "two fields are called a",
		`{"type":"int8","fields":[]}`:             "fields of something other than a struct",
		`{"type":"array"}`:                        "only a list and a map need the type of what they hold",
		`{"type":"int8","items":{"type":"int8"}}`: "only a list and a map need the type of what they hold",
		`{"type":"array","items":{"type":"x"}}`:   "schema.items at byte 42: unknown type",
		`{"type":"array","items":5}`:              "schema.items at byte 34: object declared, number found",
	} {
		_, _, err := NewReader().Cut([]byte(`{"schema":` + text + `,"payload":null}`))
		require.ErrorContains(t, err, want, text)
		require.ErrorContains(t, err, "schema", text)
	}
}

func TestSchemaLimits(t *testing.T) {
	lists := func(depth int) []byte {
		return message(strings.Repeat(`{"type":"array","items":`, depth)+`{"type":"int8"}`+strings.Repeat(`}`, depth), "null")
	}
	_, _, err := NewReader().Cut(lists(maxDepth - 1))
	require.NoError(t, err)
	_, _, err = NewReader().Cut(lists(maxDepth))
	require.ErrorContains(t, err, tooDeep)

	fields := func(n int) string {
		members := make([]string, n)
		for i := range members {
			members[i] = member("c"+strconv.Itoa(i), "int8")
		}
		return structOf(members...)
	}
	_, _, err = NewReader().Cut(message(fields(maxFields-1), "null"))
	require.NoError(t, err)
	_, _, err = NewReader().Cut(message(fields(maxFields), "null"))
	require.ErrorContains(t, err, "too many fields")

	// A table as wide as MySQL allows, in both images.
	columns := make([]string, 4096)
	for i := range columns {
		columns[i] = member("c"+strconv.Itoa(i), "int8")
	}
	s, rest := cut(t, message(envelope(strings.Join(columns, ",")), change("c", "null", "{}")))
	require.Len(t, s.Columns(), 4096)
	require.NoError(t, s.Decode(rest, BothImages, &Event{}))
}

// Names do not take memory besides the schema's own text.
func TestSchemaNamesShareMemory(t *testing.T) {
	s, _ := cut(t, posInsert(1))
	require.Len(t, s.prefix.parts, 1)
	text := uintptr(unsafe.Pointer(unsafe.StringData(s.prefix.parts[0])))
	for _, c := range s.Columns() {
		for _, name := range []string{c.Name, c.Parameters[paramSourceType]} {
			at := uintptr(unsafe.Pointer(unsafe.StringData(name)))
			require.True(t, at >= text && at < text+uintptr(s.prefix.size), name)
		}
	}
}

func TestEnvelopeIsToldByItsShape(t *testing.T) {
	for schema, envelope := range map[string]bool{
		structOf(member("op", "string"), `{"type":"struct","fields":[`+member("a", "int8")+`],"field":"after"}`):  true,
		structOf(`{"type":"struct","fields":[`+member("a", "int8")+`],"field":"before"}`, member("op", "string")): true,
		structOf(member("after", "string"), member("op", "string")):                                               false,
		structOf(`{"type":"struct","fields":[` + member("a", "int8") + `],"field":"after"}`):                      false,
		structOf(`{"type":"struct","fields":[`+member("a", "int8")+`],"field":"after"}`, member("op", "int8")):    false,
		structOf(member("id", "int64"), member("__op", "string")):                                                 false,
		`{"type":"string"}`: false,
	} {
		s, _ := cut(t, message(schema, "null"))
		require.Equal(t, envelope, s.Columns() != nil, schema)
	}
}
