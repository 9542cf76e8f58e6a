package lane

import (
	"context"
	"errors"

	"tributary/sink/batch"
)

// errEnded says that a record's tenure ended while earlier events were written.
var errEnded = errors.New("the partition was given away")

// follow brings the rows that are there to the version of a record's table,
// between the last event before it and the first one after.
func (l *Lane) follow(ctx context.Context, r *batch.Record, p *plan) error {
	if err := l.drain(ctx); err != nil {
		return err
	}
	if r.Tenure.Ended() {
		return errEnded
	}
	err := l.central(ctx, r, func() error { return l.plans.versions.Do(ctx, p.step) })
	if err == nil {
		p.step = nil
	}
	return err
}

// drain waits until everything that was put into batches is written or given
// up. It runs in the decoding goroutine, as [Lane.fill] does.
func (l *Lane) drain(ctx context.Context) error {
	for {
		if l.spare != nil && (l.filled.Empty() || !l.handOver("version")) {
			return ctx.Err()
		}
		select {
		case b := <-l.free:
			l.spare = b
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
