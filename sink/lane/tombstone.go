package lane

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/rules"
)

// tombstone returns the form for records that tell nothing but a key. A key does
// not say what its columns are called in the store, which matters where they have
// names Avro does not allow: the rows of the topic's events do.
func (p *planner) tombstone(ctx context.Context, topic string, rule rules.Table, key *debezium.Schema) (*form, error) {
	if of := p.sources[topic]; of != nil && of.plan != nil && of.key == key {
		return of.plan.form, nil
	}
	have, err := p.tables.Table(ctx, p.table)
	if err != nil {
		return nil, err
	}
	if have == nil {
		return nil, errNoTable
	}
	fields := unadjusted(key.Root().Fields, have)
	// Which names the key's columns have centrally.
	want, err := schema.Derive(p.table, fields, keyNames(key), schema.Options{Dialect: p.tables.Dialect()})
	if err != nil {
		return nil, err
	}
	made := &form{soft: rule.SoftDelete}
	return made, p.planKey(made, fields, &want, have)
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
			if name != schema.StoreColumn && (letters(name) == letters(f.Name) || name == unescaped(f.Name)) {
				like = append(like, name)
			}
		}
		if len(like) == 1 {
			*f = f.Of(like[0])
		}
	}
	return fields
}

// escape is how field.name.adjustment.mode=avro_unicode spells a character that
// Avro does not allow, and an underscore.
var escape = regexp.MustCompile(`_u[0-9a-fA-F]{4}`)

// unescaped undoes it. Characters beyond U+FFFF are two escapes.
func unescaped(name string) string {
	units := utf16.Encode([]rune(name))
	var out []uint16
	for len(units) > 0 {
		text := string(utf16.Decode(units[:min(6, len(units))]))
		if !escape.MatchString(text) {
			out, units = append(out, units[0]), units[1:]
			continue
		}
		unit, _ := strconv.ParseUint(text[2:], 16, 16)
		out, units = append(out, uint16(unit)), units[6:]
	}
	return string(utf16.Decode(out))
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
