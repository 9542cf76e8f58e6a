package events

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
)

// TestEventsAreLikeCaptured compares the schema and the payload's fields with
// the captured event's, in their order.
func TestEventsAreLikeCaptured(t *testing.T) {
	topic := newTopic("prod", "0001", "pos_transactions")
	captured, _, err := debezium.NewReader().Cut(capturedValue)
	require.NoError(t, err)
	for _, op := range []byte("cud") {
		value := topic.AppendValue(nil, Change{Op: op, ID: 7, Version: 2, Micros: 1795376062145971})
		require.True(t, json.Valid(value), "%s", value)
		require.InDelta(t, len(capturedValue), len(value), 400)
		made, rest, err := debezium.NewReader().Cut(value)
		require.NoError(t, err)
		require.Equal(t, captured.Columns(), made.Columns())
		var ev debezium.Event
		require.NoError(t, made.Decode(rest, debezium.BothImages, &ev))
		require.Equal(t, op == 'c', ev.Before == nil)
		require.Equal(t, op == 'd', ev.After == nil)
		require.Equal(t, int64(1795376062145971), ev.Source.Micros)
	}
	require.JSONEq(t, string(capturedKeyOf(2)), string(newKey(t, 2)))
}

// capturedKeyOf is the captured key, which is of row 1 or 2, for a row.
func capturedKeyOf(id byte) []byte {
	var key map[string]any
	if err := json.Unmarshal(capturedKey, &key); err != nil {
		return nil
	}
	key["payload"] = map[string]any{"id": []byte{id}}
	text, _ := json.Marshal(key)
	return text
}

func newKey(t *testing.T, id uint64) []byte {
	t.Helper()
	topic := &Topic{keyStart: start(capturedKey, captured)}
	return topic.AppendKey(nil, id)
}

func TestDecimalBytes(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, 1 << 40, -1 << 40, 1<<62 + 5} {
		var text []byte
		require.NoError(t, json.Unmarshal(append(appendDecimalBytes([]byte{'"'}, v), '"'), &text))
		want := big.NewInt(v)
		got := new(big.Int).SetBytes(text)
		if text[0]&0x80 != 0 {
			got.Sub(got, new(big.Int).Lsh(big.NewInt(1), uint(8*len(text))))
		}
		require.Equal(t, want.String(), got.String(), "%x", text)
		if len(text) > 1 { // no byte too many
			require.False(t, text[0] == 0 && text[1] < 0x80 || text[0] == 0xff && text[1] >= 0x80, "%d %x", v, text)
		}
	}
}

func TestScaled(t *testing.T) {
	for v, want := range map[int64]string{0: "0.00", 5: "0.05", -5: "-0.05", 123456: "1234.56", -100: "-1.00"} {
		require.Equal(t, want, string(appendScaled(nil, v, 2)))
	}
}

// TestLife holds the changes against the rows that are left at the end.
func TestLife(t *testing.T) {
	topic := newTopic("prod", "0001", "pos_transactions")
	life := NewLife(topic, Mix{Updates: 60, Deletes: 10, Hot: 20})
	rows := make(map[uint64]uint32)
	counts := make(map[byte]int)
	for range 10_000 {
		c := life.Next(1)
		counts[c.Op]++
		switch c.Op {
		case 'c':
			require.NotContains(t, rows, c.ID)
			rows[c.ID] = c.Version
		case 'u':
			require.Equal(t, rows[c.ID]+1, c.Version)
			rows[c.ID] = c.Version
		case 'd':
			require.Equal(t, rows[c.ID], c.Version)
			delete(rows, c.ID)
		}
	}
	left := make(map[uint64]uint32)
	life.Rows(func(id uint64, version uint32) { left[id] = version })
	require.Equal(t, rows, left)
	require.InDelta(t, 6000, counts['u'], 300)
	require.InDelta(t, 1000, counts['d'], 150)
}

func BenchmarkAppendValue(b *testing.B) {
	topic := newTopic("prod", "0001", "pos_transactions")
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = topic.AppendValue(buf[:0], Change{Op: 'c', ID: 7, Version: 1, Micros: 1795376062145971})
	}
	b.SetBytes(int64(len(buf)))
}
