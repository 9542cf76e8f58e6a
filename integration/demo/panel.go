package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/integration/compare"
)

// kept is how many readings rates are drawn from.
const kept = 40

// panel is how things stand, for a terminal of so many rows: the totals, the
// replicas, and the stores, those that wait the most if there is not room for
// all.
func panel(history []reading, rows int) []string {
	now := history[len(history)-1]
	total := func(name string, count func(reading) int64) string {
		return fmt.Sprintf("  %-8s %11s changes %7s/s  %s", name, compare.Grouped(count(now)), compare.Grouped(rate(history, count)), spark(history, count))
	}
	lines := []string{"", total("sold", sold), total("central", written), "  " + freshness(now)}
	for _, r := range now.replicas {
		lines = append(lines, fmt.Sprintf("  %s %s", r.name, r.state(history)))
	}
	if now.problem != nil {
		lines = append(lines, "  the central database cannot be read: "+now.problem.Error())
	}
	lines = append(lines, "", "  store         sold     central    waiting    behind")
	return append(lines, storeLines(now.stores, rows-len(lines)-4)...)
}

func storeLines(stores []storeReading, room int) []string {
	stores = slices.Clone(stores)
	more := len(stores) - max(room, 3)
	if more > 0 {
		slices.SortStableFunc(stores, func(a, b storeReading) int { return cmp.Compare(b.waiting(), a.waiting()) })
		stores = stores[:len(stores)-more]
	}
	slices.SortFunc(stores, func(a, b storeReading) int { return strings.Compare(a.id, b.id) })
	var lines []string
	for _, s := range stores {
		behind := "no rows yet"
		if d, ok := s.behind(); ok {
			behind = seconds(d)
		}
		lines = append(lines, fmt.Sprintf("  %-6s %11s %11s %10s    %s", s.id,
			compare.Grouped(s.sold), compare.Grouped(s.written), compare.Grouped(s.waiting()), behind))
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more stores", more))
	}
	return lines
}

// line is how things stand, where lines are all there is.
func line(history []reading) string {
	now := history[len(history)-1]
	text := fmt.Sprintf("sold %s/s, central %s/s, %s waiting of %s changes; %s", compare.Grouped(rate(history, sold)),
		compare.Grouped(rate(history, written)), compare.Grouped(max(now.sold-now.written, 0)), compare.Grouped(now.sold), freshness(now))
	for _, r := range now.replicas {
		text += fmt.Sprintf("; %s %s", r.name, r.state(history))
	}
	if now.problem != nil {
		text += "; the central database cannot be read: " + now.problem.Error()
	}
	return text
}

// freshness sums up how far the central tables are behind the stores.
func freshness(r reading) string {
	var behind []time.Duration
	for _, s := range r.stores {
		if d, ok := s.behind(); ok {
			behind = append(behind, d)
		}
	}
	if len(behind) == 0 {
		return "no rows in the central tables yet"
	}
	slices.Sort(behind)
	text := fmt.Sprintf("behind by %s (median), %s (worst of %d stores)", seconds(behind[len(behind)/2]), seconds(behind[len(behind)-1]), len(behind))
	if without := len(r.stores) - len(behind); without > 0 {
		text += fmt.Sprintf(", %d without rows yet", without)
	}
	return text
}

func (r replicaReading) state(history []reading) string {
	if !r.running {
		return "ENDED"
	}
	state := "ready"
	if !r.ready {
		state = "not ready"
	}
	return fmt.Sprintf("%s (%d MB, %d%% CPU)", state, r.memory>>20, r.load(history))
}

// load is how much of one core the replica took since the reading before.
func (r replicaReading) load(history []reading) int {
	if len(history) < 2 {
		return 0
	}
	before, now := history[len(history)-2], history[len(history)-1]
	for _, earlier := range before.replicas {
		if earlier.name == r.name && r.cpu >= earlier.cpu {
			return int(100 * (r.cpu - earlier.cpu).Seconds() / now.at.Sub(before.at).Seconds())
		}
	}
	return 0
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
