package preflight

import (
	"time"
)

// Verdict is what came out of a check.
type Verdict string

// The verdicts, from good to bad. Skip means that the question does not arise
// for this server, Info that there is something to know and nothing to do.
const (
	Pass Verdict = "pass"
	Skip Verdict = "skip"
	Info Verdict = "info"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
)

var severity = map[Verdict]int{Pass: 0, Skip: 1, Info: 2, Warn: 3, Fail: 4}

// Finding is the outcome of one check of one store.
type Finding struct {
	// Check and Title name the check.
	Check string `json:"check"`
	Title string `json:"title"`
	// Verdict is the outcome, Evidence what the server said.
	Verdict  Verdict `json:"verdict"`
	Evidence string  `json:"evidence"`
	// Why, Remedy, SQL and Config are set unless the check passed: why it
	// matters, what to do, the statements that do it and the lines for
	// my.cnf under [mysqld], which need a restart of the server.
	Why    string   `json:"why,omitempty"`
	Remedy string   `json:"remedy,omitempty"`
	SQL    []string `json:"sql,omitempty"`
	Config []string `json:"my_cnf,omitempty"`
}

// Report is the preflight of one store.
type Report struct {
	Store string `json:"store"`
	// Address is "host:port".
	Address string `json:"address"`
	// Server is the flavour and version, empty if it was not reached.
	Server string `json:"server,omitempty"`
	// Verdict is the worst of the findings'; a store with Fail must not be
	// registered.
	Verdict  Verdict       `json:"verdict"`
	Findings []Finding     `json:"findings"`
	Took     time.Duration `json:"took_ns"`

	// For the comparison of the fleet's reports.
	identity string
	tables   map[string]string // table → its definition
}

// Passed says that the store may be registered.
func (r Report) Passed() bool { return r.Verdict != Fail }

// Count returns how many findings have the verdict.
func (r Report) Count(verdict Verdict) int {
	n := 0
	for _, finding := range r.Findings {
		if finding.Verdict == verdict {
			n++
		}
	}
	return n
}

// Failed returns the names of the checks that failed.
func (r Report) Failed() []string {
	var names []string
	for _, finding := range r.Findings {
		if finding.Verdict == Fail {
			names = append(names, finding.Check)
		}
	}
	return names
}

// Finding returns the finding of a check; ok is false if there is none.
func (r Report) Finding(check string) (finding Finding, ok bool) {
	for _, finding := range r.Findings {
		if finding.Check == check {
			return finding, true
		}
	}
	return Finding{}, false
}

func (r *Report) add(finding Finding) {
	r.Findings = append(r.Findings, finding)
	if severity[finding.Verdict] > severity[r.Verdict] {
		r.Verdict = finding.Verdict
	}
}
