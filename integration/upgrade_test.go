package integration

import (
	"context"
	"database/sql"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/sink"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
	"tributary/sink/migrate"
	"tributary/sink/tables"
)

// upgraded is a table as three versions of a program know it: the second adds
// a column, the third takes one away that the second no longer uses.
func upgraded(version int) migrate.Table {
	create := []string{
		"CREATE TABLE IF NOT EXISTS tributary_test (id INT PRIMARY KEY, a INT) COMMENT='tributary test v1: x'",
		"CREATE TABLE IF NOT EXISTS tributary_test (id INT PRIMARY KEY, a INT, b INT) COMMENT='tributary test v2 from v1: x'",
		"CREATE TABLE IF NOT EXISTS tributary_test (id INT PRIMARY KEY, b INT) COMMENT='tributary test v3 from v2: x'",
	}
	steps := []string{
		"ALTER TABLE tributary_test ADD COLUMN b INT, COMMENT='tributary test v2 from v1: x', ALGORITHM=INPLACE, LOCK=NONE",
		"ALTER TABLE tributary_test DROP COLUMN a, COMMENT='tributary test v3 from v2: x'",
	}
	return migrate.Table{Name: "tributary_test", Create: create[version-1], Steps: steps[:version-1]}
}

const upgradedIs = "SELECT TABLE_COMMENT, (SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS c" +
	" WHERE c.TABLE_SCHEMA=t.TABLE_SCHEMA AND c.TABLE_NAME=t.TABLE_NAME) FROM information_schema.TABLES t" +
	" WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='tributary_test'"

// TestOwnTablesMigrate takes a table from version to version, with several
// processes at once, as a rolling update does.
func TestOwnTablesMigrate(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(1)))
		require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(1)), "it is there")
		_, err := db.Exec("INSERT INTO tributary_test VALUES (1, 2)")
		require.NoError(t, err)

		all := func(version int) {
			t.Helper()
			errs := make(chan error)
			for range 4 {
				another := open()
				go func() { errs <- migrate.Ensure(context.Background(), another, upgraded(version)) }()
			}
			for range 4 {
				require.NoError(t, <-errs)
			}
		}
		all(2)
		require.Equal(t, []string{"tributary test v2 from v1: x id,a,b"}, rows(t, db, upgradedIs))
		require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(1)), "the version before may still start")
		all(3)
		require.Equal(t, []string{"tributary test v3 from v2: x id,b"}, rows(t, db, upgradedIs))
		require.Equal(t, []string{"1 NULL"}, rows(t, db, "SELECT * FROM tributary_test"))
		require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(2)))
		var newer *migrate.NewerError
		require.ErrorAs(t, migrate.Ensure(t.Context(), db, upgraded(1)), &newer)
		require.Equal(t, migrate.NewerError{Table: "tributary_test", Version: 3, Oldest: 2, Known: 1}, *newer)
		require.Equal(t, []string{"tributary test v3 from v2: x id,b"}, rows(t, db, upgradedIs), "nothing was changed")

		_, err = db.Exec("DROP TABLE tributary_test")
		require.NoError(t, err)
		all(3)
		require.Equal(t, []string{"tributary test v3 from v2: x id,b"}, rows(t, db, upgradedIs), "made at once")
	})
}

// TestMigrationGoesOn interrupts a migration between two steps: each step is
// whole, so that the next start goes on behind the last one made.
func TestMigrationGoesOn(t *testing.T) {
	_, db := ownDatabase(t, central(t))
	require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(1)))
	broken := upgraded(3)
	broken.Steps = []string{broken.Steps[0], "ALTER TABLE tributary_test DROP COLUMN nothing, COMMENT='tributary test v3 from v2: x'"}
	require.ErrorContains(t, migrate.Ensure(t.Context(), db, broken), "making or changing tributary_test: Error 1091")
	require.Equal(t, []string{"tributary test v2 from v1: x id,a,b"}, rows(t, db, upgradedIs))
	require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(3)))
	require.Equal(t, []string{"tributary test v3 from v2: x id,b"}, rows(t, db, upgradedIs))
}

// TestMigrationGivesWay has a report hold the table open: the change must not
// queue the sinks behind itself for as long as the report takes.
func TestMigrationGivesWay(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(1)))
	report, err := session(t, dsn).Begin()
	require.NoError(t, err)
	defer func() { _ = report.Rollback() }() // or the database could not be dropped
	_, err = report.Exec("SELECT * FROM tributary_test")
	require.NoError(t, err)
	require.ErrorContains(t, migrate.Ensure(t.Context(), db, upgraded(2)), "Error 1205")
	require.NoError(t, report.Rollback())
	require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(2)))
}

// TestOwnTablesFromVersion1 begins with the tables as version 1 made them. Who
// changes a definition without a step for those that exist fails here.
func TestOwnTablesFromVersion1(t *testing.T) {
	server := central(t)
	_, old := ownDatabase(t, server)
	definitions := []migrate.Table{ledger.Definition(), deadletter.Definition(), tables.Definition()}
	content, err := os.ReadFile("testdata/own-tables-v1.sql")
	require.NoError(t, err)
	for statement := range strings.SplitSeq(comments.ReplaceAllString(string(content), ""), ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			_, err := old.Exec(statement)
			require.NoError(t, err)
		}
	}
	t.Run("made now", func(t *testing.T) {
		_, made := ownDatabase(t, server)
		for _, table := range definitions {
			require.NoError(t, migrate.Ensure(t.Context(), old, table))
			require.NoError(t, migrate.Ensure(t.Context(), made, table))
			show := "SHOW CREATE TABLE " + table.Name
			require.Equal(t, rows(t, made, show), rows(t, old, show))
		}
	})
}

// TestVersionsSideBySide changes the ledger under a running sink as the next
// version would, and starts another sink of this version beside it; what is
// two versions ahead it refuses.
func TestVersionsSideBySide(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "before", 1)
	first := startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 before 1")
	next := "ALTER TABLE tributary_ledger ADD COLUMN later INT NOT NULL DEFAULT 7, COMMENT='tributary ledger v2 from v1: x', ALGORITHM=INPLACE, LOCK=NONE"
	_, err := db.Exec(next)
	require.NoError(t, err)
	p.create("7", 2, "the running one goes on", 2)
	eventually(t, db, sales, "7 1 before 1", "7 2 the running one goes on 2")
	first.end()
	p.create("7", 3, "and can be started again", 3)
	second := startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 before 1", "7 2 the running one goes on 2", "7 3 and can be started again 3")
	second.end()

	_, err = db.Exec("ALTER TABLE tributary_ledger COMMENT='tributary ledger v3 from v2: x'")
	require.NoError(t, err)
	config, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + brokers, "TRIBUTARY_ENVIRONMENT=test",
		"TRIBUTARY_CENTRAL_DSN=" + dsn, "TRIBUTARY_HTTP_ADDR=127.0.0.1:0",
	})
	require.NoError(t, err)
	require.ErrorContains(t, sink.Run(t.Context(), config, zap.NewNop()),
		"tributary_ledger was made by a newer tributary (it is at version 3, for programs that know version 2; this one knows 1)")
	_, err = db.Exec("ALTER TABLE tributary_ledger COMMENT='mine'")
	require.NoError(t, err)
	require.ErrorContains(t, sink.Run(t.Context(), config, zap.NewNop()), "does not say its version")
}

// TestOwnTablesWithoutPrivileges starts with what an account of least privilege
// may do: nothing is asked for that is not needed.
func TestOwnTablesWithoutPrivileges(t *testing.T) {
	server := central(t)
	dsn, db := ownDatabase(t, server)
	name := dsn[strings.LastIndexByte(dsn, '/')+1:]
	for _, statement := range []string{"CREATE USER IF NOT EXISTS upgrader IDENTIFIED BY 'pass'", "GRANT SELECT ON " + name + ".* TO upgrader"} {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		_, err := db.Exec("DROP USER upgrader")
		require.NoError(t, err)
	})
	poor, err := sql.Open("mysql", "upgrader:pass"+regexp.MustCompile(`@.*`).FindString(dsn))
	require.NoError(t, err)
	t.Cleanup(func() { _ = poor.Close() })
	var denied *migrate.PrivilegeError
	require.ErrorAs(t, migrate.Ensure(t.Context(), poor, upgraded(1)), &denied)
	require.Equal(t, upgraded(1).Create, denied.SQL)
	require.NoError(t, migrate.Ensure(t.Context(), db, upgraded(1)))
	require.NoError(t, migrate.Ensure(t.Context(), poor, upgraded(1)))
	require.ErrorAs(t, migrate.Ensure(t.Context(), poor, upgraded(2)), &denied)
	require.Equal(t, upgraded(2).Steps[0], denied.SQL)
}
