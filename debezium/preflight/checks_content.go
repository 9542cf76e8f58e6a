package preflight

import (
	"context"
	"fmt"
	"slices"
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
			ID: "charsets", Title: "Debezium reads every column's character set",
			Why: "the JDBC driver, whose table Debezium decodes the binary log with, has another character set in the place of some old ones: letters become other letters, and nothing behind Debezium can see it",
			SQL: "SELECT … FROM information_schema.COLUMNS WHERE CHARACTER_SET_NAME IN ('koi8u', …)", ask: askCharsets,
		},
		{
			ID: "labels", Title: "ENUM and SET labels can be shown",
			Why: "SHOW CREATE TABLE, from which Debezium has the labels, prints ? for characters of four bytes (emoji): such a label becomes ? while streaming",
			SQL: "SELECT … FROM information_schema.COLUMNS WHERE DATA_TYPE IN ('enum', 'set') AND COLUMN_TYPE LIKE '%?%'", ask: askLabels,
		},
		{
			ID: "generated", Title: "generated columns",
			Why: "they arrive as plain values, and whether virtual ones are in the log depends on the server",
			SQL: "SELECT … FROM information_schema.COLUMNS WHERE GENERATION_EXPRESSION <> ''", ask: askGenerated,
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

// fatalTypes are columns that stop the connector.
var fatalTypes = []struct {
	has          func(s *session, c *column) bool
	what, remedy string
}{
	{
		func(_ *session, c *column) bool { return c.dataType == "inet4" || c.dataType == "inet6" },
		"Debezium cannot read the definition of tables with",
		"leave the tables out (exclude) or store the addresses as VARBINARY(16) or text: the connector does not start otherwise",
	},
	{
		func(s *session, c *column) bool {
			return s.mariadb() && strings.Contains(strings.ToUpper(c.columnType), "COMPRESSED")
		},
		"the connector stops at the first row of the binary log with a COMPRESSED column, as have",
		"MODIFY them without COMPRESSED, or leave the tables out (exclude)",
	},
	{
		func(s *session, c *column) bool {
			return !s.mariadb() && slices.Contains([]string{"decimal", "float", "double"}, c.dataType) && strings.Contains(c.columnType, "zerofill")
		},
		"MySQL's JDBC driver cannot read numbers that fill their column of",
		"take ZEROFILL from the columns (MODIFY … UNSIGNED), or leave the tables out (exclude): the snapshot does not end otherwise",
	},
}

func askTypes(ctx context.Context, s *session) (outcome, error) {
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	found := func(c *column) string { return fmt.Sprintf("%s.%s (%s)", c.table, c.name, c.columnType) }
	for _, fatal := range fatalTypes {
		var names []string
		for i := range columns {
			if fatal.has(s, &columns[i]) {
				names = append(names, found(&columns[i]))
			}
		}
		if len(names) > 0 {
			return outcome{verdict: Fail, evidence: fatal.what + ": " + list(names), remedy: fatal.remedy}, nil
		}
	}
	var unknown []string
	for i := range columns {
		if c := &columns[i]; !knownTypes[c.dataType] {
			unknown = append(unknown, found(c))
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

// misread are the character sets in whose place the JDBC driver has another one
// (com.mysql.cj.CharsetMapping of Connector/J 9.1), and which.
var misread = map[string]string{
	"armscii8": "Cp1252", "dec8": "Cp1252", "geostd8": "Cp1252", "hp8": "Cp1252", "keybcs2": "Cp852", "koi8u": "KOI8-R", "swe7": "Cp1252",
}

func askCharsets(ctx context.Context, s *session) (outcome, error) {
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	var found, statements []string
	seen := map[string]bool{}
	for _, c := range columns {
		as, bad := misread[c.charset]
		if c.charset == "cp932" && s.mariadb() {
			as, bad = "another", true
		}
		if !bad {
			continue
		}
		found = append(found, fmt.Sprintf("%s.%s (%s, read as %s)", c.table, c.name, c.charset, as))
		if !seen[c.table] {
			seen[c.table] = true
			statements = append(statements, "-- when the shop is closed: ALTER TABLE "+quoteTable(c.table)+" CONVERT TO CHARACTER SET utf8mb4;")
		}
	}
	if len(found) == 0 {
		return pass("%d columns", len(columns))
	}
	return outcome{
		verdict: Warn, evidence: list(found),
		remedy: "convert the tables to utf8mb4, or leave the columns out (settings: {column.exclude.list: …})", sql: statements,
	}, nil
}

func askLabels(ctx context.Context, s *session) (outcome, error) {
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	var found []string
	for _, c := range columns {
		if (c.dataType == "enum" || c.dataType == "set") && strings.Contains(c.columnType, "?") {
			found = append(found, fmt.Sprintf("%s.%s (%s)", c.table, c.name, c.columnType))
		}
	}
	if len(found) == 0 {
		return pass("no label is shown with a ?")
	}
	return outcome{
		verdict: Warn, evidence: list(found),
		remedy: "nothing, if the labels are meant to hold a question mark; else spell them without characters beyond U+FFFF",
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
