package debezium

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCutLayouts(t *testing.T) {
	schema := structOf(member("a", "int32"))
	const payload = `{"a":1}`
	for _, text := range []string{
		`{"schema":` + schema + `,"payload":` + payload + `}`,
		`{"payload":` + payload + `,"schema":` + schema + `}`,
		" {\n \"schema\" : " + schema + " ,\t\"payload\" : " + payload + " }\r\n",
		" {\n \"payload\" : " + payload + " ,\t\"schema\" : " + schema + " }\r\n",
		`{"x":[1],"schema":` + schema + `,"y":null,"payload":` + payload + `,"z":{"payload":2}}`,
		`{"x":[1],"payload":` + payload + `,"y":null,"schema":` + schema + `,"z":{"schema":2}}`,
		`{"sch\u0065ma":` + schema + `,"pay\u006coad":` + payload + `}`,
	} {
		r := NewReader()
		s, rest, err := r.Cut([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, text, string(s.Join(rest)))
		require.Nil(t, s.Columns())
		require.Equal(t, "a", s.Root().Fields[0].Name)
		for range 2 {
			var k Key
			require.NoError(t, s.DecodeKey(rest, &k), text)
			require.Equal(t, []any{int64(1)}, show(k.Row))
		}
		again, _, err := r.Cut([]byte(text))
		require.NoError(t, err)
		require.Same(t, s, again)
	}
}

func TestCutRefuses(t *testing.T) {
	schema := structOf(member("a", "int32"))
	for text, want := range map[string]error{
		"":                                  ErrEmpty,
		"null":                              ErrNullPayload,
		" null\n":                           ErrNullPayload,
		"5":                                 ErrNoSchema,
		`"0047"`:                            ErrNoSchema,
		`[1,2]`:                             ErrNoSchema,
		`{}`:                                ErrNoSchema,
		`{"id":5}`:                          ErrNoSchema,
		`{"before":null,"after":{"id":1}}`:  ErrNoSchema,
		`{"schema":null,"payload":{"a":1}}`: ErrNoSchema,
		`{"schema":"x","payload":{"a":1}}`:  ErrNoSchema,
		`{"payload":{"a":1}}`:               ErrNoSchema,
		"\x00\x00\x00\x00\x07\x02":          ErrAvro,
		"\x00":                              ErrAvro,
		"Struct{id=5}":                      ErrNotJSON,
		"hello":                             ErrNotJSON,
		"\ufeff{}":                          ErrNotJSON,
		" ":                                 ErrNotJSON,
	} {
		_, _, err := NewReader().Cut([]byte(text))
		require.ErrorIs(t, err, want, text)
		require.NotEmpty(t, Hint(err))
		require.NotEqual(t, "other", Label(err))
	}
	for text, reason := range map[string]string{
		`{`:                           endsEarly,
		`{"`:                          endsEarly,
		`{"schema":`:                  endsEarly,
		`{"schema":` + schema:         endsEarly,
		`{"schema":` + schema + `,`:   endsEarly,
		`{"schema":` + schema + `}`:   "payload is missing",
		`{"schema":` + schema + `} x`: "text behind the message",
		`{"schema":` + schema[:40]:    endsEarly,
		`{"id":5`:                     endsEarly,
		`{"id":5}}`:                   "text behind the message",
		`{"id" 5}`:                    "colon expected",
		`{x}`:                         "field name expected",
		`{"payload":5,"payload":5}`:   duplicateField,
		`{"schema":` + schema + `,"schema":` + schema + `,"payload":1}`: duplicateField,
		`{"payload":{"a":1},"schema":` + schema + `,"payload":1}`:       duplicateField,
	} {
		_, _, err := NewReader().Cut([]byte(text))
		require.ErrorContains(t, err, reason, text)
		var malformed *MalformedError
		require.ErrorAs(t, err, &malformed)
		require.LessOrEqual(t, malformed.Offset, len(text))
		require.Equal(t, "malformed", Label(err))
		require.NotEmpty(t, Hint(err))
	}
}

// What stands behind the payload is only read when it is decoded.
func TestDecodeTail(t *testing.T) {
	schema := structOf(member("a", "int32"))
	for tail, reason := range map[string]string{
		`}`:                     "",
		" \n}\r\n":              "",
		`,"x":1}`:               "",
		`,"x":{"y":[]}, "z":0}`: "",
		``:                      endsEarly,
		`,`:                     endsEarly,
		`}}`:                    "text behind the message",
		`]`:                     "closing brace expected",
		`,"x":1`:                endsEarly,
		`,"x":}`:                "value expected",
		`,}`:                    "field name expected",
		`,"schema":{}}`:         duplicateField,
		`,"payload":1}`:         duplicateField,
	} {
		for _, payload := range []string{`{"a":1}`, `null`} {
			s, rest := cut(t, []byte(`{"schema":`+schema+`,"payload":`+payload+tail))
			var k Key
			err := s.DecodeKey(rest, &k)
			switch {
			case reason != "":
				require.ErrorContains(t, err, reason, payload+tail)
			case payload == "null":
				require.ErrorIs(t, err, ErrNullPayload)
			default:
				require.NoError(t, err)
			}
		}
	}
	// The schema may come last; then nothing but the payload is left.
	r := NewReader()
	first := `{"payload":{"a":1},"schema":` + schema + `}`
	s, _, err := r.Cut([]byte(first))
	require.NoError(t, err)
	for middle, reason := range map[string]string{
		`{"a":1}`:                  "",
		` {"a":1} `:                "",
		`{"a":1},"x":5`:            "",
		`{"a":1},"schema":5`:       duplicateField,
		`{"a":1}}`:                 "text behind the message",
		`{"a":1`:                   endsEarly,
		``:                         endsEarly,
		`{"a":1},"x":{"y":1,"z":[`: endsEarly,
	} {
		again, rest, err := r.Cut([]byte(strings.Replace(first, `{"a":1}`, middle, 1)))
		require.NoError(t, err)
		require.Same(t, s, again)
		require.Equal(t, middle, string(rest))
		var k Key
		if err := again.DecodeKey(rest, &k); reason == "" {
			require.NoError(t, err, middle)
		} else {
			require.ErrorContains(t, err, reason, middle)
		}
	}
}

func TestDecodeKeyOfOtherShapes(t *testing.T) {
	s, rest := cut(t, message(`{"type":"int32","optional":false}`, `5`))
	var k Key
	require.ErrorIs(t, s.DecodeKey(rest, &k), ErrNotStruct)
	require.ErrorIs(t, s.Decode(rest, BothImages, &Event{}), ErrNotEnvelope)

	s, rest = cut(t, message(structOf(), `{}`))
	require.NoError(t, s.DecodeKey(rest, &k))
	require.Empty(t, k.Row)
}

// A message cut short anywhere is an error, never a shorter row.
func TestTruncated(t *testing.T) {
	whole := posUpdate(7)
	r := NewReader()
	_, _, err := r.Cut(whole)
	require.NoError(t, err)
	var ev Event
	for n := range whole {
		for _, r := range []*Reader{r, NewReader()} {
			s, rest, err := r.Cut(whole[:n])
			if err == nil {
				err = s.Decode(rest, BothImages, &ev)
			}
			require.Error(t, err, n)
			require.Nil(t, ev.After)
			if n > 0 && n < len(whole)-2000 {
				break // the remembered schema does not matter within the schema
			}
		}
	}
}
