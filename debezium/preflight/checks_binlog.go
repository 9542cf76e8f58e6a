package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// binlogChecks are about what is in the binary log.
func binlogChecks() []Check {
	return []Check{
		{
			ID: "log-bin", Title: "the server writes a binary log",
			Why: "the binary log is what Debezium reads; without one there are no changes to capture",
			SQL: "SELECT @@GLOBAL.log_bin; SHOW BINARY LOGS", ask: askLogBin,
		},
		{
			ID: "binlog-filter", Title: "no filter keeps the schemas out of the binary log",
			Why: "changes to a filtered schema are lost without any error",
			SQL: "SHOW BINARY LOG STATUS", ask: askBinlogFilter,
		},
		{
			ID: "binlog-format", Title: "the binary log holds rows",
			Why: "Debezium cannot turn statements into rows: it warns and drops them",
			SQL: "SELECT @@GLOBAL.binlog_format", ask: askFormat,
		},
		{
			ID: "format-writers", Title: "no session writes statements",
			Why: "a client may choose its own binlog_format; its changes are dropped with a warning in Connect's log",
			SQL: "SELECT … FROM performance_schema.variables_by_thread WHERE VARIABLE_NAME = 'binlog_format'", ask: askFormatWriters,
		},
		{
			ID: "row-image", Title: "the binary log holds full row images",
			Why: "columns left out of the image look like NULL, and rows would be overwritten with holes",
			SQL: "SELECT @@GLOBAL.binlog_row_image", ask: askRowImage,
		},
		{
			ID: "partial-json", Title: "JSON documents are logged whole",
			Why: "Debezium silently drops updates that were logged as partial JSON",
			SQL: "SELECT @@GLOBAL.binlog_row_value_options", ask: askPartialJSON,
		},
		{
			ID: "log-compress", Title: "the binary log is not compressed in MariaDB's way",
			Why: "Debezium cannot read compressed MariaDB events (MySQL's own compression is fine)",
			SQL: "SELECT @@GLOBAL.log_bin_compress", ask: askLogCompress,
		},
		{
			ID: "event-positions", Title: "events carry their position",
			Why: "from MariaDB 11.4 on events have no end position unless this is on, and Debezium counts on it",
			SQL: "SELECT @@GLOBAL.binlog_legacy_event_pos", ask: askEventPositions,
		},
		{
			ID: "log-engine", Title: "the binary log is a file of its own",
			Why: "MariaDB 12.3 can keep it in InnoDB, which needs Debezium 3.7 and GTID",
			SQL: "SELECT @@GLOBAL.binlog_storage_engine", ask: askLogEngine,
		},
		{
			ID: "row-metadata", Title: "row metadata",
			Why: "Debezium takes the columns' names from the DDL it has read, so either value will do",
			SQL: "SELECT @@GLOBAL.binlog_row_metadata", ask: askRowMetadata,
		},
	}
}

func askLogBin(ctx context.Context, s *session) (outcome, error) {
	value, err := s.variable(ctx, "log_bin")
	if err != nil {
		return outcome{}, err
	}
	if !on(value) {
		return outcome{
			verdict: Fail, evidence: "log_bin is OFF",
			remedy: "add these lines under [mysqld] in my.cnf and restart the server",
			config: []string{"log_bin = mysql-bin", "server_id = " + fmt.Sprint(suggestServerID(s.store.ServerID)), "binlog_format = ROW", "binlog_row_image = FULL"},
		}, nil
	}
	logs, err := s.rows(ctx, "SHOW BINARY LOGS")
	if err != nil {
		return outcome{}, err
	}
	for _, log := range logs {
		var size int64
		_, _ = fmt.Sscan(log["file_size"], &size)
		s.logBytes += size
	}
	if len(logs) == 0 {
		return outcome{verdict: Fail, evidence: "there are no binary log files", remedy: "restart the server, and look at its error log"}, nil
	}
	return pass("%d files, %s", len(logs), bytesText(s.logBytes))
}

// suggestServerID proposes an id for a server that is not its connector's.
func suggestServerID(connector uint32) uint32 {
	if connector > 1 {
		return connector - 1
	}
	return 1
}

func (s *session) logStatus(ctx context.Context) (row, error) {
	rows, err := s.firstRows(ctx, "SHOW BINARY LOG STATUS", "SHOW BINLOG STATUS", "SHOW MASTER STATUS")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

func askBinlogFilter(ctx context.Context, s *session) (outcome, error) {
	status, err := s.logStatus(ctx)
	if err != nil {
		return outcome{}, err
	}
	if status == nil {
		return skip("there is no binary log")
	}
	split := func(names string) []string {
		return strings.FieldsFunc(names, func(r rune) bool { return r == ',' })
	}
	do, ignore := split(status["binlog_do_db"]), split(status["binlog_ignore_db"])
	var lost []string
	for _, schema := range s.store.Captures() {
		if len(do) > 0 && !slices.Contains(do, schema) || slices.Contains(ignore, schema) {
			lost = append(lost, schema)
		}
	}
	if len(lost) > 0 {
		return outcome{
			verdict:  Fail,
			evidence: fmt.Sprintf("%s left out (binlog_do_db: %q, binlog_ignore_db: %q)", list(lost), status["binlog_do_db"], status["binlog_ignore_db"]),
			remedy:   "take binlog-do-db and binlog-ignore-db out of my.cnf and restart the server",
			config:   []string{"# remove every binlog-do-db and binlog-ignore-db line"},
		}, nil
	}
	return pass("nothing captured is filtered")
}

func askFormat(ctx context.Context, s *session) (outcome, error) {
	value, err := s.variable(ctx, "binlog_format")
	if err != nil {
		return outcome{}, err
	}
	if strings.EqualFold(value, "ROW") {
		return pass("binlog_format is ROW")
	}
	o := outcome{
		verdict: Fail, evidence: "binlog_format is " + value,
		remedy: "set it, then let the applications connect anew: a session keeps the format it began with",
	}
	o.sql, o.config = s.persist("binlog_format", "'ROW'")
	return o, nil
}

func askFormatWriters(ctx context.Context, s *session) (outcome, error) {
	if s.mariadb() {
		return skip("MariaDB does not show other sessions' settings")
	}
	rows, err := s.rows(ctx, `SELECT t.PROCESSLIST_USER AS user, COUNT(*) AS sessions
		FROM performance_schema.variables_by_thread v JOIN performance_schema.threads t ON t.THREAD_ID = v.THREAD_ID
		WHERE v.VARIABLE_NAME = 'binlog_format' AND v.VARIABLE_VALUE <> 'ROW' AND t.PROCESSLIST_USER IS NOT NULL
		GROUP BY t.PROCESSLIST_USER ORDER BY 1`)
	if isError(err, errTableAccess, errColumnAccess) {
		return skip("the account may not read performance_schema")
	}
	if err != nil {
		return outcome{}, err
	}
	if len(rows) == 0 {
		return pass("none seen now")
	}
	var users []string
	for _, r := range rows {
		users = append(users, fmt.Sprintf("%s (%s)", r["user"], r["sessions"]))
	}
	return outcome{
		verdict: Warn, evidence: "sessions with another binlog_format: " + list(users),
		remedy: "have these applications connect anew or stop setting binlog_format, and take SUPER and SESSION_VARIABLES_ADMIN from their accounts",
	}, nil
}

func askRowImage(ctx context.Context, s *session) (outcome, error) {
	value, err := s.variable(ctx, "binlog_row_image")
	if err != nil {
		return outcome{}, err
	}
	if strings.EqualFold(value, "FULL") {
		return pass("binlog_row_image is FULL")
	}
	o := outcome{
		verdict: Fail, evidence: "binlog_row_image is " + value,
		remedy: "set it, then let the applications connect anew: a session keeps the image it began with",
	}
	o.sql, o.config = s.persist("binlog_row_image", "'FULL'")
	return o, nil
}

func askPartialJSON(ctx context.Context, s *session) (outcome, error) {
	value, err := s.variable(ctx, "binlog_row_value_options")
	if err != nil {
		return outcome{}, err
	}
	if value == "" {
		return pass("no row value options")
	}
	o := outcome{verdict: Fail, evidence: "binlog_row_value_options is " + value, remedy: "set it to nothing"}
	o.sql, o.config = s.persist("binlog_row_value_options", "''")
	return o, nil
}

func askLogCompress(ctx context.Context, s *session) (outcome, error) {
	if !s.mariadb() {
		return skip("only MariaDB has it")
	}
	value, err := s.variable(ctx, "log_bin_compress")
	if err != nil {
		return outcome{}, err
	}
	if !on(value) {
		return pass("log_bin_compress is OFF")
	}
	o := outcome{verdict: Fail, evidence: "log_bin_compress is ON", remedy: "turn it off; what is compressed already must be read past with a new snapshot"}
	o.sql, o.config = s.persist("log_bin_compress", "OFF")
	return o, nil
}

func askEventPositions(ctx context.Context, s *session) (outcome, error) {
	if !s.mariadb() || !s.server.version.atLeast(11, 4, 0) {
		return skip("only MariaDB from 11.4 on asks for it")
	}
	value, err := s.variable(ctx, "binlog_legacy_event_pos")
	if err != nil {
		return outcome{}, err
	}
	if on(value) {
		return pass("binlog_legacy_event_pos is ON")
	}
	o := outcome{verdict: Fail, evidence: "binlog_legacy_event_pos is OFF", remedy: "turn it on"}
	o.sql, o.config = s.persist("binlog_legacy_event_pos", "ON")
	return o, nil
}

func askLogEngine(ctx context.Context, s *session) (outcome, error) {
	if !s.mariadb() {
		return skip("only MariaDB has it")
	}
	value, err := s.variable(ctx, "binlog_storage_engine")
	if err != nil {
		return outcome{}, err
	}
	if value == "" {
		return pass("files")
	}
	return outcome{
		verdict: Fail, evidence: "binlog_storage_engine is " + value,
		remedy: "take binlog_storage_engine out of my.cnf and restart the server, or use Debezium 3.7 with GTID",
		config: []string{"# remove the line binlog_storage_engine"},
	}, nil
}

func askRowMetadata(ctx context.Context, s *session) (outcome, error) {
	value, err := s.variable(ctx, "binlog_row_metadata")
	if err != nil {
		return outcome{}, err
	}
	return pass("binlog_row_metadata is %s", value)
}
