package preflight

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// table is a captured base table.
type table struct {
	schema, table string
	engine        string
	rows, bytes   int64
	primaryKey
}

// primaryKey are the columns of one, in its order. One by prefixes of texts
// does not sort its table.
type primaryKey struct {
	key      []string
	prefixed bool
}

func (t table) name() string { return t.schema + "." + t.table }
func (t table) sql() string  { return quote(t.schema) + "." + quote(t.table) }

// captured reads the tables the connector will capture, once.
func (s *session) captured(ctx context.Context) ([]table, error) {
	if s.tablesRead {
		return s.tables, nil
	}
	in, args := s.schemas()
	keys, err := s.primaryKeys(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, ENGINE AS engine,
			TABLE_ROWS AS table_rows, DATA_LENGTH AS data_length
		FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA IN (`+in+`) ORDER BY 1, 2`, args...)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if !s.store.IncludesTable(r["table_schema"], r["table_name"]) {
			continue
		}
		t := table{schema: r["table_schema"], table: r["table_name"], engine: r["engine"]}
		t.primaryKey = keys[t.name()]
		t.rows, _ = strconv.ParseInt(r["table_rows"], 10, 64)
		t.bytes, _ = strconv.ParseInt(r["data_length"], 10, 64)
		s.tables = append(s.tables, t)
	}
	s.tablesRead = true
	return s.tables, nil
}

// primaryKeys are those of the tables, by "schema.table".
func (s *session) primaryKeys(ctx context.Context) (map[string]primaryKey, error) {
	in, args := s.schemas()
	rows, err := s.rows(ctx, `SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, COLUMN_NAME AS column_name, SUB_PART AS prefix
		FROM information_schema.STATISTICS WHERE INDEX_NAME = 'PRIMARY' AND TABLE_SCHEMA IN (`+in+`) ORDER BY 1, 2, SEQ_IN_INDEX`, args...)
	if err != nil {
		return nil, err
	}
	keys := map[string]primaryKey{}
	for _, r := range rows {
		name := r["table_schema"] + "." + r["table_name"]
		k := keys[name]
		k.key, k.prefixed = append(k.key, r["column_name"]), k.prefixed || r["prefix"] != ""
		keys[name] = k
	}
	return keys, nil
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

// columnsOf are the columns of some types.
func (s *session) columnsOf(ctx context.Context, types ...string) ([]column, error) {
	columns, err := s.columns(ctx)
	return slices.DeleteFunc(columns, func(c column) bool { return !slices.Contains(types, c.dataType) }), err
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
