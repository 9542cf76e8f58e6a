package debezium

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReaderRemembersSchemas(t *testing.T) {
	version := func(i int) []byte {
		return message(structOf(member(fmt.Sprintf("c%d", i), "int32")), fmt.Sprintf(`{"c%d":%d}`, i, i))
	}
	r := NewReader()
	read := func(i int) *Schema {
		m := version(i)
		s, rest, err := r.Cut(m)
		require.NoError(t, err)
		require.Equal(t, m, s.Join(rest))
		var k Key
		require.NoError(t, s.DecodeKey(rest, &k))
		require.Equal(t, []any{int64(i)}, show(k.Row))
		return s
	}
	schemas := make([]*Schema, remembered+1)
	for i := range remembered {
		schemas[i] = read(i)
	}
	// Old and new versions alternate without being read anew.
	for range 3 {
		for i := range remembered {
			require.Same(t, schemas[i], read(i))
		}
	}
	// One more makes it forget the one unused for longest.
	schemas[remembered] = read(remembered)
	require.Len(t, r.recent, remembered)
	for i := 1; i <= remembered; i++ {
		require.Same(t, schemas[i], read(i))
	}
	require.NotSame(t, schemas[0], read(0))
}

// A schema that begins like another one is not taken for it.
func TestReaderTellsSchemasApart(t *testing.T) {
	r := NewReader()
	a, _, err := r.Cut(message(structOf(member("a", "int32")), `{"a":1}`))
	require.NoError(t, err)
	b, _, err := r.Cut(message(structOf(member("a", "int64")), `{"a":1}`))
	require.NoError(t, err)
	c, _, err := r.Cut([]byte(`{"payload":{"a":1},"schema":` + structOf(member("a", "int32")) + `}`))
	require.NoError(t, err)
	d, _, err := r.Cut([]byte(`{"payload":{"a":1},"schema":` + structOf(member("a", "int64")) + `}`))
	require.NoError(t, err)
	require.Equal(t, Int32, a.Root().Fields[0].Type)
	require.Equal(t, Int64, b.Root().Fields[0].Type)
	require.Equal(t, Int32, c.Root().Fields[0].Type)
	require.Equal(t, Int64, d.Root().Fields[0].Type)
}

// An error leaves what is remembered alone.
func TestReaderAfterErrors(t *testing.T) {
	r := NewReader()
	s, _, err := r.Cut(posInsert(1))
	require.NoError(t, err)
	for _, poison := range []string{"", "null", "{}", "\x00", "x", `{"schema":{"type":"int9"},"payload":1}`} {
		_, _, err := r.Cut([]byte(poison))
		require.Error(t, err)
		again, _, err := r.Cut(posInsert(2))
		require.NoError(t, err)
		require.Same(t, s, again)
	}
}

// The schema does not hold on to the message it was read from.
func TestSchemaOwnsItsMemory(t *testing.T) {
	m := posInsert(1)
	r := NewReader()
	s, rest, err := r.Cut(m)
	require.NoError(t, err)
	kept := strings.Clone(string(rest))
	clear(m)
	require.Equal(t, string(posInsert(1)), string(s.Join([]byte(kept))))
	require.Equal(t, "id", s.Columns()[0].Name)
	again, _, err := r.Cut(posInsert(2))
	require.NoError(t, err)
	require.Same(t, s, again)
}

func TestTooLarge(t *testing.T) {
	// All but the first page is never touched, and takes no memory.
	large := make([]byte, MaxMessage+1)
	large[0] = '{'
	r := NewReader()
	_, _, err := r.Cut(large)
	require.ErrorIs(t, err, ErrTooLarge)
	// Not even behind a schema that is known.
	insert := posInsert(1)
	_, _, err = r.Cut(insert)
	require.NoError(t, err)
	copy(large, insert)
	_, _, err = r.Cut(large)
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestNoAllocations(t *testing.T) {
	messages := [][]byte{posInsert(1), posUpdate(2), message(envelope(posColumns), change("d", posRow(3, "void"), "null"))}
	older := message(smallTable, change("u", `{"id":1}`, `{"id":2,"after":"\n"}`))
	key := message(structOf(member("id", "int64")), `{"id":5}`)
	values, keys := NewReader(), NewReader()
	var (
		ev Event
		k  Key
		n  int
	)
	read := func() {
		n++
		m := messages[n%len(messages)]
		if n%5 == 0 {
			m = older
		}
		s, rest, err := values.Cut(m)
		if err == nil {
			err = s.Decode(rest, BothImages, &ev)
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, rest, err = keys.Cut(key); err == nil {
			err = s.DecodeKey(rest, &k)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		read()
	}
	require.Zero(t, testing.AllocsPerRun(100, read))
}

// Memory that one large message took is given back.
func TestScratchShrinks(t *testing.T) {
	var ev Event
	s, rest := cut(t, message(smallTable, change("c", "null", `{"id":1,"after":"`+strings.Repeat("x", 4*keepText)+`"}`)))
	require.NoError(t, s.Decode(rest, BothImages, &ev))
	require.Greater(t, cap(ev.scratch.text), 4*keepText)
	s, rest = cut(t, message(smallTable, change("c", "null", `{"id":1}`)))
	require.NoError(t, s.Decode(rest, BothImages, &ev))
	require.Less(t, cap(ev.scratch.text), keepText)
}

// One goroutine cuts, others decode with the same schema.
func TestSchemaIsSharedByGoroutines(t *testing.T) {
	r := NewReader()
	rests := make(chan func(*Event) error, 64)
	var lanes sync.WaitGroup
	for range 4 {
		lanes.Add(1)
		go func() {
			defer lanes.Done()
			var ev Event
			for decode := range rests {
				if err := decode(&ev); err != nil || len(ev.After) == 0 {
					t.Error("decoding:", err)
				}
			}
		}()
	}
	for i := range 500 {
		m := posUpdate(i)
		if i%7 == 0 {
			m = message(smallTable, change("c", "null", `{"id":1}`))
		}
		s, rest, err := r.Cut(m)
		require.NoError(t, err)
		rests <- func(ev *Event) error { return s.Decode(rest, BothImages, ev) }
	}
	close(rests)
	lanes.Wait()
}
