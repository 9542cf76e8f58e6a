package main

import (
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"tributary/sink"
	"tributary/sink/monitor"
)

const root = "../../"

// documents are the texts people read, by path from the repository's root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for _, pattern := range []string{"*.md", "deploy/*.md"} {
		paths, err := filepath.Glob(root + pattern)
		require.NoError(t, err)
		for _, path := range paths {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			found[strings.TrimPrefix(path, root)] = string(content)
		}
	}
	require.Contains(t, found, "README.md")
	return found
}

// code are the pieces of a document that are typed or looked up: between
// backticks, and in indented blocks with the lines that a backslash joins.
func code(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
		list = append(list, strings.ReplaceAll(m[1], `\|`, "|"))
	}
	joined := regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, "")
	for _, m := range regexp.MustCompile(`(?m)^    (\S.*)$`).FindAllStringSubmatch(joined, -1) {
		list = append(list, m[1])
	}
	return list
}

// TestDocsLinks follows every link to a file.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for path, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			u, err := url.Parse(m[1])
			require.NoError(t, err, path)
			if u.Scheme != "" || u.Path == "" {
				continue
			}
			_, err = os.Stat(filepath.Join(root, filepath.Dir(path), u.Path))
			require.NoError(t, err, "%s links to %s", path, m[1])
		}
	}
}

// TestDocsPaths looks for the files and folders that are named in passing.
func TestDocsPaths(t *testing.T) {
	inside := regexp.MustCompile(`^(?:cmd|debezium|schema|sink|deploy|integration)/[A-Za-z0-9_./-]+$`)
	for path, text := range documents(t) {
		for _, piece := range code(text) {
			if inside.MatchString(piece) {
				_, err := os.Stat(root + piece)
				require.NoError(t, err, "%s names %s", path, piece)
			}
		}
	}
}

// TestDocsMakeTargets has make plan every target a document names.
func TestDocsMakeTargets(t *testing.T) {
	targets := make(map[string]string)
	for path, text := range documents(t) {
		for _, piece := range code(text) {
			if m := regexp.MustCompile(`^make ([a-z][a-z-]*)`).FindStringSubmatch(piece); m != nil {
				targets[m[1]] = path
			}
		}
	}
	require.Contains(t, targets, "demo")
	args := append([]string{"-n", "-C", root}, slices.Sorted(maps.Keys(targets))...)
	out, err := exec.Command("make", args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// TestDocsCommands parses every command line of tributary's that a document
// shows, down to its flags.
func TestDocsCommands(t *testing.T) {
	command := regexp.MustCompile(`^(?:[A-Z_]+='?[^ ']*'? +)*(?:\./)?tributary( [^#]*)?$`)
	seen := 0
	for path, text := range documents(t) {
		for _, piece := range code(text) {
			m := command.FindStringSubmatch(piece)
			if m == nil {
				continue
			}
			for _, args := range alternatives(strings.Fields(m[1])) {
				var commands cli
				parser, err := kong.New(&commands, kong.Name("tributary"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
				require.NoError(t, err)
				_, err = parser.Parse(args)
				if err != nil && len(args) <= 1 {
					continue // a command with subcommands, named as such
				}
				require.NoError(t, err, "%s: %s", path, piece)
				seen++
			}
		}
	}
	require.Greater(t, seen, 15)
}

// alternatives spells out "plan|apply|…"; an ellipsis stands for whatever else
// there is.
func alternatives(words []string) (lists [][]string) {
	lists = [][]string{nil}
	for _, word := range words {
		var longer [][]string
		for option := range strings.SplitSeq(word, "|") {
			if option == "…" {
				continue
			}
			for _, list := range lists {
				longer = append(longer, append(slices.Clone(list), option))
			}
		}
		lists = longer
	}
	return lists
}

// TestDocsSettings looks for settings that no subcommand knows.
func TestDocsSettings(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range append(sink.Settings(), monitor.Settings()...) {
		known[s.Name] = true
	}
	for path, text := range documents(t) {
		for _, name := range regexp.MustCompile(`\bTRIBUTARY_[A-Z0-9_]+`).FindAllString(text, -1) {
			if strings.HasPrefix(name, "TRIBUTARY_KAFKA_CONF_") || strings.HasSuffix(name, "_") {
				continue
			}
			require.True(t, known[name] || known[strings.TrimSuffix(name, "_FILE")], "%s: %s is no setting", path, name)
		}
	}
}

// TestDocsMetrics looks for metrics, tables and recording rules that are not.
func TestDocsMetrics(t *testing.T) {
	metrics, err := os.ReadFile(root + "deploy/METRICS.md") // held against the code by sink/monitor
	require.NoError(t, err)
	rules, err := os.ReadFile(root + "deploy/prometheus/rules.yml")
	require.NoError(t, err)
	database, err := filepath.Glob(root + "deploy/central/*.sql")
	require.NoError(t, err)
	source := string(metrics) + string(rules)
	for _, path := range database {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		source += string(content)
	}
	known := make(map[string]bool)
	name := regexp.MustCompile(`\btributary(?:_[a-z0-9_]+|:[a-z_]+:[a-z0-9]+)\b`)
	for _, m := range name.FindAllString(source, -1) {
		known[m] = true
	}
	for path, text := range documents(t) {
		if path == "deploy/METRICS.md" {
			continue
		}
		for _, piece := range code(text) {
			for _, m := range name.FindAllString(piece, -1) {
				require.True(t, known[m], "%s names %s", path, m)
			}
		}
	}
}

// TestHelp asks every command for its help, as the documents say one can.
func TestHelp(t *testing.T) {
	var commands cli
	parser, err := kong.New(&commands, kong.Name("tributary"))
	require.NoError(t, err)
	for _, node := range parser.Model.Leaves(false) {
		words := strings.Fields(node.FullPath())
		var args []string
		for _, word := range words[1:] {
			if !strings.HasPrefix(word, "<") && !strings.HasPrefix(word, "[") {
				args = append(args, word)
			}
		}
		code := -1
		var out strings.Builder
		var fresh cli
		p, err := kong.New(&fresh, kong.Name("tributary"), kong.Writers(&out, io.Discard), kong.Exit(func(c int) {
			if code < 0 {
				code = c
			}
		}))
		require.NoError(t, err)
		_, _ = p.Parse(append(args, "--help")) // goes on behind the exit, as it does not end the test
		require.Zero(t, code, args)
		require.Contains(t, out.String(), "Usage: tributary "+args[0], args)
	}
}
