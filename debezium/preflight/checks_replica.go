package preflight

import (
	"context"
	"fmt"
	"strconv"
)

// replicaChecks are about who reads the binary log and where it comes from.
func replicaChecks() []Check {
	return []Check{
		{
			ID: "server-id", Title: "the server has an id of its own",
			Why: "replication needs an id on both sides, and a connector with the server's own is turned away",
			SQL: "SELECT @@GLOBAL.server_id", ask: askServerID,
		},
		{
			ID: "other-replicas", Title: "no other replica has the connector's server id",
			Why: "of two clients with one id the server throws one out whenever the other connects, again and again (error 1236)",
			SQL: "SHOW REPLICAS", ask: askReplicas,
		},
		{
			ID: "gtid", Title: "transactions are numbered (GTID)",
			Why: "without GTID a connector cannot follow a failover, repair single tables without locks or tell microseconds",
			SQL: "SELECT @@GLOBAL.gtid_mode, @@GLOBAL.enforce_gtid_consistency", ask: askGTID,
		},
		{
			ID: "replica", Title: "a replica logs what it replicates",
			Why: "changes that reach this server by replication are otherwise not in its own binary log",
			SQL: "SHOW REPLICA STATUS; SELECT @@GLOBAL.log_replica_updates", ask: askReplica,
		},
		{
			ID: "identity", Title: "identity of the server",
			Why: "a restored server counts its binary logs from the beginning again: if this changes, take a new snapshot",
			SQL: "SELECT @@server_uuid", ask: askIdentity,
		},
	}
}

func askServerID(ctx context.Context, s *session) (outcome, error) {
	id, err := s.variable(ctx, "server_id")
	if err != nil {
		return outcome{}, err
	}
	ours := strconv.FormatUint(uint64(s.store.ServerID), 10)
	switch id {
	case "0":
		o := outcome{verdict: Fail, evidence: "server_id is 0: replication is off", remedy: "give the server an id"}
		o.sql, o.config = s.persist("server_id", fmt.Sprint(suggestServerID(s.store.ServerID)))
		return o, nil
	case ours:
		return outcome{
			verdict: Fail, evidence: fmt.Sprintf("the server has the id %s, which the inventory gives to its connector", id),
			remedy: "write another server_id for this store into the inventory",
		}, nil
	}
	return pass("the server's is %s, the connector's %s", id, ours)
}

func askReplicas(ctx context.Context, s *session) (outcome, error) {
	rows, err := s.firstRows(ctx, "SHOW REPLICAS", "SHOW SLAVE HOSTS")
	if s.mariadb() && isError(err, errSpecificAccess) {
		// MariaDB wants REPLICATION MASTER ADMIN for it, which Debezium
		// does not need.
		return info("the account may not list the server's replicas; the ids are unique within the inventory")
	}
	if err != nil {
		return outcome{}, err
	}
	ours := strconv.FormatUint(uint64(s.store.ServerID), 10)
	for _, r := range rows {
		if r["server_id"] == ours {
			return outcome{
				verdict: Fail, evidence: fmt.Sprintf("the replica %q has the server id %s", r["host"], ours),
				remedy: "write another server_id for this store into the inventory",
			}, nil
		}
	}
	readers, err := s.rows(ctx, "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'")
	if err != nil || len(readers) == 0 {
		return pass("%d registered replicas", len(rows))
	}
	return pass("%d registered replicas, %s readers of the binary log seen", len(rows), readers[0]["n"])
}

func askGTID(ctx context.Context, s *session) (outcome, error) {
	if s.mariadb() {
		return skip("MariaDB always has them")
	}
	mode, err := s.variable(ctx, "gtid_mode")
	if err != nil {
		return outcome{}, err
	}
	consistent, err := s.variable(ctx, "enforce_gtid_consistency")
	if err != nil {
		return outcome{}, err
	}
	evidence := fmt.Sprintf("gtid_mode %s, enforce_gtid_consistency %s", mode, consistent)
	if mode == "ON" && consistent == "ON" {
		return pass("%s", evidence)
	}
	return outcome{
		verdict: Warn, evidence: evidence,
		remedy: "turn it on step by step, each when the one before has caused no warnings in the error log (MySQL manual, \"Enabling GTID Transactions Online\")",
		sql: []string{
			"SET PERSIST enforce_gtid_consistency = 'ON';",
			"SET PERSIST gtid_mode = 'OFF_PERMISSIVE';",
			"SET PERSIST gtid_mode = 'ON_PERMISSIVE';",
			"SET PERSIST gtid_mode = 'ON';",
		},
	}, nil
}

func askReplica(ctx context.Context, s *session) (outcome, error) {
	logs, err := s.firstVariable(ctx, "log_replica_updates", "log_slave_updates")
	if err != nil {
		return outcome{}, err
	}
	if on(logs) {
		return pass("it would: log_replica_updates is ON")
	}
	rows, err := s.firstRows(ctx, "SHOW REPLICA STATUS", "SHOW SLAVE STATUS")
	if s.mariadb() && isError(err, errSpecificAccess) {
		// It takes SLAVE MONITOR there, but anybody may ask whether
		// replication is running.
		rows, err = s.rows(ctx, "SHOW GLOBAL STATUS WHERE Variable_name = 'Slaves_running' AND Value <> '0'")
	}
	if err != nil {
		return outcome{}, err
	}
	if len(rows) == 0 {
		return pass("the server is no replica")
	}
	name := "log_replica_updates"
	if s.mariadb() || !s.server.version.atLeast(8, 0, 26) {
		name = "log_slave_updates"
	}
	return outcome{
		verdict: Fail, evidence: name + " is OFF on a replica",
		remedy: "add the line under [mysqld] in my.cnf and restart the server, or capture the primary",
		config: []string{name + " = ON"},
	}, nil
}

func askIdentity(ctx context.Context, s *session) (outcome, error) {
	if identity := s.identity(ctx); identity != "" {
		return pass("%s", identity)
	}
	return skip("not told")
}

// identity is what tells one server from another, empty if it cannot be read.
func (s *session) identity(ctx context.Context) string {
	if !s.mariadb() {
		uuid, err := s.variable(ctx, "server_uuid")
		if err != nil {
			return ""
		}
		return uuid
	}
	var host, id string
	if s.db.QueryRowContext(ctx, "SELECT @@hostname, @@server_id").Scan(&host, &id) != nil {
		return ""
	}
	return host + "/" + id
}
