package monitor

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"tributary/debezium/preflight"
	"tributary/sink"
	"tributary/sink/monitor/ladder"
	"tributary/sink/monitor/page"
)

// serve listens until the returned function is called, which waits.
func (m *Monitor) serve(ctx context.Context) (stop func(), err error) {
	listener, err := net.Listen("tcp", m.config.HTTPAddr)
	if err != nil {
		return nil, sink.ListenError("MONITOR_HTTP_ADDR", err)
	}
	server := &http.Server{
		Handler: m.handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	done := make(chan error, 1)
	go func() {
		if m.config.TLSCert != "" {
			done <- server.ServeTLS(listener, m.config.TLSCert, m.config.TLSKey)
			return
		}
		done <- server.Serve(listener)
	}()
	select { // a certificate that cannot be read shows at once
	case err := <-done:
		return nil, &sink.SettingError{Name: sink.Prefix + "MONITOR_TLS_CERT", Err: err}
	case <-time.After(50 * time.Millisecond):
	}
	m.log.Info("serving the status page", zap.String("addr", listener.Addr().String()), zap.Bool("tls", m.config.TLSCert != ""))
	return func() {
		_ = server.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			m.log.Error("serving the status page ended", zap.Error(err))
		}
	}, nil
}

// handler is everything the monitor answers. All of it only reads.
func (m *Monitor) handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics{m}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	private := http.NewServeMux()
	private.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	private.HandleFunc("GET /api/fleet", m.answerFleet)
	private.HandleFunc("GET /api/stores/{store}", m.answerStore)
	private.HandleFunc("GET /api/events", m.answerEvents)
	private.Handle("GET /", page.Handler())

	public := http.NewServeMux()
	public.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	public.HandleFunc("GET /readyz", m.answerReady)
	public.Handle("/", m.guarded(private))
	return public
}

// guarded asks for the user and the password, if there are any. Hashes are
// compared, so that the time taken says nothing about either.
func (m *Monitor) guarded(next http.Handler) http.Handler {
	if m.config.User == "" {
		return next
	}
	user, password := sha256.Sum256([]byte(m.config.User)), sha256.Sum256([]byte(m.config.Password))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, p, _ := r.BasicAuth()
		gotUser, gotPassword := sha256.Sum256([]byte(u)), sha256.Sum256([]byte(p))
		if subtle.ConstantTimeCompare(user[:], gotUser[:])&subtle.ConstantTimeCompare(password[:], gotPassword[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="tributary"`)
			http.Error(w, "user and password, please", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answerReady says whether there is a picture, and a recent one.
func (m *Monitor) answerReady(w http.ResponseWriter, _ *http.Request) {
	state := m.state.Load()
	if state == nil || time.Since(state.At) > 3*(m.config.Interval+m.config.Timeout) {
		http.Error(w, "no recent round", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}

// fleetAnswer is the state with the stores' steps left out: a wall of tiles
// does not need them, and 200 stores are 40 kB instead of 500.
type fleetAnswer struct {
	*State
	Stores  []StoreState `json:"stores"`
	History []Sample     `json:"history"`
}

func (m *Monitor) answerFleet(w http.ResponseWriter, _ *http.Request) {
	state := m.state.Load()
	if state == nil {
		http.Error(w, "the first round is under way", http.StatusServiceUnavailable)
		return
	}
	answer := fleetAnswer{State: state, History: m.historyOf(fleetHistory), Stores: make([]StoreState, len(state.Stores))}
	for i, s := range state.Stores {
		s.Steps, s.Tables = nil, nil
		answer.Stores[i] = s
	}
	writeJSON(w, answer)
}

// storeAnswer is one store with everything that is known of it.
type storeAnswer struct {
	StoreState
	Letters []Letters `json:"dead_letters"`
	History []Sample  `json:"history"`
	// Preflight are the findings of the last one that ask for something, and
	// PreflightAt when it was; zero if this process has done none.
	Preflight   []preflight.Finding `json:"preflight"`
	PreflightAt time.Time           `json:"preflight_at"`
}

func (m *Monitor) answerStore(w http.ResponseWriter, r *http.Request) {
	state, id := m.state.Load(), r.PathValue("store")
	if state == nil {
		http.Error(w, "the first round is under way", http.StatusServiceUnavailable)
		return
	}
	for _, s := range state.Stores {
		if s.Store != id {
			continue
		}
		answer := storeAnswer{StoreState: s, Letters: []Letters{}, History: m.historyOf(id)}
		answer.Preflight, answer.PreflightAt = m.checks.findings(id)
		for _, l := range state.Letters {
			if l.Store == id {
				answer.Letters = append(answer.Letters, l)
			}
		}
		writeJSON(w, answer)
		return
	}
	w.WriteHeader(http.StatusNotFound)
	writeJSON(w, ladder.Judge(state.picture.Facts(m.gatherer.Servers(), id, "", nil), m.config.limits()))
}

func (m *Monitor) historyOf(store string) []Sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.history.stores[store]
}

func writeJSON(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(answer) // whoever asked has gone away
}

// answerEvents tells a page of every round (server-sent events); the page then
// asks for what it shows.
func (m *Monitor) answerEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would hold it back
	flusher := http.NewResponseController(w)
	for {
		next := m.rounds.next()
		if _, err := fmt.Fprint(w, "data: round\n\n"); err != nil || flusher.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-next:
		}
	}
}
