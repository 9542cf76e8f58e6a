package integration

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"tributary/integration/stack"
	"tributary/schema"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
)

// simulated is a fleet of two hundred stores that all share one real server: a
// fake broker, a fake Connect, and a real central database with a ledger.
type simulated struct {
	environ         []string
	server, central *sql.DB
}

const simulatedStores = 200

var simulatedTables = []string{"customers", "pos_transactions", "transaction_items"}

// trouble is what is wrong with the n-th store.
func trouble(n int) string {
	switch {
	case n%67 == 3:
		return "unreachable"
	case n%50 == 7:
		return "failed"
	case n == 42:
		return "paused"
	case n == 99:
		return "no connector"
	case n == 120:
		return "letters"
	case n == 150:
		return "lag"
	case n == 77:
		return "silent"
	case n%29 == 5:
		return "disabled"
	}
	return ""
}

func simulate(t *testing.T) simulated {
	t.Helper()
	store, err := stack.StartMySQL(t.Context(), "", stack.MySQLOptions{Name: "stores", Binlog: true}, os.Stderr)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Stop(context.Background())) })
	require.NoError(t, store.GrantDebezium(t.Context(), "cdc", "cdc"))
	server, err := store.DB()
	require.NoError(t, err)
	dsn, central := database(t, central(t))
	brokers := simulateKafka(t)
	simulateLedger(t, central)
	dir := t.TempDir()
	var inventory strings.Builder
	fmt.Fprintf(&inventory, `environment: sim
kafka: {brokers: %q}
connect: {url: %q}
topics: {replication: 1}
defaults: {schemas: [pos], user: cdc, password: {file: %s/pw}, host: 127.0.0.1, port: %d, hours: "00:00-24:00"}
stores:
`, brokers, simulateConnect(t), dir, store.Port())
	for n := 1; n <= simulatedStores; n++ {
		line := fmt.Sprintf(`{id: "%04d", labels: {region: %s}`, n, []string{"north", "south", "west"}[n%3])
		switch trouble(n) {
		case "unreachable":
			line += ", port: 1"
		case "disabled":
			line += ", enabled: false"
		}
		inventory.WriteString("  - " + line + "}\n")
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pw"), []byte("cdc"), 0o600))
	path := filepath.Join(dir, "stores.yaml")
	require.NoError(t, os.WriteFile(path, []byte(inventory.String()), 0o600))
	return simulated{server: server, central: central, environ: []string{
		"TRIBUTARY_STORES=" + path, "TRIBUTARY_CENTRAL_DSN=" + dsn, "TRIBUTARY_GROUP=sim", "TRIBUTARY_MONITOR_PARTITION_METRICS=true",
	}}
}

func simulateKafka(t *testing.T) (brokers string) {
	t.Helper()
	var topics []string
	for n := 1; n <= simulatedStores; n++ {
		for _, table := range simulatedTables {
			topics = append(topics, fmt.Sprintf("sim.%04d.pos.%s", n, table))
		}
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, append(topics, "__cdc-heartbeat.sim")...))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	member, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumerGroup("sim"), kgo.ConsumeTopics(topics[0]))
	require.NoError(t, err)
	t.Cleanup(member.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	var records []*kgo.Record
	for i, topic := range topics {
		at := time.Now().Add(-time.Duration(i%400) * time.Second)
		switch trouble(i/len(simulatedTables) + 1) {
		case "silent":
			at = time.Now().Add(-5 * time.Hour)
		case "lag":
			at = time.Now().Add(-40 * time.Minute)
		}
		for range 5 {
			records = append(records, &kgo.Record{Topic: topic, Value: []byte("{}"), Timestamp: at})
		}
	}
	for n := 1; n <= simulatedStores; n++ {
		records = append(records, &kgo.Record{Topic: "__cdc-heartbeat.sim", Key: fmt.Appendf(nil, `{"payload":{"serverName":"sim.%04d"}}`, n), Value: []byte("{}")})
	}
	require.NoError(t, client.ProduceSync(t.Context(), records...).FirstErr())
	member.PollFetches(t.Context())
	require.NoError(t, member.CommitUncommittedOffsets(t.Context()))
	return cluster.ListenAddrs()[0]
}

func simulateLedger(t *testing.T, db *sql.DB) {
	t.Helper()
	require.NoError(t, ledger.New(db, schema.Dialect{}, "sim", "test", nil).Create(t.Context()))
	require.NoError(t, deadletter.Create(t.Context(), db))
	for n := 1; n <= simulatedStores; n++ {
		next := 5
		if trouble(n) == "lag" {
			next = 1
		}
		for i, table := range simulatedTables {
			_, err := db.Exec("INSERT INTO tributary_ledger (grp, topic, part, log_id, next_offset, store_id, table_name, source_time, applied_time, seeded_time)"+
				" VALUES ('sim', ?, 0, '', ?, ?, ?, UTC_TIMESTAMP(6) - INTERVAL ? SECOND, UTC_TIMESTAMP(6) - INTERVAL ? SECOND, UTC_TIMESTAMP(6))",
				fmt.Sprintf("sim.%04d.pos.%s", n, table), next, fmt.Sprintf("%04d", n), table, 5+(3*n+i)%400, 4+(3*n+i)%400)
			require.NoError(t, err)
		}
	}
	_, err := db.Exec("INSERT INTO tributary_dead_letters (grp, topic, part, log_id, kafka_offset, store_id, table_name, refused_time, error_code, reason)" +
		" VALUES ('sim', 'sim.0120.pos.customers', 0, '', 3, '0120', 'customers', UTC_TIMESTAMP(6), 1406, 'Data too long for column ''name'' <script>alert(1)</script>')")
	require.NoError(t, err)
}

func simulateConnect(t *testing.T) (url string) {
	t.Helper()
	connectors := map[string]any{}
	for n := 1; n <= simulatedStores; n++ {
		state, task, trace := "RUNNING", "RUNNING", ""
		switch trouble(n) {
		case "failed":
			task, trace = "FAILED", "org.apache.kafka.connect.errors.ConnectException: An exception occurred\n\tat x\nCaused by: java.io.EOFException: Failed to read next byte from position 0"
		case "paused":
			state, task = "PAUSED", "PAUSED"
		case "disabled":
			state = "STOPPED"
		case "no connector":
			continue
		}
		name := fmt.Sprintf("sim.%04d", n)
		connectors[name] = object{
			"info": object{"config": object{"connector.class": "io.debezium.connector.mysql.MySqlConnector"}},
			"status": object{
				"connector": object{"state": state, "worker_id": "w:8083"},
				"tasks":     []object{{"id": 0, "state": task, "worker_id": "w:8083", "trace": trace}},
			},
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /connectors", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(connectors) })
	mux.HandleFunc("GET /connectors/{name}/offsets", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(object{"offsets": []object{{
			"partition": object{"server": r.PathValue("name")}, "offset": object{"file": "binlog.000001", "pos": 4},
		}}})
	})
	mux.HandleFunc("POST /connectors/{name}/restart", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// TestTwoHundredStores watches two hundred stores, measures what that costs, and
// looks at the page in a browser.
func TestTwoHundredStores(t *testing.T) {
	s := simulate(t)
	address := startMonitor(t, append(s.environ, "TRIBUTARY_MONITOR_STORE_INTERVAL=60s", "TRIBUTARY_MONITOR_INTERVAL=10s", "TRIBUTARY_MONITOR_PREFLIGHT=0")...)
	var fleet struct {
		Counts map[string]int
		Stores []struct{ Store, State, Rung, Sentence string }
	}
	require.Eventually(t, func() bool {
		fleet.Stores = nil
		return json.Unmarshal([]byte(get(address+"/api/fleet")), &fleet) == nil && fleet.Counts["broken"] == 12
	}, 60*time.Second, 200*time.Millisecond, "%v", &fleet.Counts)
	rungs := map[string]string{
		"unreachable": "reach", "failed": "task", "paused": "connector", "no connector": "connector",
		"letters": "sink", "lag": "lag", "silent": "topic", "disabled": "inventory", "": "",
	}
	for i, store := range fleet.Stores {
		require.Equal(t, rungs[trouble(i+1)], store.Rung, store.Sentence)
	}

	require.Contains(t, get(address+"/api/stores/0200"), "done; the connector is at binlog.000001:4")
	measure(t, s, address)
	metrics := get(address + "/metrics")
	require.Contains(t, metrics, `kafka_consumergroup_lag{consumergroup="sim",partition="0",topic="sim.0150.pos.customers"} 5`)
	t.Logf("/metrics has %d series in %d kB", len(regexp.MustCompile(`(?m)^[a-z]`).FindAllString(metrics, -1)), len(metrics)/1024)
	t.Run("in a browser", func(t *testing.T) { lookAt(t, address) })
}

// measure logs what twenty seconds of watching cost. The simulation runs in this
// process too, so its CPU time is an upper bound.
func measure(t *testing.T, s simulated, address string) {
	t.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	questions := func() (n int) {
		var name, value string
		require.NoError(t, s.server.QueryRow("SHOW GLOBAL STATUS LIKE 'Questions'").Scan(&name, &value))
		n, err := strconv.Atoi(value)
		require.NoError(t, err)
		return n
	}
	cpu, asked, begin := used(), questions(), time.Now()
	<-time.After(20 * time.Second)
	spent := time.Since(begin)
	reachable := simulatedStores - strings.Count(fmt.Sprint(troubles()), "unreachable") - strings.Count(fmt.Sprint(troubles()), "disabled")
	perStore := float64(questions()-asked) / float64(reachable) / spent.Minutes()
	t.Logf("%d stores: %.1f %% of one CPU, %.1f statements a store and minute, a round takes %s s", simulatedStores,
		100*(used()-cpu).Seconds()/spent.Seconds(), perStore, figure(t, get(address+"/metrics"), "tributary_monitor_round_seconds"))
	require.Less(t, perStore, 6.0)
}

func troubles() (all []string) {
	for n := 1; n <= simulatedStores; n++ {
		all = append(all, trouble(n))
	}
	return all
}

// figure finds a metric without labels.
func figure(t *testing.T, metrics, name string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(metrics)
	require.NotNil(t, found, name)
	return found[1]
}

// lookAt opens the page in a headless Chromium: what it shows is what the API
// says. Screenshots are left in TRIBUTARY_SCREENSHOTS, if that is set. A machine
// for tests (CI=true) is to have a browser.
func lookAt(t *testing.T, address string) {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), "%v: apt-get install chromium", err)
		untested(t, "the status page in a browser; there is no chromium here (apt-get install chromium)")
	}
	wall := browse(t, address+"/?live=no", "wall", "1280,1600")
	require.Equal(t, simulatedStores, strings.Count(wall, `aria-label="0`), "a tile for each store")
	require.Equal(t, simulatedStores+13, strings.Count(wall, `href="#store/`), "and a link at each sentence and the dead letter")
	require.Contains(t, wall, "12 of 194 stores do not arrive as they should: 4 at task, 3 at reach, 2 at connector")
	require.Contains(t, wall, "1 dead letter ↓")
	require.Contains(t, wall, "✗ 12 broken")
	require.NotContains(t, wall, "<script>alert", "texts are not markup")
	require.Contains(t, wall, "&lt;script&gt;alert(1)&lt;/script&gt;")
	require.Contains(t, wall, `aria-label="0077, broken at topic"`)
	tiles := func(query string) int {
		return strings.Count(browse(t, address+"/?live=no&"+query, "part", "1280,800"), `aria-label="0`)
	}
	require.Equal(t, 12, tiles("state=broken"))
	require.Equal(t, 66, tiles("q=north"), "found by a label")
	browse(t, address+"/?live=no", "readme", "1200,560")
	one := browse(t, address+"/?live=no#store/0077", "store", "1280,1600")
	require.Contains(t, one, "while it is open")
	require.Contains(t, one, "→ ask the store whether its tills are working")
	require.Contains(t, one, "not done by this monitor yet", "a preflight that was never made is not a good one")
	browse(t, address+"/?live=no", "phone", "400,900")
	browse(t, address+"/?live=no#store/0150", "phone-store", "400,1500")
}

// browse returns the page's DOM after its script has run.
func browse(t *testing.T, url, name, window string) string {
	t.Helper()
	folder := os.Getenv("TRIBUTARY_SCREENSHOTS")
	if folder == "" {
		folder = t.TempDir()
	}
	run := func(args ...string) string {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		command := exec.CommandContext(ctx, "chromium", append([]string{
			"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--virtual-time-budget=8000",
			"--window-size=" + window, "--user-data-dir=" + t.TempDir(),
		}, append(args, url)...)...)
		var out bytes.Buffer
		command.Stdout = &out
		// It is a family of processes, which end together.
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
		require.NoError(t, command.Run(), "chromium")
		return out.String()
	}
	run("--screenshot=" + filepath.Join(folder, name+".png"))
	return run("--dump-dom")
}
