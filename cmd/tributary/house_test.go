package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// packages are the module's packages with what each imports, tests left out.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	command := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./cmd/...", "./debezium/...", "./schema/...", "./sink/...")
	command.Dir = root
	out, err := command.Output()
	require.NoError(t, err)
	found := make(map[string][]string)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		found[strings.TrimPrefix(fields[0], "tributary/")] = fields[1:]
	}
	return found
}

// TestHouseIsAsDrawn holds ARCHITECTURE.md's list of rooms against the folders.
func TestHouseIsAsDrawn(t *testing.T) {
	content, err := os.ReadFile(root + "ARCHITECTURE.md")
	require.NoError(t, err)
	_, drawing, ok := strings.Cut(string(content), "# The house\n\n")
	require.True(t, ok)
	drawing, _, _ = strings.Cut(drawing, "\n\n")
	var drawn, way []string
	for _, m := range regexp.MustCompile(`(?m)^    ( *)([a-z/]+)/ `).FindAllStringSubmatch(drawing, -1) {
		way = append(way[:len(m[1])/2], m[2])
		path := filepath.Join(way...)
		require.DirExists(t, root+path)
		drawn = append(drawn, path)
	}
	for path := range packages(t) {
		require.Contains(t, drawn, path, "ARCHITECTURE.md lacks a room")
		doc := root + path + "/doc.go"
		if path != "cmd/tributary" {
			require.FileExists(t, doc, "a package's idea is in its doc.go")
		}
	}
}

// TestDependenciesPointOneWay holds the imports against the order of the floors.
func TestDependenciesPointOneWay(t *testing.T) {
	floors := []string{"debezium", "schema", "sink", "cmd"}
	floor := func(path string) int {
		first, _, _ := strings.Cut(path, "/")
		return slices.Index(floors, first)
	}
	for path, imports := range packages(t) {
		for _, other := range imports {
			if inner, ok := strings.CutPrefix(other, "tributary/"); ok {
				require.LessOrEqual(t, floor(inner), floor(path), "%s imports %s", path, inner)
				require.NotEqual(t, -1, floor(inner), "%s imports %s", path, inner)
			}
		}
	}
}
