package fetch

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func archive(t *testing.T, headers ...tar.Header) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "archive.tar.gz")
	file, err := os.Create(path)
	require.NoError(t, err)
	plain := gzip.NewWriter(file)
	writer := tar.NewWriter(plain)
	for _, header := range headers {
		if header.Typeflag == tar.TypeReg {
			header.Size = int64(len(header.Name))
		}
		require.NoError(t, writer.WriteHeader(&header))
		if header.Typeflag == tar.TypeReg {
			_, err := writer.Write([]byte(header.Name))
			require.NoError(t, err)
		}
	}
	require.NoError(t, writer.Close())
	require.NoError(t, plain.Close())
	require.NoError(t, file.Close())
	return path
}

func TestUntar(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, untar(archive(t,
		tar.Header{Typeflag: tar.TypeDir, Name: "./plugin/", Mode: 0o500},
		tar.Header{Typeflag: tar.TypeReg, Name: "./plugin/a.jar", Mode: 0o444},
		tar.Header{Typeflag: tar.TypeReg, Name: "no/folder/before/b.jar", Mode: 0o755},
	), dir))
	for _, name := range []string{"plugin/a.jar", "no/folder/before/b.jar"} {
		require.FileExists(t, filepath.Join(dir, name))
	}
	text, err := os.ReadFile(filepath.Join(dir, "plugin/a.jar"))
	require.NoError(t, err)
	require.Equal(t, "./plugin/a.jar", string(text))
}

func TestUntarRefuses(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	require.NoError(t, os.Mkdir(outside, 0o755))
	dir := filepath.Join(filepath.Dir(outside), "inside")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for _, header := range []tar.Header{
		{Typeflag: tar.TypeReg, Name: "../outside/x"},
		{Typeflag: tar.TypeReg, Name: "a/../../outside/x"},
		{Typeflag: tar.TypeReg, Name: filepath.Join(outside, "x")},
		{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "../outside"},
	} {
		require.Error(t, untar(archive(t, header), dir), header.Name)
	}
	left, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Empty(t, left)

	require.Error(t, untar("/nowhere", dir))
	broken := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(broken, []byte("not gzip"), 0o600))
	require.Error(t, untar(broken, dir))
}
