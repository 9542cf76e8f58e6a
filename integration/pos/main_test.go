package pos_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"tributary/integration/stack"
)

// server holds all the stores of the tests.
var server *stack.MySQL

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	ctx := context.Background()
	started, err := stack.StartMySQL(ctx, "", stack.MySQLOptions{Binlog: true}, os.Stderr)
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
