package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMissedLetters does not pass over a number that is no open letter's.
func TestMissedLetters(t *testing.T) {
	require.NoError(t, lettersFilter{All: true}.missed(0))
	require.NoError(t, lettersFilter{ID: []int64{7, 8, 7}}.missed(2))
	require.ErrorContains(t, lettersFilter{ID: []int64{7, 8}}.missed(1), "1 of 2 letters are not there or not open")
}
