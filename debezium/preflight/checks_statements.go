package preflight

import (
	"context"
	"fmt"
	"strings"
)

// statementChecks are about what is run on the server.
func statementChecks() []Check {
	return []Check{
		{
			ID: "quotes", Title: "names stand in backticks",
			Why: "where sql_mode has ANSI_QUOTES, DDL may have names in double quotes, at which the parser of Debezium's MySQL connector 3.6 stops",
			SQL: "SELECT @@GLOBAL.sql_mode", ask: askQuotes,
		},
		{
			ID: "xa", Title: "no transaction is prepared",
			Why: "XA PREPARE writes a transaction's rows to the binary log before it is decided: Debezium sends them, and XA ROLLBACK does not take them back",
			SQL: "SHOW GLOBAL STATUS LIKE 'Com_xa_prepare'", ask: askXA,
		},
	}
}

func askQuotes(ctx context.Context, s *session) (outcome, error) {
	mode, err := s.variable(ctx, "sql_mode")
	if err != nil {
		return outcome{}, err
	}
	if s.mariadb() || !strings.Contains(mode, "ANSI_QUOTES") {
		return pass("sql_mode: %s", mode)
	}
	return outcome{
		verdict: Warn, evidence: "sql_mode: " + mode,
		remedy: "write names in DDL in backticks, or none; the connector stops at the first statement that does not",
	}, nil
}

func askXA(ctx context.Context, s *session) (outcome, error) {
	rows, err := s.rows(ctx, "SHOW GLOBAL STATUS LIKE 'Com_xa_prepare'")
	if err != nil {
		return outcome{}, err
	}
	if len(rows) == 0 {
		return skip("the server does not count them")
	}
	if n := rows[0]["value"]; n != "0" {
		return outcome{
			verdict: Warn, evidence: fmt.Sprintf("%s since the server started", n),
			remedy: "have the application's driver use plain transactions; rows of one that was rolled back stay in the central table until the table is captured again and swept",
		}, nil
	}
	return pass("none since the server started")
}
