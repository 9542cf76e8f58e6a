package compare

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
)

// definition is what information_schema says of a table.
type definition struct {
	name    string
	columns []column
	// key are the names of the primary key's columns or, without one, of the
	// first unique index whose columns are all NOT NULL; empty for neither.
	key []string
}

type column struct {
	name     string
	dataType string // "int"
	typ      string // "int unsigned", without what only matters for display
	nullable bool
}

func (d *definition) column(name string) (column, bool) {
	for _, c := range d.columns {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	return column{}, false
}

func (s *side) readDefinitions(ctx context.Context) error {
	s.tables = map[string]*definition{}
	srid := "SRS_ID"
	if s.mariadb { // keeps no SRID with a column
		srid = "NULL"
	}
	err := each(ctx, s.conn, `SELECT c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE, c.COLUMN_TYPE, c.IS_NULLABLE = 'YES', `+srid+`
		FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
		WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
		func(scan func(...any) error) error {
			var table string
			var c column
			var srid sql.NullString
			if err := scan(&table, &c.name, &c.dataType, &c.typ, &c.nullable, &srid); err != nil {
				return err
			}
			c.dataType = strings.ToLower(c.dataType)
			c.typ = plainType(c.typ)
			if srid.Valid {
				c.typ += " srid " + srid.String
			}
			d, ok := s.tables[table]
			if !ok {
				d = &definition{name: table}
				s.tables[table] = d
			}
			d.columns = append(d.columns, c)
			return nil
		}, s.schema)
	if err != nil {
		return err
	}
	return s.readKeys(ctx)
}

// readKeys fills in each table's key. Debezium promotes the first unique index
// without NULLs where there is no primary key (TableEditor in
// io.debezium.relational), so that is the central key, too.
func (s *side) readKeys(ctx context.Context) error {
	type index struct{ table, name string }
	columns := map[index][]string{}
	unfit := map[index]bool{}
	var order []index
	err := each(ctx, s.conn, `SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, NULLABLE = 'YES' OR SUB_PART IS NOT NULL
		FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND NON_UNIQUE = 0
		ORDER BY TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`,
		func(scan func(...any) error) error {
			var i index
			var name sql.NullString // NULL for an expression
			var bad bool
			if err := scan(&i.table, &i.name, &name, &bad); err != nil {
				return err
			}
			if columns[i] == nil {
				order = append(order, i)
			}
			columns[i] = append(columns[i], name.String)
			if i.name != "PRIMARY" && (bad || !name.Valid) {
				unfit[i] = true
			}
			return nil
		}, s.schema)
	if err != nil {
		return err
	}
	for _, i := range order {
		if d := s.tables[i.table]; d != nil && d.key == nil && !unfit[i] {
			d.key = columns[i]
		}
	}
	return nil
}

var displayWidth = regexp.MustCompile(`^((?:tiny|small|medium|big)?int|year)\(\d+\)`)

// plainType returns a COLUMN_TYPE without display widths and ZEROFILL, which
// servers of different age print or leave out. TINYINT(1) keeps its width: it
// is how a BOOLEAN is told.
func plainType(columnType string) string {
	// Labels of an ENUM or SET are case-sensitive and may hold anything.
	if strings.Contains(columnType, "'") {
		return columnType
	}
	t := strings.ToLower(columnType)
	t = strings.TrimSuffix(t, " zerofill")
	if t == "geometrycollection" { // as MariaDB has it
		return "geomcollection"
	}
	if t == "tinyint(1)" {
		return t
	}
	return displayWidth.ReplaceAllString(t, "$1")
}

func each(ctx context.Context, conn *sql.Conn, query string, row func(scan func(...any) error) error, args ...any) error {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
