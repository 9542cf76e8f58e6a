//go:build linux && !dynamic

package inbox

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestOpenedOnce pins that librdkafka opens its batches by way of zstd.c: with one
// context for each thread, which ends with it, and once each, though no batch says
// how large it is.
func TestOpenedOnce(t *testing.T) {
	const records = 1000
	broker := fill(t, twoTopics, records, 5000)
	batches, tried, others := opened()
	c, _ := open(t, broker, twoTopics, 0, true)
	read(t, c, 4*records, func(*Message) {})
	batchesNow, triedNow, openers := opened()
	batches, tried = batchesNow-batches, triedNow-tried
	require.Greater(t, batches, 40)
	require.Less(t, tried, batches+batches/4, "%d batches", batches)
	require.Positive(t, openers)
	require.LessOrEqual(t, openers-others, 2, "one broker has two threads at most")
	require.NoError(t, c.Close())
	require.Eventually(t, func() bool {
		_, _, openers := opened()
		return openers == 0
	}, 10*time.Second, time.Millisecond)
}
