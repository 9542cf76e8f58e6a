package stack

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstallPlugin(t *testing.T) {
	unpacked := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(unpacked, "a.jar"), []byte("jar"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(unpacked, "sub"), 0o755))

	plain := filepath.Join(t.TempDir(), "plugins", "plain")
	for range 2 { // a second worker, or a second run in the same folder
		require.NoError(t, installPlugin(plain, unpacked, nil))
	}
	text, err := os.ReadFile(filepath.Join(plain, "a.jar"))
	require.NoError(t, err)
	require.Equal(t, "jar", string(text))
	require.True(t, isDir(t, filepath.Join(plain, "sub")))
	require.NoFileExists(t, filepath.Join(plain, "manifest.jar"))

	dir := filepath.Join(t.TempDir(), "avro")
	require.NoError(t, installPlugin(dir, unpacked, AvroConverter.services()))
	archive, err := zip.OpenReader(filepath.Join(dir, "manifest.jar"))
	require.NoError(t, err)
	defer func() { require.NoError(t, archive.Close()) }()
	manifest, err := archive.Open("META-INF/services/org.apache.kafka.connect.storage.Converter")
	require.NoError(t, err)
	text, err = io.ReadAll(manifest)
	require.NoError(t, err)
	require.Equal(t, "io.apicurio.registry.utils.converter.AvroConverter\n", string(text))
}

// isDir follows links, which require.DirExists does not.
func isDir(t *testing.T, path string) bool {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.IsDir()
}
