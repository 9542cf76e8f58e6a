package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary/debezium/fleet"
)

// neededGlobally are the privileges that the connector's account is given.
var neededGlobally = []string{"SELECT", "RELOAD", "SHOW DATABASES", "REPLICATION SLAVE", "REPLICATION CLIENT"}

// accessChecks are about what the account may do and see.
func accessChecks() []Check {
	return []Check{
		{
			ID: "privileges", Title: "the account has the privileges Debezium needs",
			Why: "the connector would fail while it takes its snapshot or when it begins to read the binary log",
			SQL: "SHOW GRANTS FOR CURRENT_USER()", ask: askPrivileges,
		},
		{
			ID: "excess-privileges", Title: "the account cannot change the store",
			Why: "a password that stands on every Connect worker should not be one that can write to the shop",
			SQL: "SHOW GRANTS FOR CURRENT_USER()", ask: askExcess,
		},
		{
			ID: "tables", Title: "every table is there and readable",
			Why: "Debezium silently leaves out databases and tables it cannot see",
			SQL: "SHOW FULL TABLES IN … WHERE Table_type = 'BASE TABLE'; SELECT 1 FROM … LIMIT 0", ask: askTables,
		},
		{
			ID: "heartbeat-table", Title: "the heartbeat table is there and can be written",
			Why: "a heartbeat that cannot be written fails the connector",
			SQL: "SHOW COLUMNS FROM …", ask: askHeartbeat,
		},
	}
}

func askPrivileges(ctx context.Context, s *session) (outcome, error) {
	a, err := s.privileges(ctx)
	if err != nil {
		return outcome{}, err
	}
	missing, soft := s.missing(a)
	switch {
	case len(missing) > 0:
		o := outcome{verdict: Fail, evidence: "missing: " + strings.Join(missing, ", "), remedy: "grant what is missing"}
		if len(a.idle) > 0 {
			o.evidence += fmt.Sprintf(" (roles granted but not active: %s)", list(a.idle))
			o.remedy = "grant what is missing, or make the roles active at login"
			o.sql = append(o.sql, "SET DEFAULT ROLE ALL TO "+s.accountName(ctx)+";")
		}
		o.sql = append(o.sql, "GRANT "+strings.Join(neededGlobally, ", ")+" ON *.* TO "+s.accountName(ctx)+";")
		return o, nil
	case len(soft) > 0:
		return outcome{
			verdict: Warn, evidence: strings.Join(soft, "; "), remedy: "grant it, unless the server's owner (RDS, Azure) does not allow it",
			sql: []string{"GRANT RELOAD ON *.* TO " + s.accountName(ctx) + ";"},
		}, nil
	}
	return pass("everything needed")
}

// missing compares the privileges with what Debezium uses. soft is what it can
// do without, at a price.
func (s *session) missing(a *account) (missing, soft []string) {
	if !a.has("REPLICATION SLAVE") {
		missing = append(missing, "REPLICATION SLAVE")
	}
	if !a.has("REPLICATION CLIENT", "BINLOG MONITOR") {
		missing = append(missing, "REPLICATION CLIENT")
	}
	for _, schema := range s.store.Captures() {
		// Privileges on single tables are put to the proof by the check
		// of the tables.
		if !a.hasOn(schema, "SELECT") && !a.tables {
			missing = append(missing, "SELECT on "+quote(schema))
		}
	}
	if s.store.Settings["snapshot.locking.mode"] == "none" || a.has("RELOAD", "FLUSH_TABLES", "FLUSH TABLES") {
		return missing, soft
	}
	locks := true
	for _, schema := range s.store.Schemas {
		locks = locks && a.hasOn(schema, "LOCK TABLES")
	}
	if locks {
		return missing, []string{"RELOAD is missing: the snapshot locks every table for as long as it takes, instead of the server for seconds"}
	}
	return append(missing, "RELOAD (or FLUSH_TABLES, or LOCK TABLES on the schemas)"), nil
}

// writing are the privileges with which a store could be changed.
var writing = []string{
	"ALL PRIVILEGES", "SUPER", "INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "CREATE", "INDEX", "TRIGGER",
	"CREATE USER", "GRANT OPTION", "FILE", "SHUTDOWN", "SYSTEM_VARIABLES_ADMIN", "SESSION_VARIABLES_ADMIN",
}

func askExcess(ctx context.Context, s *session) (outcome, error) {
	a, err := s.privileges(ctx)
	if err != nil {
		return outcome{}, err
	}
	var excess []string
	for _, privilege := range writing {
		if a.global[privilege] {
			excess = append(excess, privilege)
		}
	}
	heartbeat, _, _ := strings.Cut(s.store.HeartbeatTable, ".")
	for _, schema := range s.store.Captures() {
		if schema == heartbeat {
			continue
		}
		for _, privilege := range writing {
			if a.bySchema[schema][privilege] {
				excess = append(excess, privilege+" on "+quote(schema))
			}
		}
	}
	if len(excess) == 0 {
		return pass("it can only read")
	}
	return outcome{
		verdict: Warn, evidence: "more than needed: " + list(excess),
		remedy: "use an account for Debezium alone, with " + strings.Join(neededGlobally, ", "),
	}, nil
}

func askTables(ctx context.Context, s *session) (outcome, error) {
	tables, err := s.captured(ctx)
	if err != nil {
		return outcome{}, err
	}
	var unreadable []string
	for _, t := range tables {
		_, err := s.rows(ctx, "SELECT 1 FROM "+t.sql()+" LIMIT 0")
		switch {
		case isError(err, errTableAccess, errDatabaseAccess, errColumnAccess):
			unreadable = append(unreadable, t.name())
		case err != nil:
			return outcome{}, err
		}
	}
	if len(unreadable) > 0 {
		return outcome{
			verdict: Fail, evidence: "not readable: " + list(unreadable), remedy: "grant SELECT",
			sql: []string{"GRANT SELECT ON *.* TO " + s.accountName(ctx) + ";"},
		}, nil
	}
	if absent := absentTables(s.store, tables); len(absent) > 0 {
		return outcome{
			verdict: Fail, evidence: "not there, or not visible to the account: " + list(absent),
			remedy: "correct schemas and tables in the inventory, create the tables, or grant SELECT on them",
		}, nil
	}
	return pass("%d tables", len(tables))
}

// absentTables are the schemas without tables and the table names, patterns
// too, that fit none of the tables.
func absentTables(store fleet.Store, tables []table) []string {
	var absent []string
	for _, schema := range store.Schemas {
		if !slices.ContainsFunc(tables, func(t table) bool { return t.schema == schema }) {
			absent = append(absent, schema+".*")
		}
	}
	for _, pattern := range fleet.Qualify(store.Schemas, store.Tables) {
		if !slices.ContainsFunc(tables, func(t table) bool { return fleet.MatchTable(pattern, t.name()) }) {
			absent = append(absent, pattern)
		}
	}
	return absent
}

func askHeartbeat(ctx context.Context, s *session) (outcome, error) {
	if s.store.HeartbeatTable == "" {
		return skip("none is asked for")
	}
	schema, name, _ := strings.Cut(s.store.HeartbeatTable, ".")
	create := []string{
		"CREATE DATABASE IF NOT EXISTS " + quote(schema) + ";",
		"CREATE TABLE IF NOT EXISTS " + quote(schema) + "." + quote(name) + " (id INT PRIMARY KEY, ts DATETIME(6) NOT NULL);",
		"GRANT SELECT, INSERT, UPDATE ON " + quote(schema) + "." + quote(name) + " TO " + s.accountName(ctx) + ";",
	}
	columns, err := s.rows(ctx, "SHOW COLUMNS FROM "+quote(schema)+"."+quote(name))
	if isError(err, errNoSuchTable, errTableAccess, errDatabaseAccess, 1049) {
		return outcome{verdict: Fail, evidence: err.Error(), remedy: "create the table", sql: create}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	found := map[string]bool{}
	for _, column := range columns {
		found[strings.ToLower(column["field"])] = true
		if p := column["privileges"]; p != "" && !strings.Contains(p, "insert") {
			return outcome{verdict: Fail, evidence: "the account may not write it", remedy: "grant it", sql: create[2:]}, nil
		}
	}
	if !found["id"] || !found["ts"] {
		return outcome{verdict: Fail, evidence: "the columns id and ts are not there", remedy: "name another table, or create this one anew", sql: create}, nil
	}
	a, err := s.privileges(ctx)
	if err != nil {
		return outcome{}, err
	}
	if !a.tables && (!a.hasOn(schema, "INSERT") || !a.hasOn(schema, "UPDATE")) {
		return outcome{verdict: Fail, evidence: "the account may not write it", remedy: "grant it", sql: create[2:]}, nil
	}
	return pass("%s", s.store.HeartbeatTable)
}
