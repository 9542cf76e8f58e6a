package lane

import (
	"strconv"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
)

// match is how a column is compared with a literal so that only an equal value
// matches: before and after stand around the literal.
type match struct{ column, before, after string }

// matchOf chooses the comparison for a column. Text is
// compared byte by byte, whatever the column's collation; a FLOAT is compared
// with what the literal becomes when it is stored as one.
func matchOf(c *schema.Column, d schema.Dialect) match {
	name := schema.Quote(c.Name)
	switch c.Type.Base {
	case schema.Char, schema.VarChar, schema.TinyText, schema.Text, schema.MediumText, schema.LongText, schema.Enum, schema.Set:
		if collation := d.BinaryCollation(); collation != "" {
			return match{name, "CONVERT(" + name + " USING utf8mb4)=", " COLLATE " + collation}
		}
	case schema.Float:
		if !d.MariaDB {
			return match{name, name + "=CAST(", " AS FLOAT)"}
		}
		return match{name, "CAST(" + name + " AS CHAR)=CAST(", " AS CHAR)"}
	case schema.JSON:
		if d.NativeJSON() {
			return match{name, name + "=CAST(", " AS JSON)"}
		}
	case schema.Bit:
		return match{name, name + "+0=", "+0"}
	}
	return match{name, name + "=", ""}
}

// putKeyless applies an event of a table without a key. Every row there is
// known by the event that wrote it; what an update or delete refers to is found
// by the whole of its before image. Both images are encoded before the batch is
// touched, so that an error leaves it as it was.
func (l *Lane) putKeyless(r *batch.Record, plan *plan) error {
	ev := &l.event
	inserts := ev.Op == debezium.Create || ev.Op == debezium.Read || ev.Op == debezium.Update
	takes := ev.Op == debezium.Delete || ev.Op == debezium.Update
	if inserts {
		if err := l.encodeKeyless(r, plan); err != nil {
			return err
		}
	}
	if takes {
		if err := l.take(r, plan); err != nil {
			return err
		}
	}
	if !inserts {
		l.filled.Skip(*r, ev.Source.Micros)
		return nil
	}
	l.filled.Insert(*r, plan.layout, l.keyBuf, l.rowBuf, l.imageBuf, ev.Source.Micros)
	return nil
}

// encodeKeyless encodes the after image: the row, its content, and where its
// event stood.
func (l *Lane) encodeKeyless(r *batch.Record, plan *plan) (err error) {
	if l.event.After == nil {
		return errNoAfter
	}
	if l.imageBuf, err = plan.appendImage(l.imageBuf[:0], l.event.After); err != nil {
		return err
	}
	if l.rowBuf, err = plan.appendRow(l.rowBuf[:0], plan.store, r, &l.event, l.event.After); err != nil {
		return err
	}
	key := append(strconv.AppendUint(append(append(l.keyBuf[:0], plan.store...), ','), place(r.Tenure), 10), ',')
	l.keyBuf = strconv.AppendInt(key, r.Offset, 10)
	return nil
}

// place is what a row without a key is kept under, beside its event's offset: the
// partition, and above it sixteen bits of the topic's id. A topic that is deleted
// and made again begins at offset 0, and its rows must not take the places of those
// that came by the old one.
func place(t *ledger.Tenure) uint64 {
	return uint64(t.LogID[14])<<24 | uint64(t.LogID[15])<<16 | uint64(uint16(t.ID))
}

// take removes the row of the before image.
func (l *Lane) take(r *batch.Record, plan *plan) (err error) {
	if l.event.Before == nil {
		return errNoBefore
	}
	if l.beforeBuf, err = plan.appendImage(l.beforeBuf[:0], l.event.Before); err != nil {
		return err
	}
	if l.whereBuf, err = plan.appendWhere(l.whereBuf[:0], l.event.Before); err != nil {
		return err
	}
	l.filled.Take(*r, l.beforeBuf, l.whereBuf)
	return nil
}

// appendImage appends a row's content: the store and every column's literal.
func (m *plan) appendImage(dst []byte, row debezium.Row) ([]byte, error) {
	return m.appendKey(dst, row, m.rest)
}

// appendWhere appends the condition that a row has this content.
func (m *plan) appendWhere(dst []byte, row debezium.Row) (_ []byte, err error) {
	dst = append(append(append(dst, schema.Quote(schema.StoreColumn)...), '='), m.store...)
	for _, c := range m.rest {
		if k := row[c.index].Kind; k == debezium.Null || k == debezium.Absent {
			dst = append(append(append(dst, " AND "...), c.match.column...), " IS NULL"...)
			continue
		}
		dst = append(append(dst, " AND "...), c.match.before...)
		if dst, err = c.encode(dst, &row[c.index]); err != nil {
			return dst, err
		}
		dst = append(dst, c.match.after...)
	}
	return dst, nil
}
