package debezium

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// structOf writes the schema of a struct with the members.
func structOf(members ...string) string {
	return `{"type":"struct","fields":[` + strings.Join(members, ",") + `],"optional":false}`
}

// member writes the schema of an optional member.
func member(name, connectType string) string {
	return `{"type":"` + connectType + `","optional":true,"field":"` + name + `"}`
}

// decodeOne reads a key that has one member v of a type, given as a schema
// node's attributes.
func decodeOne(t *testing.T, attributes, text string) (any, error) {
	t.Helper()
	s, rest := cut(t, message(structOf(`{`+attributes+`,"field":"v"}`), `{"v":`+text+`}`))
	var k Key
	if err := s.DecodeKey(rest, &k); err != nil {
		require.Nil(t, k.Row)
		return nil, err
	}
	return show(k.Row)[0], nil
}

const (
	decimalType  = `"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}`
	geometryType = `"type":"struct","name":"io.debezium.data.geometry.Geometry","fields":[` +
		`{"type":"bytes","optional":false,"field":"wkb"},{"type":"int32","optional":true,"field":"srid"}]`
	vectorType = `"type":"array","items":{"type":"float"}`
	matrixType = `"type":"array","items":{"type":"array","items":{"type":"int32"}}`
)

func TestDecodeValue(t *testing.T) {
	for _, c := range []struct {
		attributes, text string
		want             any
	}{
		{`"type":"int8"`, `-128`, int64(-128)},
		{`"type":"int16"`, `32767`, int64(32767)},
		{`"type":"int32"`, `-2147483648`, int64(math.MinInt32)},
		{`"type":"int64"`, `0`, int64(0)},
		{`"type":"int64"`, `-0`, int64(0)},
		{`"type":"int64"`, `7`, int64(7)},
		{`"type":"int64"`, `12345678`, int64(12345678)},
		{`"type":"int64"`, `123456789`, int64(123456789)},
		{`"type":"int64"`, `1795361999724180551`, int64(1795361999724180551)},
		{`"type":"int64"`, `9223372036854775807`, int64(math.MaxInt64)},
		{`"type":"int64"`, `-9223372036854775808`, int64(math.MinInt64)},
		{`"type":"int64"`, `9007199254740993`, int64(9007199254740993)},
		{`"type":"int64"`, `null`, nil},
		{`"type":"int64"`, " \t\r\n5 \n", int64(5)},
		{`"type":"boolean"`, `true`, true},
		{`"type":"boolean"`, `false`, false},
		{`"type":"float"`, `1.5`, "number 1.5"},
		{`"type":"float"`, `-0.0`, "number -0.0"},
		{`"type":"double"`, `1.7976931348623157E308`, "number 1.7976931348623157E308"},
		{`"type":"double"`, `5e-324`, "number 5e-324"},
		{`"type":"double"`, `12`, "number 12"},
		{`"type":"double"`, `"NaN"`, "number NaN"},
		{`"type":"float"`, `"-Infinity"`, "number -Infinity"},
		{`"type":"double"`, `"Infinity"`, "number Infinity"},
		{`"type":"string"`, `""`, ""},
		{`"type":"string"`, `"plain"`, "plain"},
		{`"type":"string"`, `"exactly8"`, "exactly8"},
		{`"type":"string"`, `"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		{`"type":"string"`, `"\u0000\u001F\u001a"`, "\x00\x1f\x1a"},
		{`"type":"string"`, `"\uD83D\uDE00 \ud83d\ude00"`, "😀 😀"},
		{`"type":"string"`, `"😀 přímo 漢字"`, "😀 přímo 漢字"},
		{`"type":"string"`, `"a😀\n\u00e9é"`, "a😀\néé"},
		{`"type":"string"`, `"{\"k\":[1,2,\"]\"]}"`, `{"k":[1,2,"]"]}`},
		{`"type":"bytes"`, `""`, []byte{}},
		{`"type":"bytes"`, `"AA=="`, []byte{0}},
		{`"type":"bytes"`, `"+/8="`, []byte{0xfb, 0xff}},
		{`"type":"bytes"`, `"\u002b\/8="`, []byte{0xfb, 0xff}},
		{`"type":"bytes"`, `"AQID"`, []byte{1, 2, 3}},
		{`"type":"bytes"`, `"AQIDBAU="`, []byte{1, 2, 3, 4, 5}},
		{`"type":"bytes"`, `null`, nil},
		{decimalType, `"BdA="`, []byte{0x05, 0xd0}},
		{decimalType, `14.88`, "number 14.88"},
		{
			decimalType, `12345678901234567890123456789012345.678901234567890123456789`,
			"number 12345678901234567890123456789012345.678901234567890123456789",
		},
		{decimalType, `0E-10`, "number 0E-10"},
		{geometryType, `{"wkb":"AQID","srid":4326}`, []any{[]byte{1, 2, 3}, int64(4326)}},
		{geometryType, `{"srid":null,"wkb":"AQID"}`, []any{[]byte{1, 2, 3}, nil}},
		{geometryType, `{"wkb":"AQID"}`, []any{[]byte{1, 2, 3}, Absent}},
		{geometryType, `{}`, []any{Absent, Absent}},
		{geometryType, `null`, nil},
		{vectorType, `[]`, []any(nil)},
		{vectorType, `[1.5, -2E-3 ,null,"NaN"]`, []any{"number 1.5", "number -2E-3", nil, "number NaN"}},
		{matrixType, `[[1,2],[],[3]]`, []any{[]any{int64(1), int64(2)}, []any(nil), []any{int64(3)}}},
		{`"type":"map","keys":{"type":"string"},"values":{"type":"int32"}`, `{"a": 1}`, `{"a": 1}`},
		{`"type":"map","keys":{"type":"int32"},"values":{"type":"int32"}`, `[[1,2]]`, `[[1,2]]`},
	} {
		t.Run(c.attributes+" "+c.text, func(t *testing.T) {
			got, err := decodeOne(t, c.attributes, c.text)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestDecodeValueMalformed(t *testing.T) {
	const at = len(`{"v":`) // offsets below count from the value
	for _, c := range []struct {
		attributes, text string
		offset           int
		reason           string
	}{
		{`"type":"int64"`, `"5"`, 0, "int64 declared, string found"},
		{`"type":"int64"`, `true`, 0, "int64 declared, boolean found"},
		{`"type":"int64"`, `{}`, 0, "int64 declared, object found"},
		{`"type":"int64"`, `[]`, 0, "int64 declared, list found"},
		{`"type":"int64"`, `+1`, 0, "int64 declared, something else found"},
		{`"type":"int64"`, `9223372036854775808`, 0, outOfRange},
		{`"type":"int64"`, `-9223372036854775809`, 1, outOfRange},
		{`"type":"int64"`, `18446744073709551616`, 0, outOfRange},
		{`"type":"int64"`, `99999999999999999999999`, 0, outOfRange},
		{`"type":"int64"`, `1.0`, 1, notWhole},
		{`"type":"int64"`, `1e3`, 1, notWhole},
		{`"type":"int64"`, `01`, 0, leadingZero},
		{`"type":"int64"`, `-012345678901234`, 1, leadingZero},
		{`"type":"int64"`, `-`, 1, badNumber},
		{`"type":"int64"`, `5x`, 1, "comma or closing bracket expected"},
		{`"type":"int64"`, `nul`, 0, "unknown word"},
		{`"type":"int8"`, `128`, 0, outOfRange},
		{`"type":"int16"`, `-32769`, 0, outOfRange},
		{`"type":"int32"`, `2147483648`, 0, outOfRange},
		{`"type":"boolean"`, `1`, 0, "boolean declared, number found"},
		{`"type":"boolean"`, `tru`, 0, "unknown word"},
		{`"type":"boolean"`, `falso`, 0, "unknown word"},
		{`"type":"double"`, `"nan"`, 0, notAFloat},
		{`"type":"double"`, `NaN`, 0, "double declared, something else found"},
		{`"type":"double"`, `.5`, 0, "double declared, something else found"},
		{`"type":"double"`, `1.`, 2, badNumber},
		{`"type":"double"`, `1e`, 2, badNumber},
		{`"type":"double"`, `1e+`, 3, badNumber},
		{`"type":"double"`, `00.5`, 0, leadingZero},
		{`"type":"string"`, `5`, 0, "string declared, number found"},
		{`"type":"string"`, "\"a\nb\"", 2, badControl},
		{`"type":"string"`, "\"\\n\n\"", 3, badControl},
		{`"type":"string"`, "\"a\x00b\"", 2, badControl},
		{`"type":"string"`, `"\x41"`, 2, badEscape},
		{`"type":"string"`, `"\u12G4"`, 3, badEscape},
		{`"type":"string"`, `"\uD83D"`, 1, badSurrogate},
		{`"type":"string"`, `"\uD83Dx"`, 1, badSurrogate},
		{`"type":"string"`, `"\uD83D\n"`, 1, badSurrogate},
		{`"type":"string"`, `"\uD83D\uD83D"`, 1, badSurrogate},
		{`"type":"string"`, `"\uDE00\uD83D"`, 1, badSurrogate},
		{`"type":"string"`, `"\uDC00\uDC00"`, 1, badSurrogate},
		{`"type":"boolean"`, `9`, 0, "boolean declared, number found"},
		{`"type":"string"`, `"\uD83D\uZZZZ"`, 9, badEscape},
		{`"type":"string"`, "\"a\xff\"", 1, badUTF8},
		{`"type":"string"`, "\"\\n\xc3\"", 1, badUTF8},
		{`"type":"string"`, "\"\xed\xa0\xbd\"", 1, badUTF8},
		{`"type":"bytes"`, `5`, 0, "bytes declared, number found"},
		{`"type":"bytes"`, `"AQI"`, 0, badBase64},
		{`"type":"bytes"`, `"AQI*"`, 0, badBase64},
		{`"type":"bytes"`, `"A=ID"`, 0, badBase64},
		{`"type":"bytes"`, `"===="`, 0, badBase64},
		{`"type":"bytes"`, `"A==="`, 0, badBase64},
		{`"type":"bytes"`, `"AB=="`, 0, badBase64},
		{`"type":"bytes"`, `"AAF="`, 0, badBase64},
		{`"type":"bytes"`, `"AQID AQID"`, 0, badBase64},
		{`"type":"bytes"`, `"-_8="`, 0, badBase64},
		{`"type":"bytes"`, `"AAAA====" `, 0, badBase64},
		{decimalType, `true`, 0, "bytes declared, boolean found"},
		{decimalType, `1.`, 2, badNumber},
		{geometryType, `[]`, 0, "struct declared, list found"},
		{vectorType, `{}`, 0, "array declared, object found"},
		{vectorType, `[1,]`, 3, "value expected"},
		{vectorType, `[1 2]`, 3, "comma or closing bracket expected"},
		{vectorType, `[1}`, 2, "comma or closing bracket expected"},
		{`"type":"map","values":{"type":"int32"}`, `{"a":tru}`, 0, "map is not JSON"},
		{`"type":"map","values":{"type":"int32"}`, `5`, 0, "map declared, number found"},
	} {
		t.Run(c.attributes+" "+c.text, func(t *testing.T) {
			_, err := decodeOne(t, c.attributes, c.text)
			var malformed *MalformedError
			require.ErrorAs(t, err, &malformed)
			require.Equal(t, c.reason, malformed.Reason)
			s := message(structOf(`{`+c.attributes+`,"field":"v"}`), "")
			require.Equal(t, len(s)-1+at+c.offset, malformed.Offset)
		})
	}
}

// The path leads through structs and lists to the value.
func TestMalformedPath(t *testing.T) {
	for _, c := range []struct{ attributes, text, path string }{
		{geometryType, `{"wkb":"AQID","srid":"x"}`, "payload.v.srid"},
		{matrixType, `[[1,2],[3,"x"]]`, "payload.v[1][1]"},
		{`"type":"array","items":{` + geometryType + `}`, `[{"srid":1},{"srid":2,"wkb":0}]`, "payload.v[1].wkb"},
		{geometryType, `{"srid":1,"srid":2}`, "payload.v.srid"},
		{`"type":"string"`, `"a`, "payload.v"},
	} {
		_, err := decodeOne(t, c.attributes, c.text)
		var malformed *MalformedError
		require.ErrorAs(t, err, &malformed)
		require.Equal(t, c.path, malformed.Path)
		require.Contains(t, err.Error(), c.path)
	}
}

// No error may quote a row's data.
func TestErrorsHoldNoRowData(t *testing.T) {
	const secret = "4111111111111111"
	for _, text := range []string{
		`"` + secret + `\x"`, secret + secret, `"` + secret, `{"` + secret + `":1}`, `tru` + secret, secret + `.5`, `["` + secret + `"]`,
	} {
		for _, connectType := range []string{"int64", "int32", "string", "bytes", "boolean", "double"} {
			_, err := decodeOne(t, `"type":"`+connectType+`"`, text)
			if err != nil {
				require.NotContains(t, err.Error()+Hint(err), "4111")
			}
		}
	}
}

func TestDecodeRowOrder(t *testing.T) {
	schema := structOf(member("a", "int32"), member("b", "string"), member("c", "boolean"))
	for payload, want := range map[string][]any{
		`{"a":1,"b":"x","c":true}`:               {int64(1), "x", true},
		` { "a" : 1 , "b" : "x" , "c" : true } `: {int64(1), "x", true},
		`{"c":true,"b":"x","a":1}`:               {int64(1), "x", true},
		`{"b":"x","c":true,"a":1}`:               {int64(1), "x", true},
		`{"a":1,"c":true}`:                       {int64(1), Absent, true},
		`{"c":true}`:                             {Absent, Absent, true},
		`{}`:                                     {Absent, Absent, Absent},
		`{ }`:                                    {Absent, Absent, Absent},
		`{"a":null,"b":null,"c":null}`:           {nil, nil, nil},
		`{"z":{"a":[1,"}"]},"a":1,"y":"\"","x":1.5e3}`:        {int64(1), Absent, Absent},
		`{"\u0061":1,"b":"x"}`:                                {int64(1), "x", Absent},
		`{"a":1,"zz":true,"zz":false,"b":"x"}`:                {int64(1), "x", Absent},
		`{"a":1,"u":[[],{}],"v":{},"w":null,"t":"\\","b":""}`: {int64(1), "", Absent},
	} {
		s, rest := cut(t, message(schema, payload))
		var k Key
		require.NoError(t, s.DecodeKey(rest, &k), payload)
		require.Equal(t, want, show(k.Row), payload)
	}
	for payload, reason := range map[string]string{
		`{"a":1,"a":1}`:            duplicateField,
		`{"a":null,"a":1}`:         duplicateField,
		`{"b":"","a":1,"b":""}`:    duplicateField,
		`{"a":1,}`:                 "field name expected",
		`{,"a":1}`:                 "field name expected",
		`{"a" 1}`:                  "colon expected",
		`{"a":}`:                   "int32 declared, something else found",
		`{"a":1]`:                  "comma or closing bracket expected",
		`{"a":1 "b":""}`:           "comma or closing bracket expected",
		`{a:1}`:                    "field name expected",
		`{"z":}`:                   "value expected",
		`{"z":nul}`:                "unknown word",
		`{"z":01}`:                 leadingZero,
		`{"z":{"a":[}}}`:           "wrong closing bracket",
		`{"z":{\}}`:                "value expected",
		`{"z":` + nested(65) + `}`: tooDeep,
		`[]`:                       "object declared, list found",
		`5`:                        "object declared, number found",
	} {
		s, rest := cut(t, message(schema, payload))
		var k Key
		err := s.DecodeKey(rest, &k)
		require.ErrorContains(t, err, reason, payload)
	}
	s, rest := cut(t, message(schema, `{"z":`+nested(64)+`,"a":1}`))
	var k Key
	require.NoError(t, s.DecodeKey(rest, &k))
}

// Names with characters that JSON escapes are found however they are spelt.
func TestDecodeOddNames(t *testing.T) {
	for name, spellings := range map[string][]string{
		`a\tb`: {`a\tb`, `a\u0009b`},
		`a\\b`: {`a\\b`, `a\u005cb`, `\u0061\\b`},
		`\\\\`: {`\\\\`, `\u005c\\`},
		`\"`:   {`\"`, `\u0022`},
		`účet`: {`účet`, `\u00fačet`},
	} {
		for _, spelling := range spellings {
			s, rest := cut(t, message(structOf(member(name, "int32"), member("z", "int32")), `{"`+spelling+`":5,"z":6}`))
			var k Key
			require.NoError(t, s.DecodeKey(rest, &k), spelling)
			require.Equal(t, []any{int64(5), int64(6)}, show(k.Row), spelling)
		}
	}
	require.Equal(t, `"a\"\\\u0009é":`, jsonKey("a\"\\\té"))
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// Wide rows find members by a map.
func TestDecodeWideRow(t *testing.T) {
	const width = 4096
	var members, forwards, backwards []string
	for i := range width {
		members = append(members, member(fmt.Sprintf("c%d", i), "int32"))
		forwards = append(forwards, fmt.Sprintf(`"c%d":%d`, i, i))
		backwards = append(backwards, fmt.Sprintf(`"c%d":%d`, width-1-i, width-1-i))
	}
	for _, fields := range [][]string{forwards, backwards} {
		s, rest := cut(t, message(structOf(members...), `{`+strings.Join(fields, ",")+`,"z":1}`))
		var k Key
		require.NoError(t, s.DecodeKey(rest, &k))
		for i, v := range k.Row {
			require.Equal(t, Value{Kind: Int, Int: int64(i)}, v)
		}
	}
}

func TestTooManyValues(t *testing.T) {
	_, err := decodeOne(t, vectorType, `[0`+strings.Repeat(`,0`, maxItems-2)+`]`)
	require.NoError(t, err)
	_, err = decodeOne(t, vectorType, `[0`+strings.Repeat(`,0`, maxItems-1)+`]`)
	require.ErrorContains(t, err, tooManyValues)
	_, err = decodeOne(t, `"type":"array","items":{`+geometryType+`}`, `[{}`+strings.Repeat(`,{}`, maxItems/2)+`]`)
	require.ErrorContains(t, err, tooManyValues)
}
