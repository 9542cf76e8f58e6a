package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCollectorLimit(t *testing.T) {
	for _, test := range []struct{ live, want int64 }{
		{0, 96}, {40, 96}, {48, 96}, {100, 148}, {300, 348},
	} {
		require.Equal(t, test.want<<20, collectorLimit(128<<20, test.live<<20))
	}
}

// TestPaceCollector leaves the pace to whoever set it.
func TestPaceCollector(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Setenv("GOGC", "100")
	paceCollector(128 << 20)()
	require.Equal(t, before, debug.SetMemoryLimit(-1))

	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	percent := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetMemoryLimit(before)
		debug.SetGCPercent(percent)
	})
	paceCollector(128 << 20)()
	require.Equal(t, int64(96<<20), debug.SetMemoryLimit(-1))
}
