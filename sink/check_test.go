package sink

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"
)

func TestCheck(t *testing.T) {
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer sick.Close()
	listener, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	all := ":" + port
	setting := "TRIBUTARY_HTTP_ADDR=" + all

	require.ErrorContains(t, Check(t.Context(), []string{setting}), "connection refused")
	stop, err := newHealth(false).serve(all, prometheus.NewRegistry(), zaptest.NewLogger(t))
	require.NoError(t, err)
	require.NoError(t, Check(t.Context(), []string{setting}))
	require.NoError(t, Check(t.Context(), []string{"TRIBUTARY_HTTP_ADDR=0.0.0.0" + all}))
	require.NoError(t, Check(t.Context(), []string{"TRIBUTARY_HTTP_ADDR=[::]" + all}))
	require.NoError(t, Check(t.Context(), []string{"TRIBUTARY_HTTP_ADDR=127.0.0.1" + all}))
	file := filepath.Join(t.TempDir(), "address")
	require.NoError(t, os.WriteFile(file, []byte(all+"\n"), 0o600))
	require.NoError(t, Check(t.Context(), []string{"TRIBUTARY_HTTP_ADDR_FILE=" + file}))
	stop()
	require.Error(t, Check(t.Context(), []string{setting}))

	require.ErrorContains(t, Check(t.Context(), []string{"TRIBUTARY_HTTP_ADDR=" + sick.Listener.Addr().String()}), "500")
	require.ErrorContains(t, Check(t.Context(), []string{"TRIBUTARY_HTTP_ADDR=9600"}), "TRIBUTARY_HTTP_ADDR")
}
