package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/sink/monitor/ladder"
)

// TestAnswer says in short what the exit code means.
func TestAnswer(t *testing.T) {
	require.NoError(t, answer(ladder.Verdict{State: ladder.Sound}))
	require.NoError(t, answer(ladder.Verdict{State: ladder.Quiet}), "closed")
	require.ErrorContains(t, answer(ladder.Verdict{State: ladder.Broken}), "do not arrive")
	require.ErrorContains(t, answer(ladder.Verdict{State: ladder.Off}), "switched off")
	require.ErrorContains(t, answer(ladder.Verdict{State: ladder.Unknown}), "not everything could be looked at")
}
