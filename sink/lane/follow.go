package lane

import (
	"context"
	"errors"
	"math/rand/v2"

	"go.uber.org/zap"

	"tributary/sink/batch"
	"tributary/sink/writer"
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
	var locked error
	err := l.central(ctx, r, func() error {
		err := l.plans.versions.Do(ctx, p.step)
		if writer.Classify(err) == writer.Locked {
			locked, err = err, nil
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case locked != nil:
		l.log.Warn("a row is locked in the central database; this store waits, the others go on",
			zap.String("topic", r.Tenure.Topic), zap.Uint16("mysql_error", number(locked)))
		l.restart(r.Tenure, lockedPause+rand.N(lockedPause), "row_locked")
		return locked
	}
	p.step = nil
	return nil
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
