package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tributary/integration/stack/fetch"
)

const deployDir = "../deploy"

// prometheusRoot is a real Prometheus out of Debian 12.
func prometheusRoot(t *testing.T) fetch.Root {
	t.Helper()
	cache, err := fetch.Open(os.Stderr)
	require.NoError(t, err)
	root, err := cache.Debian(t.Context(), fetch.Packages{
		Name: "Prometheus", Suites: []string{"bookworm"}, Lead: "prometheus", Minimum: "2.42",
	})
	require.NoError(t, err)
	return root
}

// TestAlertRules runs the rules' own unit test.
func TestAlertRules(t *testing.T) {
	argv, err := prometheusRoot(t).Argv("usr/bin/promtool", "test", "rules", deployDir+"/prometheus/rules_test.yml")
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), argv[0], argv[1:]...).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "SUCCESS")
	argv, err = prometheusRoot(t).Argv("usr/bin/promtool", "check", "config", deployDir+"/prometheus/prometheus.yml")
	require.NoError(t, err)
	out, err = exec.CommandContext(t.Context(), argv[0], argv[1:]...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// TestPanelsParse has Prometheus' own parser read every expression of the
// dashboards, as recording rules made of them.
func TestPanelsParse(t *testing.T) {
	type rule struct{ Record, Expr string }
	var rules []rule
	for where, expression := range deployed(t) {
		if !strings.HasPrefix(where, "rule ") {
			rules = append(rules, rule{fmt.Sprintf("panel:%d", len(rules)), expression})
		}
	}
	require.Greater(t, len(rules), 50)
	check := func(rules []rule) (string, error) {
		text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "panels", "rules": rules}}})
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "panels.yml")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		argv, err := prometheusRoot(t).Argv("usr/bin/promtool", "check", "rules", path)
		require.NoError(t, err)
		out, err := exec.CommandContext(t.Context(), argv[0], argv[1:]...).CombinedOutput()
		return string(out), err
	}
	out, err := check(rules)
	require.NoError(t, err, out)
	out, err = check(append(rules, rule{"panel:wrong", "sum(rate(x[5m])"}))
	require.Error(t, err, "an unclosed bracket is noticed")
	require.Contains(t, out, "unclosed left parenthesis")
}

// mayBeEmpty are expressions about what does not happen here: an hour's worth
// of faults, or a time longer ago than the test has run.
var mayBeEmpty = regexp.MustCompile(`offset 1w|increase\(tributary_connector_restarts_total|^rule Tributary|` +
	`tributary_retries_total|tributary_tables_held_total|tributary_partition_restarts_total`)

// TestExpressions asks a real Prometheus, which scrapes a sink and a monitor at
// work, every expression of every panel and rule: all are valid, and none is
// empty that should not be.
func TestExpressions(t *testing.T) {
	s := simulate(t)
	monitor := startMonitor(t, append(s.environ, "TRIBUTARY_MONITOR_STORE_INTERVAL=12s")...)
	_, err := s.central.Exec("CREATE DATABASE expressions_of_a_sink")
	require.NoError(t, err)
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	sink := freeAddr(t)
	startReplica(t, brokers, central(t).DSN("expressions_of_a_sink"), "HTTP_ADDR="+sink,
		"REGISTRY_URL=http://"+freeAddr(t)) // nobody is there, but its metrics are
	prometheus := startPrometheus(t, sink, strings.TrimPrefix(monitor, "http://"))
	expressions := deployed(t)
	waiting := map[string]string{}
	id := 0
	require.Eventually(t, func() bool {
		id++ // rates need something that moves
		p.create("7", id, "x", id)
		clear(waiting)
		for where, expression := range expressions {
			switch n, err := prometheus.count(expression); {
			case err != nil:
				waiting[where] = fmt.Sprintf("%s: %v", expression, err)
			case n == 0 && !mayBeEmpty.MatchString(where+" "+expression):
				waiting[where] = expression
			}
		}
		return len(waiting) == 0
	}, 90*time.Second, time.Second, "%v", &waiting)
	t.Logf("%d expressions answered", len(expressions))
}

// deployed are the expressions of the rules and dashboards, with the variables
// of the dashboards filled in.
func deployed(t *testing.T) map[string]string {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct{ Record, Alert, Expr string }
		}
	}
	text, err := os.ReadFile(deployDir + "/prometheus/rules.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &rules))
	found := map[string]string{}
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			found["rule "+r.Record+r.Alert] = r.Expr
		}
	}
	paths, err := filepath.Glob(deployDir + "/grafana/*.json")
	require.NoError(t, err)
	for _, path := range paths {
		var d struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &d))
		for _, panel := range d.Panels {
			for i, target := range panel.Targets {
				expression := strings.NewReplacer("$store", "0007", "$table", ".*").Replace(target.Expr)
				found[fmt.Sprintf("%s, %s, %d", filepath.Base(path), panel.Title, i)] = expression
			}
		}
	}
	return found
}

// prometheus is the base of a running one's API.
type prometheus string

func startPrometheus(t *testing.T, targets ...string) prometheus {
	t.Helper()
	rules, err := filepath.Abs(deployDir + "/prometheus/rules.yml")
	require.NoError(t, err)
	return prometheusWith(t, rules, targets...)
}

// impatient is a copy of the rules whose alerts fire at once.
func impatient(t *testing.T) (path string) {
	t.Helper()
	text, err := os.ReadFile(deployDir + "/prometheus/rules.yml")
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(path, regexp.MustCompile(`(?m)^ +for: .*\n`).ReplaceAll(text, nil), 0o600))
	return path
}

func prometheusWith(t *testing.T, rules string, targets ...string) prometheus {
	t.Helper()
	dir, addr := t.TempDir(), freeAddr(t)
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs: [{job_name: tributary, static_configs: [{targets: ["%s"]}]}]
`, rules, strings.Join(targets, `", "`)), 0o600))
	argv, err := prometheusRoot(t).Argv("usr/bin/prometheus", "--config.file="+config, "--storage.tsdb.path="+dir+"/data",
		"--web.listen-address="+addr, "--log.level=error")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Stderr = os.Stderr
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // killed, it says so
	})
	base := "http://" + addr
	require.Eventually(t, func() bool { return strings.Contains(get(base+"/-/ready"), "Ready") }, 30*time.Second, 50*time.Millisecond)
	return prometheus(base)
}

// firing says whether an alert is firing for what the labels select.
func (p prometheus) firing(alert, labels string) bool {
	n, err := p.count(fmt.Sprintf(`ALERTS{alertstate="firing", alertname=~%q%s}`, alert, labels))
	return err == nil && n > 0
}

// alerts are the names of those that fire.
func (p prometheus) alerts() string {
	return get(string(p) + "/api/v1/query?query=" + url.QueryEscape(`count by (alertname, alertstate, store, rung) (ALERTS)`))
}

// count is how many series an expression has now.
func (p prometheus) count(expression string) (int, error) {
	var answer struct {
		Status, Error string
		Data          struct{ Result []any }
	}
	text := get(string(p) + "/api/v1/query?query=" + url.QueryEscape(expression))
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return 0, err
	}
	if answer.Status != "success" {
		return 0, fmt.Errorf("refused: %s", answer.Error)
	}
	return len(answer.Data.Result), nil
}
