package lane

import (
	"strconv"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
)

// service is a column the sink fills itself.
type service uint8

const (
	sourceTime service = iota
	appliedTime
	offset
	partition
	deleted
)

// appendKey appends the store and the key's values: the inside of a tuple.
func (m *plan) appendKey(dst []byte, row debezium.Row, columns []column) (_ []byte, err error) {
	dst = append(dst, m.store...)
	for _, c := range columns {
		if dst, err = c.encode(append(dst, ','), &row[c.index]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendRow appends the whole tuple of a row image; key is what appendKey
// appended.
func (m *plan) appendRow(dst, key []byte, r *batch.Record, ev *debezium.Event, row debezium.Row) (_ []byte, err error) {
	dst = append(append(dst, '('), key...)
	for _, c := range m.rest {
		if dst, err = c.encode(append(dst, ','), &row[c.index]); err != nil {
			return dst, err
		}
	}
	for _, s := range m.service {
		dst = append(dst, ',')
		switch s {
		case sourceTime:
			if ev.Source.Micros == 0 || !schema.FitsDatetime(ev.Source.Micros) {
				dst = append(dst, "NULL"...)
				continue
			}
			dst = append(schema.AppendDatetime(append(dst, '\''), ev.Source.Micros), '\'')
		case appliedTime:
			dst = append(dst, "UTC_TIMESTAMP(6)"...)
		case offset:
			dst = strconv.AppendInt(dst, r.Offset, 10)
		case partition:
			dst = strconv.AppendUint(dst, place(r.Tenure), 10)
		case deleted:
			if ev.Op == debezium.Delete {
				dst = append(dst, '1')
			} else {
				dst = append(dst, '0')
			}
		}
	}
	return append(dst, ')'), nil
}
