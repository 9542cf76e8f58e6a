package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

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

// asked are the columns with values of which it can only be asked whether they have
// changed.
func (s *Step) asked() (columns []string) {
	for i := range s.turns {
		if s.turns[i].Value == "" {
			columns = append(columns, s.turns[i].name)
		}
	}
	return columns
}

// run runs the statements. What another type makes of values is looked for first:
// mostly nothing, which takes no lock. It returns the columns with values of which
// it is not known what they have become.
func (s *Step) run(ctx context.Context, tx *sql.Tx) (changed int64, unknown []string, err error) {
	if len(s.set) > 0 {
		if changed, err = s.exec(ctx, tx, s.update(strings.Join(s.set, ", "), "")); err != nil {
			return 0, nil, err
		}
	}
	for i := range s.turns {
		t := &s.turns[i]
		found, err := s.found(ctx, tx, t.When)
		switch {
		case err != nil:
			return 0, nil, err
		case found && t.Value == "":
			unknown = append(unknown, t.name)
		case found:
			n, err := s.exec(ctx, tx, s.update(t.column+"="+t.Value, t.When))
			if err != nil {
				return 0, nil, err
			}
			changed += n
		}
	}
	return changed, unknown, nil
}

func (s *Step) exec(ctx context.Context, tx *sql.Tx, statement string) (int64, error) {
	result, err := tx.ExecContext(ctx, statement)
	if err != nil {
		return 0, s.failed(err)
	}
	n, err := result.RowsAffected()
	return n, wrapVersions(err)
}

func (s *Step) found(ctx context.Context, tx *sql.Tx, when string) (bool, error) {
	var one int
	err := tx.QueryRowContext(ctx, "SELECT 1 FROM "+schema.Quote(s.rows.Have.Name)+s.where(when)+" LIMIT 1").Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, s.failed(err)
	}
	return true, nil
}

func (s *Step) failed(err error) error {
	return &statementError{fmt.Errorf("bringing the rows of %s up to date: %w", s.rows.Topic, err)}
}
