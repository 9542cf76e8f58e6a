package debezium

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// show prints a row in a form that tables can hold.
func show(row []Value) []any {
	if row == nil {
		return nil
	}
	shown := make([]any, len(row))
	for i, v := range row {
		switch v.Kind {
		case Absent:
			shown[i] = Absent
		case Bool:
			shown[i] = v.Int == 1
		case Int:
			shown[i] = v.Int
		case Number:
			shown[i] = "number " + string(v.Bytes)
		case Text:
			shown[i] = string(v.Bytes)
		case Binary:
			shown[i] = append([]byte{}, v.Bytes...)
		case List, Members:
			shown[i] = show(v.Items)
		}
	}
	return shown
}

func cut(t *testing.T, message []byte) (*Schema, []byte) {
	t.Helper()
	s, rest, err := NewReader().Cut(message)
	require.NoError(t, err)
	return s, rest
}

func TestDecodeUpdate(t *testing.T) {
	s, rest := cut(t, posUpdate(42))
	var ev Event
	require.NoError(t, s.Decode(rest, BothImages, &ev))

	require.Equal(t, Update, ev.Op)
	row := []any{
		int64(42), int64(7), int64(1044), "R-2026-11-22-000042", "paid",
		[]byte{0x05, 0xd0},
		[]byte{0x02, 0x0e},
		"CZK",
		`[{"sku":"8594001021","qty":2},{"sku":"8594001337","qty":1}]`, int64(0), int64(1795255872345), "2026-11-22T15:39:58.009564Z",
	}
	require.Equal(t, row, show(ev.After))
	row[4] = "open"
	require.Equal(t, row, show(ev.Before))
	require.Equal(t, Source{
		Database: []byte("shop"), Table: []byte("pos_transactions"), Snapshot: []byte("false"),
		Micros: 1795361999123456, File: []byte("binlog.000017"), Position: 26724311,
	}, ev.Source)
	require.Len(t, s.Columns(), len(row))
	require.Equal(t, posUpdate(42), s.Join(rest))
}

func TestRowEqual(t *testing.T) {
	number := func(text string) Value { return Value{Kind: Number, Bytes: []byte(text)} }
	row := Row{{Kind: Int, Int: 1}, {Kind: Text, Bytes: []byte("a")}, number("1.50"), {Kind: Members, Items: []Value{number("2")}}, {Kind: Null}}
	same := Row{{Kind: Int, Int: 1}, {Kind: Text, Bytes: []byte("a")}, number("1.5E0"), {Kind: Members, Items: []Value{number("2.0")}}, {Kind: Null}}
	require.True(t, row.Equal(same))
	require.False(t, row.Equal(same[:4]))
	for i, other := range []Value{{Kind: Int, Int: 2}, {Kind: Binary, Bytes: []byte("a")}, number("1.51"), {Kind: Members, Items: []Value{number("3")}}, {Kind: Absent}} {
		changed := append(Row{}, same...)
		changed[i] = other
		require.False(t, row.Equal(changed), "%d", i)
	}
}
