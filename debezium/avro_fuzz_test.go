package debezium

import (
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzAvro reads bodies with schemas, both of anybody's making. What is read is
// what another library reads, and whatever it cannot read is refused.
func FuzzAvro(f *testing.F) {
	for _, schema := range goldenSchemas(f) {
		f.Add([]byte(schema), []byte{})
	}
	registry := goldenSchemas(f)
	for _, file := range avroEvents(f) {
		message, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add([]byte(registry[uint64(message[4])]), message[5:])
	}
	f.Add([]byte(envelopeAvro), []byte("\x00\x02\x02\x02u"))
	for _, kind := range []string{
		`"int"`, `["float","null"]`, `{"type":"array","items":["null","double"]}`, `{"type":"map","values":"string"}`,
		`{"type":"enum","name":"N","symbols":["a","b"]}`, `{"type":"fixed","name":"N","size":2}`,
		`{"type":"int","logicalType":"date"}`, `{"type":"array","items":{"type":"array","items":"boolean"}}`,
	} {
		f.Add([]byte(`{"type":"record","name":"K","fields":[{"name":"v","type":`+kind+`}]}`), []byte("\x01\x06\x02a\x00\x00"))
	}
	f.Fuzz(func(t *testing.T, schema, body []byte) {
		s, err := ParseAvro([]byte("\x00head"), schema)
		if err != nil {
			var refused *SchemaError
			require.ErrorAs(t, err, &refused)
			require.NotEmpty(t, refused.Reason)
			return
		}
		var k Key
		err = s.DecodeKey(body, &k)
		if !errors.Is(err, ErrNotStruct) {
			requireLikeOther(t, s, schema, body, &k, err)
		}
		var ev Event
		switch asEvent := s.Decode(body, BothImages, &ev); {
		case asEvent == nil:
			// An envelope is a record too, of which less is stepped over.
			require.True(t, err == nil || stricter(err), "%v", err)
			var after Event
			require.NoError(t, s.Decode(body, AfterImage, &after))
			row := Field{Type: Struct, Fields: s.Columns()}
			require.Equal(t, spelt(&row, show(ev.After)), spelt(&row, show(after.After)))
		case !errors.Is(asEvent, ErrNotEnvelope):
			require.Equal(t, "malformed", Label(asEvent))
			require.Nil(t, ev.After)
		}
	})
}

// requireLikeOther compares what was read as a record with what another library
// reads, where that knows the schema.
func requireLikeOther(t *testing.T, s *Schema, schema, body []byte, k *Key, err error) {
	writer, unknown := other(string(schema))
	if unknown != nil {
		return
	}
	var native any
	left, failed := writer.Decode(body, &native)
	if err == nil {
		require.NoError(t, failed, "read although another library cannot")
		require.Empty(t, left)
		require.Equal(t, fromNative(s.Root(), native), spelt(s.Root(), show(k.Row)))
		return
	}
	require.Equal(t, "malformed", Label(err))
	require.True(t, stricter(err) || failed != nil || len(left) > 0, "refused although another library reads it: %v", err)
}

// stricter says whether a body is refused for what is not looked at where it is
// stepped over, or by others.
func stricter(err error) bool {
	for _, reason := range []string{
		badUTF8, badBoolean, outOfRange, tooManyValues,
		badBranch, // a branch's number of more bytes than it needs
	} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

// fromNative is what show prints of what the other library read, spelt alike.
func fromNative(f *Field, value any) any {
	switch v := value.(type) {
	case map[string]any:
		if f.Type == Map {
			return "map"
		}
		row := make([]any, len(f.Fields))
		for i := range f.Fields {
			row[i] = fromNative(&f.Fields[i], v[f.Fields[i].Name])
		}
		return row
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = fromNative(f.Items, v[i])
		}
		return list
	case int32:
		return int64(v)
	case float32:
		return speltFloat(float64(v))
	case float64:
		return speltFloat(v)
	case []byte:
		return append([]byte{}, v...)
	}
	return value
}

func speltFloat(f float64) string {
	if math.IsNaN(f) {
		return "NaN"
	}
	return strconv.FormatFloat(f, 'x', -1, 64)
}

// spelt brings what show prints of a field's value into the same form.
func spelt(f *Field, value any) any {
	switch v := value.(type) {
	case string:
		digits, ok := strings.CutPrefix(v, "number ")
		bits := map[Type]int{Float32: 32, Float64: 64}[f.Type]
		if n, err := strconv.ParseFloat(digits, bits); ok && err == nil && bits > 0 {
			return speltFloat(n)
		}
	case []any:
		if f.Type == Array {
			return speltList(v, func(int) *Field { return f.Items })
		}
		return speltList(v, func(i int) *Field { return &f.Fields[i] })
	case []byte:
		if f.Type == Map {
			return "map"
		}
	}
	return value
}

func speltList(values []any, field func(int) *Field) []any {
	list := make([]any, len(values))
	for i := range values {
		list[i] = spelt(field(i), values[i])
	}
	return list
}
