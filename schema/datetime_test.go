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

func TestFitsDatetime(t *testing.T) {
	for text, want := range map[string]bool{
		"1000-01-01T00:00:00Z": true, "0999-12-31T23:59:59.999999Z": false,
		"9999-12-31T23:59:59.999999Z": true, "2026-11-27T10:32:11Z": true,
	} {
		at, err := time.Parse(time.RFC3339Nano, text)
		require.NoError(t, err)
		require.Equal(t, want, FitsDatetime(at.UnixMicro()), text)
	}
	require.False(t, FitsDatetime(afterDatetime))
	require.Equal(t, "9999-12-31 23:59:59.999999", string(AppendDatetime(nil, afterDatetime-1)))
}

func BenchmarkAppendDatetime(b *testing.B) {
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendDatetime(buf[:0], 1795376062145971)
	}
}
