package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tributary/schema"
)

// turn is what another type makes of a column's values.
type turn struct {
	schema.Conversion
	name   string // in the store
	column string // the central one, quoted
}

// turn works out what the columns that stay have become.
func (s *Step) turn(old, is *version, renamed [][2]string) {
	former := map[string]string{}
	for _, pair := range renamed {
		former[pair[1]] = pair[0]
	}
	for i := range is.Columns {
		c := &is.Columns[i]
		before := c.Name
		if name, ok := former[c.Name]; ok {
			before = name
		}
		was := old.column(before)
		if was == nil || was.Holds == "" || c.Holds == "" {
			continue
		}
		want := s.rows.Want.ForField(s.field(c.Name).Name)
		if want == nil {
			continue
		}
		if have := s.rows.Have.Column(want.Name); have != nil && have.Generated == "" {
			s.turnColumn(c, was, have)
		}
	}
}

func (s *Step) turnColumn(is, was *versionColumn, have *schema.Column) {
	from, err := schema.ParseType(was.Holds)
	to, errTo := schema.ParseType(is.Holds)
	if err != nil || errTo != nil {
		return
	}
	column := schema.Quote(have.Name)
	conversions := []schema.Conversion{schema.Convert(column, from, to, have.Type)}
	if was.Null && !is.Null {
		conversions = append(conversions, schema.WithoutNull(column, to))
	}
	for _, c := range conversions {
		if c.When != "" {
			s.turns = append(s.turns, turn{c, is.Name, column})
		}
	}
}

// look finds the columns with values of which it is not known what they have
// become.
func (s *Step) look(ctx context.Context, tx *sql.Tx) (columns []string, err error) {
	for i := range s.turns {
		t := &s.turns[i]
		if t.Value != "" {
			continue
		}
		var one int
		err := tx.QueryRowContext(ctx, "SELECT 1 FROM "+schema.Quote(s.rows.Have.Name)+s.where(t.When)+" LIMIT 1").Scan(&one)
		switch {
		case err == nil:
			columns = append(columns, t.name)
		case !errors.Is(err, sql.ErrNoRows):
			return nil, &statementError{fmt.Errorf("looking at the rows of %s, which have changed with their table: %w", s.rows.Topic, err)}
		}
	}
	return columns, nil
}
