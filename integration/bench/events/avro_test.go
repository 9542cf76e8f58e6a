package events

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
)

// registry knows the schemas of a shape.
type registry struct{ Shape }

func (r registry) Schema(message []byte) (*debezium.Schema, error) {
	text, ok := r.Shape.Schema(int(binary.BigEndian.Uint32(message[1:])))
	if !ok {
		return nil, debezium.ErrUnknownSchema
	}
	return debezium.ParseAvro(message[:5], []byte(text))
}

// TestFormatsSayTheSame reads the events of both formats.
func TestFormatsSayTheSame(t *testing.T) {
	shape := Shape{Environment: "prod", Stores: 2, Tables: 2}
	asJSON := shape.Topics()
	shape.Avro = true
	asAvro := shape.Topics()
	keys, values := debezium.NewReaderWith(registry{shape}), debezium.NewReaderWith(registry{shape})
	for n := range asJSON {
		for id := range uint64(300) {
			c := Change{Op: "cud"[id%3], ID: id, Version: uint32(id%5) + 1, Micros: 1795376062145971}
			var a, b debezium.Event
			var ka, kb debezium.Key
			for _, side := range []struct {
				topic *Topic
				event *debezium.Event
				key   *debezium.Key
			}{{asJSON[n], &a, &ka}, {asAvro[n], &b, &kb}} {
				s, rest, err := values.Cut(side.topic.AppendValue(nil, c))
				require.NoError(t, err)
				require.NoError(t, s.Decode(rest, debezium.BothImages, side.event))
				s, rest, err = keys.Cut(side.topic.AppendKey(nil, id))
				require.NoError(t, err)
				require.NoError(t, s.DecodeKey(rest, side.key))
			}
			require.Equal(t, a.Op, b.Op)
			require.Equal(t, a.Source, b.Source)
			require.True(t, a.After.Equal(b.After) && a.Before.Equal(b.Before) && ka.Row.Equal(kb.Row), "row %d", id)
		}
	}
	_, ok := shape.Schema(9)
	require.False(t, ok)
}
