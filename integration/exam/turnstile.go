package exam

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// turnstile lets requests through to a registry one at a time: Apicurio's, when
// it keeps schemas in memory, gives two that are registered at once the same id
// and refuses one of them, at which its connector fails.
type turnstile struct {
	server http.Server
	url    string
	done   chan error
}

func openTurnstile(to string) (*turnstile, error) {
	registry, err := url.Parse(to)
	if err != nil {
		return nil, fmt.Errorf("the registry's address: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening before the registry: %w", err)
	}
	var one sync.Mutex
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = registry.Scheme, registry.Host }}
	t := &turnstile{url: "http://" + listener.Addr().String() + registry.Path, done: make(chan error, 1)}
	t.server = http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		proxy.ServeHTTP(w, r)
	})}
	go func() { t.done <- t.server.Serve(listener) }()
	return t, nil
}

func (t *turnstile) close() error {
	err := t.server.Close()
	if served := <-t.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
