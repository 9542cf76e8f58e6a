package main

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSayWaiting tells somebody now and then what a command waits for.
func TestSayWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		say := sayWaiting(&out)
		away := errors.New("Kafka Connect does not answer")
		say(away, 300*time.Millisecond)
		require.Empty(t, out.String(), "it may be back at once")
		for range 5 { // 25 s
			say(away, 5*time.Second)
			time.Sleep(5 * time.Second)
		}
		require.Equal(t, 2, strings.Count(out.String(), "(Ctrl-C ends it): Kafka Connect does not answer\n"))
	})
}
