package lane

import (
	"context"
	"slices"
	"strings"

	"tributary/debezium"
	"tributary/schema"
)

// planTombstone plans for a record that tells nothing but a key. A key does not
// say what its columns are called in the store, which matters where they have
// names Avro does not allow: the rows of the topic's events do.
func (p *planner) planTombstone(ctx context.Context, made *plan, key *debezium.Schema) error {
	for k, like := range p.plans {
		if k.topic == made.topic && k.key == key && k.value != nil {
			made.keyed, made.erase, made.marker = like.keyed, like.erase, like.marker
			return nil
		}
	}
	have, err := p.tables.Table(ctx, p.table)
	if err != nil {
		return err
	}
	if have == nil {
		return errNoTable
	}
	fields := unadjusted(key.Root().Fields, have)
	// Which names the key's columns have centrally.
	want, err := schema.Derive(p.table, fields, keyNames(key), schema.Options{Dialect: p.tables.Dialect()})
	if err != nil {
		return err
	}
	return p.planKey(made, fields, &want, have)
}

// unadjusted gives fields that the central table does not know the name of the
// one column of its key that they can have been renamed from
// (field.name.adjustment.mode).
func unadjusted(fields []debezium.Field, have *schema.Table) []debezium.Field {
	fields = slices.Clone(fields)
	for i := range fields {
		f := &fields[i]
		if have.Column(f.ColumnName()) != nil {
			continue
		}
		var like []string
		for _, name := range have.Key {
			if name != schema.StoreColumn && letters(name) == letters(f.Name) {
				like = append(like, name)
			}
		}
		if len(like) == 1 {
			*f = f.Of(like[0])
		}
	}
	return fields
}

// letters is what no adjustment changes in a name.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
}
