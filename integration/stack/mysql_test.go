package stack

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// debeziumMay is what each flavour calls the documented grants.
var debeziumMay = map[Flavor]string{
	FlavorMySQL:   "GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO",
	FlavorMariaDB: "GRANT SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO",
}

// grants logs in as a user and returns what it may do, as far as the user's name.
func grants(t *testing.T, m *MySQL, user, password string) string {
	t.Helper()
	config := m.config("")
	config.User, config.Passwd = user, password
	db, err := sql.Open("mysql", config.FormatDSN())
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var line string
	require.NoError(t, db.QueryRowContext(t.Context(), "SHOW GRANTS").Scan(&line))
	text, _, found := strings.Cut(line, " TO ")
	require.True(t, found, line)
	return text + " TO"
}

// TestMySQL takes one server of each flavour through its lives.
func TestMySQL(t *testing.T) {
	for _, flavor := range []Flavor{FlavorMySQL, FlavorMariaDB} {
		t.Run(flavor.String(), func(t *testing.T) {
			ctx := t.Context()
			m, err := StartMySQL(ctx, "", MySQLOptions{Flavor: flavor, Binlog: true}, os.Stderr)
			require.NoError(t, err)
			folder := m.dir
			defer func() { _ = m.Stop(ctx) }()

			db, err := m.DB()
			require.NoError(t, err)
			for _, statement := range []string{
				"CREATE DATABASE shop",
				"CREATE TABLE shop.sales (id INT PRIMARY KEY)",
				"INSERT INTO shop.sales VALUES (7)",
			} {
				_, err := db.Exec(statement)
				require.NoError(t, err)
			}
			require.NoError(t, m.GrantDebezium(ctx, "debezium", "another"))
			require.NoError(t, m.GrantDebezium(ctx, "debezium", `it's a \secret`))
			require.Equal(t, debeziumMay[flavor], grants(t, m, "debezium", `it's a \secret`))

			usage, err := m.Usage()
			require.NoError(t, err)
			require.Greater(t, usage.Memory, int64(10<<20))
			require.Positive(t, usage.CPU)

			before := m.Pid()
			require.NoError(t, m.Kill())
			require.False(t, m.Running())
			require.Error(t, db.Ping())
			require.NoError(t, m.Restart(ctx))
			require.NotEqual(t, before, m.Pid())

			shop, err := m.Open("shop")
			require.NoError(t, err)
			defer func() { _ = shop.Close() }()
			var id int
			require.NoError(t, shop.QueryRow("SELECT id FROM sales").Scan(&id))
			require.Equal(t, 7, id, "killing a server must not cost committed rows")
			var format, image string
			require.NoError(t, shop.QueryRow("SELECT @@binlog_format, @@binlog_row_image").Scan(&format, &image))
			require.Equal(t, []string{"ROW", "FULL"}, []string{format, image})

			require.NoError(t, m.Stop(ctx))
			require.NoError(t, m.Stop(ctx))
			require.False(t, m.Running())
			require.NoDirExists(t, folder)
		})
	}
}
