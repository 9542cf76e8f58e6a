//go:build linux && !dynamic

package inbox

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestContextsAreKept pins that librdkafka opens its batches by way of zstd.c,
// with one context for each thread, which ends with it.
func TestContextsAreKept(t *testing.T) {
	const records = 1000
	broker := fill(t, twoTopics, records, 5000)
	before, others := opened()
	c, _ := open(t, broker, twoTopics, 0, true)
	read(t, c, 4*records, func(*Message) {})
	after, contexts := opened()
	require.Greater(t, after-before, 40, "batches")
	require.Positive(t, contexts)
	require.LessOrEqual(t, contexts-others, 2, "one broker has two threads at most")
	require.NoError(t, c.Close())
	require.Eventually(t, func() bool {
		_, contexts := opened()
		return contexts == 0
	}, 10*time.Second, time.Millisecond)
}
