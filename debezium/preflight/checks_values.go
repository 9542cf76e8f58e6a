package preflight

import (
	"context"
	"fmt"
	"strings"
)

// valueChecks look at rows, as far as a sample shows them.
func valueChecks() []Check {
	return []Check{
		{
			ID: "zero-dates", Title: "there are no zero dates",
			Why: "0000-00-00 and dates like 2024-00-10 become NULL, or 1970-01-01 where NULL is not allowed, and a snapshot reads the year 0000 as 2000, before anything behind Debezium can see it",
			SQL: "SELECT @@GLOBAL.sql_mode; SELECT COUNT(*) FROM … WHERE … LIKE '%-00%'", ask: askZeroDates,
		},
		{
			ID: "floats", Title: "a snapshot reads every digit of a FLOAT",
			Why: "MySQL prints six digits of a FLOAT, and a snapshot reads what it prints: 16777216 arrives as 16777200; what is written later arrives whole",
			SQL: "SELECT COUNT(*) FROM … WHERE CAST(CAST(… AS CHAR) AS FLOAT) <> …", ask: askFloats,
		},
		{
			ID: "booleans", Title: "booleans are 0 and 1",
			Why: "a column that a statement in the binary log calls BOOL or BOOLEAN arrives as true or false, whatever number it holds; as TINYINT(1) it arrives as a number",
			SQL: "SELECT COUNT(*) FROM … WHERE … NOT IN (0, 1)", ask: askBooleans,
		},
		{
			ID: "bit-keys", Title: "no key is a BIT of more than eight",
			Why: "Debezium turns the bytes of a BIT round twice when a snapshot reads it as a part of the key: the row arrives under another key, and changes do not find it",
			SQL: "SELECT … FROM information_schema.COLUMNS WHERE DATA_TYPE = 'bit' …", ask: askBitKeys,
		},
		{
			ID: "characters", Title: "Debezium reads every character",
			Why: "Java has other characters than MySQL in a few places of some character sets, and nothing behind Debezium can see it",
			SQL: "SELECT COUNT(*) FROM … WHERE HEX(…) REGEXP '^(..)*(815F)'", ask: askCharacters,
		},
		{
			ID: "json-values", Title: "JSON documents hold no times and no bytes",
			Why: "MySQL keeps a TIME, DATETIME or binary value within a document as what it is; Debezium prints it otherwise from the binary log than SELECT does (fewer digits, no type), and nothing behind it can tell",
			SQL: "SELECT … FROM …, JSON_TABLE(JSON_EXTRACT(…, '$', '$**.*', '$**[*]'), '$[*]' COLUMNS (v JSON PATH '$')) x WHERE JSON_TYPE(v) IN ('TIME', …)", ask: askJSON,
		},
	}
}

// askZeroDates looks at rows even where sql_mode refuses such dates: those
// written before, or by a session with a mode of its own, are there all the same.
func askZeroDates(ctx context.Context, s *session) (outcome, error) {
	mode, err := s.variable(ctx, "sql_mode")
	if err != nil {
		return outcome{}, err
	}
	refused := strings.Contains(mode, "NO_ZERO_DATE") && strings.Contains(mode, "STRICT_")
	columns, err := s.columnsOf(ctx, "date", "datetime", "timestamp", "year")
	if err != nil {
		return outcome{}, err
	}
	seen, err := s.sample(ctx, columns, func(c column) string {
		if c.dataType == "year" {
			return quote(c.name) + " = 0"
		}
		return "CAST(" + quote(c.name) + " AS CHAR) LIKE '%-00%'"
	})
	if err != nil {
		return outcome{}, err
	}
	var found []string
	for _, h := range seen.hits {
		becomes := "1970-01-01"
		switch {
		case h.dataType == "year":
			becomes = "2000 when a snapshot reads them"
		case h.nullable:
			becomes = "NULL"
		}
		found = append(found, fmt.Sprintf("%s.%s (%d, become %s)", h.table, h.name, h.n, becomes))
	}
	switch {
	case len(found) > 0 && refused:
		return outcome{
			verdict: Warn, evidence: seen.text() + ": " + list(found),
			remedy: "replace them by NULL; the server refuses new ones (sql_mode) unless a session has a mode of its own",
		}, nil
	case len(found) > 0:
		return outcome{
			verdict: Warn, evidence: seen.text() + ": " + list(found),
			remedy: "replace them by NULL, and have sql_mode refuse new ones (STRICT_TRANS_TABLES, NO_ZERO_DATE)",
		}, nil
	case len(columns) == 0:
		return pass("no dates at all")
	case refused && seen.unseen == 0:
		return pass("the server refuses them (sql_mode); none %s of %d columns", seen.text(), len(columns))
	case refused:
		return info("the server refuses them (sql_mode); none %s of %d columns", seen.text(), len(columns))
	}
	return info("sql_mode allows them; none %s of %d columns", seen.text(), len(columns))
}

// lostInJSON finds a scalar of these types anywhere in a document. Comparing the
// document with its own text first is cheap, and unequal for them all: to read
// every value of every document takes four times as long. They are counted, for
// of EXISTS in a WHERE MySQL 9.7 makes a join that finds too many, or none.
const lostInJSON = "%[1]s <> CAST(CAST(%[1]s AS CHAR) AS JSON) AND (SELECT COUNT(*) FROM JSON_TABLE(JSON_EXTRACT(%[1]s, '$', '$**.*', '$**[*]'), " +
	"'$[*]' COLUMNS (v JSON PATH '$')) x WHERE JSON_TYPE(v) IN ('TIME', 'DATETIME', 'BLOB', 'BIT', 'OPAQUE')) > 0"

func askJSON(ctx context.Context, s *session) (outcome, error) {
	if s.mariadb() {
		return skip("MariaDB keeps JSON as text")
	}
	if !s.server.version.atLeast(8, 0, 4) {
		return skip("this server cannot look into documents (JSON_TABLE)")
	}
	columns, err := s.columnsOf(ctx, "json")
	if err != nil {
		return outcome{}, err
	}
	if len(columns) == 0 {
		return pass("no JSON at all")
	}
	seen, err := s.sample(ctx, columns, func(c column) string { return fmt.Sprintf(lostInJSON, quote(c.name)) })
	if err != nil {
		return outcome{}, err
	}
	var found []string
	for _, h := range seen.hits {
		found = append(found, fmt.Sprintf("%s.%s (%d)", h.table, h.name, h.n))
	}
	if len(found) > 0 {
		return outcome{
			verdict: Warn, evidence: seen.text() + ": " + list(found),
			remedy: "have the application write them as text (JSON_OBJECT('at', CAST(… AS CHAR)), TO_BASE64(…)), or leave the columns out (settings: {column.exclude.list: …})",
		}, nil
	}
	if seen.unseen > 0 {
		return info("none %s of %d columns", seen.text(), len(columns))
	}
	return pass("none %s of %d columns", seen.text(), len(columns))
}
