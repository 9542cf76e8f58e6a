package fetch

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRootArgv(t *testing.T) {
	for _, loader := range []string{"usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"} {
		dir := t.TempDir()
		path := filepath.Join(dir, loader)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		argv, err := Root{Dir: dir}.Argv("usr/sbin/mysqld", "--help")
		require.NoError(t, err)
		triplet := filepath.Base(filepath.Dir(loader))
		libraries := dir + "/usr/lib/" + triplet + ":" + dir + "/lib/" + triplet + ":" + dir + "/usr/lib/mysql/private"
		require.Equal(t, []string{path, "--library-path", libraries, dir + "/usr/sbin/mysqld", "--help"}, argv)
	}
	_, err := Root{Dir: t.TempDir()}.Argv("usr/sbin/mysqld")
	require.ErrorContains(t, err, "remove")
}
