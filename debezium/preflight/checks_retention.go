package preflight

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// retentionChecks are about how long the binary log lasts and what it takes.
func retentionChecks() []Check {
	return []Check{
		{
			ID: "retention", Title: "the binary log outlasts an outage",
			Why: "a connector that is away for longer than the log is kept has lost changes and needs a new snapshot",
			SQL: "SELECT @@GLOBAL.binlog_expire_logs_seconds, @@GLOBAL.binlog_expire_logs_auto_purge", ask: askRetention,
		},
		{
			ID: "retention-size", Title: "no size limit cuts the binary log short",
			Why: "a limit in bytes deletes logs early on a busy day, whatever the retention in days",
			SQL: "SELECT @@GLOBAL.max_binlog_total_size; SELECT @@GLOBAL.binlog_space_limit", ask: askRetentionSize,
		},
		{
			ID: "retention-rds", Title: "Amazon RDS keeps the binary log",
			Why: "RDS deletes binary logs at once unless told otherwise, whatever the server's own variables say",
			SQL: "SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'", ask: askRetentionRDS,
		},
		{
			ID: "replication-proof", Title: "the account can read the binary log over the network",
			Why: "privileges and proxies (ProxySQL cannot do it) show only when the log is really read",
			SQL: "(COM_BINLOG_DUMP with a server id of no one)", ask: askProof,
		},
		{
			ID: "log-growth", Title: "growth of the binary log",
			Why: "the retention must fit the store's disk",
			SQL: "SHOW BINARY LOGS", ask: askGrowth,
		},
	}
}

// retention returns how long binary logs are kept; forever is 0.
func (s *session) retention(ctx context.Context) (time.Duration, string, error) {
	if auto, err := s.variable(ctx, "binlog_expire_logs_auto_purge"); err == nil && !on(auto) {
		return 0, "binlog_expire_logs_auto_purge is OFF", nil
	}
	seconds, err := s.number(ctx, "binlog_expire_logs_seconds")
	if err == nil {
		return time.Duration(seconds) * time.Second, fmt.Sprintf("binlog_expire_logs_seconds is %.0f", seconds), nil
	}
	if !isError(err, errUnknownVariable) {
		return 0, "", err
	}
	days, err := s.number(ctx, "expire_logs_days")
	if err != nil {
		return 0, "", err
	}
	return time.Duration(days * float64(24*time.Hour)), fmt.Sprintf("expire_logs_days is %g", days), nil
}

func askRetention(ctx context.Context, s *session) (outcome, error) {
	kept, evidence, err := s.retention(ctx)
	if err != nil {
		return outcome{}, err
	}
	if kept == 0 {
		return pass("kept for ever (%s): mind the disk", evidence)
	}
	evidence = fmt.Sprintf("kept for %s (%s)", durationText(kept), evidence)
	if kept >= s.outage {
		return pass("%s", evidence)
	}
	o := outcome{
		verdict: Warn, evidence: evidence,
		remedy: fmt.Sprintf("keep it for %s, the longest outage the inventory wants to survive", durationText(s.outage)),
	}
	if kept < min(24*time.Hour, s.outage) {
		o.verdict = Fail
	}
	o.sql, o.config = s.persist("binlog_expire_logs_seconds", fmt.Sprintf("%.0f", s.outage.Seconds()))
	if s.mariadb() && !s.server.version.atLeast(10, 6, 1) {
		o.sql, o.config = s.persist("expire_logs_days", fmt.Sprintf("%.0f", s.outage.Hours()/24))
	}
	return o, nil
}

func askRetentionSize(ctx context.Context, s *session) (outcome, error) {
	for _, name := range []string{"max_binlog_total_size", "binlog_space_limit"} {
		limit, err := s.number(ctx, name)
		if isError(err, errUnknownVariable) {
			continue
		}
		if err != nil {
			return outcome{}, err
		}
		if limit > 0 {
			o := outcome{
				verdict: Warn, evidence: fmt.Sprintf("%s is %s", name, bytesText(int64(limit))),
				remedy: "remove the limit, or make sure that it holds the changes of the longest outage",
			}
			o.sql, o.config = s.persist(name, "0")
			return o, nil
		}
		return pass("%s is 0", name)
	}
	return skip("this server has no such limit")
}

func askRetentionRDS(ctx context.Context, s *session) (outcome, error) {
	rows, err := s.rows(ctx, "SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'")
	if isError(err, errNoSuchTable, errTableAccess, errDatabaseAccess) {
		return skip("not on RDS")
	}
	if err != nil {
		return outcome{}, err
	}
	hours := 0
	if len(rows) > 0 {
		_, _ = fmt.Sscan(rows[0]["value"], &hours)
	}
	kept := time.Duration(hours) * time.Hour
	if kept >= s.outage {
		return pass("binlog retention hours is %d", hours)
	}
	o := outcome{
		verdict: Warn, evidence: fmt.Sprintf("binlog retention hours is %d", hours),
		remedy: "keep it as long as the longest outage to survive (RDS allows 168 hours for MySQL)",
		sql:    []string{fmt.Sprintf("CALL mysql.rds_set_configuration('binlog retention hours', %d);", min(168, int(s.outage.Hours())))},
	}
	if kept < min(24*time.Hour, s.outage) {
		o.verdict = Fail
	}
	return o, nil
}

func askProof(ctx context.Context, s *session) (outcome, error) {
	created, err := proveReplication(ctx, s)
	if errors.Is(err, errEncrypted) {
		return skip("not tried over TLS; the privileges are checked by name")
	}
	if err != nil {
		return s.disproved(ctx, err), nil
	}
	s.oldestLog = created
	return pass("read an event")
}

// disproved turns the reason why the log could not be read into the verdict.
func (s *session) disproved(ctx context.Context, err error) outcome {
	if isError(err, errSpecificAccess, errAccessDenied) {
		return outcome{
			verdict: Fail, evidence: err.Error(), remedy: "grant the replication privileges",
			sql: []string{"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO " + s.accountName(ctx) + ";"},
		}
	}
	return outcome{
		verdict: Fail, evidence: err.Error(),
		remedy: "connect to the server itself and not to a proxy, and look at the server's error log",
	}
}

func askGrowth(ctx context.Context, s *session) (outcome, error) {
	if s.logBytes == 0 {
		return skip("there is no binary log")
	}
	if s.oldestLog.IsZero() || time.Since(s.oldestLog) < time.Hour {
		return info("%s of binary logs", bytesText(s.logBytes))
	}
	age := time.Since(s.oldestLog)
	daily := int64(float64(s.logBytes) / age.Hours() * 24)
	evidence := fmt.Sprintf("%s of binary logs go back %s, about %s a day", bytesText(s.logBytes), durationText(age), bytesText(daily))
	kept, _, err := s.retention(ctx)
	if err != nil || kept == 0 {
		return info("%s", evidence)
	}
	return info("%s: the retention needs %s of disk", evidence, bytesText(int64(float64(daily)*kept.Hours()/24)))
}

func durationText(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.3g days", d.Hours()/24)
	case d >= time.Hour:
		return fmt.Sprintf("%.3g h", d.Hours())
	}
	return d.Round(time.Second).String()
}

func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	value, unit := float64(n), 0
	for value >= 1000 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.3g %s", value, units[unit])
}
