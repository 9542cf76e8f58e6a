package integration

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/integration/stack"
	"tributary/sink/monitor"
	"tributary/sink/monitor/ladder"
)

// watched is a store on the real stack, with everything between it and the
// central database, for breaking one rung after the other.
type watched struct {
	t         *testing.T
	store     *stack.MySQL
	connect   *connect.Client
	connector string
	environ   []string
	inventory *fleet.Inventory
}

// watch starts a store, registers its connector and runs a sink.
func watch(t *testing.T, environment string) (*watched, *stack.MySQL) {
	t.Helper()
	ctx := t.Context()
	kafka, center := kafka(t), ownCentral(t)
	store, err := kafka.MySQL(ctx, stack.MySQLOptions{Name: "store-" + environment, Binlog: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Stop(context.Background())) })
	db, err := store.DB()
	require.NoError(t, err)
	for _, q := range []string{
		"CREATE DATABASE pos", "CREATE TABLE pos.sale (id BIGINT PRIMARY KEY AUTO_INCREMENT, label VARCHAR(40), amount INT)",
		"INSERT INTO pos.sale (label, amount) VALUES ('one', 1), ('two', 2)",
	} {
		_, err := db.Exec(q)
		require.NoError(t, err)
	}
	require.NoError(t, store.GrantDebezium(ctx, "cdc", "cdc"))
	dsn, _ := database(t, center)

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pw"), []byte("password=cdc\n"), 0o600))
	path := filepath.Join(dir, "stores.yaml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `environment: %s
kafka: {brokers: %q}
connect: {url: %q}
topics: {replication: 1}
defaults: {schemas: [pos], user: cdc, password: {file: %s/pw, key: password}, host: 127.0.0.1}
stores:
  - {id: "47", port: %d, settings: {connect.keep.alive.interval.ms: "3000", heartbeat.interval.ms: "1000"}}
  - {id: "48", port: 1, enabled: false}
`, environment, kafka.Kafka.Addr(), kafka.ConnectURL(), dir, store.Port()), 0o600))
	w := &watched{t: t, store: store, connector: environment + ".47", connect: connect.New(kafka.ConnectURL(), connect.Options{})}
	t.Cleanup(func() { require.NoError(t, w.connect.Delete(context.Background(), w.connector)) })
	w.inventory, err = fleet.Load(path)
	require.NoError(t, err)
	w.environ = []string{
		"TRIBUTARY_STORES=" + path, "TRIBUTARY_CENTRAL_DSN=" + dsn, "TRIBUTARY_GROUP=" + environment, "TRIBUTARY_MONITOR_STORE_TIMEOUT=2s",
		"TRIBUTARY_MONITOR_TIMEOUT=10s", "TRIBUTARY_MONITOR_HEARTBEAT=10s",
	}
	return w, center
}

func (w *watched) sink() *replica {
	dsn := strings.TrimPrefix(w.environ[1], "TRIBUTARY_CENTRAL_DSN=")
	return startReplica(w.t, w.inventory.Kafka.Brokers, dsn, "ENVIRONMENT="+w.inventory.Environment, "GROUP="+w.inventory.Environment, "STATEMENT_TIMEOUT=2s")
}

func (w *watched) sell(label string) {
	db, err := w.store.Open("pos")
	require.NoError(w.t, err)
	defer func() { _ = db.Close() }()
	_, err = db.Exec("INSERT INTO sale (label, amount) VALUES (?, 1)", label)
	require.NoError(w.t, err)
}

func (w *watched) explain() ladder.Verdict {
	w.t.Helper()
	config, err := monitor.LoadConfig(w.environ)
	require.NoError(w.t, err)
	v, err := monitor.Explain(w.t.Context(), config, "47", "")
	require.NoError(w.t, err)
	return v
}

// until explains again and again, until the first broken rung is the one
// wanted; an empty one means well.
func (w *watched) until(rung ladder.Rung, evidence string) {
	w.t.Helper()
	begin := time.Now()
	var v ladder.Verdict
	require.Eventually(w.t, func() bool {
		v = w.explain()
		return v.Rung == rung && strings.Contains(v.Sentence, evidence)
	}, 90*time.Second, 200*time.Millisecond, "wanted %q %q", rung, evidence)
	w.t.Logf("%5.1f s  %s", time.Since(begin).Seconds(), v.Sentence)
}

// TestEveryRungBroken breaks the way of a real store at every rung, in turn:
// the rung is named, and it is well again after the mend.
func TestEveryRungBroken(t *testing.T) {
	w, center := watch(t, "rungs")
	ctx := t.Context()
	w.until(ladder.Registered, "there is no connector rungs.47")
	store, _ := w.inventory.Store("47")
	require.NoError(t, w.connect.Create(ctx, w.connector, connect.Config(store, connect.DefaultsOf(w.inventory)), connect.Started))
	w.until(ladder.KeepingUp, "no sink is running")
	first := w.sink()
	w.until("", "nothing is wrong")

	t.Log("the store's server is stopped")
	require.NoError(t, w.store.Stop(ctx))
	w.until(ladder.Reach, "cannot be reached")
	require.NoError(t, w.store.Restart(ctx))
	w.heal()

	t.Log("the account's password is changed")
	db, err := w.store.DB()
	require.NoError(t, err)
	execAll(t, db, "ALTER USER cdc@'%' IDENTIFIED BY 'other'")
	w.until(ladder.Login, "Access denied")
	execAll(t, db, "ALTER USER cdc@'%' IDENTIFIED BY 'cdc'")
	w.until("", "nothing is wrong")

	t.Log("a privilege is revoked")
	execAll(t, db, "REVOKE REPLICATION CLIENT ON *.* FROM cdc@'%'")
	w.until(ladder.Binlog, "grant REPLICATION CLIENT")
	execAll(t, db, "GRANT REPLICATION CLIENT ON *.* TO cdc@'%'")
	execAll(t, db, "SET GLOBAL binlog_row_image=MINIMAL")
	w.until(ladder.Binlog, "MINIMAL")
	execAll(t, db, "SET GLOBAL binlog_row_image=FULL")
	w.until("", "nothing is wrong")

	t.Log("the connector is paused, and stopped")
	require.NoError(t, w.connect.Pause(ctx, w.connector))
	w.until(ladder.Registered, "is paused")
	require.NoError(t, w.connect.Stop(ctx, w.connector))
	w.until(ladder.Registered, "is stopped")
	require.NoError(t, w.connect.Resume(ctx, w.connector))
	w.until("", "nothing is wrong")

	t.Log("the sink is stopped")
	first.end()
	w.sell("while the sink is away")
	w.until(ladder.KeepingUp, "no sink is running (group rungs has no members), 1 events wait")
	w.sink()
	w.until("", "nothing is wrong")

	t.Log("an event is refused")
	central, err := center.Open(strings.ToLower(t.Name()))
	require.NoError(t, err)
	defer func() { _ = central.Close() }()
	execAll(t, central, "ALTER TABLE sale ADD CONSTRAINT no_poison CHECK (label <> 'poison')")
	w.sell("poison")
	w.until(ladder.Accepted, "1 events are set aside as dead letters, the newest of sale")
	execAll(t, central, "UPDATE tributary_dead_letters SET state='discarded'")
	w.until("", "nothing is wrong")

	t.Log("a row of the central table is locked")
	w.environ = append(w.environ, "TRIBUTARY_MONITOR_LAG=5s")
	locker, err := central.Begin()
	require.NoError(t, err)
	_, err = locker.Exec("SELECT * FROM sale FOR UPDATE")
	require.NoError(t, err)
	w.sell("behind the lock")
	w.until(ladder.KeepingUp, "1 events wait, the oldest, of sale, for")
	require.NoError(t, locker.Rollback())
	w.until("", "nothing is wrong")

	t.Log("the central database is killed")
	require.NoError(t, center.Kill())
	w.until(ladder.Accepted, "the central database does not answer")
	require.NoError(t, center.Restart(ctx))
	w.until("", "nothing is wrong")

	t.Log("the binary log is purged while the connector is stopped")
	require.NoError(t, w.connect.Stop(ctx, w.connector))
	w.until(ladder.Registered, "is stopped")
	w.sell("lost") // not yet: the log it stands in is about to be deleted
	db, err = w.store.DB()
	require.NoError(t, err)
	execAll(t, db, "FLUSH BINARY LOGS", "FLUSH BINARY LOGS")
	var head string
	require.NoError(t, db.QueryRow("SELECT LOG_NAME FROM performance_schema.log_status CROSS JOIN JSON_TABLE(LOCAL, '$' COLUMNS(LOG_NAME VARCHAR(80) PATH '$.binary_log_file')) j").Scan(&head))
	execAll(t, db, "PURGE BINARY LOGS TO '"+head+"'")
	w.until(ladder.Binlog, "from which the connector has to go on")

	t.Log("a failed task")
	require.NoError(t, w.connect.Resume(ctx, w.connector))
	require.Eventually(t, func() bool {
		step, _ := w.explain().Step(ladder.Task)
		return step.State == ladder.Broken
	}, 90*time.Second, 200*time.Millisecond)
	step, _ := w.explain().Step(ladder.Task)
	t.Log(step.Evidence)
}

// heal restarts the connector, as the monitor would, until all is well.
func (w *watched) heal() {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		v := w.explain()
		if v.Rung == ladder.Task {
			_ = w.connect.Restart(w.t.Context(), w.connector, true)
		}
		return v.Healthy()
	}, 120*time.Second, time.Second)
}

// TestMonitorRestartsAndTells lets the monitor itself watch a real store whose
// server goes away: it tells the webhook, restarts what failed and tells again.
func TestMonitorRestartsAndTells(t *testing.T) {
	w, _ := watch(t, "heals")
	ctx := t.Context()
	store, _ := w.inventory.Store("47")
	config := connect.Config(store, connect.DefaultsOf(w.inventory))
	delete(config, "internal.custom.retriable.exception") // Debezium's own retries would be first
	config["errors.max.retries"] = "0"
	require.NoError(t, w.connect.Create(ctx, w.connector, config, connect.Started))
	w.sink()
	var mu sync.Mutex
	var told []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		told = append(told, string(body))
	}))
	defer hook.Close()
	heard := func(what string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(told) > 0 && strings.Contains(told[len(told)-1], what)
		}
	}
	address := w.monitor("TRIBUTARY_MONITOR_WEBHOOK="+hook.URL, "TRIBUTARY_MONITOR_WEBHOOK_AFTER=3s", "TRIBUTARY_MONITOR_STORE_INTERVAL=2s")
	require.Eventually(t, func() bool { return strings.Contains(get(address+"/api/stores/47"), "nothing is wrong") }, 90*time.Second, time.Second)

	require.Eventually(t, func() bool {
		return strings.Contains(get(address+"/metrics"), `tributary_store_preflight_findings{store="47",verdict="fail"} 0`)
	}, 60*time.Second, time.Second)
	require.NoError(t, w.store.Stop(ctx))
	require.Eventually(t, heard(`"rung":"reach"`), 30*time.Second, 100*time.Millisecond)
	require.Eventually(t, func() bool {
		c, err := w.connect.Status(ctx, w.connector)
		return err == nil && c.State == connect.StateFailed
	}, 90*time.Second, 500*time.Millisecond, "the task fails")
	require.NoError(t, w.store.Restart(ctx))
	require.Eventually(t, heard(`"state":"ok"`), 240*time.Second, 500*time.Millisecond)
	require.Contains(t, get(address+"/metrics"), `tributary_connector_restarts_total{connector="heals.47"}`)
	require.Contains(t, get(address+"/metrics"), `tributary_store_healthy{store="47"} 1`)
	require.NotContains(t, get(address+"/metrics"), `tributary_store_healthy{store="48"}`, "switched off")
}

// get returns what an address answers, nothing as long as it does not.
func get(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return ""
	}
	return string(body)
}

// monitor runs the monitor until the test ends and returns its address.
func (w *watched) monitor(settings ...string) string {
	return startMonitor(w.t, append(w.environ, settings...)...)
}

func startMonitor(t *testing.T, environ ...string) (address string) {
	t.Helper()
	addr := freeAddr(t)
	config, err := monitor.LoadConfig(append([]string{
		"TRIBUTARY_MONITOR_HTTP_ADDR=" + addr, "TRIBUTARY_MONITOR_INTERVAL=1s", "TRIBUTARY_LOG_LEVEL=error",
	}, environ...))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	log, err := config.Logger()
	require.NoError(t, err)
	go func() { done <- monitor.Run(ctx, config, log) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(30 * time.Second):
			t.Error("the monitor did not stop within 30 s")
		}
	})
	return "http://" + addr
}

// freeAddr is an address nobody listens at.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}
