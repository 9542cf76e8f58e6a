package lane

import (
	"context"
	"errors"
	"time"

	"tributary/sink/batch"
	"tributary/sink/ledger"
)

// Decode puts one record into a batch of its own, the way the lane would, for
// replays. The lane must not be running. An error is the record's own.
func (l *Lane) Decode(ctx context.Context, r batch.Record) (*batch.Batch, error) {
	l.filled = batch.New(l.table)
	l.plans.versions = nil // an event of the past is no new version
	l.Force(r)
	l.put(ctx, &r)
	switch dead := l.filled.Dead(); {
	case len(dead) > 0:
		return nil, dead[0].Reason
	case l.filled.Empty():
		return nil, errHeld
	}
	return l.filled, nil
}

var errHeld = errors.New("its table cannot be reconciled with the central one; see the log above")

// Alone is the Partitions of a lane that no consumer feeds.
type Alone struct{}

// Restart implements [Partitions].
func (Alone) Restart(*ledger.Tenure, time.Duration, string) {}

// Committed implements [Partitions].
func (Alone) Committed([]ledger.Move) {}
