package lane

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/writer"
)

// swift commits whatever it is given.
type swift struct{}

func (swift) Write(context.Context, *batch.Batch, writer.Quota) (writer.Outcome, error) {
	return writer.Outcome{}, nil
}

// heap is how many bytes are in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestQuietLanesHoldNothing lets lanes be busy one after the other, with as much as
// a batch takes. When all are quiet again they hold next to nothing: what they kept
// would be a multiple of the budget that each had for itself.
func TestQuietLanesHoldNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lanes, rows, width = 4, 4000, 3000
		d, err := schema.ParseDialect("9.7.0")
		require.NoError(t, err)
		budget := NewBudget(64 << 20)
		config := Config{
			Writer: swift{}, Ledger: standing{}, Tables: benchTables{dialect: d}, Partitions: &pauses{}, Environment: "e", Budget: budget,
			Log: zap.NewNop(), Metrics: NewMetrics(prometheus.NewRegistry()), MaxRows: 2000, MaxText: 8 << 20, FloodPercent: 100,
			Linger: time.Second / 2, // so that batches are as full as they may be
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		before := heap()
		text := strings.NewReplacer(`"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"a,b"},`, "", `"e":""`, `"e":"`+strings.Repeat("x", width)+`"`).Replace(enumEvent)
		values, keys := debezium.NewReader(), debezium.NewReader()
		for n := range lanes {
			l := New(config, "t", n)
			running.Go(func() { l.Run(ctx, ctx) })
			tenure := ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: fmt.Sprintf("e.%d.s.t", n)}})
			for id := range rows {
				r := batch.Record{Tenure: tenure, Offset: int64(id)}
				number := fmt.Sprintf(`"id":%d`, id)
				cut(t, &r, values, strings.Replace(text, `"id":1`, number, 1), keys, strings.Replace(enumKey, `"id":1`, number, 1))
				r.ValueRest, r.KeyRest = []byte(string(r.ValueRest)), []byte(string(r.KeyRest))
				l.Force(r)
			}
			synctest.Wait()
			<-time.After(time.Second)
			require.Equal(t, int64(rows), tenure.Written())
			require.Zero(t, budget.Used())
		}
		require.Greater(t, heap()-before, lanes*rows*width/2, "the test is none")
		<-time.After(2 * restAfter)
		require.Less(t, heap()-before, 2<<20)
		cancel()
		running.Wait()
	})
}
