package lane

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/sink/batch"
	"tributary/sink/changes"
	"tributary/sink/ledger"
)

// judged answers with what a test wants.
type judged struct {
	report *changes.Report
	err    error
	ddl    string
}

func (j *judged) Judge(_ context.Context, _ string, _ int64, c *debezium.SchemaChange) (*changes.Report, error) {
	j.ddl = c.DDL
	return j.report, j.err
}

// TestChangesLane: a schema change is passed, reported about its table, or waited
// for; what cannot be read is set aside.
func TestChangesLane(t *testing.T) {
	event, err := os.ReadFile("../../debezium/testdata/changes/prod.0001.029.value")
	require.NoError(t, err)
	for _, test := range []struct {
		name        string
		value       string
		judge       judged
		moves, dead int
		table       string
		restarted   restarts
	}{
		{"of no interest", string(event), judged{}, 1, 0, "", nil},
		{"reported", string(event), judged{report: &changes.Report{Table: "promo", Reason: errors.New("gone")}}, 1, 1, "promo", nil},
		{"too early", string(event), judged{err: changes.ErrNotYet}, 0, 0, "", restarts{"rows_behind"}},
		{"another message", enumEvent, judged{}, 1, 1, "", nil},
		{"not JSON", "x", judged{}, 1, 1, "", nil},
		{"empty", "", judged{}, 1, 0, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			restarted := &restarts{}
			l := NewChanges(Config{
				Ledger: benchLedger{}, Tables: &widening{}, Partitions: restarted, Environment: "prod", Budget: NewBudget(1 << 20),
				Changes: &test.judge, Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: 10, MaxText: 1 << 20, FloodPercent: 10,
			}, 0)
			r := batch.Record{Tenure: ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "prod.0001"}})}
			if test.value != "" {
				r.Value, r.ValueRest, r.Err = debezium.NewReader().Cut([]byte(test.value))
			}
			if r.Err != nil {
				r.Value, r.ValueRest = nil, []byte(test.value)
			}
			l.put(t.Context(), &r)
			require.Len(t, l.filled.Moves(), test.moves)
			require.ElementsMatch(t, test.restarted, *restarted)
			require.Equal(t, test.restarted != nil, r.Tenure.Ended())
			require.Len(t, l.filled.Dead(), test.dead)
			for _, d := range l.filled.Dead() {
				require.Equal(t, test.table, d.Table)
				require.Equal(t, test.judge.report != nil, d.Reported)
				_, value := d.Original()
				require.Equal(t, test.value, string(value), "byte for byte")
			}
			if test.value == string(event) {
				require.Equal(t, "DROP TABLE `pos`.`promo`", test.judge.ddl)
			}
		})
	}
}

// TestChangesHaveALaneOfTheirOwn, apart from a table's by whatever name.
func TestChangesHaveALaneOfTheirOwn(t *testing.T) {
	s := NewSet(Config{
		Tables: &widening{}, Environment: "prod", Budget: NewBudget(1 << 20), Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()),
	}, 1)
	s.run = func(*Lane) {}
	lane := s.Lane("prod.0001")
	require.Same(t, lane, s.Lane("prod.0002"))
	require.NotSame(t, lane, s.Lane("prod.0001.pos.promo"))
}
