package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// result is one contestant's run.
type result struct {
	Run        string `json:"run"`
	Contestant string `json:"contestant"`
	Note       string `json:"note,omitempty"`
	measured

	Holds *sum `json:"holds,omitempty"` // what is in the tables afterwards
	Want  *sum `json:"want,omitempty"`  // what has to be

	Batches int64 `json:"transactions,omitempty"`
	Written int64 `json:"rows_written,omitempty"`
	Dead    int64 `json:"dead_letters,omitempty"`

	Latency     *latency `json:"latency_ms,omitempty"`
	LatencyWarm *latency `json:"latency_warm_ms,omitempty"` // without the first seconds
	Behind      []int    `json:"behind,omitempty"`          // events not committed, by the second
}

// wrong reports whether the tables hold something else than they should.
func (r *result) wrong() bool { return r.Want != nil && *r.Holds != *r.Want || r.Dead > 0 }

// loaded is the share of the machine that others may take before a figure is
// marked.
const loaded = 0.08

// results are all runs and where they were made.
type results struct {
	Begun    time.Time `json:"begun"`
	Go       string    `json:"go"`
	CPUs     int       `json:"cpus"`
	CPU      string    `json:"cpu"`
	MySQL    string    `json:"mysql"`
	Settings []string  `json:"settings,omitempty"`
	Runs     []result  `json:"runs"`
}

func (r *results) begin(b *bench) {
	r.Begun, r.Go, r.CPUs, r.CPU = time.Now().UTC(), runtime.Version(), runtime.NumCPU(), cpuModel()
	r.MySQL, r.Settings = b.central.Version(), b.Set
}

func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// add keeps a result and says it.
func (b *bench) add(r result) {
	b.results.Runs = append(b.results.Runs, r)
	text := fmt.Sprintf("%s: %s %s: %.0f events/s, CPU/event %s, foreign %.0f %%", r.Run, r.Contestant, r.Note, r.Rate, micros(r.Micros), 100*r.Foreign)
	if r.Latency != nil {
		text += fmt.Sprintf(", latency %+v, warm %+v", *r.Latency, r.LatencyWarm)
	}
	if r.PeakMB["sink"] > 0 {
		text += fmt.Sprintf(", %d MB", r.PeakMB["sink"])
	}
	if r.Batches > 0 {
		text += fmt.Sprintf(", %d rows/transaction", r.Written/r.Batches)
	}
	if r.wrong() {
		text += fmt.Sprintf(" WRONG: holds %+v, want %+v, %d dead letters", *r.Holds, *r.Want, r.Dead)
	}
	b.say("%s", text)
}

func micros(by map[string]float64) string {
	var list []string
	for _, name := range []string{"sink", "connect", "mysqld", "kafka", "bench"} {
		if v, ok := by[name]; ok {
			list = append(list, fmt.Sprintf("%s %.1f", name, v))
		}
	}
	return strings.Join(list, " ")
}

// write keeps the results as JSON.
func (r *results) write(path string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("writing results: %w", err)
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// print prints the medians as a table, and what they mean for each other.
func (r *results) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "run\tcontestant\tn\tevents/s\tour µs/event\tmysqld\tkafka\tpeak MB\tp50/p99 ms\tof the database\tcorrect")
	alone := r.rate("catchup", "database alone")
	for _, group := range r.groups() {
		first := group[0]
		share := ""
		if alone > 0 && first.Latency == nil {
			share = fmt.Sprintf("%.0f %%", 100*medianOf(group, func(r *result) float64 { return r.Rate })/alone)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%.0f\t%.1f\t%.1f\t%.1f\t%s\t%s\t%s\t%s\n", first.Run, first.Contestant, runsOf(group),
			medianOf(group, func(r *result) float64 { return r.Rate }),
			medianOf(group, func(r *result) float64 { return ours(r.Micros) }),
			medianOf(group, func(r *result) float64 { return r.Micros["mysqld"] }),
			medianOf(group, func(r *result) float64 { return r.Micros["kafka"] }),
			peak(group), latencies(group), share, correct(group))
	}
	_ = t.Flush()
	fmt.Fprintf(w, "%s, %d CPUs shared by all of them; %s, %s; %s\n", r.CPU, r.CPUs, r.Go, r.MySQL, r.Begun.Format("2006-01-02"))
	r.printTargets(w)
}

// groups are the results of the same run and contestant, in the order they
// first appeared.
func (r *results) groups() [][]*result {
	var groups [][]*result
	for i := range r.Runs {
		one := &r.Runs[i]
		at := slices.IndexFunc(groups, func(g []*result) bool { return g[0].Run == one.Run && g[0].Contestant == one.Contestant })
		if at < 0 {
			at = len(groups)
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], one)
	}
	return groups
}

func (r *results) rate(run, contestant string) float64 {
	return r.median(run, contestant, func(r *result) float64 { return r.Rate })
}

// median is of a contestant's values in a run; 0 if it did not take part.
func (r *results) median(run, contestant string, value func(*result) float64) float64 {
	for _, g := range r.groups() {
		if g[0].Run == run && g[0].Contestant == contestant {
			return medianOf(g, value)
		}
	}
	return 0
}

// ours is the CPU time of whoever writes to the database.
func ours(micros map[string]float64) float64 {
	if v, ok := micros["sink"]; ok {
		return v
	}
	return cmp.Or(micros["connect"], micros["bench"])
}

func runsOf(group []*result) string {
	marked := 0
	for _, r := range group {
		if r.Foreign > loaded {
			marked++
		}
	}
	if marked == 0 {
		return fmt.Sprint(len(group))
	}
	return fmt.Sprintf("%d (%d!)", len(group), marked)
}

func peak(group []*result) string {
	most := int64(0)
	for _, r := range group {
		most = max(most, r.PeakMB["sink"], r.PeakMB["connect"])
	}
	if most == 0 {
		return "-"
	}
	return fmt.Sprint(most)
}

func latencies(group []*result) string {
	if group[0].LatencyWarm == nil {
		return "-"
	}
	p50 := medianOf(group, func(r *result) float64 { return float64(r.LatencyWarm.P50) })
	p99 := medianOf(group, func(r *result) float64 { return float64(r.LatencyWarm.P99) })
	return fmt.Sprintf("%.0f/%.0f", p50, p99)
}

func correct(group []*result) string {
	if group[0].Want == nil {
		return "-"
	}
	for _, r := range group {
		if r.wrong() {
			return "NO"
		}
	}
	return "yes"
}

// medianOf is over the runs that had the machine to themselves, if there are any.
func medianOf(group []*result, value func(*result) float64) float64 {
	values := make([]float64, 0, len(group))
	for _, r := range group {
		if r.Foreign <= loaded {
			values = append(values, value(r))
		}
	}
	if len(values) == 0 {
		for _, r := range group {
			values = append(values, value(r))
		}
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
