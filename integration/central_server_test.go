package integration

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/integration/stack"
	"tributary/schema"
	centraldb "tributary/schema/central"
)

// eachCentral runs a test against every kind of server that can be the central
// one, on an empty database of its own.
func eachCentral(t *testing.T, test func(t *testing.T, open func() *sql.DB)) {
	for _, flavor := range []stack.Flavor{stack.FlavorMySQL, stack.FlavorMariaDB} {
		t.Run(flavor.String(), func(t *testing.T) {
			server := centralOf(t, flavor)
			dsn, _ := ownDatabase(t, server)
			test(t, func() *sql.DB { return session(t, dsn) })
		})
	}
}

// ownDatabase is a database that goes with the test, so that it can run again.
func ownDatabase(t *testing.T, server *stack.MySQL) (dsn string, db *sql.DB) {
	t.Helper()
	dsn, db = database(t, server)
	t.Cleanup(func() {
		_, err := db.Exec("DROP DATABASE `" + dsn[strings.LastIndexByte(dsn, '/')+1:] + "`")
		require.NoError(t, err)
	})
	return dsn, db
}

// centralOf is the run's MySQL, or a MariaDB of the test's own.
func centralOf(t *testing.T, flavor stack.Flavor) *stack.MySQL {
	if flavor == stack.FlavorMySQL {
		return central(t)
	}
	server, err := stack.StartMySQL(t.Context(), filepath.Join(run.dir, strings.ReplaceAll(t.Name(), "/", "-")),
		stack.MySQLOptions{Name: "mariadb", Flavor: flavor}, os.Stderr)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, server.Stop(ctx))
	})
	return server
}

// session opens sessions as the sink's writer does.
func session(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	config, err := mysql.ParseDSN(dsn)
	require.NoError(t, err)
	config.Params = map[string]string{"sql_mode": "'" + schema.SQLMode + "'", "time_zone": "'+00:00'"}
	config.Collation = "utf8mb4_general_ci"
	config.ClientFoundRows = false
	connector, err := mysql.NewConnector(config)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func catalog(t *testing.T, db *sql.DB) *centraldb.Catalog {
	t.Helper()
	c, err := centraldb.Open(t.Context(), db, centraldb.Options{MetadataTimeout: time.Second})
	require.NoError(t, err)
	return c
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
}

// firstColumn is the first column of a query's rows.
func firstColumn(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(query, args...)
	require.NoError(t, err, query)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s sql.NullString
		require.NoError(t, rows.Scan(&s))
		if !s.Valid {
			s.String = "NULL"
		}
		all = append(all, s.String)
	}
	require.NoError(t, rows.Err())
	return all
}

// column is a field with the type column.propagate.source.type would give it,
// "DECIMAL(10,2)"; the type may stand for none.
func column(name string, t debezium.Type, logical, source string, parameters ...string) debezium.Field {
	f := debezium.Field{Name: name, Type: t, Logical: logical, Optional: true, Parameters: map[string]string{}}
	for i := 0; i < len(parameters); i += 2 {
		f.Parameters[parameters[i]] = parameters[i+1]
	}
	if source != "" {
		f.Parameters["__debezium.source.column.type"] = source
	}
	return f
}

// everyType are the columns of an event captured from a real connector.
func everyType(t *testing.T) (columns []debezium.Field, row func(file string) debezium.Row) {
	t.Helper()
	reader := debezium.NewReader()
	read := func(file string) (*debezium.Schema, debezium.Row) {
		message, err := os.ReadFile("../debezium/testdata/events/" + file)
		require.NoError(t, err)
		s, rest, err := reader.Cut(message)
		require.NoError(t, err)
		var ev debezium.Event
		require.NoError(t, s.Decode(rest, debezium.AfterImage, &ev))
		return s, ev.After
	}
	s, _ := read("prod.0001.s0001.every_type.000.r.value")
	return s.Columns(), func(file string) debezium.Row {
		_, after := read(file)
		return after
	}
}
