package lane

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/tables"
	"tributary/sink/writer"
)

// busyTables have a table that somebody uses or changes for hours: it cannot be
// changed.
type busyTables struct {
	benchTables
	err error
}

func (b busyTables) Fit(context.Context, string, []debezium.Field, []string, bool) (want, have *schema.Table, err error) {
	return nil, nil, b.err
}

// standing has every partition where it was begun.
type standing struct{ benchLedger }

func (standing) Read(_ context.Context, partitions []ledger.Partition) (map[ledger.Partition]ledger.Position, error) {
	at := make(map[ledger.Partition]ledger.Position)
	for _, p := range partitions {
		at[p] = ledger.Position{Partition: p}
	}
	return at, nil
}

// pauses notes for how long partitions are given up.
type pauses struct {
	why   string
	after []time.Duration
}

func (p *pauses) Restart(_ *ledger.Tenure, after time.Duration, why string) {
	p.why, p.after = why, append(p.after, after)
}
func (*pauses) Committed([]ledger.Move) {}

// troubled returns a lane that does not run, and what it says.
func troubled(t *testing.T, tables Tables) (*Lane, *pauses, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.WarnLevel)
	p := &pauses{}
	return New(Config{
		Ledger: standing{}, Tables: tables, Partitions: p, Environment: "e", Budget: NewBudget(1 << 20),
		Log: zap.New(core), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: 10, MaxText: 1 << 20, HoldPause: time.Minute,
	}, "t", 0), p, logs
}

// TestTableInUse needs a change of a table that somebody keeps busy. The store
// waits for it by itself: the lane goes on.
func TestTableInUse(t *testing.T) {
	for name, reason := range map[string]error{
		"by a report": mysqlError(lockWaitTimeout), "by another replica": fmt.Errorf("locking: %w", tables.ErrBusy),
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { inUseBy(t, reason) }) })
	}
}

func inUseBy(t *testing.T, reason error) {
	d, err := schema.ParseDialect("9.7.0")
	require.NoError(t, err)
	l, p, logs := troubled(t, busyTables{benchTables{dialect: d}, reason})
	r := batch.Record{Tenure: ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "e.7.s.t"}})}
	r.Value, r.ValueRest, err = debezium.NewReader().Cut([]byte(enumEvent))
	require.NoError(t, err)
	l.Force(r)
	limited, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	l.put(limited, &r)
	require.NoError(t, limited.Err(), "the lane stood still")
	require.True(t, r.Tenure.Ended())
	require.Equal(t, &pauses{"table_in_use", []time.Duration{time.Minute}}, p)
	require.Zero(t, l.Budget.Used())
	require.Equal(t, 1, logs.FilterMessageSnippet("is in use").Len())
}

// TestRefusedAgainAndAgain has a table that is refused however often it is looked
// at: by a trigger, for instance. Its partitions are not read again without pause,
// and a person is told.
func TestRefusedAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, p, logs := troubled(t, busyTables{})
		refuse := func() time.Duration {
			b := batch.New("t")
			b.Skip(batch.Record{Tenure: ledger.NewTenure(ledger.Position{})}, 0)
			require.False(t, l.recover(t.Context(), b, mysqlError(1054), &backoff{}))
			require.True(t, b.Moves()[0].Tenure.Ended())
			return p.after[len(p.after)-1]
		}
		require.LessOrEqual(t, refuse(), retryBase)
		for range 20 {
			<-time.After(refuse())
		}
		require.GreaterOrEqual(t, refuse(), environmentCap/2)
		told := logs.FilterMessageSnippet("refuses this table").All()
		require.NotEmpty(t, told)
		require.Equal(t, "stale", told[0].ContextMap()["class"])
		<-time.After(2 * refitCalm)
		require.LessOrEqual(t, refuse(), retryBase, "somebody has changed the table for good")
	})
}

// TestMovedAndNotMoved reads the ledger from a copy that lags behind what the
// transaction met: it is not asked without pause until it has caught up.
func TestMovedAndNotMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _, _ := troubled(t, busyTables{})
		b := batch.New("t")
		b.Skip(batch.Record{Tenure: ledger.NewTenure(ledger.Position{})}, 0)
		pause, began := backoff{base: retryBase, cap: retryCap}, time.Now()
		for range 10 {
			require.True(t, l.recover(t.Context(), b, writer.ErrMoved, &pause))
		}
		require.Greater(t, time.Since(began), 10*time.Second)
		require.False(t, b.Empty())
	})
}
