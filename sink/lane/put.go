package lane

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
	"tributary/sink/batch"
	"tributary/sink/tables"
)

// put decodes a record into the batch that is filling. A record of a tenure
// that has ended, or one the ledger is behind already, is dropped.
func (l *Lane) put(ctx context.Context, r *batch.Record) {
	if r.Tenure.Ended() || r.Offset < r.Tenure.Tail() {
		l.queue.release(r.Size())
		return
	}
	var err error
	if r.Err != nil {
		l.filled.Bury(*r, r.Err)
	} else {
		err = l.reads(ctx, r)
	}
	if err != nil { // the table is held, or the lane is stopping
		l.queue.release(r.Size())
	}
}

// putRow puts what a row topic brings.
func (l *Lane) putRow(ctx context.Context, r *batch.Record) error {
	if r.Value == nil {
		return l.putTombstone(ctx, r)
	}
	return l.putEvent(ctx, r)
}

// putTombstone deletes the row of the key. Behind a delete event it repeats
// it; alone, after compaction, it is all that tells of the delete.
func (l *Lane) putTombstone(ctx context.Context, r *batch.Record) error {
	if r.Key == nil {
		l.filled.Skip(*r, 0)
		return nil
	}
	plan, err := l.plan(ctx, r, nil)
	if errors.Is(err, errNoTable) {
		l.filled.Skip(*r, 0)
		return nil
	}
	if err != nil {
		return err
	}
	if plan.soft {
		err = l.mark(r, plan)
	} else {
		err = l.erase(r, plan, 0)
	}
	if err != nil {
		l.filled.Bury(*r, err)
	}
	return nil
}

// putEvent applies a change event.
func (l *Lane) putEvent(ctx context.Context, r *batch.Record) error {
	want := debezium.AfterImage
	if r.Key == nil {
		want = debezium.BothImages
	}
	if err := r.Value.Decode(r.ValueRest, want, &l.event); err != nil {
		l.filled.Bury(*r, err)
		return nil
	}
	if l.event.Op == debezium.Truncate {
		return l.putTruncate(ctx, r)
	}
	plan, err := l.plan(ctx, r, l.event.Source.Table)
	if errors.Is(err, tables.ErrTwoTables) {
		l.filled.Bury(*r, err)
		return nil
	}
	if err != nil {
		return err
	}
	if err := l.apply(r, plan); err != nil {
		return l.putAgain(ctx, r, plan, err)
	}
	return nil
}

// putAgain deals with an event that cannot be written as the table is: the
// table is widened where that helps, else the event is set aside.
func (l *Lane) putAgain(ctx context.Context, r *batch.Record, plan *plan, err error) error {
	var data *literal.DataError
	if errors.As(err, &data) && data.Need != nil {
		widened, held := l.widen(ctx, r, plan, data)
		switch {
		case held != nil:
			return held
		case widened != nil:
			err = l.apply(r, widened)
		}
	}
	if err != nil {
		l.filled.Bury(*r, err)
	}
	return nil
}

// apply puts the effect of the decoded event into the batch. An error is the
// event's own, and the batch is as it was.
func (l *Lane) apply(r *batch.Record, plan *plan) error {
	ev := &l.event
	if err := plan.sameTable(ev); err != nil {
		return err
	}
	switch ev.Op {
	case debezium.Create, debezium.Update, debezium.Read, debezium.Delete:
	case debezium.Message:
		l.filled.Skip(*r, ev.Source.Micros)
		return nil
	default:
		return fmt.Errorf("unknown operation %q", ev.Op)
	}
	switch {
	case plan.keyless:
		return l.putKeyless(r, plan)
	case ev.Op == debezium.Delete && plan.soft:
		return l.keepDeleted(r, plan)
	case ev.Op == debezium.Delete:
		return l.erase(r, plan, ev.Source.Micros)
	default:
		return l.upsert(r, plan)
	}
}

// widen makes room in the central table for a value that its event's schema
// did not announce, and plans anew. It returns no plan where no type holds both:
// one odd value is no reason to hold a table.
func (l *Lane) widen(ctx context.Context, r *batch.Record, old *plan, data *literal.DataError) (*plan, error) {
	var clash *schema.ClashError
	err := l.central(ctx, r, func() error {
		_, err := l.Tables.Widen(ctx, old.want, data.Column, *data.Need)
		if errors.As(err, &clash) {
			return nil
		}
		return err
	})
	if err != nil || clash != nil {
		return nil, err
	}
	l.plans.forget()
	return l.plan(ctx, r, l.event.Source.Table)
}

// putTruncate removes the store's rows, and nobody else's. The event has no
// key even where the table has one, so no plan can be made of it.
func (l *Lane) putTruncate(ctx context.Context, r *batch.Record) error {
	there := false
	err := l.central(ctx, r, func() error {
		table, err := l.Tables.Table(ctx, l.table)
		there = table != nil
		return err
	})
	if err != nil {
		return err
	}
	if !there {
		l.filled.Skip(*r, l.event.Source.Micros)
		return nil
	}
	topic, _ := debezium.ParseTopic(l.Environment, r.Tenure.Topic)
	l.filled.Truncate(*r, topic.Store, l.Rules.For(topic).SoftDelete, l.event.Source.Micros)
	return nil
}

var (
	errNoAfter  = errors.New("the event has no row image to write (after is null)")
	errNoBefore = errors.New("the event has no row image to look for (before is null): is binlog_row_image FULL?")
)

// upsert puts a row image into the batch.
func (l *Lane) upsert(r *batch.Record, plan *plan) (err error) {
	ev := &l.event
	if ev.After == nil {
		return errNoAfter
	}
	if l.keyBuf, err = plan.appendKey(l.keyBuf[:0], ev.After, plan.key); err != nil {
		return err
	}
	if l.rowBuf, err = plan.appendRow(l.rowBuf[:0], l.keyBuf, r, ev, ev.After); err != nil {
		return err
	}
	l.filled.Upsert(*r, plan.layout, l.keyBuf, l.rowBuf, ev.Source.Micros)
	return nil
}

// erase puts the delete of a record key's row into the batch.
func (l *Lane) erase(r *batch.Record, plan *plan, micros int64) (err error) {
	if err := r.Key.DecodeKey(r.KeyRest, &l.key); err != nil {
		return fmt.Errorf("record key: %w", err)
	}
	if l.keyBuf, err = plan.appendKey(l.keyBuf[:0], l.key.Row, plan.keyed); err != nil {
		return err
	}
	l.filled.Delete(*r, plan.erase, l.keyBuf, micros)
	return nil
}

// sameTable refuses an event of another table than the topic's first: two
// tables whose names Kafka cannot tell apart share a topic, and merging them
// would be silent.
func (m *plan) sameTable(ev *debezium.Event) error {
	if m.of.table != string(ev.Source.Table) {
		return tables.ErrTwoTables
	}
	return nil
}

// plan returns the plan for a record of a store's table. Beside errNoTable and
// tables.ErrTwoTables, an error means that the record cannot be put.
func (l *Lane) plan(ctx context.Context, r *batch.Record, table []byte) (*plan, error) {
	if l.stale.CompareAndSwap(true, false) {
		l.Tables.Forget(l.table)
		l.plans.forget()
	}
	var made *plan
	err := l.central(ctx, r, func() (err error) {
		made, err = l.plans.plan(ctx, r, table)
		return err
	})
	if err == nil && made.step != nil {
		err = l.follow(ctx, r, made)
	}
	return made, err
}

// central asks something of the central database, waiting for it where it must.
// An error means that the record cannot be put: its table is held, or the lane
// is stopping.
func (l *Lane) central(ctx context.Context, r *batch.Record, ask func() error) error {
	for pause := (backoff{base: retryBase, cap: retryCap}); ; {
		err := ask()
		switch {
		case err == nil || errors.Is(err, errNoTable) || errors.Is(err, tables.ErrTwoTables):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case holdable(err), inUse(err):
			return l.holdBack(ctx, r, err)
		}
		l.log.Warn("cannot look at the central table, retrying", zap.Error(err))
		if err := pause.wait(ctx); err != nil {
			return err
		}
	}
}

// holdBack gives a partition up whose next record cannot be put for now, so that
// the others of the lane go on: its table cannot be reconciled, or somebody keeps
// the central table busy, which a change has to wait for and everybody behind it.
func (l *Lane) holdBack(ctx context.Context, r *batch.Record, reason error) error {
	// What came before is good, and would be read again with this.
	if err := l.drain(ctx); err != nil {
		return err
	}
	if r.Tenure.Ended() {
		return errEnded
	}
	if inUse(reason) {
		l.log.Warn("the central table is in use and cannot be changed; this store waits, the others go on",
			zap.String("topic", r.Tenure.Topic), zap.Duration("look_again", l.HoldPause), zap.Error(reason))
		l.restart(r.Tenure, l.HoldPause, "table_in_use")
		return reason
	}
	l.meters.held.WithLabelValues("schema").Inc()
	l.log.Error("this store's table cannot be written and is held; other stores go on",
		zap.String("topic", r.Tenure.Topic), zap.Duration("look_again", l.HoldPause), zap.Error(reason))
	l.note(ctx, r.Tenure, reason.Error())
	l.restart(r.Tenure, l.HoldPause, "table_held")
	return reason
}

// inUse reports whether a table can be changed when somebody is done with it.
func inUse(err error) bool { return number(err) == lockWaitTimeout || errors.Is(err, tables.ErrBusy) }

// isNetwork reports whether an error is a connection's.
func isNetwork(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, driver.ErrBadConn)
}
