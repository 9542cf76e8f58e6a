package lane

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/sink/batch"
	"tributary/sink/changes"
)

// Changes judges schema changes.
type Changes interface {
	// Judge returns what is to be reported, nil for nothing. The error is
	// [changes.ErrNotYet], or one of the central database or Kafka.
	Judge(ctx context.Context, topic string, offset int64, c *debezium.SchemaChange) (*changes.Report, error)
}

// changesLabel stands in metrics and logs where other lanes have their table.
const changesLabel = "(schema changes)"

// changesPause is how long a store's schema changes wait for rows that are still
// to be written, before they are judged again.
const changesPause = time.Second

// NewChanges returns the lane with the given number of schema changes. It writes
// no rows: what it passes is reported as a dead letter, or of no interest. However
// many are reported, none is held back as a flood. What is no schema change is: a
// topic of somebody else's may be called like a store's.
func NewChanges(c Config, number int) *Lane {
	l := New(c, changesLabel, number)
	l.reads = l.putChange
	return l
}

// putChange judges a schema change.
func (l *Lane) putChange(ctx context.Context, r *batch.Record) error {
	if r.Value == nil {
		l.filled.Skip(*r, 0)
		return nil
	}
	change, err := r.Value.DecodeChange(r.ValueRest)
	if err != nil {
		l.filled.Bury(*r, err)
		return nil
	}
	// What was said before is looked up where it is written.
	if len(l.filled.Dead()) > 0 || l.spare == nil {
		if err := l.drain(ctx); err != nil {
			return err
		}
	}
	report, err := l.judge(ctx, r, change)
	switch {
	case err != nil:
		return err
	case report == nil:
		l.filled.Skip(*r, 0)
	default:
		l.log.Warn("a store's schema change did to rows what no event tells; it is reported as a dead letter",
			zap.String("topic", r.Tenure.Topic), zap.String("central_table", report.Table), zap.Error(report.Reason))
		l.filled.Report(*r, report.Table, report.Reason)
	}
	return nil
}

// judge waits for the central database and Kafka where it must. The rows that
// the change is about come by other topics: while they are behind, the partition is
// given up and read again later, so that the changes of other stores go on.
func (l *Lane) judge(ctx context.Context, r *batch.Record, change *debezium.SchemaChange) (report *changes.Report, err error) {
	var early error
	err = l.central(ctx, r, func() (err error) {
		report, err = l.Changes.Judge(ctx, r.Tenure.Topic, r.Offset, change)
		if errors.Is(err, changes.ErrNotYet) {
			early, err = err, nil
		}
		return err
	})
	if err != nil || early == nil {
		return report, err
	}
	// What came before is good, and would be read again with this.
	if err := l.drain(ctx); err != nil {
		return nil, err
	}
	if r.Tenure.Ended() {
		return nil, errEnded
	}
	l.log.Debug("a store's schema change waits for its rows", zap.String("topic", r.Tenure.Topic), zap.Error(early))
	l.restart(r.Tenure, changesPause, "rows_behind")
	return nil, early
}
