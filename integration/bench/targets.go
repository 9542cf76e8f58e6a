package main

import (
	"fmt"
	"io"
	"slices"
)

// target is what a figure should be.
type target struct {
	what     string
	unit     string
	want     float64
	most     bool // want is the most it may be, not the least
	measured float64
}

// targets are the figures that were measured and what they should be.
func (r *results) targets() []target {
	const busy, quiet = "live, 10000 events/s, 200 topics", "live, 100 events/s, 2400 topics"
	ratio := func(run, contestant, otherRun, other string) float64 {
		if other := r.rate(otherRun, other); other > 0 {
			return r.rate(run, contestant) / other
		}
		return 0
	}
	of := func(run string, value func(*result) float64) float64 { return r.median(run, "tributary", value) }
	sinkCPU := func(x *result) float64 { return x.Micros["sink"] }
	memory := func(x *result) float64 { return float64(x.PeakMB["sink"]) }
	late := func(of func(latency) int64) func(*result) float64 {
		return func(x *result) float64 {
			if x.LatencyWarm == nil {
				return 0
			}
			return float64(of(*x.LatencyWarm))
		}
	}
	p50 := late(func(l latency) int64 { return l.P50 })
	p99 := late(func(l latency) int64 { return l.P99 })
	return []target{
		{"catch-up against the JDBC sink at its best", "x", 7, false, ratio("catchup", "tributary", "catchup", jdbcBest.name)},
		{"catch-up against the JDBC sink as shipped", "x", 20, false, ratio("catchup", "tributary", "catchup", jdbcShipped.name)},
		{"catch-up against the database alone", "x", 0.5, false, ratio("catchup", "tributary", "catchup", "database alone")},
		{"our CPU an event in catch-up", " µs", 8, true, of("catchup", sinkCPU)},
		{"memory in catch-up, 200 topics", " MB", 256, true, of("catchup", memory)},
		{"catch-up in Avro against the database alone", "x", 0.7, false, ratio("format Avro", "tributary", "catchup", "database alone")},
		{"our CPU an event in Avro", " µs", 5, true, of("format Avro", sinkCPU)},
		{"catch-up in Avro against JSON", "x", 1, false, ratio("format Avro", "tributary", "format JSON", "tributary")},
		{"updates against inserts", "x", 1.5, false, ratio("updates", "tributary", "catchup", "tributary")},
		{"live, 10,000 events/s: p50", " ms", 300, true, of(busy, p50)},
		{"live, 10,000 events/s: p99", " ms", 1000, true, of(busy, p99)},
		{"live, 10,000 events/s: memory", " MB", 150, true, of(busy, memory)},
		{"live, 100 events/s over 2,400 topics: cores", "", 0.1, true, of(quiet, func(x *result) float64 { return x.CPU["sink"] })},
		{"live, 100 events/s over 2,400 topics: p99", " ms", 1500, true, of(quiet, p99)},
		{"2,400 topics against 200", "x", 0.8, false, ratio("growth, 2400 topics", "tributary", "growth, 200 topics", "tributary")},
		{"10,000 topics against 200", "x", 0.8, false, ratio("growth, 10000 topics", "tributary", "growth, 200 topics", "tributary")},
		{"memory in catch-up, 2,400 topics", " MB", 256, true, of("growth, 2400 topics", memory)},
		{"memory in catch-up, 10,000 topics", " MB", 512, true, of("growth, 10000 topics", memory)},
		{"two lanes against one", "x", 1, false, ratio("lanes", "tributary, 2 lanes", "lanes", "tributary, 1 lanes")},
		{"three lanes against two", "x", 1, false, ratio("lanes", "tributary, 3 lanes", "lanes", "tributary, 2 lanes")},
	}
}

// printTargets prints the targets that were measured, and how a second sink
// compares with the first.
func (r *results) printTargets(w io.Writer) {
	for _, t := range r.targets() {
		verdict, bound := "met", "at least"
		if t.most {
			bound = "at most"
		}
		switch {
		case t.measured == 0:
			continue
		case t.most && t.measured > t.want || !t.most && t.measured < t.want:
			verdict = "MISSED"
		}
		digits := 2
		if t.measured >= 100 {
			digits = 0
		}
		fmt.Fprintf(w, "%s: %.*f%s; %s %g%s: %s\n", t.what, digits, t.measured, t.unit, bound, t.want, t.unit, verdict)
	}
	for _, run := range []string{"catchup", "updates"} {
		if a, b := r.rate(run, "tributary, second"), r.rate(run, "tributary"); a > 0 && b > 0 {
			fmt.Fprintf(w, "%s, second against first: %.2fx\n", run, a/b)
		}
	}
	if slices.ContainsFunc(r.Runs, func(r result) bool { return r.Foreign > loaded }) {
		fmt.Fprintf(w, "(!) other processes took more than %.0f %% of the machine during so many of the runs; they count only where there is no other\n", 100*loaded)
	}
}
