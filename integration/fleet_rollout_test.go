package integration

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/integration/rollout"
)

// lines writes what it is told to the test's log, a line at a time.
type lines struct{ t *testing.T }

func (l lines) Write(text []byte) (int, error) {
	l.t.Logf("%s", text)
	return len(text), nil
}

// TestFleet is the short form of make fleet.
func TestFleet(t *testing.T) {
	require.NoError(t, rollout.Run(t.Context(), rollout.Options{Stores: 10, Wave: 3, Progress: lines{t}}))
}
