package lane

import (
	"bytes"
	"fmt"

	"tributary/debezium"
	"tributary/sink/batch"
)

// keepDeleted writes a deleted row's last image, marked as deleted.
func (l *Lane) keepDeleted(r *batch.Record, plan *plan) (err error) {
	ev := &l.event
	if err := r.Value.Decode(r.ValueRest, debezium.BeforeImage, ev); err != nil {
		return err
	}
	if ev.Before == nil {
		return l.mark(r, plan)
	}
	if l.keyBuf, err = plan.appendKey(l.keyBuf[:0], ev.Before, plan.key); err != nil {
		return err
	}
	if l.rowBuf, err = plan.appendRow(l.rowBuf[:0], l.keyBuf, r, ev, ev.Before); err != nil {
		return err
	}
	l.filled.Upsert(*r, plan.layout, l.keyBuf, l.rowBuf, ev.Source.Micros)
	return nil
}

// markedTail ends the tuple of a deleted row: the mark is its last column.
var markedTail = []byte(",1)")

// mark marks the row of a record key as deleted, its values as they are. Behind
// a delete in the same batch, which wrote the row's last image, there is nothing
// left to do.
func (l *Lane) mark(r *batch.Record, plan *plan) (err error) {
	if err := r.Key.DecodeKey(r.KeyRest, &l.key); err != nil {
		return fmt.Errorf("record key: %w", err)
	}
	if l.keyBuf, err = plan.appendKey(l.keyBuf[:0], l.key.Row, plan.keyed); err != nil {
		return err
	}
	if bytes.HasSuffix(l.filled.Image(l.keyBuf), markedTail) {
		l.filled.Skip(*r, 0)
		return nil
	}
	l.rowBuf = append(append(append(l.rowBuf[:0], '('), l.keyBuf...), ",1)"...)
	l.filled.Upsert(*r, plan.marker, l.keyBuf, l.rowBuf, 0)
	return nil
}
