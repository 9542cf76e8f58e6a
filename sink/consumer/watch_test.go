package consumer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/sink/ledger"
)

// TestRemedies follows partitions that stand still: what is tried, in which
// order, and when there is nothing to try.
func TestRemedies(t *testing.T) {
	type step struct {
		after    time.Duration // since the step before
		end, gap int64
		want     remedy
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"a stuck client", []step{
			{0, 10, 3, restarted}, {time.Minute, 10, 3, renewed},
		}},
		{"a stuck client and a busy store", []step{
			{0, 10, 3, restarted}, {time.Minute, 15, 8, renewed},
		}},
		{"records that no client gets", []step{
			{0, 10, 3, restarted}, {time.Minute, 10, 3, renewed}, {time.Hour, 10, 3, leftAlone}, {time.Hour, 12, 5, renewed},
		}},
		{"not one new client after the other", []step{
			{0, 10, 3, restarted}, {time.Minute, 10, 3, renewed}, {between - 1, 11, 4, leftAlone}, {1, 11, 4, renewed},
		}},
		{"the marker of a transaction", []step{
			{0, 10, 1, restarted}, {time.Minute, 10, 1, leftAlone}, {time.Hour, 10, 1, leftAlone},
		}},
		{"one record that looked like a marker", []step{
			{0, 10, 1, restarted}, {time.Minute, 10, 1, leftAlone}, {time.Hour, 11, 2, renewed},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &stalls{of: make(map[ledger.Partition]stall), markers: make(map[string]bool)}
			now := time.Now()
			for i, step := range c.steps {
				now = now.Add(step.after)
				require.Equal(t, step.want, s.next(ledger.Partition{Topic: "t"}, step.end, step.gap, now), "step %d", i)
			}
		})
	}

	t.Run("a topic known to have markers", func(t *testing.T) {
		s := &stalls{of: make(map[ledger.Partition]stall), markers: make(map[string]bool)}
		p := ledger.Partition{Topic: "t"}
		require.Equal(t, restarted, s.next(p, 10, 1, time.Now()))
		require.Equal(t, leftAlone, s.next(p, 10, 1, time.Now()))
		s.clear(p) // it moved
		require.Equal(t, leftAlone, s.next(p, 20, 1, time.Now()))
		require.Equal(t, restarted, s.next(p, 22, 3, time.Now()))
	})
}
