package batch

import (
	"bytes"
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"

	"tributary/schema"
)

// Wiped returns the stores whose rows are removed first, in a fixed order.
func (b *Batch) Wiped() []string { return slices.Sorted(maps.Keys(b.wiped)) }

// Groups yields the batch's rows as statements take them: deletes before
// upserts, each by layout, each sorted by key. The order is the same for every
// process that writes the table, so two transactions never wait for each other's
// row locks in a circle.
func (b *Batch) Groups() iter.Seq[[]*Row] {
	rows := make([]*Row, 0, b.live)
	for i := range b.rows {
		if !b.rows[i].gone {
			rows = append(rows, &b.rows[i])
		}
	}
	slices.SortFunc(rows, compareRows)
	return func(yield func([]*Row) bool) {
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].Layout == rows[0].Layout && rows[n].Deletes() == rows[0].Deletes() {
				n++
			}
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

// compareRows orders by kind, column set and key. Shorter keys come first,
// which puts whole numbers in their order, and so neighbours in the table into
// neighbouring places of the statement.
func compareRows(a, b *Row) int {
	switch {
	case a.Deletes() != b.Deletes():
		if a.Deletes() {
			return -1
		}
		return 1
	case a.Layout != b.Layout:
		if c := slices.Compare(a.Layout.columns, b.Layout.columns); c != 0 {
			return c
		}
		return slices.Compare(a.Layout.key, b.Layout.key)
	}
	return cmp.Or(cmp.Compare(len(a.key), len(b.key)), bytes.Compare(a.key, b.key))
}

// Deletes reports whether the row's last image is its absence.
func (r *Row) Deletes() bool { return r.tuple == nil }

// TextSize is the bytes the row takes up in a statement.
func (r *Row) TextSize() int { return max(len(r.tuple), len(r.key)+2) + 1 }

// AppendStatement appends the one statement that writes a group.
func AppendStatement(dst []byte, group []*Row) []byte {
	l := group[0].Layout
	if group[0].Deletes() {
		dst = append(dst, l.delete...)
		for i, r := range group {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(append(dst, '('), r.key...), ')')
		}
		return append(dst, ')')
	}
	dst = append(dst, l.insert...)
	for i, r := range group {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, r.tuple...)
	}
	return append(dst, l.update...)
}

// AppendWipe appends the statement that removes so many of a store's rows from the
// table at most, or marks them as deleted. It affects fewer when none are left.
func (b *Batch) AppendWipe(dst []byte, store string, most int) []byte {
	soft := b.wiped[store].soft
	if soft {
		dst = schema.AppendIdent(append(dst, "UPDATE "...), b.table)
		dst = schema.AppendIdent(append(dst, " SET "...), schema.DeletedColumn)
		dst = append(dst, "=1 WHERE "...)
	} else {
		dst = appendDelete(dst, b.table)
	}
	dst = schema.AppendText(append(schema.AppendIdent(dst, schema.StoreColumn), '='), []byte(store))
	if soft {
		dst = append(schema.AppendIdent(append(dst, " AND "...), schema.DeletedColumn), " IS NOT TRUE"...)
	}
	return strconv.AppendInt(append(dst, " LIMIT "...), int64(most), 10)
}

func appendDelete(dst []byte, table string) []byte {
	return append(schema.AppendIdent(append(dst, "DELETE FROM "...), table), " WHERE "...)
}

// Key is the row's primary key as the inside of an SQL tuple.
func (r *Row) Key() []byte { return r.key }

// Tuple is the row as an SQL tuple; nil for a delete.
func (r *Row) Tuple() []byte { return r.tuple }
