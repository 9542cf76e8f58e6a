package compare

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// pairing compares one table of a store with its central copy.
type pairing struct {
	store       Store
	here, there *side
	options     Options

	source, copy *definition
	keys         int // how many of the fields are the key; they come first
	fields       []field
	result       Table
}

func (p *pairing) compare(ctx context.Context, name string) error {
	p.source = p.here.table(name)
	if p.source == nil {
		return errors.New("the store has no such table")
	}
	p.copy = p.there.table(p.options.CentralTable(p.store.Schema, name))
	if p.copy == nil {
		return p.withoutCopy(ctx)
	}
	complete := p.match()
	if p.options.Definitions {
		p.compareDefinitions()
	}
	switch {
	case !complete:
		return p.withoutCopy(ctx)
	case p.keys == 0:
		return p.compareRowsAsMultiset(ctx)
	default:
		return p.compareRowsByKey(ctx)
	}
}

// match pairs the columns, the key's first. It returns false where the central
// table lacks a column of the key, so that rows cannot be told apart.
func (p *pairing) match() bool {
	ordered := slices.Clone(p.source.columns)
	position := func(c column) int {
		if i := slices.Index(p.source.key, c.name); i >= 0 {
			return i
		}
		return len(p.source.key)
	}
	slices.SortStableFunc(ordered, func(a, b column) int { return position(a) - position(b) })

	complete := true
	for _, c := range ordered {
		copied, ok := p.copy.column(p.options.CentralColumn(c.name))
		if !ok {
			p.result.add(p.options.Limit, Difference{Kind: NoColumn, Column: c.name})
			complete = complete && !slices.Contains(p.source.key, c.name)
			continue
		}
		p.fields = append(p.fields, newField(c, copied))
	}
	p.keys = len(p.source.key)
	if _, ok := p.copy.column(p.options.StoreColumn); !ok {
		p.result.add(p.options.Limit, Difference{Kind: NoColumn, Column: p.options.StoreColumn})
		complete = false
	}
	return complete
}

// withoutCopy counts the rows that have no central counterpart. An empty table
// needs none: Debezium sends no event before its first row.
func (p *pairing) withoutCopy(ctx context.Context) error {
	var rows int64
	err := p.here.conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+quote(p.here.schema)+"."+quote(p.source.name)).Scan(&rows)
	if err != nil {
		return err
	}
	p.result.Rows = rows
	if rows > 0 && p.copy == nil {
		p.result.add(p.options.Limit, Difference{Kind: NoTable})
	}
	p.result.Missing += rows
	return nil
}

func (p *pairing) storeRows() query {
	return query{
		from: p.here, table: p.source.name, fields: p.fields, keys: p.keys,
		column: func(f field) column { return f.here },
	}
}

func (p *pairing) centralRows() query {
	q := query{
		from: p.there, table: p.copy.name, fields: p.fields, keys: p.keys,
		column: func(f field) column { return f.there },
		where:  []string{quote(p.options.StoreColumn) + " = ?"}, args: []any{p.store.ID},
	}
	if p.options.CentralRows != "" {
		q.where = append(q.where, p.options.CentralRows)
	}
	return q
}

// compareDefinitions compares the types of paired columns and the keys.
func (p *pairing) compareDefinitions() {
	for i, f := range p.fields {
		if f.here.typ != f.there.typ {
			p.result.add(p.options.Limit, Difference{
				Kind: Type, Column: f.name,
				Values: []Value{{Column: f.name, Store: f.here.typ, Central: f.there.typ}},
			})
		}
		if i >= p.keys && f.here.nullable && !f.there.nullable {
			p.result.add(p.options.Limit, Difference{
				Kind: Type, Column: f.name,
				Values: []Value{{Column: f.name, Store: "NULL", Central: "NOT NULL"}},
			})
		}
	}
	if len(p.source.key) == 0 {
		return
	}
	want := []string{p.options.StoreColumn}
	for _, name := range p.source.key {
		want = append(want, p.options.CentralColumn(name))
	}
	if !slices.EqualFunc(want, p.copy.key, strings.EqualFold) {
		p.result.add(p.options.Limit, Difference{
			Kind:   Key,
			Values: []Value{{Column: "key", Store: strings.Join(want, ", "), Central: strings.Join(p.copy.key, ", ")}},
		})
	}
}
