package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// contentChecks are about the columns and what is in them.
func contentChecks() []Check {
	return []Check{
		{
			ID: "types", Title: "Debezium knows every column's type",
			Why: "a column of another type is left out of the events or stops the connector",
			SQL: "SELECT … FROM information_schema.COLUMNS", ask: askTypes,
		},
		{
			ID: "generated", Title: "generated columns",
			Why: "they arrive as plain values, and whether virtual ones are in the log depends on the server",
			SQL: "SELECT … FROM information_schema.COLUMNS WHERE GENERATION_EXPRESSION <> ''", ask: askGenerated,
		},
		{
			ID: "zero-dates", Title: "there are no zero dates",
			Why: "0000-00-00 becomes NULL, or 1970-01-01 where NULL is not allowed, before anything behind Debezium can see it",
			SQL: "SELECT @@GLOBAL.sql_mode; SELECT COUNT(*) FROM … WHERE … LIKE '0000-00-00%'", ask: askZeroDates,
		},
		{
			ID: "size", Title: "size of the first snapshot",
			Why: "the rows must cross the store's line once",
			SQL: "SELECT SUM(DATA_LENGTH), SUM(TABLE_ROWS) FROM information_schema.TABLES", ask: askSize,
		},
	}
}

// knownTypes are the types Debezium 3.6 has a value for
// (BinlogValueConverters).
var knownTypes = func() map[string]bool {
	known := map[string]bool{}
	for name := range strings.FieldsSeq(`
		bit bool boolean tinyint smallint mediumint int integer bigint float double real decimal numeric
		date time datetime timestamp year char varchar tinytext text mediumtext longtext
		binary varbinary tinyblob blob mediumblob longblob enum set json vector uuid
		geometry point linestring polygon multipoint multilinestring multipolygon geomcollection geometrycollection`) {
		known[name] = true
	}
	return known
}()

func askTypes(ctx context.Context, s *session) (outcome, error) {
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	var unknown []string
	for _, c := range columns {
		if !knownTypes[c.dataType] {
			unknown = append(unknown, fmt.Sprintf("%s.%s (%s)", c.table, c.name, c.columnType))
		}
	}
	if len(unknown) == 0 {
		return pass("%d columns", len(columns))
	}
	return outcome{
		verdict: Warn, evidence: list(unknown),
		remedy: "leave the columns out (settings: {column.exclude.list: …}) or store them as text or numbers",
	}, nil
}

func askGenerated(ctx context.Context, s *session) (outcome, error) {
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	var generated []string
	for _, c := range columns {
		if c.expression != "" || strings.Contains(c.extra, "virtual") || strings.Contains(c.extra, "stored") {
			generated = append(generated, c.table+"."+c.name)
		}
	}
	if len(generated) == 0 {
		return pass("none")
	}
	return info("%s", list(generated))
}

// zeroDateSample bounds how much of a table is looked at: a full scan would be
// felt in the shop.
const zeroDateSample = 10_000

func askZeroDates(ctx context.Context, s *session) (outcome, error) {
	mode, err := s.variable(ctx, "sql_mode")
	if err != nil {
		return outcome{}, err
	}
	if strings.Contains(mode, "NO_ZERO_DATE") && strings.Contains(mode, "STRICT_") {
		return pass("the server refuses them (sql_mode)")
	}
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	var found []string
	dates := 0
	for _, c := range columns {
		if c.dataType != "date" && c.dataType != "datetime" && c.dataType != "timestamp" {
			continue
		}
		dates++
		query := fmt.Sprintf("SELECT COUNT(*) FROM (SELECT CAST(%s AS CHAR) AS d FROM %s LIMIT %d) sample WHERE d LIKE '0000-00-00%%'",
			quote(c.name), quoteTable(c.table), zeroDateSample)
		var n int
		if err := s.db.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return outcome{}, err
		}
		if n > 0 {
			becomes := "1970-01-01"
			if c.nullable {
				becomes = "NULL"
			}
			found = append(found, fmt.Sprintf("%s.%s (%d, become %s)", c.table, c.name, n, becomes))
		}
	}
	switch {
	case len(found) > 0:
		return outcome{
			verdict: Warn, evidence: fmt.Sprintf("in the first %d rows: %s", zeroDateSample, list(found)),
			remedy: "replace them by NULL, and have sql_mode refuse new ones (STRICT_TRANS_TABLES, NO_ZERO_DATE)",
		}, nil
	case dates == 0:
		return pass("no dates at all")
	}
	return info("sql_mode allows them; none in the first %d rows of each of %d columns", zeroDateSample, dates)
}

// snapshotRows is how many rows a connector's snapshot reads in a second, as
// measured with one connector and rows of ordinary width.
const snapshotRows = 13_000

func askSize(ctx context.Context, s *session) (outcome, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return outcome{}, err
	}
	var rows, bytes int64
	for _, t := range tables {
		rows, bytes = rows+t.rows, bytes+t.bytes
	}
	took := time.Duration(rows/snapshotRows) * time.Second
	return info("%d tables, about %d rows and %s: about %s to read on a fast line", len(tables), rows, bytesText(bytes), max(took, time.Second))
}
