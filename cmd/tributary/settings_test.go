package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/sink"
	"tributary/sink/monitor"
)

var update = flag.Bool("update", false, "write the generated parts of deploy/SETTINGS.md anew")

// TestSettingsTables holds the tables of settings against the code. Run with
// -update to renew them.
func TestSettingsTables(t *testing.T) {
	const path = "../../deploy/SETTINGS.md"
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	want := string(content)
	for mark, settings := range map[string][]sink.Setting{"settings": sink.Settings(), "monitor settings": monitor.Settings()} {
		begin, end := "<!-- "+mark+": begin -->\n", "<!-- "+mark+": end -->\n"
		before, rest, ok := strings.Cut(want, begin)
		require.True(t, ok, "deploy/SETTINGS.md has no %q", begin)
		_, after, ok := strings.Cut(rest, end)
		require.True(t, ok, "deploy/SETTINGS.md has no %q", end)
		want = before + begin + settingsTable(settings) + end + after
	}
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(content), "run: go test ./cmd/tributary -run TestSettingsTables -update")
}

func settingsTable(settings []sink.Setting) string {
	var b strings.Builder
	b.WriteString("| setting | default | meaning |\n|---|---|---|\n")
	for _, s := range settings {
		value := "`" + s.Default + "`"
		switch {
		case s.Required:
			value = "required"
		case s.Default == "":
			value = ""
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, value, strings.ReplaceAll(s.Help, "|", "\\|"))
	}
	return b.String()
}
