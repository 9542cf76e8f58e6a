package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"tributary/schema"
)

// querier is a pool or one connection of it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read reads a table's definition. Between its three queries the table may
// change; whoever acts on the answer does so under the lock.
func (c *Catalog) read(ctx context.Context, db querier, name string) (*schema.Table, error) {
	t := &schema.Table{}
	var kind string
	var engine, collation sql.NullString
	var rows, bytes sql.NullInt64
	err := db.QueryRowContext(ctx, `SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH
		FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`, c.database, name).
		Scan(&t.Name, &kind, &engine, &collation, &rows, &bytes)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the definition of table %q: %w", name, err)
	case !strings.HasSuffix(kind, "TABLE"):
		return nil, fmt.Errorf("%q is a %s, not a table", name, strings.ToLower(kind))
	}
	t.Engine, t.Collation = engine.String, collation.String
	t.Rows, t.Bytes = uint64(max(rows.Int64, 0)), uint64(max(bytes.Int64, 0))
	if t.Columns, err = c.readColumns(ctx, db, name); err != nil {
		return nil, fmt.Errorf("reading the columns of table %q: %w", name, err)
	}
	if err := readBinaryDefaults(ctx, db, t); err != nil {
		return nil, fmt.Errorf("reading the defaults of table %q: %w", name, err)
	}
	if err := c.readIndexes(ctx, db, t); err != nil {
		return nil, fmt.Errorf("reading the indexes of table %q: %w", name, err)
	}
	return t, nil
}

func (c *Catalog) readColumns(ctx context.Context, db querier, table string) ([]schema.Column, error) {
	srid := "NULL"
	if c.dialect.HasSRID() {
		srid = "SRS_ID"
	}
	rows, err := db.QueryContext(ctx, `SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLUMN_COMMENT,
		CHARACTER_SET_NAME, COLLATION_NAME, GENERATION_EXPRESSION, `+srid+`
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`, c.database, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []schema.Column
	for rows.Next() {
		column, err := c.scanColumn(rows)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	return columns, rows.Err()
}

func (c *Catalog) scanColumn(rows *sql.Rows) (schema.Column, error) {
	var column schema.Column
	var columnType, nullable, extra string
	var dflt, charset, collation, generated sql.NullString
	var srid sql.NullInt64
	err := rows.Scan(&column.Name, &columnType, &nullable, &dflt, &extra, &column.Comment, &charset, &collation, &generated, &srid)
	if err != nil {
		return column, err
	}
	if column.Type, err = schema.ParseType(columnType); err != nil {
		return column, fmt.Errorf("column %q: %w", column.Name, err)
	}
	column.Nullable = nullable == "YES"
	column.Type.Charset, column.Type.Collation = charset.String, collation.String
	column.Generated = generated.String
	if srid.Valid {
		id := uint32(srid.Int64)
		column.Type.SRID = &id
	}
	column.Default, column.Extra = c.defaults(column.Type.Kind(), dflt, extra)
	return column, nil
}

// defaults turns information_schema's COLUMN_DEFAULT and EXTRA back into what a
// column definition takes. MySQL shows literals bare and marks expressions
// DEFAULT_GENERATED; MariaDB shows both as they were written.
func (c *Catalog) defaults(kind schema.Kind, dflt sql.NullString, extra string) (value, rest string) {
	generated := strings.Contains(extra, "DEFAULT_GENERATED")
	rest = strings.TrimSpace(strings.ReplaceAll(extra, "DEFAULT_GENERATED", ""))
	// "on update CURRENT_TIMESTAMP" is DDL as it stands.
	if !dflt.Valid || c.dialect.MariaDB && strings.EqualFold(dflt.String, "NULL") {
		return "", rest
	}
	value = dflt.String
	switch {
	case c.dialect.MariaDB, kind == schema.BitKind, kind == schema.BinaryKind && !generated,
		strings.HasPrefix(strings.ToUpper(value), "CURRENT_TIMESTAMP"):
	case generated:
		value = "(" + expression.Replace(value) + ")"
	default:
		value = string(schema.AppendText(nil, []byte(value)))
	}
	return value, rest
}

// expression undoes the escaping of an expression in information_schema.
var expression = strings.NewReplacer(`\'`, `'`, `\\`, `\`)

// readBinaryDefaults asks the server itself for the defaults of binary columns:
// information_schema shows text, which loses their bytes. The join that finds
// no row is there because DEFAULT needs a table.
func readBinaryDefaults(ctx context.Context, db querier, t *schema.Table) error {
	for i := range t.Columns {
		column := &t.Columns[i]
		literal := strings.HasPrefix(column.Default, "'") || strings.HasPrefix(column.Default, "0x")
		if column.Type.Kind() != schema.BinaryKind || !literal {
			continue // no default, or an expression
		}
		var hex sql.NullString
		err := db.QueryRowContext(ctx, "SELECT HEX(DEFAULT("+schema.Quote(column.Name)+")) FROM (SELECT 1 AS one) AS one LEFT JOIN "+
			schema.Quote(t.Name)+" ON FALSE").Scan(&hex)
		if err != nil {
			return fmt.Errorf("column %q: %w", column.Name, err)
		}
		column.Default = "x'" + hex.String + "'"
	}
	return nil
}

// readIndexes reads the primary key and the unique indexes. A column of which
// only a prefix is indexed, and an expression, get a name no column has: an
// index on them is not one on the column.
func (c *Catalog) readIndexes(ctx context.Context, db querier, t *schema.Table) error {
	rows, err := db.QueryContext(ctx, `SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
		WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`, c.database, t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var index string
		var column sql.NullString
		var prefix sql.NullInt64
		if err := rows.Scan(&index, &column, &prefix); err != nil {
			return err
		}
		name := column.String
		if !column.Valid {
			name = "(expression)"
		} else if prefix.Valid {
			name = fmt.Sprintf("%s(%d)", name, prefix.Int64)
		}
		if index == "PRIMARY" {
			t.Key = append(t.Key, name)
			continue
		}
		if n := len(t.Uniques); n == 0 || t.Uniques[n-1].Name != index {
			t.Uniques = append(t.Uniques, schema.Index{Name: index})
		}
		last := &t.Uniques[len(t.Uniques)-1]
		last.Columns = append(last.Columns, name)
	}
	return rows.Err()
}
