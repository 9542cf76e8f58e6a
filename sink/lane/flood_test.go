package lane

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/sink/batch"
	"tributary/sink/ledger"
)

// TestFloods plays batches of one partition: so many events, of which so many
// cannot be written, and says how many may be set aside.
func TestFloods(t *testing.T) {
	type step struct{ events, dead, quota int }
	for _, c := range []struct {
		name    string
		percent int
		steps   []step
	}{
		{"a share of a thousand, however few there are", 10, []step{{1, 1, 100}, {50, 50, 99}, {60, 49, 49}, {1, 0, 0}, {1, 0, 0}}},
		{"a share of a large batch", 10, []step{{5000, 500, 500}, {10, 0, 1}}},
		{"old ones are forgotten", 10, []step{{1000, 100, 100}, {1000, 0, 100}, {1000, 0, 150}, {1, 0, 75}}},
		{"forgotten altogether", 10, []step{{1000, 1, 100}, {1000, 0, 199}, {1000, 0, 100}}},
		{"none at all", 0, []step{{10, 0, 0}, {5000, 0, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := floods{percent: c.percent, recent: map[ledger.Partition]*window{}}
			tenure := ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "t"}})
			offset := int64(0)
			for i, s := range c.steps {
				b := batch.New("t")
				for range s.events {
					b.Skip(batch.Record{Tenure: tenure, Offset: offset}, 0)
					offset++
				}
				require.Equal(t, s.quota, f.quota(&b.Moves()[0]), "step %d", i)
				f.committed(b, map[*ledger.Tenure]int{tenure: s.dead})
			}
		})
	}
	// Reports are no flood.
	f := floods{percent: 10, recent: map[ledger.Partition]*window{}}
	tenure, b := ledger.NewTenure(ledger.Position{}), batch.New("t")
	for offset := range int64(500) {
		b.Report(batch.Record{Tenure: tenure, Offset: offset}, "t", errors.New("dropped"))
	}
	f.committed(b, map[*ledger.Tenure]int{tenure: 500})
	require.Equal(t, 100, f.quota(&b.Moves()[0]))
	unbounded := floods{percent: 100}
	require.Nil(t, unbounded.bound())
}
