package chaos

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"tributary/integration/compare"
	"tributary/integration/pos"
)

// Report is what came of a run.
type Report struct {
	// Again are the environment variables with which `make chaos` runs the same.
	Again string
	// Rounds are the faults in their order.
	Rounds []Round
	// Wrong is what must not be; empty if the copy is exact.
	Wrong []string
	// Rows were compared, Snapshots of the central database held against
	// themselves, Poison events sent.
	Rows      int64
	Snapshots int
	Poison    int
	// Repeated events were sent twice by Debezium.
	Repeated int
	// Sold is what the stores changed besides their tables without a key.
	Sold pos.Counts
	// Memory is the most a replica had resident, MemoryBound what it may, in
	// bytes.
	Memory, MemoryBound int64
}

func (c *Chaos) report(found *finding) *Report {
	r := &Report{
		Again: c.options.Again(), Wrong: c.failures(), Rows: found.rows.Rows(), Snapshots: c.watch.taken(), Repeated: found.repeated,
		Sold: c.chain.Counts(), MemoryBound: mostMemory,
	}
	for _, replica := range c.all() {
		r.Memory = max(r.Memory, replica.mostMemory())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Rounds, r.Poison = slices.Clone(c.rounds), len(c.poisoned)
	return r
}

// all are the replicas, the one that comes and goes among them.
func (c *Chaos) all() []*replica {
	if c.spare == nil {
		return nil // not started yet
	}
	return append(slices.Clone(c.replicas), c.spare)
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) {
	type line struct {
		count      int
		sum, worst time.Duration
	}
	byKind := map[string]*line{}
	for _, round := range r.Rounds {
		for _, name := range round.Faults {
			if byKind[name] == nil {
				byKind[name] = &line{}
			}
			l := byKind[name]
			l.count++
			l.sum += round.Recovered
			l.worst = max(l.worst, round.Recovered)
		}
	}
	fmt.Fprintf(w, "\n%-22s %6s %16s %10s\n", "fault", "times", "recovery, mean", "worst")
	for _, name := range slices.Sorted(maps.Keys(byKind)) {
		l := byKind[name]
		fmt.Fprintf(w, "%-22s %6d %14.1f s %8.1f s\n", name, l.count, l.sum.Seconds()/float64(l.count), l.worst.Seconds())
	}
	fmt.Fprintf(w, "\n%s rows of the stores changed (%s inserted, %s updated, %s deleted, %s keys changed)\n", compare.Grouped(r.Sold.Rows()),
		compare.Grouped(r.Sold.Inserts), compare.Grouped(r.Sold.Updates), compare.Grouped(r.Sold.Deletes), compare.Grouped(r.Sold.KeyChanges))
	fmt.Fprintf(w, "%s rows compared, %d snapshots held against the ledger, %d poison events, %d events that Debezium sent twice\n",
		compare.Grouped(r.Rows), r.Snapshots, r.Poison, r.Repeated)
	fmt.Fprintf(w, "most memory of a replica: %d MiB, bound %d MiB\n", r.Memory>>20, r.MemoryBound>>20)
	if len(r.Wrong) == 0 {
		fmt.Fprintf(w, "exact: %s\n", r.Again)
		return
	}
	fmt.Fprintf(w, "WRONG: %s\n  %s\n", r.Again, strings.Join(r.Wrong, "\n  "))
}
