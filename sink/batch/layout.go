package batch

import (
	"slices"

	"tributary/schema"
)

// Layout is a set of columns that rows are written with. Stores on different
// versions of a table send different sets; rows of one layout go into one
// statement whatever store and schema they came with. A Layout is immutable.
type Layout struct {
	table   string
	columns []string
	key     []string
	insert  []byte // INSERT INTO … VALUES, without the rows
	update  []byte // ON DUPLICATE KEY UPDATE …
	delete  []byte // DELETE FROM … WHERE (…) IN (, without the keys
}

// NewLayout prepares the statements for rows with these columns in this order.
// Key columns are those of the table's primary key; they are not assigned when
// a row exists already.
func NewLayout(d schema.Dialect, table string, columns, key []string) *Layout {
	l := &Layout{table: table, columns: slices.Clone(columns), key: slices.Clone(key)}
	l.insert = schema.AppendIdent(append(l.insert, "INSERT INTO "...), table)
	l.insert = append(appendColumns(append(l.insert, " ("...), columns), ") VALUES "...)
	l.update = appendUpdate(nil, d, columns, key)
	l.delete = append(appendColumns(append(appendDelete(nil, table), '('), key), ") IN ("...)
	return l
}

// Is reports whether the layout writes these columns in this order, under this
// key.
func (l *Layout) Is(columns, key []string) bool {
	return slices.Equal(l.columns, columns) && slices.Equal(l.key, key)
}

// Table returns the central table's name.
func (l *Layout) Table() string { return l.table }

// appendUpdate appends the clause that overwrites an existing row: by a row
// alias where the server knows it (MySQL ≥ 8.0.20, where VALUES() is
// deprecated), else by VALUES().
func appendUpdate(dst []byte, d schema.Dialect, columns, key []string) []byte {
	if d.RowAlias() {
		dst = append(dst, " AS new"...)
	}
	dst = append(dst, " ON DUPLICATE KEY UPDATE "...)
	start := len(dst)
	for _, c := range columns {
		if slices.Contains(key, c) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = appendAssignment(dst, d, c)
	}
	if len(dst) == start { // the key is all there is: assign it to itself
		dst = appendAssignment(dst, d, key[0])
	}
	return dst
}

func appendAssignment(dst []byte, d schema.Dialect, column string) []byte {
	dst = append(schema.AppendIdent(dst, column), '=')
	if d.RowAlias() {
		return schema.AppendIdent(append(dst, "new."...), column)
	}
	return append(schema.AppendIdent(append(dst, "VALUES("...), column), ')')
}

func appendColumns(dst []byte, columns []string) []byte {
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = schema.AppendIdent(dst, c)
	}
	return dst
}
