package deploy_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runbook returns the first cells of the table under a heading.
func runbook(t *testing.T, heading string) map[string]bool {
	t.Helper()
	content, err := os.ReadFile("RUNBOOK.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(content), "\n## "+heading+"\n")
	require.True(t, ok, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	found := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(section, -1)[1:] {
		found[m[1]] = true
	}
	require.NotEmpty(t, found)
	return found
}

// TestRunbookHasEveryAlert holds the runbook against the rules, both ways.
func TestRunbookHasEveryAlert(t *testing.T) {
	rules, err := os.ReadFile("prometheus/rules.yml")
	require.NoError(t, err)
	alerts := make(map[string]bool)
	for _, m := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(string(rules), -1) {
		alerts[m[1]] = true
	}
	require.Equal(t, alerts, runbook(t, "Alerts"))

	// Nor does any other document name one that is not there.
	for _, pattern := range []string{"*.md", "../*.md"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, m := range regexp.MustCompile("`(Tributary[A-Z]\\w+)`").FindAllStringSubmatch(string(content), -1) {
				require.True(t, alerts[m[1]], "%s: %s is no alert", path, m[1])
			}
		}
	}
}

// TestRunbookHasTheSinksWords looks for messages that no code says, and for
// errors the sink logs that the runbook does not explain.
func TestRunbookHasTheSinksWords(t *testing.T) {
	var source strings.Builder
	require.NoError(t, filepath.WalkDir("../sink", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/monitor/") {
			return err
		}
		content, err := os.ReadFile(path)
		source.Write(content)
		return err
	}))
	// Texts that are put together of several lines read as one.
	text := regexp.MustCompile(`"\s*\+\s*"`).ReplaceAllString(source.String(), "")
	known := runbook(t, "What the sink's log says")
	for message := range known {
		require.Contains(t, text, message)
	}
	for _, m := range regexp.MustCompile(`\.Error\("([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if m[1] == "serving metrics and health ended" {
			continue // names its cause
		}
		explained := false
		for message := range known {
			explained = explained || strings.HasPrefix(m[1], message)
		}
		require.True(t, explained, "RUNBOOK.md does not explain: %s", m[1])
	}
}
