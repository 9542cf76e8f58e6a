package monitor

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tributary/sink/consumer"
	"tributary/sink/lane"
	"tributary/sink/monitor/ladder"
)

var update = flag.Bool("update", false, "write the table of metrics anew")

const deploy = "../../deploy"

// metric is one as its code declares it.
type metric struct{ process, name, kind, labels, help string }

// recorder is a registry that writes down what is registered.
type recorder struct {
	process string
	metrics []metric
}

func (r *recorder) Register(c prometheus.Collector) error {
	descriptions := make(chan *prometheus.Desc, 100)
	c.Describe(descriptions)
	close(descriptions)
	for d := range descriptions {
		r.metrics = append(r.metrics, parseDesc(r.process, d.String(), kindOf(c)))
	}
	return nil
}

func (r *recorder) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		_ = r.Register(c)
	}
}

func (r *recorder) Unregister(prometheus.Collector) bool { return true }

func kindOf(c prometheus.Collector) string {
	switch c.(type) {
	case *prometheus.HistogramVec, prometheus.Histogram:
		return "histogram"
	}
	return ""
}

var descPattern = regexp.MustCompile(`^Desc\{fqName: "(.*?)", help: "(.*?)", unit: "", constLabels: \{\}, variableLabels: \{(.*?)\}\}$`)

func parseDesc(process, text, kind string) metric {
	parts := descPattern.FindStringSubmatch(text)
	if parts == nil {
		panic("not a metric's description: " + text)
	}
	if kind == "" {
		kind = "gauge"
		if strings.HasSuffix(parts[1], "_total") {
			kind = "counter"
		}
	}
	return metric{process, parts[1], kind, strings.ReplaceAll(parts[3], ",", ", "), parts[2]}
}

// registered are all metrics of the project's processes.
func registered() []metric {
	sink, monitor := &recorder{process: "sink"}, &recorder{process: "monitor"}
	lane.NewMetrics(sink)
	consumer.NewMetrics(sink)
	sink.MustRegister(consumer.NewRegistryMetrics(nil, nil))
	monitor.MustRegister(metrics{&Monitor{}})
	all := slices.Concat(sink.metrics, monitor.metrics)
	slices.SortFunc(all, func(a, b metric) int {
		return cmp.Or(-cmp.Compare(a.process, b.process), cmp.Compare(a.name, b.name))
	})
	return all
}

// expressions are the PromQL expressions of the rules and of all dashboards, by
// where they stand.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	var rules struct {
		Groups []struct {
			Rules []struct{ Record, Alert, Expr string }
		}
	}
	require.NoError(t, yaml.Unmarshal(read(t, "prometheus/rules.yml"), &rules))
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			found["rule "+r.Record+r.Alert] = r.Expr
		}
	}
	dashboards, err := filepath.Glob(deploy + "/grafana/*.json")
	require.NoError(t, err)
	require.Len(t, dashboards, 4)
	for _, path := range dashboards {
		var d struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
			Templating struct {
				List []struct{ Name, Type, Query string }
			}
		}
		require.NoError(t, json.Unmarshal(read(t, "grafana/"+filepath.Base(path)), &d))
		for _, p := range d.Panels {
			for i, target := range p.Targets {
				found[fmt.Sprintf("%s, %s, %d", filepath.Base(path), p.Title, i)] = target.Expr
			}
		}
		for _, v := range d.Templating.List {
			if v.Type == "query" {
				found[filepath.Base(path)+", $"+v.Name] = v.Query
			}
		}
	}
	return found
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deploy, name))
	require.NoError(t, err)
	return text
}

var (
	metricName  = regexp.MustCompile(`\b(?:tributary|kafka|process)(?:_[a-z0-9]+)+\b`)
	recordName  = regexp.MustCompile(`\btributary:[a-z0-9_:]+`)
	notOurs     = regexp.MustCompile(`^(process_resident_memory_bytes|process_cpu_seconds_total)$`) // client_golang's own
	ofHistogram = regexp.MustCompile(`_(bucket|sum|count)$`)
)

// TestMetricsAreNamed holds rules and dashboards against the code, both ways: no
// panel asks for a metric that is not there, and none is there that nobody sees.
func TestMetricsAreNamed(t *testing.T) {
	known, seen := map[string]metric{}, map[string]bool{}
	for _, m := range registered() {
		known[m.name] = m
	}
	all := expressions(t)
	for where, expression := range all {
		for _, name := range metricName.FindAllString(expression, -1) {
			if notOurs.MatchString(name) {
				continue
			}
			if base := ofHistogram.ReplaceAllString(name, ""); known[base].kind == "histogram" {
				name = base
			}
			require.Contains(t, known, name, where)
			seen[name] = true
		}
		for _, name := range recordName.FindAllString(expression, -1) {
			require.Contains(t, all, "rule "+name, where)
		}
	}
	for name := range known {
		require.True(t, seen[name], "%s is in no rule and on no dashboard", name)
	}
}

// TestAlertsHelp wants a summary, a description and a runbook of every alert.
func TestAlertsHelp(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert       string
				Labels      map[string]string
				Annotations struct{ Summary, Description, Runbook string }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(read(t, "prometheus/rules.yml"), &rules))
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			require.NotEmpty(t, r.Annotations.Summary, r.Alert)
			require.NotEmpty(t, r.Annotations.Description, r.Alert)
			require.NotEmpty(t, r.Annotations.Runbook, r.Alert)
			require.Contains(t, []string{"critical", "warning"}, r.Labels["severity"], r.Alert)
			require.Contains(t, string(read(t, "prometheus/rules_test.yml")), r.Alert, "has no test")
		}
	}
}

// TestAlertmanagerExample holds the example's routes against the rules: every
// receiver is there, and every alert it names exists.
func TestAlertmanagerExample(t *testing.T) {
	var example struct {
		Route struct {
			Receiver string
			Routes   []struct{ Receiver string }
		}
		Receivers []struct{ Name string }
		Inhibit   []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
		} `yaml:"inhibit_rules"`
	}
	require.NoError(t, yaml.Unmarshal(read(t, "prometheus/alertmanager.yml"), &example))
	receivers := map[string]bool{}
	for _, r := range example.Receivers {
		receivers[r.Name] = true
	}
	require.True(t, receivers[example.Route.Receiver])
	for _, r := range example.Route.Routes {
		require.True(t, receivers[r.Receiver], r.Receiver)
	}
	all := expressions(t)
	named := regexp.MustCompile(`Tributary\w+`)
	require.NotEmpty(t, example.Inhibit)
	for _, rule := range example.Inhibit {
		for _, matcher := range slices.Concat(rule.Source, rule.Target) {
			for _, alert := range named.FindAllString(matcher, -1) {
				require.Contains(t, all, "rule "+alert)
			}
		}
	}
}

// TestEveryRungHasAnAlert looks for one that fires while a rung is broken.
func TestEveryRungHasAnAlert(t *testing.T) {
	matchers := regexp.MustCompile(`tributary_store_broken_rung\{rung=~?"([^"]+)"\}`)
	alerted := map[string]bool{
		// Its own metrics say more: dead letters, and a source that is down.
		string(ladder.Accepted): true,
		// A store that is switched off, or not listed, is nobody's alarm.
		string(ladder.Inventoried): true,
	}
	for where, expression := range expressions(t) {
		if strings.HasPrefix(where, "rule Tributary") {
			for _, m := range matchers.FindAllStringSubmatch(expression, -1) {
				for rung := range strings.SplitSeq(m[1], "|") {
					alerted[rung] = true
				}
			}
		}
	}
	for _, rung := range ladder.Rungs() {
		require.True(t, alerted[string(rung)], "no alert fires for %s", rung)
	}
	require.Len(t, alerted, len(ladder.Rungs()), "and none for a rung that is not there")
}

// TestMetricsTable keeps the table of metrics as the code is; -update writes it.
func TestMetricsTable(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Metrics\n\nMade from the code by `go test ./sink/monitor -run TestMetricsTable -update`." +
		" Times are in seconds, sizes in bytes.\nBoth processes also have client_golang's `go_…` and `process_…`.\n")
	process := ""
	for _, m := range registered() {
		if m.process != process {
			process = m.process
			fmt.Fprintf(&b, "\n## tributary %s\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n", process)
		}
		require.True(t, strings.HasSuffix(m.help, "."), m.name)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.kind, m.labels, m.help)
	}
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(deploy, "METRICS.md"), []byte(b.String()), 0o644))
	}
	require.Equal(t, b.String(), string(read(t, "METRICS.md")), "run with -update")
}
