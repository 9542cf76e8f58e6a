package integration

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
	"tributary/integration/stack"
)

// shop is a schema that nothing is wrong with.
var shop = []string{
	"DROP DATABASE IF EXISTS shop",
	"CREATE DATABASE shop",
	"CREATE TABLE shop.sales (id INT PRIMARY KEY, sold DATETIME(3) NOT NULL, total DECIMAL(10,2))",
	"CREATE TABLE shop.stock (id INT PRIMARY KEY, n INT NOT NULL)",
	"INSERT INTO shop.stock VALUES (1, 2), (2, 3)",
}

func execAll(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
}

// startStore starts a store's server of the test's own.
func startStore(t *testing.T, o stack.MySQLOptions) (*stack.MySQL, *sql.DB) {
	t.Helper()
	m, err := stack.StartMySQL(t.Context(), "", o, os.Stderr)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Stop(context.Background())) })
	db, err := m.DB()
	require.NoError(t, err)
	execAll(t, db, shop...)
	require.NoError(t, m.GrantDebezium(t.Context(), "debezium", "dbz-pw"))
	return m, db
}

func storeOn(m *stack.MySQL, id string) fleet.Store {
	flavor := fleet.MySQL
	if m.Flavor() == stack.FlavorMariaDB {
		flavor = fleet.MariaDB
	}
	return fleet.Store{
		ID: id, Host: "127.0.0.1", Port: m.Port(), Flavor: flavor, Schemas: []string{"shop"},
		User: "debezium", Password: fleet.Literal("dbz-pw"), TLS: fleet.TLSPreferred, ServerID: 4711,
	}
}

// broken is a store with one thing wrong and the verdict it must get.
type broken struct {
	name string
	// do and undo change the server, edit the store's line.
	do, undo []string
	edit     func(*fleet.Store)
	check    string
	want     preflight.Verdict
	evidence string
}

func (b broken) test(t *testing.T, m *stack.MySQL, db *sql.DB) {
	execAll(t, db, b.do...)
	defer execAll(t, db, b.undo...)
	store := storeOn(m, "0001")
	if b.edit != nil {
		b.edit(&store)
	}
	report := preflight.Run(t.Context(), store, preflight.Options{ConnectTimeout: time.Second})
	finding, ok := report.Finding(b.check)
	require.True(t, ok)
	require.Equal(t, b.want, finding.Verdict, "%+v", finding)
	require.Contains(t, finding.Evidence, b.evidence)
	if b.want == preflight.Fail {
		require.False(t, report.Passed())
		require.NotEmpty(t, finding.Why)
		require.NotEmpty(t, finding.Remedy)
		for _, check := range report.Failed() {
			// Reading the log cannot work without the privilege to.
			require.Contains(t, []string{b.check, "replication-proof"}, check, "nothing else is wrong with the store")
		}
	}
}

// everywhere is what can be wrong on any server.
var everywhere = []broken{
	{
		name: "wrong password", edit: func(s *fleet.Store) { s.Password = fleet.Literal("wrong") },
		check: "login", want: preflight.Fail, evidence: "Access denied",
	},
	{
		name: "no password here", edit: func(s *fleet.Store) { s.Password = fleet.Secret{Env: "NOT_SET_HERE"} },
		check: "password", want: preflight.Fail, evidence: "NOT_SET_HERE",
	},
	{
		name: "keyless table", do: []string{"CREATE TABLE shop.log (a INT)"}, undo: []string{"DROP TABLE shop.log"},
		check: "primary-keys", want: preflight.Fail, evidence: "shop.log",
	},
	{
		name: "keyless table left out", do: []string{"CREATE TABLE shop.log (a INT)"}, undo: []string{"DROP TABLE shop.log"},
		edit:  func(s *fleet.Store) { s.Exclude = []string{"log"} },
		check: "primary-keys", want: preflight.Pass,
	},
	{
		name: "keyless table with keys", do: []string{"CREATE TABLE shop.log (a INT)"}, undo: []string{"DROP TABLE shop.log"},
		edit:  func(s *fleet.Store) { s.Keys = map[string][]string{"shop.log": {"a"}} },
		check: "primary-keys", want: preflight.Pass,
	},
	{
		name: "promoted key", do: []string{"CREATE TABLE shop.log (a INT NOT NULL UNIQUE)"}, undo: []string{"DROP TABLE shop.log"},
		check: "primary-keys", want: preflight.Warn, evidence: "takes a(a)",
	},
	{
		name: "promoted key, the first of two", do: []string{"CREATE TABLE shop.log (a INT NOT NULL, b INT NOT NULL, c INT UNIQUE, UNIQUE KEY z (b), UNIQUE KEY y (a, b))"}, undo: []string{"DROP TABLE shop.log"},
		check: "primary-keys", want: preflight.Warn, evidence: "takes z(b)",
	},
	{
		name: "promoted key that may be null", do: []string{"CREATE TABLE shop.log (a INT UNIQUE)"}, undo: []string{"DROP TABLE shop.log"},
		check: "primary-keys", want: preflight.Fail, evidence: "may be NULL",
	},
	{
		name: "missing table", edit: func(s *fleet.Store) { s.Tables = []string{"sales", "nothing"} },
		check: "tables", want: preflight.Fail, evidence: "shop.nothing",
	},
	{
		name: "missing schema", edit: func(s *fleet.Store) { s.Schemas = []string{"shop", "warehouse"} },
		check: "tables", want: preflight.Fail, evidence: "warehouse",
	},
	{
		name: "statements", do: []string{"SET GLOBAL binlog_format = 'STATEMENT'"}, undo: []string{"SET GLOBAL binlog_format = 'ROW'"},
		check: "binlog-format", want: preflight.Fail, evidence: "STATEMENT",
	},
	{
		name: "row image", do: []string{"SET GLOBAL binlog_row_image = 'MINIMAL'"}, undo: []string{"SET GLOBAL binlog_row_image = 'FULL'"},
		check: "row-image", want: preflight.Fail, evidence: "MINIMAL",
	},
	{
		name: "short retention", do: []string{"SET GLOBAL binlog_expire_logs_seconds = 3600"}, undo: []string{"SET GLOBAL binlog_expire_logs_seconds = 2592000"},
		check: "retention", want: preflight.Fail, evidence: "1 h",
	},
	{
		name: "middling retention", do: []string{"SET GLOBAL binlog_expire_logs_seconds = 172800"}, undo: []string{"SET GLOBAL binlog_expire_logs_seconds = 2592000"},
		check: "retention", want: preflight.Warn, evidence: "2 days",
	},
	{
		name: "no replication privilege", do: []string{"REVOKE REPLICATION SLAVE ON *.* FROM debezium@'%'"}, undo: []string{"GRANT REPLICATION SLAVE ON *.* TO debezium@'%'"},
		check: "privileges", want: preflight.Fail, evidence: "missing: REPLICATION SLAVE",
	},
	{
		name: "may write", do: []string{"GRANT INSERT ON *.* TO debezium@'%'"}, undo: []string{"REVOKE INSERT ON *.* FROM debezium@'%'"},
		check: "excess-privileges", want: preflight.Warn, evidence: "INSERT",
	},
	{
		name: "locks instead of reload", do: []string{"REVOKE RELOAD ON *.* FROM debezium@'%'", "GRANT LOCK TABLES ON shop.* TO debezium@'%'"},
		undo:  []string{"GRANT RELOAD ON *.* TO debezium@'%'", "REVOKE LOCK TABLES ON shop.* FROM debezium@'%'"},
		check: "privileges", want: preflight.Warn, evidence: "RELOAD is missing",
	},
	{
		name:  "select on the schema alone",
		do:    []string{"REVOKE SELECT ON *.* FROM debezium@'%'", "GRANT SELECT ON shop.* TO debezium@'%'"},
		undo:  []string{"REVOKE SELECT ON shop.* FROM debezium@'%'", "GRANT SELECT ON *.* TO debezium@'%'"},
		check: "privileges", want: preflight.Pass,
	},
	{
		name: "cascade", do: []string{"CREATE TABLE shop.items (id INT PRIMARY KEY, sale INT, FOREIGN KEY (sale) REFERENCES shop.sales (id) ON DELETE CASCADE)"},
		undo: []string{"DROP TABLE shop.items"}, check: "foreign-keys", want: preflight.Warn, evidence: "shop.items → sales (",
	},
	{
		name: "other engine", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY) ENGINE = MyISAM"}, undo: []string{"DROP TABLE shop.log"},
		check: "engine", want: preflight.Warn, evidence: "shop.log (MyISAM)",
	},
	{
		name: "partitions", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3"}, undo: []string{"DROP TABLE shop.log"},
		check: "partitions", want: preflight.Warn, evidence: "shop.log (3)",
	},
	{
		name: "two tables, one topic", do: []string{"CREATE TABLE shop.`a b` (id INT PRIMARY KEY)", "CREATE TABLE shop.a_b (id INT PRIMARY KEY)"},
		undo: []string{"DROP TABLE shop.`a b`, shop.a_b"}, check: "names", want: preflight.Fail, evidence: "shop.a b and shop.a_b",
	},
	{
		name: "generated", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, b INT AS (id + 1) STORED)"}, undo: []string{"DROP TABLE shop.log"},
		check: "generated", want: preflight.Info, evidence: "shop.log.b",
	},
	{
		name: "no heartbeat table", edit: func(s *fleet.Store) { s.HeartbeatTable = "ops.beat" },
		check: "heartbeat-table", want: preflight.Fail, evidence: "ops",
	},
	{
		name: "heartbeat table that cannot be written", do: []string{"CREATE TABLE shop.beat (id INT PRIMARY KEY, ts DATETIME(6))"}, undo: []string{"DROP TABLE shop.beat"},
		edit:  func(s *fleet.Store) { s.HeartbeatTable = "shop.beat" },
		check: "heartbeat-table", want: preflight.Fail, evidence: "may not write",
	},
	{
		name: "heartbeat table", do: []string{"CREATE TABLE shop.beat (id INT PRIMARY KEY, ts DATETIME(6))", "GRANT SELECT, INSERT, UPDATE ON shop.beat TO debezium@'%'"},
		undo:  []string{"REVOKE SELECT, INSERT, UPDATE ON shop.beat FROM debezium@'%'", "DROP TABLE shop.beat"},
		edit:  func(s *fleet.Store) { s.HeartbeatTable = "shop.beat" },
		check: "heartbeat-table", want: preflight.Pass,
	},
	{
		name: "too few connections", do: []string{"SET GLOBAL max_connections = 10"}, undo: []string{"SET GLOBAL max_connections = 1000"},
		check: "connections", want: preflight.Warn, evidence: "of 10",
	},
	{
		name: "impatient", do: []string{"SET GLOBAL wait_timeout = 60"}, undo: []string{"SET GLOBAL wait_timeout = 28800"},
		check: "timeouts", want: preflight.Warn, evidence: "wait_timeout 60",
	},
	{
		name: "zero dates",
		do: []string{
			"SET GLOBAL sql_mode = ''", "SET SESSION sql_mode = ''",
			"CREATE TABLE shop.log (id INT PRIMARY KEY, a DATE, b DATE NOT NULL)", "INSERT INTO shop.log VALUES (1, '0000-00-00', '0000-00-00')",
		},
		undo:  []string{"DROP TABLE shop.log", "SET GLOBAL sql_mode = DEFAULT", "SET SESSION sql_mode = DEFAULT"},
		check: "zero-dates", want: preflight.Warn, evidence: "shop.log.a (1, become NULL), shop.log.b (1, become 1970-01-01)",
	},
	{
		name: "partial dates",
		do: []string{
			"SET GLOBAL sql_mode = ''", "SET SESSION sql_mode = ''",
			"CREATE TABLE shop.log (id INT PRIMARY KEY, a DATE, b DATETIME)", "INSERT INTO shop.log VALUES (1, '2024-00-10', '2024-01-01 00:00:00')",
		},
		undo:  []string{"DROP TABLE shop.log", "SET GLOBAL sql_mode = DEFAULT", "SET SESSION sql_mode = DEFAULT"},
		check: "zero-dates", want: preflight.Warn, evidence: "rows: shop.log.a (1, become NULL)",
	},
	{
		name: "zero dates that the server refuses by now",
		do: []string{
			"SET SESSION sql_mode = ''", "CREATE TABLE shop.log (id INT PRIMARY KEY, a TIMESTAMP NULL)", "INSERT INTO shop.log VALUES (1, '0000-00-00'), (2, NULL)",
			"SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE'",
		},
		undo:  []string{"DROP TABLE shop.log", "SET GLOBAL sql_mode = DEFAULT", "SET SESSION sql_mode = DEFAULT"},
		check: "zero-dates", want: preflight.Warn, evidence: "shop.log.a (1, become NULL)",
	},
	{
		name: "year zero", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, a YEAR)", "INSERT INTO shop.log VALUES (1, 0), (2, 2000)"}, undo: []string{"DROP TABLE shop.log"},
		check: "zero-dates", want: preflight.Warn, evidence: "shop.log.a (1, become 2000 when a snapshot reads them)",
	},
	{
		name: "digits of a FLOAT", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, a FLOAT, b FLOAT, c DOUBLE)", "INSERT INTO shop.log VALUES (1, 16777216, 0.1, 16777216), (2, NULL, -1e-10, 0.1)"}, undo: []string{"DROP TABLE shop.log"},
		check: "floats", want: preflight.Warn, evidence: "rows: shop.log.a (1)",
	},
	{
		name: "booleans of three values", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, a BOOLEAN, b BOOLEAN, c TINYINT)", "INSERT INTO shop.log VALUES (1, 2, 1, 2), (2, NULL, 0, 0)"}, undo: []string{"DROP TABLE shop.log"},
		check: "booleans", want: preflight.Warn, evidence: "rows: shop.log.a (1)",
	},
	{
		name: "key of many bits", do: []string{"CREATE TABLE shop.log (k BIT(9) PRIMARY KEY, b BIT(20))", "CREATE TABLE shop.small (k BIT(8) PRIMARY KEY)"}, undo: []string{"DROP TABLE shop.log, shop.small"},
		check: "bit-keys", want: preflight.Warn, evidence: "shop.log.k (bit(9))",
	},
	{
		name: "backslash in Shift-JIS", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET sjis, b TEXT CHARACTER SET cp866)", "INSERT INTO shop.log VALUES (1, 0x815F, 'a'), (2, 'a', 'b')"}, undo: []string{"DROP TABLE shop.log"},
		check: "characters", want: preflight.Warn, evidence: "rows: shop.log.a (1)",
	},
	{
		name: "prepared transactions", do: []string{"XA START 'x'", "XA END 'x'", "XA PREPARE 'x'", "XA ROLLBACK 'x'"}, undo: []string{"FLUSH STATUS"},
		check: "xa", want: preflight.Warn, evidence: "since the server started",
	},
	{
		name: "old character set", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, a VARCHAR(10) CHARACTER SET koi8u, b TEXT CHARACTER SET koi8r)"}, undo: []string{"DROP TABLE shop.log"},
		check: "charsets", want: preflight.Warn, evidence: "shop.log.a (koi8u, read as KOI8-R)",
	},
	{
		name: "label of four bytes", do: []string{"SET NAMES utf8mb4", "CREATE TABLE shop.log (id INT PRIMARY KEY, a ENUM('\U0001F9FE','b') CHARACTER SET utf8mb4)"}, undo: []string{"DROP TABLE shop.log"},
		check: "labels", want: preflight.Warn, evidence: "shop.log.a (enum('?','b'))",
	},
	{
		name: "zone that is many", do: []string{"SET GLOBAL time_zone = '+01:00'"}, undo: []string{"SET GLOBAL time_zone = 'SYSTEM'"},
		check: "time-zone", want: preflight.Pass, evidence: "+01:00",
	},
	{
		name: "an id that is taken", edit: func(s *fleet.Store) { s.ServerID = uint32(s.Port) },
		check: "server-id", want: preflight.Fail, evidence: "which the inventory gives to its connector",
	},
	{
		name: "wrong flavour", edit: func(s *fleet.Store) {
			s.Flavor = map[fleet.Flavor]fleet.Flavor{fleet.MySQL: fleet.MariaDB, fleet.MariaDB: fleet.MySQL}[s.Flavor]
		},
		check: "flavor", want: preflight.Fail, evidence: "the inventory says",
	},
}

func TestPreflightMySQL(t *testing.T) {
	m, db := startStore(t, stack.MySQLOptions{Binlog: true})
	testSound(t, m)
	for _, b := range append(everywhere, []broken{
		{
			name: "partial JSON", do: []string{"SET GLOBAL binlog_row_value_options = 'PARTIAL_JSON'"}, undo: []string{"SET GLOBAL binlog_row_value_options = ''"},
			check: "partial-json", want: preflight.Fail, evidence: "PARTIAL_JSON",
		},
		{
			name: "JSON that holds times and bytes",
			do: []string{
				"CREATE TABLE shop.log (id INT PRIMARY KEY, a JSON, b JSON NOT NULL)",
				`INSERT INTO shop.log VALUES (1, JSON_OBJECT('x', JSON_ARRAY(1, CAST('12:00:00.5' AS TIME(6)))), '{}'), (2, NULL, CAST(NOW(6) AS JSON)),
					(3, JSON_OBJECT('d', CAST('2026-01-02' AS DATE), 'n', CAST(12345678901234567890.123456789 AS DECIMAL(40,9))), '["12:00:00.000000"]'),
					(4, JSON_ARRAY(JSON_ARRAY(CAST(0x00FF AS BINARY))), '[]'), (5, '{"a":[1,2.5,{"b":"x"}],"c":null,"d":true}', 'null'),
					(6, JSON_OBJECT('g', ST_GeomFromText('POINT(1 2)'), 'y', CAST(2026 AS YEAR)), '{"e":1e308,"h":123456789012345678901234567890}'),
					(7, CAST(TIME'-12:00:00' AS JSON), JSON_ARRAY(CAST(b'101' AS JSON), 1.10))`,
			},
			undo:  []string{"DROP TABLE shop.log"},
			check: "json-values", want: preflight.Warn, evidence: "rows: shop.log.a (3), shop.log.b (2)",
		},
		{
			name: "JSON of texts, numbers and dates",
			do: []string{
				"CREATE TABLE shop.log (id INT PRIMARY KEY, a JSON)",
				`INSERT INTO shop.log VALUES (1, '{"at":"12:00:00.000000","n":[1,2.5,1e308,null,true]}'), (2, JSON_ARRAY(CAST('2026-01-02' AS DATE), CAST(1.10 AS DECIMAL(5,2))))`,
			},
			undo:  []string{"DROP TABLE shop.log"},
			check: "json-values", want: preflight.Pass, evidence: "none in the first and last 10000 rows of 1 columns",
		},
		{
			name: "numbers that fill their column", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, a DECIMAL(6,2) ZEROFILL, b INT(6) ZEROFILL)"}, undo: []string{"DROP TABLE shop.log"},
			check: "types", want: preflight.Fail, evidence: "shop.log.a (decimal(6,2) unsigned zerofill)",
		},
		{
			name: "names in double quotes", do: []string{"SET GLOBAL sql_mode = 'ANSI_QUOTES'"}, undo: []string{"SET GLOBAL sql_mode = DEFAULT"},
			check: "quotes", want: preflight.Warn, evidence: "ANSI_QUOTES",
		},
		{
			name: "logs kept for ever", do: []string{"SET GLOBAL binlog_expire_logs_auto_purge = OFF"}, undo: []string{"SET GLOBAL binlog_expire_logs_auto_purge = ON"},
			check: "retention", want: preflight.Pass, evidence: "for ever",
		},
		{
			name: "no GTID", do: []string{"SET GLOBAL gtid_mode = ON_PERMISSIVE"}, undo: []string{"SET GLOBAL gtid_mode = ON"},
			check: "gtid", want: preflight.Warn, evidence: "ON_PERMISSIVE",
		},
		{
			name: "role that is not active",
			do:   []string{"CREATE ROLE cdc", "GRANT REPLICATION SLAVE ON *.* TO cdc", "REVOKE REPLICATION SLAVE ON *.* FROM debezium@'%'", "GRANT cdc TO debezium@'%'"},
			undo: []string{"DROP ROLE cdc", "GRANT REPLICATION SLAVE ON *.* TO debezium@'%'"}, check: "privileges", want: preflight.Fail, evidence: "roles granted but not active: cdc",
		},
		{
			name: "role that is active",
			do:   []string{"CREATE ROLE cdc", "GRANT REPLICATION SLAVE ON *.* TO cdc", "REVOKE REPLICATION SLAVE ON *.* FROM debezium@'%'", "GRANT cdc TO debezium@'%'", "SET DEFAULT ROLE cdc TO debezium@'%'"},
			undo: []string{"DROP ROLE cdc", "GRANT REPLICATION SLAVE ON *.* TO debezium@'%'"}, check: "privileges", want: preflight.Pass,
		},
		{
			name: "encrypted", edit: func(s *fleet.Store) { s.TLS = fleet.TLSRequired }, check: "tls", want: preflight.Pass, evidence: "TLSv1",
		},
		{
			name: "certificate of nobody", edit: func(s *fleet.Store) { s.TLS = fleet.TLSVerify }, check: "login", want: preflight.Fail, evidence: "x509",
		},
		{
			name: "encryption insisted on", do: []string{"SET GLOBAL require_secure_transport = ON"}, undo: []string{"SET GLOBAL require_secure_transport = OFF"},
			edit:  func(s *fleet.Store) { s.TLS = fleet.TLSDisabled },
			check: "login", want: preflight.Fail, evidence: "require_secure_transport",
		},
	}...) {
		t.Run(b.name, func(t *testing.T) { adaptCascade(t, &b, db); b.test(t, m, db) })
	}
}

// adaptCascade expects cascades to be logged where the server says so.
func adaptCascade(t *testing.T, b *broken, db *sql.DB) {
	t.Helper()
	if b.check != "foreign-keys" {
		return
	}
	var native bool
	if db.QueryRow("SELECT @@GLOBAL.innodb_native_foreign_keys").Scan(&native) == nil && !native {
		b.want, b.evidence = preflight.Pass, "logged"
	}
}

// Before MySQL 9.6, and with its old way switched on, cascades are not logged.
func TestPreflightCascades(t *testing.T) {
	m, db := startStore(t, stack.MySQLOptions{Binlog: true, Args: []string{"--innodb-native-foreign-keys=ON"}})
	for _, b := range everywhere {
		if b.check == "foreign-keys" {
			b.test(t, m, db)
		}
	}
}

func TestPreflightMariaDB(t *testing.T) {
	m, db := startStore(t, stack.MySQLOptions{Flavor: stack.FlavorMariaDB, Binlog: true, Args: []string{"--expire-logs-days=30"}})
	testSound(t, m)
	for _, b := range append(everywhere, []broken{
		{
			name: "compressed log", do: []string{"SET GLOBAL log_bin_compress = ON"}, undo: []string{"SET GLOBAL log_bin_compress = OFF"},
			check: "log-compress", want: preflight.Fail,
		},
		{
			name: "mixed", do: []string{"SET GLOBAL binlog_format = 'MIXED'"}, undo: []string{"SET GLOBAL binlog_format = 'ROW'"},
			check: "binlog-format", want: preflight.Fail, evidence: "MIXED",
		},
		{
			name: "table with versions", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY) WITH SYSTEM VERSIONING"}, undo: []string{"DROP TABLE shop.log"},
			check: "versioned", want: preflight.Warn, evidence: "shop.log",
		},
		{
			name: "compressed column", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, a TEXT COMPRESSED, b VARCHAR(500))"}, undo: []string{"DROP TABLE shop.log"},
			check: "types", want: preflight.Fail, evidence: "shop.log.a",
		},
		{
			name: "unknown type", do: []string{"CREATE TABLE shop.log (id INT PRIMARY KEY, ip INET6)"}, undo: []string{"DROP TABLE shop.log"},
			check: "types", want: preflight.Fail, evidence: "shop.log.ip (inet6)",
		},
	}...) {
		t.Run(b.name, func(t *testing.T) { b.test(t, m, db) })
	}
}

// testSound looks at a store that nothing is wrong with.
func testSound(t *testing.T, m *stack.MySQL) {
	t.Helper()
	report := preflight.Run(t.Context(), storeOn(m, "0001"), preflight.Options{})
	for _, f := range report.Findings {
		t.Logf("%-4s %-18s %s", f.Verdict, f.Check, f.Evidence)
	}
	require.Empty(t, report.Failed())
	proof, _ := report.Finding("replication-proof")
	require.Equal(t, preflight.Pass, proof.Verdict, proof.Evidence)
	for _, f := range report.Findings {
		require.NotContains(t, f.Evidence, "could not be read", f.Check)
		require.NotContains(t, f.Evidence, "dbz-pw")
	}
}

func TestPreflightWithoutBinaryLog(t *testing.T) {
	m, _ := startStore(t, stack.MySQLOptions{})
	report := preflight.Run(t.Context(), storeOn(m, "0001"), preflight.Options{})
	require.Contains(t, report.Failed(), "log-bin")
	finding, _ := report.Finding("log-bin")
	require.Contains(t, strings.Join(finding.Config, "\n"), "log_bin = mysql-bin")
	for _, check := range report.Failed() {
		require.Contains(t, []string{"log-bin", "replication-proof"}, check)
	}
}

func TestPreflightFilteredLog(t *testing.T) {
	m, _ := startStore(t, stack.MySQLOptions{Binlog: true, Args: []string{"--binlog-ignore-db=shop"}})
	report := preflight.Run(t.Context(), storeOn(m, "0001"), preflight.Options{})
	require.Equal(t, []string{"binlog-filter"}, report.Failed())
}

// TestPreflightSamples looks at both ends of a table of a million rows, in a key
// that its order of writing is not, and is done soon.
func TestPreflightSamples(t *testing.T) {
	m, db := startStore(t, stack.MySQLOptions{Binlog: true, BufferPoolMB: 64})
	execAll(t, db, "SET SESSION cte_max_recursion_depth = 1000000, SESSION sql_log_bin = 0, SESSION sql_mode = ''",
		"CREATE TABLE shop.log (a INT, b INT, at DATETIME NOT NULL, doc JSON, note VARCHAR(100), PRIMARY KEY (b, a))",
		`INSERT INTO shop.log WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
			SELECT i MOD 7, i, NOW(), JSON_OBJECT('sku', i, 'items', JSON_ARRAY(1, 2.5, 'three'), 'note', REPEAT('x', 100)), REPEAT('y', 100) FROM n`,
		"UPDATE shop.log SET at = '0000-00-00', doc = CAST(CAST('12:00:00' AS TIME) AS JSON) WHERE b IN (1, 500000, 1000000)")
	begin := time.Now()
	report := preflight.Run(t.Context(), storeOn(m, "0001"), preflight.Options{})
	t.Logf("all checks of a store with a million rows: %s", time.Since(begin))
	dates, _ := report.Finding("zero-dates")
	require.Contains(t, dates.Evidence, "shop.log.at (2, become 1970-01-01)")
	documents, _ := report.Finding("json-values")
	require.Contains(t, documents.Evidence, "shop.log.doc (2)")
	require.Less(t, time.Since(begin), 10*time.Second)
	report = preflight.Run(t.Context(), storeOn(m, "0001"), preflight.Options{CheckTimeout: 15 * time.Millisecond})
	documents, _ = report.Finding("json-values")
	require.NotEqual(t, preflight.Pass, documents.Verdict, "what there was no time for is no pass: %s", documents.Evidence)
}

// A dead line must not hold up the others, and is told from a wrong port.
func TestPreflightUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }() // accepts connections and never answers
	silent := listener.Addr().(*net.TCPAddr).Port
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := free.Addr().(*net.TCPAddr).Port
	require.NoError(t, free.Close())

	store := func(id, host string, port int) fleet.Store {
		return fleet.Store{ID: id, Host: host, Port: port, User: "u", Password: fleet.Literal("p"), Schemas: []string{"shop"}, TLS: fleet.TLSPreferred}
	}
	begin := time.Now()
	done := 0
	reports := preflight.Fleet(t.Context(), []fleet.Store{
		store("refused", "127.0.0.1", closed), store("silent", "127.0.0.1", silent), store("nameless", "no-such-host.invalid", 3306),
	}, preflight.Options{ConnectTimeout: time.Second, CheckTimeout: 2 * time.Second, Progress: func(n, all int, _ preflight.Report) {
		done = n
		require.Equal(t, 3, all)
	}})
	require.Less(t, time.Since(begin), 10*time.Second)
	require.Equal(t, 3, done)
	for i, want := range []struct{ check, remedy string }{
		{"reach", "start the server"}, {"login", ""}, {"reach", "correct host"},
	} {
		require.Equal(t, []string{want.check}, reports[i].Failed(), reports[i].Store)
		finding, _ := reports[i].Finding(want.check)
		require.Contains(t, finding.Remedy, want.remedy)
	}
}

// What --fix-sql prints must mend the store.
func TestPreflightFixes(t *testing.T) {
	m, db := startStore(t, stack.MySQLOptions{Binlog: true})
	execAll(t, db, "SET GLOBAL binlog_format = 'STATEMENT'", "SET GLOBAL binlog_row_image = 'MINIMAL'",
		"SET GLOBAL binlog_expire_logs_seconds = 60", "SET GLOBAL binlog_row_value_options = ''",
		"REVOKE RELOAD, REPLICATION SLAVE ON *.* FROM debezium@'%'")
	report := preflight.Run(t.Context(), storeOn(m, "0001"), preflight.Options{})
	require.Len(t, report.Failed(), 5, report.Failed()) // and the proof
	script := filepath.Join(t.TempDir(), "fix.sql")
	file, err := os.Create(script)
	require.NoError(t, err)
	require.NoError(t, preflight.WriteFixes(file, []preflight.Report{report}))
	require.NoError(t, file.Close())
	text, err := os.ReadFile(script)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			execAll(t, db, line)
		}
	}
	report = preflight.Run(t.Context(), storeOn(m, "0001"), preflight.Options{})
	require.Empty(t, report.Failed(), fmt.Sprint(report.Findings))
}
