package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/integration/stack"
)

// run is what the tests of one run share. Parts start when the first test asks
// for them and stop when the last test has ended.
var run struct {
	dir     string
	central lazy[*stack.MySQL]
	stack   lazy[*stack.Stack]
}

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tributary-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making the run's folder:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	run.dir = dir
	defer stopAll()
	return m.Run()
}

func stopAll() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if m := run.central.started(); m != nil {
		report(m.Stop(ctx))
	}
	if s := run.stack.started(); s != nil {
		report(s.Stop(ctx))
	}
}

func report(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "stopping the stack:", err)
	}
}

// lazy starts something once, however many tests ask for it.
type lazy[T any] struct {
	once  sync.Once
	value T
	err   error
}

func (l *lazy[T]) get(start func() (T, error)) (T, error) {
	l.once.Do(func() { l.value, l.err = start() })
	return l.value, l.err
}

func (l *lazy[T]) started() (value T) {
	l.once.Do(func() {})
	return l.value
}

// central is the run's central MySQL.
func central(t testing.TB) *stack.MySQL {
	t.Helper()
	m, err := run.central.get(func() (*stack.MySQL, error) {
		return stack.StartMySQL(context.Background(), filepath.Join(run.dir, "central"),
			stack.MySQLOptions{Name: "central", Central: true, BufferPoolMB: 256}, os.Stderr)
	})
	require.NoError(t, err)
	return m
}

// kafka is the run's Kafka with one Connect worker.
func kafka(t testing.TB) *stack.Stack {
	t.Helper()
	s, err := run.stack.get(func() (*stack.Stack, error) {
		return stack.Start(context.Background(), stack.Options{
			Dir: filepath.Join(run.dir, "stack"), Progress: os.Stderr, Plugins: []stack.Plugin{stack.AvroConverter},
		})
	})
	require.NoError(t, err)
	return s
}

// untested skips a test for want of something. `make` names a file in NOT_TESTED
// and prints it at its end, since go test is silent about what it skips.
func untested(t *testing.T, what string) {
	t.Helper()
	said := "NOT TESTED (" + t.Name() + "): " + what
	if path := os.Getenv("NOT_TESTED"); path != "" {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		require.NoError(t, err)
		_, err = fmt.Fprintln(file, said)
		require.NoError(t, errors.Join(err, file.Close()))
	}
	t.Skip(said)
}

// database makes an empty database of the test's own on a server and returns
// its DSN and a connection to it.
func database(t testing.TB, m *stack.MySQL) (dsn string, db *sql.DB) {
	t.Helper()
	name := strings.ToLower(strings.NewReplacer("/", "_", " ", "_", "#", "_", "-", "_").Replace(t.Name()))
	name = name[max(0, len(name)-60):]
	root, err := m.Open("")
	require.NoError(t, err)
	defer func() { require.NoError(t, root.Close()) }()
	_, err = root.Exec("DROP DATABASE IF EXISTS `" + name + "`") // of an earlier round of -count
	require.NoError(t, err)
	_, err = root.Exec("CREATE DATABASE `" + name + "`")
	require.NoError(t, err)
	db, err = m.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return m.DSN(name), db
}
