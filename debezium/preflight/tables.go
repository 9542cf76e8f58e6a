package preflight

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// table is a captured base table.
type table struct {
	schema, table string
	engine        string
	rows, bytes   int64
	keyed         bool
}

func (t table) name() string { return t.schema + "." + t.table }
func (t table) sql() string  { return quote(t.schema) + "." + quote(t.table) }

// captured reads the tables the connector will capture, once.
func (s *session) captured(ctx context.Context) ([]table, error) {
	if s.tablesRead {
		return s.tables, nil
	}
	in, args := s.schemas()
	rows, err := s.rows(ctx, `SELECT t.TABLE_SCHEMA AS table_schema, t.TABLE_NAME AS table_name, t.ENGINE AS engine,
			t.TABLE_ROWS AS table_rows, t.DATA_LENGTH AS data_length,
			EXISTS (SELECT 1 FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = t.TABLE_SCHEMA
				AND s.TABLE_NAME = t.TABLE_NAME AND s.INDEX_NAME = 'PRIMARY') AS keyed
		FROM information_schema.TABLES t
		WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA IN (`+in+`) ORDER BY 1, 2`, args...)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if !s.store.IncludesTable(r["table_schema"], r["table_name"]) {
			continue
		}
		t := table{schema: r["table_schema"], table: r["table_name"], engine: r["engine"], keyed: r["keyed"] == "1"}
		t.rows, _ = strconv.ParseInt(r["table_rows"], 10, 64)
		t.bytes, _ = strconv.ParseInt(r["data_length"], 10, 64)
		s.tables = append(s.tables, t)
	}
	s.tablesRead = true
	return s.tables, nil
}

// column is a column of a captured table.
type column struct {
	table                      string // schema.table
	name, dataType, columnType string
	charset, extra, expression string
	nullable                   bool
}

func (s *session) columns(ctx context.Context) ([]column, error) {
	in, args := s.schemas()
	rows, err := s.rows(ctx, `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, COLUMN_NAME AS column_name,
			DATA_TYPE AS data_type, COLUMN_TYPE AS column_type, CHARACTER_SET_NAME AS charset, EXTRA AS extra,
			GENERATION_EXPRESSION AS expression, IS_NULLABLE AS nullable
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (`+in+`) ORDER BY 1, 2, ORDINAL_POSITION`, args...)
	if err != nil {
		return nil, err
	}
	tables, err := s.captured(ctx)
	if err != nil {
		return nil, err
	}
	captured := map[string]bool{}
	for _, t := range tables {
		captured[t.name()] = true
	}
	var columns []column
	for _, r := range rows {
		c := column{
			table: r["table_schema"] + "." + r["table_name"], name: r["column_name"],
			dataType: strings.ToLower(r["data_type"]), columnType: r["column_type"], charset: r["charset"],
			extra: strings.ToLower(r["extra"]), expression: r["expression"], nullable: r["nullable"] == "YES",
		}
		if captured[c.table] { // views have columns too
			columns = append(columns, c)
		}
	}
	return columns, nil
}

// definitions is a short sum of each table's columns, by the table's name
// without its schema, which differs from store to store. Empty if they cannot
// be read.
func (s *session) definitions(ctx context.Context) map[string]string {
	columns, err := s.columns(ctx)
	if err != nil {
		return nil
	}
	text := map[string]string{}
	for _, c := range columns {
		_, name, _ := strings.Cut(c.table, ".")
		text[name] += fmt.Sprintf("%s %s %t\n", c.name, c.columnType, c.nullable)
	}
	for name, definition := range text {
		sum := fnv.New64a()
		_, _ = sum.Write([]byte(definition)) // a hash takes everything
		text[name] = strconv.FormatUint(sum.Sum64(), 16)
	}
	return text
}
