package inbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKeepMemoryLeavesSettingsAlone pins that the environment decides where it
// says something. (What the setting does shows in BenchmarkPoll and make bench.)
func TestKeepMemoryLeavesSettingsAlone(t *testing.T) {
	for _, name := range []string{"GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "1")
			require.False(t, KeepMemory())
		})
	}
}
