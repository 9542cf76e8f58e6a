package stack

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	first, err := newFolder("")
	require.NoError(t, err)
	second, err := newFolder("")
	require.NoError(t, err)
	require.DirExists(t, first.path, "the second must not sweep the first away: it is in use")

	// The first one's program dies: the kernel closes its files.
	require.NoError(t, first.lock.Close())
	notOurs := filepath.Join(os.TempDir(), folderPrefix+"without-lock")
	require.NoError(t, os.Mkdir(notOurs, 0o755))
	third, err := newFolder("")
	require.NoError(t, err)
	require.NoDirExists(t, first.path)
	require.DirExists(t, second.path)
	require.DirExists(t, notOurs, "a folder just being made has no lock yet")

	require.NoError(t, second.remove())
	require.NoError(t, second.remove())
	require.NoDirExists(t, second.path)
	require.NoError(t, third.remove())
}

func TestCallersFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	f, err := newFolder(dir)
	require.NoError(t, err)
	require.NoError(t, f.remove())
	require.DirExists(t, dir)
}

func TestShellQuote(t *testing.T) {
	words := []string{"plain", "two words", "it's", "", `back\slash`, "$HOME", "a?b", "*", "--x=/a/b:c"}
	output, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", `printf '%s\n' `+shellQuote(words...)).Output()
	require.NoError(t, err)
	require.Equal(t, strings.Join(words, "\n")+"\n", string(output))
	require.Equal(t, "plain --x=/a/b:c", shellQuote("plain", "--x=/a/b:c"))
}

func TestProperties(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "x.properties")
	require.NoError(t, properties(path, map[string]string{"b": "1", "a": `c:\d`}, map[string]string{"b": "2"}))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "a=c:\\\\d\nb=2\n", string(text))
}

func TestSocket(t *testing.T) {
	short := &MySQL{dir: "/tmp/x", port: 20001}
	require.Equal(t, "/tmp/x/mysqld.sock", short.Socket())
	long := &MySQL{dir: "/" + strings.Repeat("long/", 30), port: 20001}
	require.LessOrEqual(t, len(long.Socket()), maxSocketPath)
}

func listen(t *testing.T, port int) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", address(port))
	require.NoError(t, err)
	return listener
}
