package debezium

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// speller writes JSON in one of the many ways it may be written.
type speller struct {
	*rapid.T
	tidy bool // as Connect writes it
	good bool // with nothing wrong
}

func (s speller) oneIn(n int, label string) bool {
	return !s.tidy && rapid.IntRange(0, n-1).Draw(s.T, label) == 0
}

func (s speller) space() string {
	if !s.oneIn(4, "space?") {
		return ""
	}
	return rapid.StringOfN(rapid.SampledFrom([]rune(" \t\r\n")), 1, 3, -1).Draw(s.T, "space")
}

// quote spells a string, with needless escapes now and then.
func (s speller) quote(text string) string {
	quoted, _ := json.Marshal(text)
	if !s.oneIn(3, "escape?") {
		return string(quoted)
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04X\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return `"` + b.String() + `"`
}

func (s speller) object(members []string) string {
	if !s.tidy && len(members) > 1 && s.oneIn(3, "shuffle?") {
		members = rapid.Permutation(members).Draw(s.T, "order")
	}
	return s.list(members, "{", "}")
}

func (s speller) list(elements []string, open, closing string) string {
	for i := range elements {
		elements[i] = s.space() + elements[i] + s.space()
	}
	return open + s.space() + strings.Join(elements, ",") + closing
}

// row spells an object for the fields, with some left out, some null, some
// unknown, and now and then one that is wrong.
func (s speller) row(fields []Field) string {
	var members []string
	for i := range fields {
		if s.oneIn(8, "absent?") {
			continue
		}
		members = append(members, s.quote(fields[i].Name)+s.space()+":"+s.space()+s.value(&fields[i]))
	}
	if s.oneIn(6, "unknown?") {
		good := s
		good.good = true // what is ignored is not checked to the last
		members = append(members, `"unknown":`+good.value(&fields[rapid.IntRange(0, len(fields)-1).Draw(s.T, "like")]))
	}
	if !s.good && s.oneIn(60, "twice?") && len(members) > 0 {
		members = append(members, members[0])
	}
	return s.object(members)
}

// value spells a value of the field's type, mostly.
func (s speller) value(f *Field) string {
	switch {
	case s.oneIn(10, "null?"):
		return "null"
	case !s.good && s.oneIn(150, "wrong?"):
		return rapid.SampledFrom([]string{
			`"x"`, `1`, `-9223372036854775809`, `1.5`, `1E3`, `true`, `{}`, `[]`, `"AQ"`, `-`, `01`, `""`, `"\uD83D"`, `nil`,
		}).Draw(s.T, "wrong")
	}
	switch f.Type {
	case Int8, Int16, Int32, Int64:
		n := rapid.Int64().Draw(s.T, "int") >> (64 - 8<<(f.Type-Int8))
		return strconv.FormatInt(n, 10)
	case Boolean:
		return strconv.FormatBool(rapid.Bool().Draw(s.T, "bool"))
	case Float32, Float64:
		return rapid.StringMatching(`-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,3})?|"NaN"|"-?Infinity"`).Draw(s.T, "float")
	case String:
		return s.quote(rapid.String().Draw(s.T, "string"))
	case Bytes:
		if f.Logical == connectDecimal && s.oneIn(3, "numeric?") {
			return rapid.StringMatching(`-?(0|[1-9][0-9]{0,64})(\.[0-9]{1,30})?`).Draw(s.T, "decimal")
		}
		return s.quote(base64.StdEncoding.EncodeToString(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(s.T, "bytes")))
	case Struct:
		return s.row(f.Fields)
	case Array:
		elements := make([]string, rapid.IntRange(0, 4).Draw(s.T, "length"))
		for i := range elements {
			elements[i] = s.value(f.Items)
		}
		return s.list(elements, "[", "]")
	default:
		s.good = true // a map's text is not read
		return s.object([]string{`"k":` + s.value(f.Items)})
	}
}

// image spells a row image, or null.
func (s speller) image(columns []Field) string {
	if s.oneIn(5, "no image?") {
		return "null"
	}
	return s.row(columns)
}

// Envelopes in any spelling decode to what encoding/json finds in them, and
// what it refuses is refused.
func TestDecodeAnySpelling(t *testing.T) {
	reader := NewReader()
	schema, _, err := reader.Cut(message(envelope(everyType), "null"))
	require.NoError(t, err)
	source := schema.Root().Member("source")
	var ev Event
	var good, refused int
	rapid.Check(t, func(t *rapid.T) {
		s := speller{T: t, tidy: rapid.Bool().Draw(t, "tidy")}
		checked := s
		checked.good = true // the source block is mostly skipped
		payload := s.object([]string{
			`"before":` + s.space() + s.image(schema.Columns()), `"after":` + s.space() + s.image(schema.Columns()),
			`"source":` + checked.row(source.Fields), `"transaction":null`,
			`"op":` + s.space() + rapid.SampledFrom([]string{`"c"`, `"u"`, `"d"`, `"r"`, `"\u0074"`}).Draw(t, "op"),
			`"ts_ms":5`,
		})
		text := schema.Join([]byte(payload + s.space() + "}"))
		_, rest, err := reader.Cut(text)
		if err != nil {
			t.Fatal(err)
		}
		err = schema.Decode(rest, BothImages, &ev)
		want, ok := oracleEvent{}, strictJSON(text)
		if ok {
			want, ok = readOracleEvent(schema, []byte(payload))
		}
		if !ok {
			refused++
			if err == nil {
				t.Fatalf("accepted: %s", payload)
			}
			return
		}
		good++
		if err != nil {
			t.Fatalf("%v: %s", err, payload)
		}
		require.Equal(t, want.op, string(rune(ev.Op)))
		require.Equal(t, want.before, show(ev.Before))
		require.Equal(t, want.after, show(ev.After))
		require.Equal(t, sourceText(&want.source), sourceText(&ev.Source))
	})
	require.NotZero(t, good)
	t.Logf("%d decoded, %d refused", good, refused)
}

// Keys too, whole messages in any spelling, through one Reader that sees many
// schemas.
func TestCutAnySpelling(t *testing.T) {
	reader := NewReader()
	types := []string{"int8", "int16", "int32", "int64", "float", "double", "boolean", "string", "bytes"}
	rapid.Check(t, func(t *rapid.T) {
		s := speller{T: t, tidy: rapid.Bool().Draw(t, "tidy")}
		var nodes []string
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c"é\\]{1,2}`), 1, 4, rapid.ID[string]).Draw(t, "names")
		for _, name := range names {
			nodes = append(nodes, s.object([]string{
				`"type":"` + rapid.SampledFrom(types).Draw(t, "type") + `"`,
				`"optional":` + strconv.FormatBool(rapid.Bool().Draw(t, "optional")), `"field":` + s.quote(name),
			}))
		}
		block := s.object([]string{`"type":"struct"`, `"fields":` + s.list(nodes, "[", "]"), `"name":` + s.quote("k.Key")})
		want, ok := oracleSchema([]byte(block), false)
		require.True(t, ok)
		fields := make([]Field, len(want.Fields))
		for i := range fields {
			fields[i] = want.Fields[i].Field
		}
		payload := s.row(fields)
		text := s.object([]string{s.quote("schema") + `:` + block, s.quote("payload") + `:` + s.space() + payload})

		schema, rest, err := reader.Cut([]byte(text))
		row, good := []any(nil), strictJSON([]byte(text))
		if good {
			row, good = oracleRow(fields, []byte(payload))
		}
		var k Key
		if err == nil {
			require.Equal(t, text, string(schema.Join(rest)))
			require.Equal(t, want, flat(schema.Root()))
			err = schema.DecodeKey(rest, &k)
		}
		if !good {
			require.Error(t, err, text)
			return
		}
		require.NoError(t, err, text)
		require.Equal(t, row, show(k.Row))
	})
}
