package preflight

import (
	"context"
	"fmt"
	"strings"
)

// statementChecks are about what is run on the server, and with it.
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
		{
			ID: "versioned", Title: "no table is system-versioned",
			Why: "Debezium lists the tables to capture by their type, BASE TABLE, which those of MariaDB WITH SYSTEM VERSIONING are not",
			SQL: "SELECT … FROM information_schema.TABLES WHERE TABLE_TYPE = 'SYSTEM VERSIONED'", ask: askVersioned,
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

func askVersioned(ctx context.Context, s *session) (outcome, error) {
	if !s.mariadb() {
		return skip("MySQL has no such tables")
	}
	in, args := s.schemas()
	rows, err := s.rows(ctx, "SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name FROM information_schema.TABLES"+
		" WHERE TABLE_TYPE = 'SYSTEM VERSIONED' AND TABLE_SCHEMA IN ("+in+") ORDER BY 1, 2", args...)
	if err != nil {
		return outcome{}, err
	}
	var found []string
	for _, r := range rows {
		if s.store.IncludesTable(r["table_schema"], r["table_name"]) {
			found = append(found, r["table_schema"]+"."+r["table_name"])
		}
	}
	if len(found) == 0 {
		return pass("none")
	}
	return outcome{
		verdict: Warn, evidence: list(found),
		remedy: "their rows do not come: ALTER TABLE … DROP SYSTEM VERSIONING, or leave them out (exclude)",
	}, nil
}
