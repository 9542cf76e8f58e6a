package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTargets holds what is printed against runs made up for it.
func TestTargets(t *testing.T) {
	run := func(name, contestant string, rate, micros float64) result {
		r := result{Run: name, Contestant: contestant}
		r.Rate, r.Micros = rate, map[string]float64{"sink": micros}
		return r
	}
	slow := run("live, 10000 events/s, 200 topics", "tributary", 10_000, 30)
	slow.LatencyWarm = &latency{P50: 120, P99: 1500}
	disturbed := run("catchup", jdbcBest.name, 1000, 0)
	disturbed.Foreign = 0.5
	r := results{Runs: []result{
		run("catchup", "database alone", 100_000, 0), run("catchup", "database alone", 120_000, 0),
		run("catchup", "tributary", 60_000, 9), run("catchup", "tributary", 80_000, 7), run("catchup", "tributary", 62_000, 7.5),
		run("catchup", jdbcBest.name, 10_000, 0), disturbed, slow,
	}}
	require.Equal(t, "2 (1!)", runsOf(r.groups()[2]))
	var out strings.Builder
	r.printTargets(&out)
	require.Equal(t, `catch-up against the JDBC sink at its best: 6.20x; at least 7x: MISSED
catch-up against the database alone: 0.56x; at least 0.5x: met
our CPU an event in catch-up: 7.50 µs; at most 8 µs: met
live, 10,000 events/s: p50: 120 ms; at most 300 ms: met
live, 10,000 events/s: p99: 1500 ms; at most 1000 ms: MISSED
(!) other processes took more than 8 % of the machine during so many of the runs; they count only where there is no other
`, out.String())
}
