package sink

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"tributary/debezium/registry"
	"tributary/sink/deadletter"
	"tributary/sink/lane"
	"tributary/sink/ledger"
	"tributary/sink/replay"
)

// Letters gives access to the dead letters of one sink.
type Letters struct {
	base    *base
	config  Config
	lanes   lane.Config
	schemas *registry.Client // nil without a registry

	stop    context.CancelFunc // ends the registry's questions
	running sync.WaitGroup
}

// OpenLetters connects to the sink's central database.
func OpenLetters(ctx context.Context, c Config, log *zap.Logger) (*Letters, error) {
	b, err := openBaseNow(ctx, c)
	if err != nil {
		return nil, err
	}
	lanes := b.laneConfig(c, log, prometheus.NewRegistry())
	lanes.Partitions, lanes.Budget = lane.Alone{}, lane.NewBudget(int64(c.Memory))
	l := &Letters{base: b, config: c, lanes: lanes}
	if l.schemas, err = c.schemaRegistry(log); err != nil {
		b.close()
		return nil, err
	}
	asking, stop := context.WithCancel(context.WithoutCancel(ctx))
	if l.stop = stop; l.schemas != nil {
		l.running.Go(func() { l.schemas.Run(asking) })
	}
	return l, nil
}

// Close ends the connections.
func (l *Letters) Close() {
	l.stop()
	l.running.Wait()
	l.base.close()
}

// DB is a connection to the central database.
func (l *Letters) DB() *sql.DB { return l.base.control }

// List returns letters, oldest first, without their content.
func (l *Letters) List(ctx context.Context, f deadletter.Filter) ([]deadletter.Entry, error) {
	return deadletter.List(ctx, l.base.control, l.config.Group, f)
}

// Held returns the tables that are held, those held for longest first.
func (l *Letters) Held(ctx context.Context) ([]ledger.Held, error) {
	return ledger.AllHeld(ctx, l.base.control, l.config.Group)
}

// Get returns one letter with its content.
func (l *Letters) Get(ctx context.Context, id int64) (deadletter.Entry, error) {
	return deadletter.Get(ctx, l.base.control, l.config.Group, id)
}

// Discard gives open letters up and returns how many there were.
func (l *Letters) Discard(ctx context.Context, f deadletter.Filter) (int64, error) {
	return deadletter.Settle(ctx, l.base.control, l.config.Group, f, deadletter.Discarded)
}

// Replay writes one letter, unless it is superseded.
func (l *Letters) Replay(ctx context.Context, id int64) (replay.Result, error) {
	r := replay.Replayer{
		DB: l.base.control, Group: l.config.Group, Ledger: l.base.ledger,
		Log:     replay.Kafka{Properties: l.config.properties(l.base.name, 1)},
		Decoder: func(table string) replay.Decoder { return lane.New(l.lanes, table, 0) },
		Writer:  l.base.writer,
	}
	if l.schemas != nil {
		limited, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		r.Registry = l.schemas.Waiting(limited)
	}
	return r.Replay(ctx, id)
}
