package preflight

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
)

// TestNoMySQL asks a server that takes connections and is no MySQL.
func TestNoMySQL(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	t.Setenv("PASSWORD", "x")
	address := listener.Addr().(*net.TCPAddr)
	report := Run(t.Context(), fleet.Store{
		ID: "7", Host: "127.0.0.1", Port: address.Port, User: "u", Password: fleet.Secret{Env: "PASSWORD"}, Schemas: []string{"pos"},
	}, Options{})
	login, ok := report.Finding("login")
	require.True(t, ok)
	require.Equal(t, Fail, login.Verdict)
	require.Contains(t, login.Evidence, "does not answer as MySQL does")
	require.Contains(t, login.Remedy, "look at host and port in the inventory")
}
