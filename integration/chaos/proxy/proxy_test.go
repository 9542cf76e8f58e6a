package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo starts a server that sends back what it gets, behind a proxy.
func echo(t *testing.T) *Proxy {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	p, err := Listen()
	require.NoError(t, err)
	p.Forward(server.Addr().String())
	t.Cleanup(func() {
		require.NoError(t, p.Close())
		require.NoError(t, server.Close())
		<-done
	})
	return p
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// requireRefused makes sure of a reset, which may come while or after
// connecting.
func requireRefused(t *testing.T, p *Proxy) {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	err = ping(conn, plenty)
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}

func ping(conn net.Conn, limit time.Duration) error {
	if _, err := conn.Write([]byte("x")); err != nil {
		return err
	}
	return pong(conn, limit)
}

func pong(conn net.Conn, limit time.Duration) error {
	if err := conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, make([]byte, 1))
	return err
}

const (
	plenty = 10 * time.Second
	little = 50 * time.Millisecond
)

func TestCut(t *testing.T) {
	p := echo(t)
	conn := dial(t, p)
	require.NoError(t, ping(conn, plenty))
	p.Cut()
	err := pong(conn, plenty)
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the connection must be reset, not silent")
	requireRefused(t, p)
	p.Heal()
	require.NoError(t, ping(dial(t, p), plenty))
}

func TestStall(t *testing.T) {
	p := echo(t)
	conn := dial(t, p)
	require.NoError(t, ping(conn, plenty))
	p.Stall()
	require.ErrorIs(t, ping(conn, little), os.ErrDeadlineExceeded)
	late := dial(t, p)
	require.ErrorIs(t, ping(late, little), os.ErrDeadlineExceeded)
	p.Heal()
	require.NoError(t, pong(conn, plenty), "what was sent arrives in the end")
	require.NoError(t, pong(late, plenty))
}

func TestSlow(t *testing.T) {
	p := echo(t)
	conn := dial(t, p)
	p.Slow(30 * time.Millisecond)
	began := time.Now()
	require.NoError(t, ping(conn, plenty))
	require.GreaterOrEqual(t, time.Since(began), 60*time.Millisecond, "there and back")
}

func TestStrand(t *testing.T) {
	p := echo(t)
	conn := dial(t, p)
	require.NoError(t, ping(conn, plenty))
	p.Strand()
	require.ErrorIs(t, ping(conn, little), os.ErrDeadlineExceeded, "silent, but open")
	require.NoError(t, ping(dial(t, p), plenty), "new connections work")
	p.Heal()
	require.ErrorIs(t, ping(conn, little), os.ErrDeadlineExceeded, "lost for good")
}

func TestNoTarget(t *testing.T) {
	p, err := Listen()
	require.NoError(t, err)
	requireRefused(t, p)
	require.NoError(t, errors.Join(p.Close(), p.Close()))
}

func TestRewrite(t *testing.T) {
	p := echo(t)
	conn := dial(t, p)
	require.Error(t, p.Rewrite([]byte("short"), []byte("longer")))
	require.NoError(t, p.Rewrite([]byte("guard"), []byte("dog")))
	require.NoError(t, p.Rewrite([]byte("stands"), nil))
	_, err := conn.Write([]byte("the guard stands"))
	require.NoError(t, err)
	answer := make([]byte, 16)
	_, err = io.ReadFull(conn, answer)
	require.NoError(t, err)
	require.Equal(t, "the dog         ", string(answer))
}
