package chaos

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAudit applies events as Debezium writes them, some of them twice, as
// after a worker that lost its broker.
func TestAudit(t *testing.T) {
	const (
		entry  = `{"payload":{"op":"c","after":{"n":7,"at":1,"remark":"entry 7"},"source":{"file":"binlog.000002","pos":100,"row":0,"snapshot":null}}}`
		read   = `{"payload":{"op":"r","after":{"till":1,"total":0},"source":{"file":"binlog.000002","pos":90,"row":0}}}`
		create = `{"payload":{"op":"c","after":{"till":1,"total":0},"source":{"file":"binlog.000002","pos":200,"row":0}}}`
		other  = `{"payload":{"op":"c","after":{"till":1,"total":0},"source":{"file":"binlog.000002","pos":200,"row":1}}}`
		update = `{"payload":{"op":"u","before":{"till":1,"total":0},"after":{"till":1,"total":1},"source":{"file":"binlog.000002","pos":300,"row":0}}}`
		remove = `{"payload":{"op":"d","before":{"till":1,"total":1},"source":{"file":"binlog.000002","pos":400,"row":0}}}`
	)
	for _, c := range []struct {
		name, table string
		events      []string
		rows        map[string]int64
		repeated    int
		refused     []int64
	}{
		{name: "an entry", table: entriesTable, events: []string{entry}, rows: map[string]int64{"7": 1}},
		{name: "sent twice", table: entriesTable, events: []string{entry, entry}, rows: map[string]int64{"7": 2}, repeated: 1},
		{name: "a snapshot's rows share a place", table: countersTable, events: []string{read, read}, rows: map[string]int64{"1/0": 2}},
		{name: "rows of one statement", table: countersTable, events: []string{create, other, update}, rows: map[string]int64{"1/0": 1, "1/1": 1}},
		{name: "deleted", table: countersTable, events: []string{create, update, remove}, rows: map[string]int64{"1/0": 0, "1/1": 0}},
		{
			name: "deleted twice", table: countersTable, events: []string{create, update, remove, remove},
			rows: map[string]int64{"1/0": 0, "1/1": 0}, repeated: 1, refused: []int64{3},
		},
		{
			name: "updated twice", table: countersTable, events: []string{create, update, update},
			rows: map[string]int64{"1/0": 0, "1/1": 2}, repeated: 1, refused: []int64{2},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAudit()
			for offset, text := range c.events {
				var e event
				require.NoError(t, json.Unmarshal([]byte(text), &e))
				a.apply(c.table, e, coordinates{topic: "t", offset: int64(offset)})
			}
			for content, n := range c.rows {
				require.Equal(t, n, a.rows[c.table][content], content)
			}
			require.Equal(t, c.repeated, a.repeated)
			var refused []int64
			for _, at := range a.refused {
				refused = append(refused, at.offset)
			}
			require.Equal(t, c.refused, refused)
		})
	}
}

// TestDealIsTheSeeds makes sure that a seed deals the same faults again, each
// kind among them, and never two at once that strike the same.
func TestDealIsTheSeeds(t *testing.T) {
	deal := func(seed uint64) (names []string) {
		c := newChaos(Options{Seed: seed})
		for range 60 {
			faults := c.deal()
			for i, f := range faults {
				require.GreaterOrEqual(t, f.hold, f.least)
				require.LessOrEqual(t, f.hold, f.most)
				require.False(t, i > 0 && f.target == faults[0].target, "%v", faults)
				names = append(names, f.String())
			}
		}
		return names
	}
	first, again, another := deal(4), deal(4), deal(5)
	require.Equal(t, first, again)
	require.NotEqual(t, first, another)
	dealt := map[string]bool{}
	c := newChaos(Options{Seed: 4})
	for range 60 {
		for _, f := range c.deal() {
			dealt[f.name] = true
		}
	}
	require.Len(t, dealt, len(kinds()))
}
