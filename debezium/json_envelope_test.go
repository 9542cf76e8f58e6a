package debezium

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// smallTable has a column called like an envelope's member.
var smallTable = envelope(member("id", "int64") + "," + member("after", "string"))

func TestDecodeOperations(t *testing.T) {
	row := func(id int64, text any) []any { return []any{id, text} }
	for _, c := range []struct {
		op, before, after         string
		want                      Images
		beforeWanted, afterWanted []any
	}{
		{"c", `null`, `{"id":1,"after":"x"}`, BothImages, nil, row(1, "x")},
		{"r", `null`, `{"id":1,"after":"x"}`, AfterImage, nil, row(1, "x")},
		{"u", `{"id":1,"after":"},\"after\":{"}`, `{"id":1,"after":null}`, BothImages, row(1, `},"after":{`), row(1, nil)},
		{"u", `{"id":1,"after":"},\"after\":{"}`, `{"id":1,"after":null}`, AfterImage, nil, row(1, nil)},
		{"u", `{"id":1,"after":"x"}`, `{"id":2,"after":"\\"}`, BeforeImage, row(1, "x"), nil},
		{"u", `{"id":1,"after":"x"}`, `{"id":2}`, 0, nil, nil},
		{"d", `{"id":1,"after":"x"}`, `null`, BothImages, row(1, "x"), nil},
		{"d", `{"id":1,"after":"x"}`, `null`, AfterImage, nil, nil},
		{"t", `null`, `null`, BothImages, nil, nil},
		{"m", `null`, `null`, BothImages, nil, nil},
	} {
		s, rest := cut(t, message(smallTable, change(c.op, c.before, c.after)))
		var ev Event
		require.NoError(t, s.Decode(rest, c.want, &ev))
		require.Equal(t, Op(c.op[0]), ev.Op)
		require.Equal(t, c.beforeWanted, show(ev.Before))
		require.Equal(t, c.afterWanted, show(ev.After))
		require.Equal(t, "pos_transactions", string(ev.Source.Table))
	}
}

func TestDecodeSource(t *testing.T) {
	for block, want := range map[string]Source{
		`null`: {},
		`{}`:   {},
		`{"db":"d","table":null,"snapshot":null,"file":"f","pos":9}`:   {Database: []byte("d"), File: []byte("f"), Position: 9},
		`{"ts_ms":1795361999123}`:                                      {Micros: 1795361999123000},
		`{"ts_ms":1795361999000,"ts_us":null}`:                         {Micros: 1795361999000000},
		`{"ts_us":1795361999123456,"ts_ms":1795361999123}`:             {Micros: 1795361999123456},
		`{"ts_ms":-1,"ts_us":0}`:                                       {},
		`{ "snapshot" : "first" , "table" : "t\u00e9" , "zz" : [{}] }`: {Snapshot: []byte("first"), Table: []byte("té")},
	} {
		s, rest := cut(t, message(smallTable, `{"op":"r","source":`+block+`}`))
		var ev Event
		require.NoError(t, s.Decode(rest, BothImages, &ev), block)
		require.Equal(t, want, ev.Source, block)
	}
	for block, reason := range map[string]string{
		`5`:                             "payload.source at byte",
		`{"db":5}`:                      "payload.source.db at byte",
		`{"pos":"5"}`:                   "int64 declared, string found",
		`{"pos":5.5}`:                   notWhole,
		`{"ts_ms":9223372036854775807}`: outOfRange,
		`{"ts_ms":-9223372036854775}`:   "",
		`{"ts_ms":-9223372036854776}`:   outOfRange,
		`{"db":"a","db":"b"}`:           duplicateField,
		`{"db":"a"`:                     "op is missing",
	} {
		s, rest := cut(t, message(smallTable, `{"source":`+block+`,"op":"r"}`))
		err := s.Decode(rest, BothImages, &Event{})
		if reason == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, reason, block)
	}
}

func TestFromSnapshot(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "false": false, "true": true, "first": true, "last": true, "incremental": true,
	} {
		require.Equal(t, want, (&Source{Snapshot: []byte(text)}).FromSnapshot(), text)
	}
}

func TestDecodeEnvelopeMalformed(t *testing.T) {
	for payload, reason := range map[string]string{
		`{}`:                               "payload at byte",
		`{"after":{"id":1}}`:               "op is missing",
		`{"op":null}`:                      "payload.op at byte",
		`{"op":"x"}`:                       "unknown operation",
		`{"op":""}`:                        "unknown operation",
		`{"op":"cc"}`:                      "unknown operation",
		`{"op":"c","op":"c"}`:              duplicateField,
		`{"op":"c","after":{},"after":{}}`: duplicateField,
		`{"op":"c","after":5}`:             "payload.after at byte",
		`{"op":"c","after":{"id":"x"}}`:    "payload.after.id at byte",
		`{"op":"c","before":{"id":"x"}}`:   "payload.before.id at byte",
		`{"op":"c","ts_ms":tru}`:           "payload.ts_ms at byte",
		`{"op":"c","transaction":{"a":]}`:  "wrong closing bracket",
		`{"op":"c"}}`:                      "text behind the message",
		`[]`:                               "object declared, list found",
		`nul`:                              "unknown word",
		`{"op":"c","after":{"id":1}`:       "",
		"{\"op\":\"c\",\"after\":{\"after\":\"\x80\"}}": badUTF8,
	} {
		s, rest := cut(t, message(smallTable, payload))
		ev := Event{Op: 'x', After: Row{{}}}
		err := s.Decode(rest, BothImages, &ev)
		require.ErrorContains(t, err, reason, payload)
		require.Zero(t, ev.Op)
		require.Nil(t, ev.After)
		require.Zero(t, ev.Source)
	}
	s, rest := cut(t, message(smallTable, `null`))
	require.ErrorIs(t, s.Decode(rest, BothImages, &Event{}), ErrNullPayload)
}

// The image that is not wanted may hold anything that ends.
func TestUnwantedImageIsNotDecoded(t *testing.T) {
	s, rest := cut(t, message(smallTable, change("u", `{"id":"not a number","after":5}`, `{"id":1}`)))
	var ev Event
	require.NoError(t, s.Decode(rest, AfterImage, &ev))
	require.Equal(t, []any{int64(1), Absent}, show(ev.After))
	require.Error(t, s.Decode(rest, BothImages, &ev))
}

// An Event is used again for messages of other tables, and nothing of one
// message shows up in the next.
func TestEventIsReused(t *testing.T) {
	wide, wideRest := cut(t, posUpdate(1))
	small, smallRest := cut(t, message(smallTable, `{"op":"c","after":{"after":"x"}}`))
	var ev Event
	for range 3 {
		require.NoError(t, wide.Decode(wideRest, BothImages, &ev))
		require.Len(t, ev.Before, 12)
		require.NoError(t, small.Decode(smallRest, BothImages, &ev))
		require.Equal(t, Row{{}, {Kind: Text, Bytes: []byte("x")}}, ev.After)
		require.Nil(t, ev.Before)
		require.Zero(t, ev.Source)
	}
}

// The message stays as it is: it may still have to go to the dead letters.
func TestDecodeLeavesTheMessageAlone(t *testing.T) {
	original := posUpdate(1)
	text := string(original)
	s, rest := cut(t, original)
	var ev Event
	require.NoError(t, s.Decode(rest, BothImages, &ev))
	for _, v := range ev.After {
		clear(v.Bytes)
	}
	require.Equal(t, text, string(original))
}
