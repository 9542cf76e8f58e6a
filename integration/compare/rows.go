package compare

import (
	"context"
	"errors"
)

// compareRowsByKey walks over both tables in the order of the key.
func (p *pairing) compareRowsByKey(ctx context.Context) (err error) {
	here, err := p.storeRows().open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, here.close()) }()
	there, err := p.centralRows().open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, there.close()) }()

	if err := errors.Join(here.next(), there.next()); err != nil {
		return err
	}
	for here.row != nil || there.row != nil {
		order := p.order(here, there)
		switch {
		case order < 0:
			p.result.Missing++
			p.describe(Missing, here)
		case order > 0:
			p.result.Extra++
			p.describe(Extra, there)
		default:
			p.compareRow(here, there)
		}
		if order <= 0 {
			p.result.Rows++
			err = here.next()
		}
		if order >= 0 {
			err = errors.Join(err, there.next())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// order says whose key comes first; a side at its end comes last.
func (p *pairing) order(here, there *cursor) int {
	switch {
	case here.row == nil:
		return 1
	case there.row == nil:
		return -1
	}
	for i, f := range p.fields[:p.keys] {
		if order := f.form.compare(here.row[i], there.row[i]); order != 0 {
			return order
		}
	}
	return 0
}

func (p *pairing) compareRow(here, there *cursor) {
	var values []Value
	for i, f := range p.fields {
		if !f.form.same(here.row[i], there.row[i]) {
			values = append(values, Value{Column: f.name, Store: show(f.form, here.row[i]), Central: show(f.form, there.row[i])})
		}
	}
	if values == nil {
		return
	}
	p.result.Different++
	p.result.note(p.options.Limit, Difference{Kind: Different, Row: p.name(here), Values: values})
}

func (p *pairing) describe(kind Kind, c *cursor) {
	p.result.note(p.options.Limit, Difference{Kind: kind, Row: p.name(c)})
}

// name is a row's key as a person would write it.
func (p *pairing) name(c *cursor) string {
	var name string
	for i, f := range p.fields[:p.keys] {
		if i > 0 {
			name += ", "
		}
		name += f.name + "=" + show(f.form, c.row[i])
	}
	return name
}
