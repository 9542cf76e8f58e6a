package compare_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tributary/integration/stack"
)

// server holds both sides: what matters is that they are told apart by schema.
var server *stack.MySQL

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	ctx := context.Background()
	started, err := stack.StartMySQL(ctx, "", stack.MySQLOptions{}, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the server:", err)
		return 1
	}
	server = started
	code = m.Run()
	for _, err := range []error{started.Stop(ctx), goleak.Find()} {
		if err != nil {
			fmt.Fprintln(os.Stderr, "after the tests:", err)
			code = 1
		}
	}
	return code
}

// openServer returns a handle whose sessions take zero dates.
func openServer(t *testing.T) *sql.DB {
	t.Helper()
	config, err := mysql.ParseDSN(server.DSN(""))
	require.NoError(t, err)
	config.Params = map[string]string{"sql_mode": "'STRICT_ALL_TABLES,ALLOW_INVALID_DATES'"}
	connector, err := mysql.NewConnector(config)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}
