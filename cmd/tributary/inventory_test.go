package main

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
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
			<-time.After(5 * time.Second)
		}
		require.Equal(t, 2, strings.Count(out.String(), "(Ctrl-C ends it): Kafka Connect does not answer\n"))
	})
}

// TestMissingConnector says what to do about a connector that is not there.
func TestMissingConnector(t *testing.T) {
	inv := &fleet.Inventory{Stores: []fleet.Store{{ID: "0047"}}}
	require.Equal(t, "; make it with tributary connectors apply 0047", whereItIs(inv, "0047"))
	require.Equal(t, `; did you mean store "0047"?`, whereItIs(inv, "47"))
	require.Empty(t, whereItIs(inv, "12"), "it may have left the inventory")
}
