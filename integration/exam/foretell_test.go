package exam

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium/preflight"
)

// Only a warning that names the table, tells the remedy and is about what does
// not arrive foretells anything.
func TestWarningsOf(t *testing.T) {
	found := func(check string, verdict preflight.Verdict, evidence, remedy string) preflight.Report {
		return preflight.Report{Findings: []preflight.Finding{{Check: check, Verdict: verdict, Evidence: evidence, Remedy: remedy}}}
	}
	require.Equal(t, []string{"preflight, charsets: exam.t.c (koi8u); convert it"},
		warningsOf(found("charsets", preflight.Warn, "exam.t.c (koi8u)", "convert it"), "exam.t"))
	for name, report := range map[string]preflight.Report{
		"another table":      found("charsets", preflight.Warn, "exam.u.c (koi8u)", "convert it"),
		"no warning":         found("charsets", preflight.Info, "exam.t.c (koi8u)", "convert it"),
		"no remedy":          found("charsets", preflight.Warn, "exam.t.c (koi8u)", ""),
		"about other things": found("primary-keys", preflight.Warn, "exam.t", "add a key"),
	} {
		require.Empty(t, warningsOf(report, "exam.t"), name)
	}
	checks := map[string]bool{}
	for _, c := range preflight.Checks() {
		checks[c.ID] = true
	}
	for _, id := range foretelling {
		require.True(t, checks[id], id)
	}
}
