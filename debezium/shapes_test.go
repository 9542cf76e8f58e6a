package debezium

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func storesMessage(store, columns string) []byte {
	row := func(field string) string {
		return fmt.Sprintf(`{"type":"struct","fields":[%s],"optional":true,"name":"prod.%s.pos.sales.Value","field":%q}`, columns, store, field)
	}
	return fmt.Appendf(nil, `{"schema":{"type":"struct","fields":[%s,%s,{"type":"struct","fields":[{"type":"string","optional":false,"field":"table"}],"field":"source"},`+
		`{"type":"string","optional":false,"field":"op"}],"optional":false,"name":"prod.%s.pos.sales.Envelope"},`+
		`"payload":{"before":null,"after":{"id":%s},"source":{"table":"sales"},"op":"c"}}`, row("before"), row("after"), store, store)
}

const (
	oneColumn  = `{"type":"int32","optional":false,"field":"id"}`
	twoColumns = oneColumn + `,{"type":"string","optional":true,"field":"note"}`
)

// The schemas of two stores share what is equal in them, and nothing else.
func TestShapes(t *testing.T) {
	shapes := &Shapes{}
	cut := func(message []byte) (*Schema, []byte) {
		s, rest, err := shapes.Reader(nil).Cut(message)
		require.NoError(t, err)
		return s, rest
	}
	a, restA := cut(storesMessage("1", oneColumn))
	b, restB := cut(storesMessage("2", oneColumn))
	c, _ := cut(storesMessage("3", twoColumns))
	require.Same(t, &a.Columns()[0], &b.Columns()[0])
	require.Same(t, &a.Root().Member("source").Fields[0], &b.Root().Member("source").Fields[0])
	require.Same(t, &a.Root().Member("source").Fields[0], &c.Root().Member("source").Fields[0])
	require.Equal(t, "prod.1.pos.sales.Envelope", a.Root().Logical)
	require.Equal(t, "prod.2.pos.sales.Envelope", b.Root().Logical)
	require.Equal(t, "prod.2.pos.sales.Value", b.Root().Member("after").Logical)
	require.Len(t, c.Columns(), 2)

	var ev Event
	for i, cut := range []struct {
		schema *Schema
		rest   []byte
	}{{a, restA}, {b, restB}} {
		require.NoError(t, cut.schema.Decode(cut.rest, AfterImage, &ev))
		require.Equal(t, int64(i+1), ev.After[0].Int)
	}
	alone, _, err := NewReader().Cut(storesMessage("1", oneColumn))
	require.NoError(t, err)
	require.Equal(t, alone.Root(), a.Root(), "sharing changes nothing in a schema")
}

// What stands around the payloads of two stores is kept once where it is the
// same, and is still compared to the last byte.
func TestShapesShareText(t *testing.T) {
	for name, message := range map[string]func(store string) []byte{
		"schema first": func(store string) []byte { return storesMessage(store, twoColumns) },
		"schema last": func(store string) []byte {
			schema, payload, ok := bytes.Cut(storesMessage(store, twoColumns), []byte(`,"payload":`))
			require.True(t, ok)
			return slices.Concat([]byte(`{"payload":`), payload[:len(payload)-1], []byte(`,`), schema[1:], []byte(`}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			shapes := &Shapes{}
			schemaOf := func(message []byte) (*Schema, *side) {
				s, rest, err := shapes.Reader(nil).Cut(message)
				require.NoError(t, err)
				require.Equal(t, string(message), string(s.Join(rest)))
				if len(s.suffix.parts) > 0 {
					return s, &s.suffix
				}
				return s, &s.prefix
			}
			first, second := message("1"), message("2")
			_, a := schemaOf(first)
			s, b := schemaOf(second)
			require.Len(t, b.parts, 7, "own text around before, after and source")
			for i := range b.parts {
				same := unsafe.StringData(a.parts[i]) == unsafe.StringData(b.parts[i])
				require.Equal(t, i%2 == 1, same, "part %d: %s", i, b.parts[i])
			}
			require.True(t, s.matches(second))
			require.False(t, s.matches(first), "another store's")
			require.False(t, s.matches(second[1:]))
			at := bytes.Index(second, []byte(b.parts[0]))
			for _, part := range b.parts {
				other := bytes.Clone(second)
				other[at]++
				require.False(t, s.matches(other), part)
				at += len(part)
			}
		})
	}
}

// Clients meet new schemas at the same time.
func TestShapesAtOnce(t *testing.T) {
	shapes := &Shapes{}
	schemas := make([]*Schema, 8)
	var reading sync.WaitGroup
	for i := range schemas {
		reading.Go(func() {
			schemas[i], _, _ = shapes.Reader(nil).Cut(storesMessage(fmt.Sprint(i), twoColumns))
		})
	}
	reading.Wait()
	for _, s := range schemas {
		require.NotNil(t, s)
		require.Same(t, &schemas[0].Columns()[0], &s.Columns()[0])
	}
}
