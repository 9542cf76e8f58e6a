package compare

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// compareRowsAsMultiset compares a table without a key: each row must be there
// as often as in the store. All rows that differ are held in memory, and for a
// while all of the store's.
func (p *pairing) compareRowsAsMultiset(ctx context.Context) error {
	surplus := map[string]int64{} // how often a row is in the store beyond the central copy
	if err := p.count(ctx, p.storeRows(), func(row string) {
		p.result.Rows++
		surplus[row]++
	}); err != nil {
		return err
	}
	if err := p.count(ctx, p.centralRows(), func(row string) {
		if surplus[row]--; surplus[row] == 0 {
			delete(surplus, row)
		}
	}); err != nil {
		return err
	}
	for _, row := range slices.Sorted(maps.Keys(surplus)) {
		kind, n := Missing, surplus[row]
		if n > 0 {
			p.result.Missing += n
		} else {
			kind = Extra
			p.result.Extra -= n
		}
		p.result.note(p.options.Limit, Difference{Kind: kind, Row: p.unpack(row)})
	}
	return nil
}

func (p *pairing) count(ctx context.Context, q query, add func(row string)) (err error) {
	c, err := q.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for err = c.next(); err == nil && c.row != nil; err = c.next() {
		add(p.pack(c.row))
	}
	return err
}

// pack makes one string of a row, in which equal rows are equal: for each
// value its length plus one (0 for NULL), then its bytes.
func (p *pairing) pack(row []sql.RawBytes) string {
	var packed []byte
	for i, value := range row {
		if value == nil {
			packed = binary.AppendUvarint(packed, 0)
			continue
		}
		text := p.fields[i].form.canonical(value)
		packed = binary.AppendUvarint(packed, uint64(len(text))+1)
		packed = append(packed, text...)
	}
	return string(packed)
}

// unpack prints a packed row for a person.
func (p *pairing) unpack(packed string) string {
	var row string
	rest := []byte(packed)
	for i, f := range p.fields {
		if i > 0 {
			row += ", "
		}
		size, n := binary.Uvarint(rest)
		rest = rest[n:]
		var value []byte
		if size > 0 {
			value, rest = rest[:size-1], rest[size-1:]
		}
		row += f.name + "=" + show(f.form, value)
	}
	return row
}
