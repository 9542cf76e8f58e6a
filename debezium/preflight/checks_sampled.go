package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// warnOf makes the outcome of a sample in which no value should be found.
func warnOf(seen sampled, columns []column, remedy string) outcome {
	var found []string
	for _, h := range seen.hits {
		found = append(found, fmt.Sprintf("%s.%s (%d)", h.table, h.name, h.n))
	}
	switch {
	case len(found) > 0:
		return outcome{verdict: Warn, evidence: seen.text() + ": " + list(found), remedy: remedy}
	case len(columns) == 0:
		return outcome{verdict: Pass, evidence: "no such columns at all"}
	case seen.unseen > 0:
		return outcome{verdict: Info, evidence: fmt.Sprintf("none %s of %d columns", seen.text(), len(columns))}
	}
	return outcome{verdict: Pass, evidence: fmt.Sprintf("none %s of %d columns", seen.text(), len(columns))}
}

func askFloats(ctx context.Context, s *session) (outcome, error) {
	if v := s.server.version; s.mariadb() && !v.atLeast(10, 4, 5) || !s.mariadb() && !v.atLeast(8, 0, 17) {
		return skip("this server cannot tell what a FLOAT's text is worth (CAST AS FLOAT)")
	}
	columns, err := s.columnsOf(ctx, "float")
	if err != nil {
		return outcome{}, err
	}
	seen, err := s.sample(ctx, columns, func(c column) string {
		return fmt.Sprintf("CAST(CAST(%[1]s AS CHAR) AS FLOAT) <> %[1]s", quote(c.name))
	})
	return warnOf(seen, columns, "make them DOUBLE or DECIMAL before the snapshot"), err
}

func askBooleans(ctx context.Context, s *session) (outcome, error) {
	columns, err := s.columnsOf(ctx, "tinyint")
	if err != nil {
		return outcome{}, err
	}
	columns = slices.DeleteFunc(columns, func(c column) bool { return c.columnType != "tinyint(1)" })
	seen, err := s.sample(ctx, columns, func(c column) string { return quote(c.name) + " NOT IN (0, 1)" })
	return warnOf(seen, columns, "say TINYINT where such a table is made or altered, never BOOL or BOOLEAN; of one that was, while the connector ran, capture the table again"), err
}

// readAsOthers are the bytes of characters, as hexadecimal digits, that Java reads
// as another one than MySQL does, as the exam has found. What it has no character for
// becomes U+FFFD, which the sink can see.
var readAsOthers = map[string]string{
	"cp866": "FC|FD", "greek": "A1|A2", "hebrew": "AF", "sjis": "815F", "ujis": "A1C0",
	"eucjpms": "A1C1|A1C2|A1DD|A1F1|A1F2|A2CC",
}

func askCharacters(ctx context.Context, s *session) (outcome, error) {
	columns, err := s.columns(ctx)
	if err != nil {
		return outcome{}, err
	}
	columns = slices.DeleteFunc(columns, func(c column) bool {
		return readAsOthers[c.charset] == "" || !strings.Contains(c.dataType, "char") && !strings.Contains(c.dataType, "text")
	})
	seen, err := s.sample(ctx, columns, func(c column) string {
		return fmt.Sprintf("HEX(%s) REGEXP '^(..)*(%s)'", quote(c.name), readAsOthers[c.charset])
	})
	return warnOf(seen, columns, "convert the tables to utf8mb4 while the connector is stopped, then capture them again"), err
}

// askBitKeys finds keys that are longer than a byte.
func askBitKeys(ctx context.Context, s *session) (outcome, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return outcome{}, err
	}
	columns, err := s.columnsOf(ctx, "bit")
	if err != nil {
		return outcome{}, err
	}
	var found []string
	for _, t := range tables {
		for _, c := range columns {
			var bits int
			_, _ = fmt.Sscanf(c.columnType, "bit(%d)", &bits)
			if c.table == t.name() && bits > 8 && slices.Contains(t.key, c.name) {
				found = append(found, fmt.Sprintf("%s.%s (%s)", c.table, c.name, c.columnType))
			}
		}
	}
	if len(found) == 0 {
		return pass("no such keys")
	}
	return outcome{
		verdict: Warn, evidence: list(found),
		remedy: "make them BIGINT UNSIGNED or BINARY before the snapshot, or leave the tables out (exclude)",
	}, nil
}
