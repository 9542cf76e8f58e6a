package inbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPausesOutliveAssignments pins what whoever assigns has to know: a partition
// that was paused when it was given up is paused when it comes back.
func TestPausesOutliveAssignments(t *testing.T) {
	broker := fill(t, twoTopics[:1], 10, 10)
	c, partitions := open(t, broker, twoTopics[:1], 0, true)
	read(t, c, 20, func(*Message) {})
	require.NoError(t, c.Pause(partitions))
	require.NoError(t, c.IncrementalUnassign(partitions))
	require.NoError(t, c.IncrementalAssign(partitions))
	_, come := c.Poll(500).(*Messages)
	require.False(t, come)
	require.NoError(t, c.Resume(partitions))
	read(t, c, 20, func(*Message) {})
	require.NoError(t, c.Close())
}
