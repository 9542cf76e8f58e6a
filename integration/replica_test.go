package integration

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"tributary/sink"
)

// replica is a sink running in the test's process.
type replica struct {
	t    testing.TB
	stop context.CancelFunc
	done chan error
}

// startReplica runs a sink with the settings given as NAME=value, without the
// prefix.
func startReplica(t testing.TB, brokers, dsn string, settings ...string) *replica {
	t.Helper()
	return startLogged(t, zaptest.NewLogger(t), brokers, dsn, settings...)
}

// startLogged is startReplica with a log of the caller's.
func startLogged(t testing.TB, log *zap.Logger, brokers, dsn string, settings ...string) *replica {
	t.Helper()
	environ := []string{
		"TRIBUTARY_KAFKA_BROKERS=" + brokers, "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + dsn,
		"TRIBUTARY_HTTP_ADDR=127.0.0.1:0", "TRIBUTARY_LINGER=5ms",
		"TRIBUTARY_KAFKA_CONF_TOPIC_METADATA_REFRESH_INTERVAL_MS=500",
		"TRIBUTARY_KAFKA_CONF_FETCH_WAIT_MAX_MS=20",
	}
	for _, s := range settings {
		environ = append(environ, "TRIBUTARY_"+s)
	}
	config, err := sink.LoadConfig(environ)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	r := &replica{t: t, stop: cancel, done: make(chan error, 1)}
	go func() { r.done <- sink.Run(ctx, config, log) }()
	t.Cleanup(r.end)
	return r
}

// end stops the replica and waits for it; it may be called again.
func (r *replica) end() {
	r.stop()
	select {
	case err, running := <-r.done:
		if running {
			close(r.done)
			require.NoError(r.t, err)
		}
	case <-time.After(30 * time.Second):
		r.t.Error("the replica did not stop within 30 s")
	}
}

// rows reads a query's result as text, a line a row.
func rows(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	lines, err := tryRows(db, query)
	require.NoError(t, err)
	return lines
}

func tryRows(db *sql.DB, query string) ([]string, error) {
	result, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = result.Close() }()
	columns, err := result.Columns()
	if err != nil {
		return nil, err
	}
	lines := []string{}
	for result.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := result.Scan(targets...); err != nil {
			return nil, err
		}
		line := make([]string, len(columns))
		for i, v := range values {
			line[i] = "NULL"
			if v.Valid {
				line[i] = v.String
			}
		}
		lines = append(lines, strings.Join(line, " "))
	}
	return lines, result.Err()
}

// eventually waits until a query answers what is wanted.
func eventually(t testing.TB, db *sql.DB, query string, want ...string) {
	t.Helper()
	within(t, 30*time.Second, db, query, want...)
}

// within is eventually with a limit of the caller's.
func within(t testing.TB, limit time.Duration, db *sql.DB, query string, want ...string) {
	t.Helper()
	var last string
	deadline := time.Now().Add(limit)
	for tick := time.NewTicker(20 * time.Millisecond); time.Now().Before(deadline); <-tick.C {
		got, err := tryRows(db, query)
		if err == nil && slices.Equal(got, want) {
			return
		}
		last = fmt.Sprintf("%q, error %v", got, err)
	}
	require.FailNow(t, fmt.Sprintf("not within %s", limit), "%s\nwant %q\nlast %s", query, want, last)
}
