package debezium

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkCut(b *testing.B) {
	messages := [][]byte{posInsert(1), posInsert(2), posUpdate(3)}
	r := NewReader()
	b.SetBytes(int64(len(messages[0])))
	b.ReportAllocs()
	var n int
	for b.Loop() {
		n++
		_, rest, err := r.Cut(messages[n%3])
		if err != nil || len(rest) == 0 {
			b.Fatal(err)
		}
	}
}

func BenchmarkCutNewSchema(b *testing.B) {
	insert := posInsert(1)
	b.SetBytes(int64(len(insert)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := NewReader().Cut(insert); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, bench := range []struct {
		name    string
		message []byte
		want    Images
	}{
		{"insert", posInsert(1), AfterImage},
		{"update", posUpdate(1), AfterImage},
		{"update_both", posUpdate(1), BothImages},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s, rest, err := NewReader().Cut(bench.message)
			require.NoError(b, err)
			b.SetBytes(int64(len(rest)))
			b.ReportAllocs()
			var ev Event
			for b.Loop() {
				if err := s.Decode(rest, bench.want, &ev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCutDecode is what one event costs in all.
func BenchmarkCutDecode(b *testing.B) {
	for _, bench := range []struct {
		name    string
		message []byte
	}{{"insert", posInsert(1)}, {"update", posUpdate(1)}} {
		b.Run(bench.name, func(b *testing.B) {
			r := NewReader()
			var ev Event
			b.SetBytes(int64(len(bench.message)))
			b.ReportAllocs()
			for b.Loop() {
				s, rest, err := r.Cut(bench.message)
				if err == nil {
					err = s.Decode(rest, AfterImage, &ev)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
