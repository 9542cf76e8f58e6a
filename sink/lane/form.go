package lane

import (
	"context"
	"fmt"
	"slices"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
	"tributary/sink/batch"
	"tributary/sink/rules"
)

// form is how rows of one shape are written, whatever store they come from: the
// tables of thousands of stores share a few.
type form struct {
	layout *batch.Layout
	erase  *batch.Layout
	// key encodes the key's columns from a row, keyed from a record key:
	// they give the same text.
	key, keyed []column
	rest       []column
	service    []service
	keyless    bool
	soft       bool          // deleted rows are kept and marked
	marker     *batch.Layout // marks a row whose values are not known
	// want is the central table as derived from the event, have the table as it
	// is. Both are nil for a tombstone.
	want, have *schema.Table
}

// column writes one value of a row.
type column struct {
	index  int // in the row
	encode literal.Encoder
	match  match // in tables without a key
}

// formKey is what a form is made for. Readers that share their shapes give equal
// lists of fields the same first field.
type formKey struct {
	columns, key *debezium.Field
	rule         rules.Table
}

// form returns the form for rows with this schema under this key, which is nil
// for a table without one.
func (p *planner) form(ctx context.Context, value, key *debezium.Schema, rule rules.Table) (*form, error) {
	k := formKey{columns: firstOf(value.Columns()), rule: rule}
	if key != nil {
		k.key = firstOf(key.Root().Fields)
	}
	if made, ok := p.forms[k]; ok {
		return made, nil
	}
	made := &form{keyless: key == nil, soft: rule.SoftDelete && key != nil}
	columns := kept(value.Columns(), keyNames(key), rule)
	var err error
	if made.want, made.have, err = p.tables.Fit(ctx, p.table, columns, keyNames(key), made.soft); err != nil {
		return nil, err
	}
	if key != nil {
		// The row knows what its key's columns are in the store.
		fields := schema.KeyFields(key.Root().Fields, value.Columns())
		if err := p.planKey(made, fields, made.want, made.have); err != nil {
			return nil, err
		}
	}
	if err := p.planRow(made, value.Columns(), made.want, made.have); err != nil {
		return nil, err
	}
	p.forms[k] = made
	return made, nil
}

func firstOf(fields []debezium.Field) *debezium.Field {
	if len(fields) == 0 {
		return nil
	}
	return &fields[0]
}

// kept leaves out the columns the rules exclude. A key column always stays.
func kept(columns []debezium.Field, key []string, rule rules.Table) []debezium.Field {
	keep := make([]debezium.Field, 0, len(columns))
	for _, c := range columns {
		if slices.Contains(key, c.Name) || rule.Keeps(c.ColumnName()) {
			keep = append(keep, c)
		}
	}
	return keep
}

// keyNames are the fields of a record key.
func keyNames(key *debezium.Schema) []string {
	if key == nil {
		return nil
	}
	fields := key.Root().Fields
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

// planKey chooses how a record key is written: the inside of the tuple that
// names a row.
func (p *planner) planKey(made *form, fields []debezium.Field, want, have *schema.Table) error {
	names := []string{schema.StoreColumn}
	for i := range fields {
		name := want.ForField(fields[i].Name).Name
		c := have.Column(name)
		if c == nil {
			return fmt.Errorf("central table %q has no column %q, which is part of the store's key", p.table, name)
		}
		encode, err := literal.For(&fields[i], c.Type, p.tables.Dialect())
		if err != nil {
			return err
		}
		names = append(names, c.Name)
		made.keyed = append(made.keyed, column{index: i, encode: p.watched(&fields[i], encode)})
	}
	made.erase = p.layout(names, names)
	if !made.soft {
		return nil
	}
	if have.Column(schema.DeletedColumn) == nil {
		return fmt.Errorf("central table %q has no column %s, which soft deletes need", p.table, schema.DeletedColumn)
	}
	made.marker = p.layout(append(slices.Clone(names), schema.DeletedColumn), names)
	return nil
}

// planRow chooses how a row is written: the key's columns first, in the key's
// order, then the others, then those the sink fills.
func (p *planner) planRow(made *form, fields []debezium.Field, want, have *schema.Table) error {
	names := []string{schema.StoreColumn}
	add := func(c *schema.Column, to *[]column) error {
		is := have.Column(c.Name)
		if is == nil || is.Generated != "" {
			return nil // the mode forbids to add it, or the server computes it
		}
		i := slices.IndexFunc(fields, func(f debezium.Field) bool { return f.Name == c.Field })
		encode, err := literal.For(&fields[i], is.Type, p.tables.Dialect())
		if err != nil {
			return err
		}
		names = append(names, is.Name)
		*to = append(*to, column{index: i, encode: p.watched(&fields[i], encode), match: matchOf(is, p.tables.Dialect())})
		return nil
	}
	for _, name := range want.Key {
		if c := want.Column(name); c.Field != "" {
			if err := add(c, &made.key); err != nil {
				return err
			}
		}
	}
	keys := len(names)
	for i := range want.Columns {
		if c := &want.Columns[i]; c.Field != "" && !want.InKey(c.Name) {
			if err := add(c, &made.rest); err != nil {
				return err
			}
		}
	}
	key := slices.Clone(names[:keys])
	for _, s := range []struct {
		name string
		kind service
	}{
		{schema.SourceTimeColumn, sourceTime},
		{schema.AppliedColumn, appliedTime},
		{schema.OffsetColumn, offset},
		{schema.PartitionColumn, partition},
		{schema.DeletedColumn, deleted},
	} {
		c := have.Column(s.name)
		if c == nil || s.kind == partition && !made.keyless || s.kind == deleted && !made.soft {
			continue
		}
		names = append(names, c.Name)
		made.service = append(made.service, s.kind)
	}
	if made.keyless {
		key = append(key, schema.PartitionColumn, schema.OffsetColumn)
	}
	made.layout = p.layout(names, key)
	return nil
}

// layout returns the one layout with these columns.
func (p *planner) layout(columns, key []string) *batch.Layout {
	for _, l := range p.layouts {
		if l.Is(columns, key) {
			return l
		}
	}
	l := batch.NewLayout(p.tables.Dialect(), p.table, columns, key)
	p.layouts = append(p.layouts, l)
	return l
}
