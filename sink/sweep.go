package sink

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/debezium/registry"
	"tributary/sink/sweep"
	"tributary/sink/topiclog"
)

// Sweep finds and removes rows that the stores no longer have, of one sink.
type Sweep struct {
	*sweep.Sweeper

	base    *base
	log     *topiclog.Log
	schemas *registry.Client // nil without a registry
	stop    context.CancelFunc
	running sync.WaitGroup
}

// sweepPatience is how long a sweep waits for a sink that is a moment behind.
const sweepPatience = 15 * time.Second

// OpenSweep connects to the sink's central database and to Kafka.
func OpenSweep(ctx context.Context, c Config, log *zap.Logger) (*Sweep, error) {
	b, err := openBaseNow(ctx, c)
	if err != nil {
		return nil, err
	}
	s := &Sweep{base: b}
	if s.schemas, err = c.schemaRegistry(log); err == nil {
		s.log, err = topiclog.Open(c.properties(b.name, 1))
	}
	if err != nil {
		b.close()
		return nil, err
	}
	s.Sweeper = &sweep.Sweeper{
		DB: b.control, Group: c.Group, Environment: c.Environment, Ledger: b.ledger, Rules: c.rules,
		Log: s.log, Table: b.tables.Table, Patience: sweepPatience,
	}
	asking, stop := context.WithCancel(context.WithoutCancel(ctx))
	if s.stop = stop; s.schemas != nil {
		s.Registry = patient{s.schemas, ctx}
		s.running.Go(func() { s.schemas.Run(asking) })
	}
	return s, nil
}

// Close ends the connections.
func (s *Sweep) Close() error {
	s.stop()
	s.running.Wait()
	s.base.close()
	return s.log.Close()
}

// patient is a registry that is waited for, but not for ever.
type patient struct {
	client *registry.Client
	ctx    context.Context
}

// Schema implements [debezium.Registry].
func (p patient) Schema(message []byte) (*debezium.Schema, error) {
	limited, cancel := context.WithTimeout(p.ctx, sweepPatience)
	defer cancel()
	return p.client.Waiting(limited).Schema(message)
}
