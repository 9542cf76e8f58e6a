package preflight

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// serverChecks are about the server as a whole.
func serverChecks() []Check {
	return []Check{
		{
			ID: "tls", Title: "the connection is protected",
			Why: "without TLS the store's rows cross the network for all to read; a server that insists on it refuses a connector that does not",
			SQL: "SHOW STATUS LIKE 'Ssl_version'; SELECT @@GLOBAL.require_secure_transport", ask: askTLS,
		},
		{
			ID: "auth-plugin", Title: "the account's way to log in has a future",
			Why: "mysql_native_password is off in MySQL 8.4 and gone in 9; caching_sha2_password without TLS works for the preflight and may not for the connector",
			SQL: "SELECT plugin FROM mysql.user WHERE …", ask: askPlugin,
		},
		{
			ID: "version", Title: "Debezium is tested with this version",
			Why: "other versions mostly work, but nobody promises it",
			SQL: "SELECT VERSION()", ask: askVersion,
		},
		{
			ID: "clock", Title: "the server's clock is right",
			Why: "freshness is the difference between two clocks, and rows are dated by the store's",
			SQL: "SELECT UTC_TIMESTAMP(6)", ask: askClock,
		},
		{
			ID: "time-zone", Title: "the server's time zone is unambiguous",
			Why: "TIMESTAMP columns are turned into UTC with it during a snapshot; CST alone is three zones",
			SQL: "SELECT @@GLOBAL.time_zone, @@system_time_zone", ask: askTimeZone,
		},
		{
			ID: "timeouts", Title: "the server is patient",
			Why: "a server that closes connections early leaves connectors that are RUNNING and read nothing",
			SQL: "SELECT @@GLOBAL.net_write_timeout, @@GLOBAL.wait_timeout", ask: askTimeouts,
		},
		{
			ID: "connections", Title: "there are connections left",
			Why: "a connector holds three to five, and its shop's tills must not be the ones that get none",
			SQL: "SHOW GLOBAL STATUS LIKE 'Threads_connected'; SELECT @@GLOBAL.max_connections", ask: askConnections,
		},
		{
			ID: "durability", Title: "a crash loses nothing that was read already",
			Why: "after a crash the tables and the binary log may disagree about the last second, and the central row about both",
			SQL: "SELECT @@GLOBAL.sync_binlog, @@GLOBAL.innodb_flush_log_at_trx_commit", ask: askDurability,
		},
		{
			ID: "galera", Title: "the server is no member of a Galera cluster",
			Why: "each node has binary log positions of its own: a connector that lands on another node reads from the wrong place",
			SQL: "SHOW GLOBAL VARIABLES LIKE 'wsrep_on'", ask: askGalera,
		},
	}
}

func askTLS(ctx context.Context, s *session) (outcome, error) {
	rows, err := s.rows(ctx, "SHOW STATUS LIKE 'Ssl_version'")
	if err != nil {
		return outcome{}, err
	}
	required, err := s.variable(ctx, "require_secure_transport")
	if err != nil && !isError(err, errUnknownVariable) {
		return outcome{}, err
	}
	// MariaDB's driver has no "preferred": the connector comes unencrypted.
	plain := s.store.TLS == "disabled" || s.mariadb() && s.store.TLS == "preferred"
	if on(required) && plain {
		return outcome{
			verdict: Fail, evidence: "require_secure_transport is ON and the connector comes without TLS",
			remedy: "write tls: required into the inventory",
		}, nil
	}
	if len(rows) > 0 && rows[0]["value"] != "" && !plain {
		return pass("%s", rows[0]["value"])
	}
	return outcome{verdict: Info, evidence: "not encrypted", remedy: "unless the network itself is private, write tls: required into the inventory"}, nil
}

func askPlugin(ctx context.Context, s *session) (outcome, error) {
	rows, err := s.rows(ctx, "SELECT plugin FROM mysql.user WHERE CONCAT(user, '@', host) = CURRENT_USER()")
	if isError(err, errTableAccess, errDatabaseAccess, errColumnAccess) || err == nil && len(rows) == 0 {
		return skip("the account may not look itself up")
	}
	if err != nil {
		return outcome{}, err
	}
	plugin := rows[0]["plugin"]
	if plugin == "mysql_native_password" && !s.mariadb() && s.server.version.atLeast(8, 0, 0) {
		return outcome{
			verdict: Warn, evidence: plugin, remedy: "give the account a password of the new kind before the next upgrade",
			sql: []string{"-- with a password of your own: ALTER USER " + s.accountName(ctx) + " IDENTIFIED WITH caching_sha2_password BY '…';"},
		}, nil
	}
	return pass("%s", plugin)
}

func askVersion(_ context.Context, s *session) (outcome, error) {
	v := s.server.version
	untested := func(remedy string) (outcome, error) {
		return outcome{verdict: Warn, evidence: s.server.text, remedy: remedy}, nil
	}
	if s.mariadb() {
		if v.major == 11 && (v.minor == 4 || v.minor == 7) {
			return pass("%s", s.server.text)
		}
		return untested("Debezium 3.6 is tested with MariaDB 11.4 and 11.7; try this version with one store first")
	}
	switch {
	case !v.atLeast(8, 0, 0):
		return untested("neither Debezium 3.6 nor its driver is made for MySQL before 8.0; upgrade the server")
	case v.major == 8 && v.minor != 0 && v.minor != 4:
		return untested("an innovation release that is no longer maintained; upgrade to 8.4")
	case v.atLeast(10, 0, 0):
		return untested("newer than anything tried; try this version with one store first")
	}
	return pass("%s", s.server.text)
}

func askClock(ctx context.Context, s *session) (outcome, error) {
	before := time.Now()
	var text string
	if err := s.db.QueryRowContext(ctx, "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%d %H:%i:%s.%f')").Scan(&text); err != nil {
		return outcome{}, err
	}
	after := time.Now()
	theirs, err := time.Parse("2006-01-02 15:04:05.000000", text)
	if err != nil {
		return outcome{}, fmt.Errorf("the server's time: %w", err)
	}
	// The server looked at its clock somewhere between the two of ours.
	skew := theirs.Sub(before.Add(after.Sub(before) / 2))
	if skew.Abs() < 2*time.Second+after.Sub(before)/2 {
		return pass("%s from this machine's", skew.Round(time.Millisecond))
	}
	return outcome{
		verdict: Warn, evidence: fmt.Sprintf("%s from this machine's clock", skew.Round(time.Millisecond)),
		remedy: "let chrony or systemd-timesyncd set the store's clock (and look at this machine's)",
	}, nil
}

// ambiguousZones are abbreviations several countries use for different times.
var ambiguousZones = map[string]bool{
	"CST": true, "IST": true, "BST": true, "EST": true, "MST": true, "PST": true, "AST": true,
	"CDT": true, "EDT": true, "PDT": true, "MDT": true, "WST": true, "SST": true, "GST": true, "AMT": true,
}

func askTimeZone(ctx context.Context, s *session) (outcome, error) {
	zone, err := s.variable(ctx, "time_zone")
	if err != nil {
		return outcome{}, err
	}
	evidence := "time_zone is " + zone
	if strings.EqualFold(zone, "SYSTEM") {
		if zone, err = s.variable(ctx, "system_time_zone"); err != nil {
			return outcome{}, err
		}
		evidence = "time_zone is SYSTEM, which is " + zone
	}
	_, unknown := time.LoadLocation(zone)
	offset := strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-")
	if offset || unknown == nil && !ambiguousZones[zone] && s.store.Settings["driver.connectionTimeZone"] == "" {
		return pass("%s", evidence)
	}
	if set := s.store.Settings["driver.connectionTimeZone"]; set != "" {
		return pass("%s; the connector uses %s", evidence, set)
	}
	return outcome{
		verdict: Warn, evidence: evidence,
		remedy: "write settings: {driver.connectionTimeZone: Europe/Berlin} (the store's own) into the inventory, or give the server a time_zone by name or offset",
	}, nil
}

func askTimeouts(ctx context.Context, s *session) (outcome, error) {
	write, err := s.number(ctx, "net_write_timeout")
	if err != nil {
		return outcome{}, err
	}
	wait, err := s.number(ctx, "wait_timeout")
	if err != nil {
		return outcome{}, err
	}
	evidence := fmt.Sprintf("net_write_timeout %.0f s, wait_timeout %.0f s", write, wait)
	if wait < 600 {
		o := outcome{verdict: Warn, evidence: evidence, remedy: "keep idle connections for at least ten minutes"}
		o.sql, o.config = s.persist("wait_timeout", "28800")
		return o, nil
	}
	if write < 120 {
		return info("%s; the connector asks for 600 s for itself (binlog.net.write.timeout)", evidence)
	}
	return pass("%s", evidence)
}

func askConnections(ctx context.Context, s *session) (outcome, error) {
	limit, err := s.number(ctx, "max_connections")
	if err != nil {
		return outcome{}, err
	}
	rows, err := s.rows(ctx, "SHOW GLOBAL STATUS LIKE 'Threads_connected'")
	if err != nil || len(rows) == 0 {
		return outcome{}, err
	}
	var used float64
	_, _ = fmt.Sscan(rows[0]["value"], &used)
	evidence := fmt.Sprintf("%.0f of %.0f in use", used, limit)
	if perUser, err := s.number(ctx, "max_user_connections"); err == nil && perUser > 0 && perUser < 10 {
		o := outcome{verdict: Warn, evidence: fmt.Sprintf("%s, and each account may have %.0f", evidence, perUser), remedy: "allow the account at least 10"}
		o.sql, o.config = s.persist("max_user_connections", "10")
		return o, nil
	}
	if limit-used >= 10 {
		return pass("%s", evidence)
	}
	o := outcome{verdict: Warn, evidence: evidence, remedy: "allow more connections, or find out who holds them"}
	o.sql, o.config = s.persist("max_connections", fmt.Sprintf("%.0f", limit+50))
	return o, nil
}

func askDurability(ctx context.Context, s *session) (outcome, error) {
	binlog, err := s.variable(ctx, "sync_binlog")
	if err != nil {
		return outcome{}, err
	}
	redo, err := s.variable(ctx, "innodb_flush_log_at_trx_commit")
	if err != nil {
		return outcome{}, err
	}
	evidence := fmt.Sprintf("sync_binlog %s, innodb_flush_log_at_trx_commit %s", binlog, redo)
	if binlog == "1" && redo == "1" {
		return pass("%s", evidence)
	}
	o := outcome{verdict: Warn, evidence: evidence, remedy: "set both to 1 if the store's disk is fast enough, else compare the store with its central rows after a crash"}
	for _, name := range []string{"sync_binlog", "innodb_flush_log_at_trx_commit"} {
		statements, config := s.persist(name, "1")
		o.sql, o.config = append(o.sql, statements...), append(o.config, config...)
	}
	return o, nil
}

func askGalera(ctx context.Context, s *session) (outcome, error) {
	rows, err := s.rows(ctx, "SHOW GLOBAL VARIABLES LIKE 'wsrep_on'")
	if err != nil {
		return outcome{}, err
	}
	if len(rows) == 0 || !on(rows[0]["value"]) {
		return pass("no")
	}
	return outcome{
		verdict: Warn, evidence: "wsrep_on is ON",
		remedy: "name one node itself as host, not a load balancer; after that node is lost take a new snapshot",
	}, nil
}
