package schema

import (
	"strings"
)

// Column is one column of a central table.
type Column struct {
	// Name is the column's name.
	Name string
	// Field is the name of the event's field that is written to the column.
	// Empty for the columns the sink fills itself, and for columns read
	// from the server.
	Field string
	// Type is the column's type.
	Type Type
	// Nullable says that the column takes NULL.
	Nullable bool
	// Required says that the store never sends NULL or leaves the column
	// out, so that a NOT NULL column made by hand may stay as it is.
	Required bool
	// Default is the SQL of the column's default, "" for none. Stores'
	// defaults are never copied; this is what the server has.
	Default string
	// Extra is what else the server has to say: "auto_increment",
	// "on update CURRENT_TIMESTAMP(6)", "INVISIBLE".
	Extra string
	// Comment is the column's comment.
	Comment string
	// Generated is the expression of a generated column, which can neither
	// be written nor, by us, be changed.
	Generated string
}

// Index is a unique index beside the primary key.
type Index struct {
	Name    string
	Columns []string
}

// Table is a central table.
type Table struct {
	Name    string
	Columns []Column
	// Key is the primary key's columns in order, nil for none.
	Key []string
	// Uniques are the other unique indexes.
	Uniques []Index
	// Engine, Charset and Collation are the table's; empty when the server
	// is to choose.
	Engine, Charset, Collation string
	// Rows and Bytes are the server's estimates of the table's size.
	Rows, Bytes uint64
}

// Column returns the column of the given name, nil if there is none. Like the
// server, it does not mind letter case.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return &t.Columns[i]
		}
	}
	return nil
}

// ForField returns the column a field is written to, nil if there is none.
func (t *Table) ForField(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Field == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// InKey says whether a column is part of the primary key.
func (t *Table) InKey(name string) bool { return hasName(t.Key, name) }

func hasName(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// CreateSQL returns the statement that makes the table. It says IF NOT EXISTS,
// so that of two replicas racing the second does no harm.
func (t Table) CreateSQL(d Dialect) string {
	b := append(AppendIdent([]byte("CREATE TABLE IF NOT EXISTS "), t.Name), " (\n"...)
	for _, c := range t.Columns {
		b = append(c.append(append(b, "  "...), d), ",\n"...)
	}
	if len(t.Key) > 0 {
		b = appendNames(append(b, "  PRIMARY KEY "...), t.Key)
		b = append(b, ",\n"...)
	}
	for _, u := range t.Uniques {
		b = AppendIdent(append(b, "  UNIQUE KEY "...), u.Name)
		b = append(appendNames(append(b, ' '), u.Columns), ",\n"...)
	}
	b = append(b[:len(b)-2], "\n)"...)
	for _, option := range []struct{ name, value string }{
		{" ENGINE=", t.Engine}, {" DEFAULT CHARSET=", t.Charset}, {" COLLATE=", t.Collation},
	} {
		if option.value != "" {
			b = append(append(b, option.name...), option.value...)
		}
	}
	return string(b)
}

// append appends the column's definition as CREATE TABLE, ADD and MODIFY
// COLUMN take it.
func (c Column) append(b []byte, d Dialect) []byte {
	b = append(AppendIdent(b, c.Name), ' ')
	b = append(b, c.Type.SQL(d)...)
	if c.Nullable {
		b = append(b, " NULL"...)
	} else {
		b = append(b, " NOT NULL"...)
	}
	b = append(b, c.Type.sridClause(d)...)
	switch {
	case c.Default != "":
		b = append(append(b, " DEFAULT "...), c.Default...)
	case c.Type.Base == Timestamp && !c.Nullable && d.implicitTimestamp():
		b = append(b, " DEFAULT '1970-01-01 00:00:01'"...)
	}
	if c.Extra != "" {
		b = append(append(b, ' '), c.Extra...)
	}
	if c.Comment != "" {
		b = append(b, " COMMENT '"...)
		b = append(append(b, labelEscapes.Replace(c.Comment)...), '\'')
	}
	return b
}

func appendNames(b []byte, names []string) []byte {
	for i, name := range names {
		b = append(b, "(,"[min(i, 1)])
		b = AppendIdent(b, name)
	}
	return append(b, ')')
}
