package fleet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each testdata/bad-*.yaml has the errors it must give in a file of the same
// name with .err. UPDATE_GOLDEN=1 writes them.
func TestFindings(t *testing.T) {
	files, err := filepath.Glob("testdata/bad-*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			_, err = Parse("stores.yaml", text)
			var invalid *InvalidError
			require.ErrorAs(t, err, &invalid)
			got := err.Error() + "\n"
			wantPath := strings.TrimSuffix(path, ".yaml") + ".err"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.WriteFile(wantPath, []byte(got), 0o644))
			}
			want, err := os.ReadFile(wantPath)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

func TestLoadNamesTheMissingFile(t *testing.T) {
	_, err := Load("/nowhere/stores.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	files, err := filepath.Glob("testdata/bad-*.yaml")
	require.NoError(f, err)
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(text))
	}
	f.Add("environment: &a [*a]\nstores: *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		inv, err := Parse("stores.yaml", []byte(text))
		if err != nil {
			require.Contains(t, err.Error(), "stores.yaml:")
			return
		}
		ids := map[string]bool{}
		for _, store := range inv.Stores {
			require.False(t, ids[store.ID])
			ids[store.ID] = true
			require.NotZero(t, store.ServerID)
		}
	})
}
