package sink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

// errNoCentral is why a replica is not ready most of the time.
var errNoCentral = errors.New("the central database does not answer")

// health answers the questions of orchestrators. Alive means that the process
// serves at all; an outage of Kafka or of the central database is waited out
// and no reason to be restarted. Ready means that the sink is started, the
// central database answers, and no partition waits for a schema registry that
// does not.
type health struct {
	check    atomic.Pointer[func(context.Context) error]
	profiles bool // served too
}

func newHealth(profiles bool) *health { return &health{profiles: profiles} }

// ready says that the sink has started, and how to ask whether it can write.
func (h *health) ready(check func(context.Context) error) { h.check.Store(&check) }

// serve listens until the returned function is called.
func (h *health) serve(addr string, metrics prometheus.Gatherer, log *zap.Logger) (stop func(), err error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, ListenError("HTTP_ADDR", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", h.readyz)
	if h.profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("serving metrics and health ended", zap.Error(err))
		}
	}()
	log.Info("serving metrics and health", zap.String("addr", listener.Addr().String()))
	return func() {
		_ = server.Close()
		<-done
	}, nil
}

func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	check := h.check.Load()
	if check == nil {
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := (*check)(ctx); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}
