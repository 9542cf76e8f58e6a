package integration

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	kafkaclient "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/stretchr/testify/require"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/topics"
	"tributary/integration/chaos/proxy"
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

	// page is a running monitor's address and alarms a Prometheus that asks
	// it, if the test has them.
	page   string
	alarms prometheus
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
		"TRIBUTARY_MONITOR_TIMEOUT=10s", "TRIBUTARY_MONITOR_HEARTBEAT=10s", "TRIBUTARY_MONITOR_LAG=5s",
	}
	return w, center
}

func (w *watched) sink(settings ...string) *replica {
	dsn := strings.TrimPrefix(w.environ[1], "TRIBUTARY_CENTRAL_DSN=")
	return startReplica(w.t, w.inventory.Kafka.Brokers, dsn, append([]string{
		"ENVIRONMENT=" + w.inventory.Environment, "GROUP=" + w.inventory.Environment, "STATEMENT_TIMEOUT=2s",
	}, settings...)...)
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
// wanted; an empty one means well. Then the page says the same, and the rung's
// alert fires, or none does.
func (w *watched) until(rung ladder.Rung, evidence string) {
	w.t.Helper()
	begin := time.Now()
	var v ladder.Verdict
	require.Eventually(w.t, func() bool {
		v = w.explain()
		return v.Rung == rung && strings.Contains(v.Sentence, evidence)
	}, 90*time.Second, 200*time.Millisecond, "wanted %q %q, but: %v", rung, evidence, &v)
	explained := time.Since(begin)
	if w.page == "" {
		w.t.Logf("%5.1f s  %s", explained.Seconds(), v.Sentence)
		return
	}
	w.shown(rung)
	paged := time.Since(begin)
	if rung != "" {
		alert, labels := alertOf(rung)
		require.Eventually(w.t, func() bool { return w.alarms.firing(alert, labels) }, alarmTime, 100*time.Millisecond, "no alert for %s: %s", rung, w.alarms.alerts())
	} else {
		require.Eventually(w.t, func() bool {
			n, err := w.alarms.count(`ALERTS{alertstate="firing"}`)
			return err == nil && n == 0
		}, alarmTime, 100*time.Millisecond, "well, and alerts: %s", w.alarms.alerts())
	}
	w.t.Logf("explain %4.1f s, page %4.1f s, alert %4.1f s  %s", explained.Seconds(), paged.Seconds(), time.Since(begin).Seconds(), v.Sentence)
}

// How long the page and the alert may be behind explain, where the monitor looks
// every second, at the stores every other, and alerts wait for nothing. In
// production the intervals and the rules' for: come on top.
const (
	pageTime  = 20 * time.Second
	alarmTime = 20 * time.Second
)

// shown waits until the page's source says that rung.
func (w *watched) shown(rung ladder.Rung) {
	w.t.Helper()
	var store struct{ Rung, Sentence string }
	require.Eventually(w.t, func() bool {
		store.Rung = ""
		return json.Unmarshal([]byte(get(w.page+"/api/stores/47")), &store) == nil && store.Rung == string(rung)
	}, pageTime, 100*time.Millisecond, "the page says %v, not %q", &store, rung)
}

// alertOf is the alert that fires while a rung is broken.
func alertOf(rung ladder.Rung) (name, labels string) {
	labels = fmt.Sprintf(`, store="47", rung=%q`, rung)
	switch rung {
	case ladder.Task:
		return "TributaryTaskFailed", labels
	case ladder.Snapshotted:
		return "TributarySnapshotSlow", labels
	case ladder.Moving:
		return "TributaryStoreStale", labels
	case ladder.KeepingUp:
		return "TributaryLag", labels
	case ladder.Accepted:
		return "TributaryDeadLetters|TributarySourceDown", ""
	}
	return "TributaryStoreBroken", labels
}

// observe starts a monitor and a Prometheus whose alerts fire at once.
func (w *watched) observe() {
	w.page = w.monitor("TRIBUTARY_MONITOR_STORE_INTERVAL=2s", "TRIBUTARY_MONITOR_PREFLIGHT=0", "TRIBUTARY_MONITOR_RESTART=false")
	w.alarms = prometheusWith(w.t, impatient(w.t), strings.TrimPrefix(w.page, "http://"))
}

// rewrite changes the inventory's text, which a running monitor notices.
func (w *watched) rewrite(replace ...string) {
	w.t.Helper()
	text, err := os.ReadFile(w.inventory.Path)
	require.NoError(w.t, err)
	changed := strings.NewReplacer(replace...).Replace(string(text))
	require.NotEqual(w.t, string(text), changed)
	require.NoError(w.t, os.WriteFile(w.inventory.Path+".new", []byte(changed), 0o600))
	require.NoError(w.t, os.Rename(w.inventory.Path+".new", w.inventory.Path))
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
	w.observe()
	w.until("", "nothing is wrong")

	t.Log("the store's server is stopped")
	require.NoError(t, w.store.Stop(ctx))
	w.until(ladder.Reach, "cannot be reached")
	require.NoError(t, w.store.Restart(ctx))
	central, err := center.Open(strings.ToLower(t.Name()))
	require.NoError(t, err)
	defer func() { _ = central.Close() }()
	w.heal(central)

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
	execAll(t, central, "ALTER TABLE sale ADD CONSTRAINT no_poison CHECK (label <> 'poison')")
	w.sell("poison")
	w.until(ladder.Accepted, "1 events are set aside as dead letters, the newest of sale")
	execAll(t, central, "ALTER TABLE sale DROP CONSTRAINT no_poison", "UPDATE tributary_dead_letters SET state='discarded'")
	w.until("", "nothing is wrong")

	t.Log("a row of the central table is locked")
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
	t.Log(step.Evidence + " → " + step.Remedy)
	require.Contains(t, step.Remedy, "`tributary connectors restart --snapshot 47`")
}

// TestFlowBroken breaks what lies between the store and its rows while every part
// says that it runs: the connector's line, the first snapshot, a topic, the
// store's habit to sell, and what the sink reads and writes.
func TestFlowBroken(t *testing.T) {
	w, center := watch(t, "flow")
	ctx := t.Context()
	line, err := proxy.Listen()
	require.NoError(t, err)
	defer func() { require.NoError(t, line.Close()) }()
	store, _ := w.inventory.Store("47")
	line.Forward(net.JoinHostPort(store.Host, strconv.Itoa(store.Port)))
	config := connect.Config(store, connect.DefaultsOf(w.inventory))
	_, config["database.port"], err = net.SplitHostPort(line.Addr()) // the monitor has a line of its own
	require.NoError(t, err)
	require.NoError(t, w.connect.Create(ctx, w.connector, config, connect.Started))
	sink := w.sink("TABLES=sale", "HOLD_RETRY=1s")
	w.until("", "nothing is wrong")
	w.observe()
	w.until("", "nothing is wrong")
	central, err := center.Open(strings.ToLower(t.Name()))
	require.NoError(t, err)
	defer func() { _ = central.Close() }()

	t.Log("the connector's line is dead, and it says RUNNING")
	line.Stall()
	w.until(ladder.Beating, "its connector's last heartbeat is")
	status, err := w.connect.Status(ctx, w.connector)
	require.NoError(t, err)
	require.Equal(t, connect.StateRunning, status.State)
	line.Heal()
	w.until("", "nothing is wrong")
	w.sell("after the line was mended")
	eventually(t, central, "SELECT COUNT(*) FROM sale WHERE label='after the line was mended'", "1")

	t.Log("the sink carries other tables")
	db, err := w.store.Open("pos")
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	execAll(t, db, "CREATE TABLE stock (id INT PRIMARY KEY, n INT)", "INSERT INTO stock VALUES (1, 10)")
	w.until(ladder.Applied, "1 of its 2 topics are read by nobody (flow.47.pos.stock)")
	require.Never(t, func() bool { return w.explain().Rung == ladder.KeepingUp }, 8*time.Second, time.Second,
		"what nobody reads is no lag, longer than TRIBUTARY_MONITOR_LAG though it waits")

	t.Log("it carries all of them, and one does not fit")
	execAll(t, central, "CREATE TABLE stock (store_id VARCHAR(64), id INT, n DATE, PRIMARY KEY (store_id, id))")
	sink.end()
	w.sink("HOLD_RETRY=1s")
	w.until(ladder.KeepingUp, "the sink holds its table stock since")
	execAll(t, central, "ALTER TABLE stock MODIFY n INT")
	w.until("", "nothing is wrong")
	eventually(t, central, "SELECT n FROM stock WHERE id=1", "10")

	t.Log("a snapshot is under way")
	admin, err := topics.Dial(w.inventory.Kafka.Brokers, nil)
	require.NoError(t, err)
	defer admin.Close()
	lock, err := db.Conn(ctx)
	require.NoError(t, err)
	defer func() { _ = lock.Close() }()
	_, err = lock.ExecContext(ctx, "LOCK TABLES sale WRITE")
	require.NoError(t, err)
	require.NoError(t, w.connect.Snapshot(ctx, w.connector, func(ctx context.Context) error {
		return admin.Delete(ctx, []string{connect.DefaultsOf(w.inventory).HistoryTopic("47")})
	}))
	w.until(ladder.Snapshotted, "")
	_, err = lock.ExecContext(ctx, "UNLOCK TABLES")
	require.NoError(t, err)
	w.until("", "nothing is wrong")

	t.Log("a topic is dropped")
	topic := w.connector + ".pos.sale"
	require.NoError(t, admin.Delete(ctx, []string{topic}))
	w.until(ladder.Moving, "its topic "+topic+" is gone from Kafka")
	w.sell("after the topic was dropped")
	require.NoError(t, w.connect.Snapshot(ctx, w.connector, func(ctx context.Context) error { // as the remedy says
		return admin.Delete(ctx, []string{connect.DefaultsOf(w.inventory).HistoryTopic("47")})
	}))
	w.until("", "nothing is wrong")
	eventually(t, central, "SELECT COUNT(*) FROM sale WHERE label='after the topic was dropped'", "1")

	t.Log("the store is silent, at noon and at night")
	w.rewrite(`{id: "47",`, `{id: "47", hours: "00:00-24:00",`)
	w.environ = append(w.environ, "TRIBUTARY_MONITOR_SILENCE=20s")
	w.page = ""
	w.until(ladder.Moving, "old while it is open (00:00-24:00); ask the store")
	w.observe()
	w.until(ladder.Moving, "old while it is open")
	w.sell("noon")
	w.until("", "nothing is wrong")
	w.until(ladder.Moving, "old while it is open")
	now := time.Now().UTC()
	closed := fmt.Sprintf("%02d:00-%02d:00", (now.Hour()+2)%24, (now.Hour()+2)%24+1)
	w.rewrite("00:00-24:00", closed)
	w.until("", "nothing is wrong")
	require.Equal(t, ladder.Quiet, w.explain().State)
}

// TestMissingData gives a table a past in which every hour brought thirty
// events, on a real Kafka: an hour without any is noticed, and one with as many
// is not.
func TestMissingData(t *testing.T) {
	const topic = "missing.47.pos.stock"
	s := kafka(t)
	path := filepath.Join(t.TempDir(), "stores.yaml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, `environment: missing
kafka: {brokers: %q}
connect: {url: "http://127.0.0.1:1"}
defaults: {schemas: [pos], user: cdc, password: {env: NO_SUCH}, host: 127.0.0.1, port: 1}
stores: [{id: "47"}]
`, s.Kafka.Addr()), 0o600))
	config, err := monitor.LoadConfig([]string{"TRIBUTARY_STORES=" + path, "TRIBUTARY_MONITOR_STORE_TIMEOUT=1s", "TRIBUTARY_MONITOR_TIMEOUT=5s"})
	require.NoError(t, err)
	topicStep := func() ladder.Step {
		v, err := monitor.Explain(t.Context(), config, "47", "")
		require.NoError(t, err)
		step, _ := v.Step(ladder.Moving)
		return step
	}
	admin, err := topics.Dial(s.Kafka.Addr(), nil)
	require.NoError(t, err)
	defer admin.Close()
	failed, err := admin.Create(t.Context(), []topics.Spec{{Name: topic, Partitions: 1, Replication: 1, Config: map[string]string{"retention.ms": "-1"}}})
	require.NoError(t, err)
	require.Empty(t, failed)
	hour := time.Now().Truncate(time.Hour)
	past := []time.Time{hour.AddDate(0, 0, -9)} // what lies before it is not known
	for day := 8; day > 0; day-- {
		then := hour.AddDate(0, 0, -day)
		past = append(past, then.Add(-30*time.Minute), then.Add(30*time.Minute)) // the test may see the next hour
	}
	tombstones(t, s, topic, past...)
	step := topicStep()
	require.Equal(t, ladder.Broken, step.State)
	require.Contains(t, step.Evidence, "the last full hour brought 0 events of stock where 30 are usual for this hour")
	tombstones(t, s, topic, hour.Add(-20*time.Minute), hour.Add(time.Minute))
	step = topicStep()
	require.Equal(t, ladder.Sound, step.State, step.Evidence)
}

// tombstones writes thirty records at each of the times, which the sink passes
// over.
func tombstones(t *testing.T, s *stack.Stack, topic string, times ...time.Time) {
	t.Helper()
	producer, err := kafkaclient.NewProducer(&kafkaclient.ConfigMap{"bootstrap.servers": s.Kafka.Addr()})
	require.NoError(t, err)
	defer producer.Close()
	delivered := make(chan kafkaclient.Event, 30*len(times))
	for _, at := range times {
		for i := range 30 {
			require.NoError(t, producer.Produce(&kafkaclient.Message{
				TopicPartition: kafkaclient.TopicPartition{Topic: &topic, Partition: 0}, Key: saleKey(i), Timestamp: at,
			}, delivered))
		}
	}
	for range cap(delivered) {
		m, ok := (<-delivered).(*kafkaclient.Message)
		require.True(t, ok)
		require.NoError(t, m.TopicPartition.Error)
	}
}

// heal waits for a row sold now, and restarts the connector as the monitor would.
// A verdict alone comes too early: a connector whose server has gone says RUNNING
// until it begins anew by itself, ten seconds later, and the heartbeats before
// that are young. What is broken next would meet it starting, which is another
// fault.
func (w *watched) heal(central *sql.DB) {
	w.t.Helper()
	const label = "after the server's restart"
	w.sell(label)
	require.Eventually(w.t, func() bool {
		if v := w.explain(); v.Rung == ladder.Task {
			_ = w.connect.Restart(w.t.Context(), w.connector, true)
		}
		n := 0
		return central.QueryRow("SELECT COUNT(*) FROM sale WHERE label=?", label).Scan(&n) == nil && n == 1
	}, 120*time.Second, time.Second)
	w.until("", "nothing is wrong")
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
