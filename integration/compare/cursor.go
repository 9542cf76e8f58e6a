package compare

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// field is a column that is compared: the store's and the central one.
type field struct {
	name        string
	here, there column
	form        form // in which the two are compared
}

// newField pairs two columns.
func newField(here, there column) field {
	return field{
		name: here.name, here: here, there: there,
		form: common(formOf(here.dataType), formOf(there.dataType)),
	}
}

// query is a SELECT of the fields in one database.
type query struct {
	from   *side
	table  string
	column func(field) column
	fields []field
	keys   int // how many of the first fields are the key to sort by
	where  []string
	args   []any
}

func (q query) sql() string {
	var read, order []string
	for i, f := range q.fields {
		c := q.column(f)
		own := formOf(c.dataType)
		read = append(read, own.read(quote(c.name), q.from.mariadb))
		if i < q.keys {
			order = append(order, own.sortBy(quote(c.name), f.form == integer, q.from.mariadb))
		}
	}
	text := "SELECT " + strings.Join(read, ", ") + " FROM " + quote(q.from.schema) + "." + quote(q.table)
	if len(q.where) > 0 {
		text += " WHERE (" + strings.Join(q.where, ") AND (") + ")"
	}
	if len(order) > 0 {
		text += " ORDER BY " + strings.Join(order, ", ")
	}
	return text
}

// cursor walks over a query's rows. Its row is nil after the last one.
type cursor struct {
	rows *sql.Rows
	row  []sql.RawBytes

	keys     []field
	previous [][]byte
	into     []any
}

func (q query) open(ctx context.Context) (*cursor, error) {
	rows, err := q.from.conn.QueryContext(ctx, q.sql(), q.args...) //nolint:rowserrcheck // next checks it
	if err != nil {
		return nil, err
	}
	c := &cursor{rows: rows, keys: q.fields[:q.keys], row: make([]sql.RawBytes, len(q.fields))}
	for i := range c.row {
		c.into = append(c.into, &c.row[i])
	}
	return c, nil
}

func (c *cursor) close() error { return c.rows.Close() }

// next moves to the next row.
func (c *cursor) next() error {
	if !c.rows.Next() {
		c.row = nil
		return c.rows.Err()
	}
	if err := c.rows.Scan(c.into...); err != nil {
		return err
	}
	return c.checkOrder()
}

// checkOrder makes sure of what the merge rests on: a server that sorts other
// than we compare must not pass for two equal tables.
func (c *cursor) checkOrder() error {
	for i, f := range c.keys {
		if c.previous == nil {
			break
		}
		if order := f.form.compare(c.previous[i], c.row[i]); order < 0 {
			break
		} else if order > 0 {
			return fmt.Errorf("the server's order of %s is not ours: %q before %q", f.name, c.previous[i], c.row[i])
		}
	}
	c.previous = c.previous[:0]
	for i := range c.keys {
		c.previous = append(c.previous, append([]byte(nil), c.row[i]...))
	}
	return nil
}
