package schema

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestAppendDatetimeLikeTime compares with the standard library's formatting.
func TestAppendDatetimeLikeTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-100_000_000_000_000_000, 300_000_000_000_000_000).Draw(t, "micros")
		want := time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.000000")
		require.Equal(t, want, string(AppendDatetime(nil, micros)))
	})
}

func BenchmarkAppendDatetime(b *testing.B) {
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendDatetime(buf[:0], 1795376062145971)
	}
}
