package monitor

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
	"tributary/sink"
	"tributary/sink/ledger"
	"tributary/sink/monitor/gather"
	"tributary/sink/monitor/ladder"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// picture is a fleet of stores "1" and "2", and "3" which is switched off, that
// nothing is wrong with.
func picture(at time.Time) *gather.Picture {
	p := &gather.Picture{
		At: at, Group: "tributary", ServersUnknown: "not asked",
		Inventory:  &fleet.Inventory{Environment: "prod", Path: "stores.yaml", Stores: []fleet.Store{{ID: "1"}, {ID: "2"}, {ID: "3", Disabled: true}}},
		Connectors: map[string]connect.Connector{}, Progress: map[string]gather.Progress{},
		Cluster: gather.Cluster{Members: 1, State: "Stable", Partitions: map[ledger.Partition]gather.Offsets{}},
		Book:    gather.Book{Entries: map[ledger.Partition]gather.Entry{}},
		Beats:   gather.Beats{Topics: true, At: map[string]time.Time{}},
	}
	for _, id := range []string{"1", "2"} {
		name := "prod." + id
		p.Connectors[name] = connect.Connector{Name: name, State: connect.StateRunning, Reported: connect.StateRunning, Tasks: make([]connect.Task, 1)}
		p.Progress[id] = gather.Progress{Saved: true}
		p.Beats.At[name] = at.Add(-time.Second)
		partition := ledger.Partition{Topic: name + ".pos.sale"}
		p.Cluster.Partitions[partition] = gather.Offsets{End: 100, Committed: 90, NewestAt: at.Add(-time.Minute)}
		p.Book.Entries[partition] = gather.Entry{Store: id, Table: "sale", Next: 100, SourceAt: at.Add(-time.Minute), AppliedAt: at.Add(-50 * time.Second)}
	}
	return p
}

func judged(p *gather.Picture, was *State) *State {
	return view(p, &gather.Servers{}, ladder.DefaultLimits(), newDoctor(nil, "prod", zap.NewNop()), was)
}

func failed(p *gather.Picture, id string) *gather.Picture {
	c := p.Connectors["prod."+id]
	c.State, c.Trace = connect.StateFailed, "boom"
	p.Connectors["prod."+id] = c
	return p
}

func TestView(t *testing.T) {
	first := judged(picture(noon), nil)
	require.Equal(t, map[string]int{"ok": 2, "off": 1}, first.Counts)
	require.Empty(t, first.Problems)
	require.InDelta(t, 60, first.Stores[0].Freshness, 0)
	require.Zero(t, first.Stores[0].Lag)

	p := failed(picture(noon.Add(10*time.Second)), "2")
	p.Connectors["prod.99"] = connect.Connector{Name: "prod.99", State: connect.StateRunning}
	partition := ledger.Partition{Topic: "prod.1.pos.sale"}
	p.Cluster.Partitions[partition] = gather.Offsets{End: 160}
	entry := p.Book.Entries[partition]
	entry.Next = 150
	p.Book.Entries[partition] = entry
	p.Waiting = map[ledger.Partition]time.Time{partition: p.At.Add(-4 * time.Second)}
	second := judged(p, first)
	require.Equal(t, []string{"prod.99"}, second.Strays)
	require.Equal(t, ladder.Task, second.Stores[1].Rung)
	require.Equal(t, p.At, second.Stores[1].Since)
	require.Equal(t, noon, second.Stores[2].Since)
	require.InDelta(t, 5, second.Stores[0].Rate, 0, "50 events in 10 s")
	require.Equal(t, int64(10), second.Stores[0].Waiting)
	require.InDelta(t, 4, second.Stores[0].Lag, 0)

	p = picture(noon)
	p.ConnectError, p.CentralError, p.Cluster.Members = "away", "away", 0
	var sources []string
	for _, problem := range judged(p, nil).Problems {
		sources = append(sources, problem.Source)
	}
	require.Equal(t, []string{"connect", "central", "sink"}, sources)
}

func TestHerald(t *testing.T) {
	h := herald{after: time.Minute}
	state := func(after time.Duration, broken bool, was *State) *State {
		p := picture(noon.Add(after))
		if broken {
			p = failed(p, "2")
		}
		return judged(p, was)
	}
	s := state(0, true, nil)
	require.Empty(t, h.changes(s), "not yet: it may be over in a moment")
	s = state(61*time.Second, true, s)
	told := h.changes(s)
	require.Len(t, told, 1)
	require.Equal(t, ladder.Task, told[0].Rung)
	require.Contains(t, notice(s, told).Text, "✗ Store 2: the connector's task has failed (boom)")
	s = state(2*time.Minute, true, s)
	require.Empty(t, h.changes(s), "told already")
	s = state(3*time.Minute, false, s)
	told = h.changes(s)
	require.Equal(t, ladder.Sound, told[0].State)
	require.Contains(t, notice(s, told).Text, "✓ Store 2")
	s = state(4*time.Minute, true, s)
	require.Empty(t, h.changes(s))
	s = state(250*time.Second, false, s)
	require.Empty(t, h.changes(s), "it was over in a moment")
}

func TestNoticeIsShort(t *testing.T) {
	s := judged(picture(noon), nil)
	text := notice(s, make([]Change, 25)).Text
	require.Len(t, strings.Split(text, "\n"), noticeLines+1)
	require.Contains(t, text, "… and 5 more")
}

func TestPost(t *testing.T) {
	var tries atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n Notice
		if tries.Add(1) == 1 || json.NewDecoder(r.Body).Decode(&n) != nil || n.Text != "hello" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer hook.Close()
	require.True(t, post(t.Context(), hook.URL, Notice{Text: "hello"}, zap.NewNop()), "the second try")
	require.EqualValues(t, 2, tries.Load())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.False(t, post(ctx, hook.URL, Notice{}, zap.NewNop()))
}

func TestHistory(t *testing.T) {
	var h history
	for i := range 2 * samplesKept {
		s := judged(picture(noon.Add(time.Duration(i)*sampleEvery)), nil)
		h.add(s)
		s.At = s.At.Add(time.Second)
		h.add(s) // too soon for another
	}
	require.Len(t, h.stores["1"], samplesKept)
	require.Equal(t, noon.Add((2*samplesKept-1)*sampleEvery).Unix(), h.stores[fleetHistory][samplesKept-1].At)
	require.Len(t, h.stores, 4)
}

func TestDoctorTells(t *testing.T) {
	d := newDoctor(nil, "prod", zap.NewNop())
	d.note(Restart{At: time.Now(), Name: "prod.1", Try: 1})
	d.note(Restart{At: time.Now(), Name: "prod.1", Try: 2})
	d.note(Restart{At: time.Now(), Name: "prod.1", Try: 2, GaveUp: true})
	c := ladder.Connector{Name: "prod.1", State: connect.StateFailed}
	d.tell(&c)
	require.True(t, c.GaveUp)
	require.Equal(t, 2, c.Restarts)
	require.Equal(t, map[string]int{"prod.1": 2}, d.counts())
	require.True(t, d.recent()[0].GaveUp, "newest first")
	d.last["prod.1"] = Restart{At: time.Now().Add(-time.Hour), Try: 2}
	c = ladder.Connector{Name: "prod.1", State: connect.StateRunning}
	d.tell(&c)
	require.Zero(t, c.Restarts, "long ago")
	require.True(t, d.guard.Ours(connect.Connector{Name: "prod.1", Config: map[string]string{"connector.class": "io.debezium.connector.mysql.MySqlConnector"}}))
	require.False(t, d.guard.Ours(connect.Connector{Name: "test.1", Config: map[string]string{"connector.class": "io.debezium.connector.mysql.MySqlConnector"}}))
	require.False(t, d.guard.Ours(connect.Connector{Name: "prod.s3", Config: map[string]string{"connector.class": "S3Sink"}}))
}

// TestMended sees a store's server come back, and nothing in one that was well,
// or of which nothing is known any more.
func TestMended(t *testing.T) {
	asked := func(server gather.Server) *State {
		p := picture(noon)
		p.ServersUnknown, p.Servers = "", map[string]gather.Server{"1": server, "2": well}
		return judged(p, nil)
	}
	sound, away, unasked := asked(well), asked(gather.Server{ReachError: "i/o timeout"}), judged(picture(noon), nil)
	minimal := well
	minimal.RowImage = "MINIMAL"
	require.Empty(t, mended(sound, nil))
	require.Empty(t, mended(sound, sound))
	require.Empty(t, mended(away, sound))
	require.Empty(t, mended(asked(minimal), away), "it is reached, and not as it must be")
	require.Empty(t, mended(unasked, away))
	require.Equal(t, []string{"1"}, mended(sound, away))
	require.Equal(t, []string{"1"}, mended(sound, asked(minimal)))
	require.Equal(t, []string{"1"}, mended(sound, asked(gather.Server{LoginError: "Access denied"})))
}

var well = gather.Server{LogBin: true, Format: "ROW", RowImage: "FULL"}

// TestChecksDue has a store's preflight repeated when it is old, sooner if it
// failed, and at once if it is wanted.
func TestChecksDue(t *testing.T) {
	stores := []fleet.Store{{ID: "1"}, {ID: "2"}, {ID: "3"}}
	good := preflight.Report{Store: "1", Verdict: preflight.Pass}
	bad := preflight.Report{Store: "2", Verdict: preflight.Pass, Findings: []preflight.Finding{{Check: "row-image", Verdict: preflight.Fail}}}
	var c checks
	due := func(after time.Duration) (ids []string) {
		for _, s := range c.due(stores, 24*time.Hour, time.Now().Add(after)) {
			ids = append(ids, s.ID)
		}
		return ids
	}
	require.Equal(t, []string{"1", "2", "3"}, due(0), "none was ever asked")
	c.keep(t.Context(), stores, []preflight.Report{good, bad})
	require.Equal(t, []string{"3"}, due(0))
	require.Equal(t, []string{"2", "3"}, due(failedAgain))
	require.Equal(t, []string{"1", "2", "3"}, due(24*time.Hour))
	c.again("1")
	require.Equal(t, []string{"1", "3"}, due(0))
	require.Equal(t, []string{"3"}, due(0), "once")

	findings, at := c.findings("2")
	require.Len(t, findings, 1)
	c.keep(t.Context(), stores[:2], nil)
	_, kept := c.findings("2")
	require.Equal(t, at, kept, "what was not asked again stays")
	c.keep(t.Context(), stores[:1], nil)
	require.Len(t, c.all(), 1, "a store that is gone is forgotten")
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	c.keep(cut, stores, []preflight.Report{bad})
	require.Len(t, c.all(), 1, "reports that were cut short do not count")
}

// TestDoctorHopes restarts a connector whose store has been mended without
// waiting for its pause to end.
func TestDoctorHopes(t *testing.T) {
	restarts := 0
	mux := http.NewServeMux()
	mux.HandleFunc("GET /connectors", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"prod.1":{"info":{"config":{"connector.class":"io.debezium.connector.mysql.MySqlConnector"}},
			"status":{"connector":{"state":"RUNNING"},"tasks":[{"id":0,"state":"FAILED","trace":"Access denied"}]}}}`))
	})
	mux.HandleFunc("POST /connectors/prod.1/restart", func(w http.ResponseWriter, _ *http.Request) {
		restarts++
		w.WriteHeader(http.StatusAccepted)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	d := newDoctor(connect.New(server.URL, connect.Options{}), "prod", zap.NewNop())
	for range 2 {
		d.visit(t.Context(), noon)
		require.Equal(t, 1, restarts, "the second try waits")
	}
	d.hope("prod.1")
	for range 2 {
		d.visit(t.Context(), noon)
		require.Equal(t, 2, restarts, "once for each hope")
	}
}

// watching is a monitor that has seen one round.
func watching(t *testing.T, c Config) *Monitor {
	t.Helper()
	m := &Monitor{config: c, log: zap.NewNop(), doctor: newDoctor(nil, "prod", zap.NewNop())}
	m.config.Interval, m.config.Timeout = time.Second, time.Second
	s := judged(failed(picture(time.Now()), "2"), nil)
	m.history.add(s)
	m.state.Store(s)
	return m
}

func ask(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestAPI(t *testing.T) {
	m := watching(t, Config{})
	h := m.handler()
	code, body := ask(t, h, "/api/fleet")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, body, `"counts":{"broken":1,"off":1,"ok":1}`)
	require.NotContains(t, body, "evidence", "the wall does not need the steps")
	require.Contains(t, body, `"stores":[{"store":"1"`)
	code, body = ask(t, h, "/api/stores/2")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, body, `"rung":"task"`)
	require.Contains(t, body, `"history":[{"t":`)
	code, body = ask(t, h, "/")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, body, "app.js")
	require.NotContains(t, body, "http://", "nothing from elsewhere")
	require.NotContains(t, body, "https://")
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/app.js": 200, "/style.css": 200, "/nothing": 404} {
		code, _ = ask(t, h, path)
		require.Equal(t, want, code, path)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/fleet", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code, "it only reads")

	m.state.Store(nil)
	for _, path := range []string{"/readyz", "/api/fleet", "/api/stores/1"} {
		code, _ = ask(t, h, path)
		require.Equal(t, http.StatusServiceUnavailable, code, path)
	}
	m.state.Store(judged(picture(time.Now().Add(-time.Minute)), nil))
	code, _ = ask(t, h, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code, "the picture is old")
}

func TestPassword(t *testing.T) {
	h := watching(t, Config{User: "u", Password: "p"}).handler()
	for _, path := range []string{"/", "/api/fleet", "/metrics", "/api/events"} {
		code, _ := ask(t, h, path)
		require.Equal(t, http.StatusUnauthorized, code, path)
	}
	code, _ := ask(t, h, "/healthz")
	require.Equal(t, http.StatusOK, code, "orchestrators have no password")
	for password, want := range map[string]int{"p": 200, "x": 401, "": 401} {
		r := httptest.NewRequest(http.MethodGet, "/api/fleet", nil)
		r.SetBasicAuth("u", password)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, want, w.Code)
	}
}

func TestEvents(t *testing.T) {
	m := watching(t, Config{})
	server := httptest.NewServer(m.handler())
	defer server.Close()
	response, err := http.Get(server.URL + "/api/events")
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewReader(response.Body)
	for range 3 {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "data: round\n", line)
		_, err = lines.ReadString('\n')
		require.NoError(t, err)
		m.rounds.tell()
	}
}

func TestMetrics(t *testing.T) {
	m := watching(t, Config{PartitionMetrics: true})
	m.doctor.note(Restart{Name: "prod.2", Try: 1})
	registry := prometheus.NewPedanticRegistry() // refuses what is inconsistent
	registry.MustRegister(metrics{m})
	_, err := registry.Gather()
	require.NoError(t, err)
	_, text := ask(t, m.handler(), "/metrics")
	for _, line := range []string{
		`tributary_store_healthy{store="1"} 1`, `tributary_store_healthy{store="2"} 0`,
		`tributary_store_broken_rung{rung="task",store="2"} 1`, `tributary_connector_restarts_total{connector="prod.2"} 1`,
		`tributary_store_events_total{store="1",table="sale"} 100`, `tributary_connectors{state="FAILED"} 1`,
		`kafka_consumergroup_lag{consumergroup="tributary",partition="0",topic="prod.1.pos.sale"} 10`,
		`kafka_consumergroup_lag_sum{consumergroup="tributary"} 20`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, `store="3"`, "switched off")
	require.NotContains(t, text, `tributary_store_broken_rung{rung="task",store="1"}`)

	m.state.Store(nil)
	_, err = registry.Gather()
	require.NoError(t, err, "before the first round")
}

func TestConfig(t *testing.T) {
	stores := filepath.Join(t.TempDir(), "stores.yaml")
	require.NoError(t, os.WriteFile(stores, []byte("environment: prod\nkafka: {brokers: \"k:9092\"}\nconnect: {url: \"http://c:8083\"}\n"+
		"defaults: {schemas: [pos], user: u, password: {env: PW}, host: h}\nstores:\n  - {id: \"1\"}\n"), 0o600))
	good := []string{"TRIBUTARY_STORES=" + stores, "TRIBUTARY_CENTRAL_DSN=u:p@tcp(h:1)/d"}
	c, err := LoadConfig(good)
	require.NoError(t, err)
	require.Equal(t, 10*time.Second, c.Interval)
	require.True(t, c.Restart)
	for setting, complaint := range map[string]string{
		"TRIBUTARY_MONITOR_INTERVALL=1s":  "is not a setting",
		"TRIBUTARY_MONITOR_INTERVAL=10ms": "10ms is less than 1s",
		"TRIBUTARY_MONITOR_LAG=-1m":       "-1m0s is less than 0s",
		"TRIBUTARY_MONITOR_PARALLEL=0":    "0 is less than 1",
		"TRIBUTARY_MONITOR_USER=u":        "belong together",
		"TRIBUTARY_MONITOR_TLS_CERT=x":    "belong together",
		"TRIBUTARY_MONITOR_WEBHOOK=chat":  "is not a URL",
		"TRIBUTARY_CONNECT_URL=connect":   "is not of the form http://host:8083",
		"TRIBUTARY_MONITOR_HTTP_ADDR=9":   `"9" is not of the form :9600`,
		"TRIBUTARY_LOG_LEVEL=loud":        "none of debug",
		"TRIBUTARY_LOG_FORMAT=x":          "neither json",
		"TRIBUTARY_STORES=/nothing":       "/nothing",
		"TRIBUTARY_CENTRAL_DSN=secret":    "is not of the form",
		"TRIBUTARY_MONITOR_LAG=x":         `TRIBUTARY_MONITOR_LAG: "x" is not a duration`,
		"TRIBUTARY_CENTRAL_DNS=x":         "is not a setting (did you mean TRIBUTARY_CENTRAL_DSN?); `tributary monitor --help`", // nor one of the sink's
	} {
		_, err := LoadConfig(append(good, setting))
		require.ErrorContains(t, err, complaint, setting)
		require.NotContains(t, err.Error(), "secret")
	}
	_, err = LoadConfig(append(good, "TRIBUTARY_SESSIONS=8", "TRIBUTARY_STORE_0001=pw", "TRIBUTARY_KAFKA_CONF_DEBUG=broker"))
	require.NoError(t, err, "what may stand in an environment file shared with a sink")
	var setting *sink.SettingError
	_, err = LoadConfig(append(good, "TRIBUTARY_MONITOR_WEBHOOK=chat"))
	require.ErrorAs(t, err, &setting)
	for _, s := range Settings() {
		require.NotEmpty(t, s.Help)
		require.True(t, strings.HasSuffix(s.Help, "."), s.Name)
	}
}

// TestRun watches with nobody there to watch, and stops when told.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	stores := filepath.Join(dir, "stores.yaml")
	write := func(ids ...string) {
		text := "environment: prod\nkafka: {brokers: \"127.0.0.1:1\"}\nconnect: {url: \"http://127.0.0.1:1\"}\n" +
			"defaults: {schemas: [pos], user: u, password: {env: NO_SUCH}, host: 127.0.0.1, port: 1}\nstores:\n"
		for _, id := range ids {
			text += fmt.Sprintf("  - {id: %q}\n", id)
		}
		require.NoError(t, os.WriteFile(stores+".new", []byte(text), 0o600))
		require.NoError(t, os.Rename(stores+".new", stores))
	}
	write("1")
	c, err := LoadConfig([]string{
		"TRIBUTARY_STORES=" + stores, "TRIBUTARY_MONITOR_HTTP_ADDR=127.0.0.1:0", "TRIBUTARY_MONITOR_INTERVAL=1s",
		"TRIBUTARY_MONITOR_TIMEOUT=1s", "TRIBUTARY_MONITOR_STORE_TIMEOUT=1s",
	})
	require.NoError(t, err)
	g, err := c.gatherer()
	require.NoError(t, err)
	m := &Monitor{config: c, log: zap.NewNop(), gatherer: g, doctor: newDoctor(c.connect(), "prod", zap.NewNop())}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { m.watch(ctx); close(done) }()
	seen := func(stores int) func() bool {
		return func() bool {
			s := m.state.Load()
			return s != nil && len(s.Stores) == stores && len(s.Problems) == 2
		}
	}
	require.Eventually(t, seen(1), 10*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return m.state.Load().Stores[0].Rung == ladder.Reach }, 10*time.Second, 10*time.Millisecond)
	write("1", "2")
	require.Eventually(t, seen(2), 10*time.Second, 10*time.Millisecond, "a new line is a new store")
	require.NoError(t, os.WriteFile(stores, []byte("stores: what"), 0o600))
	next := m.rounds.next()
	<-next
	require.Len(t, m.state.Load().Stores, 2, "an inventory with mistakes is not taken")
	cancel()
	<-done
	require.NoError(t, g.Close())
}

func TestServeTLSAndTaken(t *testing.T) {
	m := watching(t, Config{HTTPAddr: "127.0.0.1:0", TLSCert: "/nothing", TLSKey: "/nothing"})
	_, err := m.serve(t.Context())
	require.ErrorContains(t, err, "TRIBUTARY_MONITOR_TLS_CERT")
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	m = watching(t, Config{HTTPAddr: strings.TrimPrefix(taken.URL, "http://")})
	_, err = m.serve(t.Context())
	require.ErrorContains(t, err, "TRIBUTARY_MONITOR_HTTP_ADDR")
	m = watching(t, Config{HTTPAddr: "127.0.0.1:0"})
	stop, err := m.serve(t.Context())
	require.NoError(t, err)
	stop()
}
