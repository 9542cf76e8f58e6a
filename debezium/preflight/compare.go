package preflight

import (
	"fmt"
	"maps"
	"slices"
)

// Compare adds what only shows when the stores stand side by side: two servers
// with one identity, and tables that differ from most other stores'. What an
// earlier comparison found is replaced, so that reports of different times can
// be compared again when some are new.
func Compare(reports []Report) {
	for i := range reports {
		r := &reports[i]
		own := slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Check == identityCheck.ID || f.Check == driftCheck.ID })
		r.Findings, r.Verdict = nil, Pass
		for _, f := range own {
			r.add(f)
		}
	}
	compareIdentities(reports)
	compareTables(reports)
}

var identityCheck = Check{
	ID: "identity-unique", Title: "no other address has the same server identity",
	Why: "servers made from one image have one server_uuid: they cannot replicate from each other and their GTIDs cannot be told apart",
}

func compareIdentities(reports []Report) {
	addresses := map[string]map[string][]string{} // identity → address → stores
	for _, r := range reports {
		if r.identity == "" {
			continue
		}
		if addresses[r.identity] == nil {
			addresses[r.identity] = map[string][]string{}
		}
		addresses[r.identity][r.Address] = append(addresses[r.identity][r.Address], r.Store)
	}
	for i := range reports {
		r := &reports[i]
		others := map[string][]string{}
		maps.Copy(others, addresses[r.identity])
		delete(others, r.Address)
		if r.identity == "" || len(others) == 0 {
			continue
		}
		first := slices.Sorted(maps.Keys(others))[0]
		r.add(identityCheck.finding(outcome{
			verdict: Warn, evidence: fmt.Sprintf("%s at %s (store %s) is %s too", r.identity, first, list(others[first]), r.Address),
			remedy: "if these are two servers, delete auto.cnf of one and restart it; if they are one, this is only two names for it",
		}))
	}
}

var driftCheck = Check{
	ID: "definitions", Title: "the tables are defined as in the other stores",
	Why: "the central table becomes the union of all definitions, and a type that contradicts the others' keeps the store's rows out",
}

// compareTables names the stores whose tables differ from the most frequent
// definition.
func compareTables(reports []Report) {
	counts := map[string]map[string]int{} // table → definition → stores
	for _, r := range reports {
		for table, definition := range r.tables {
			if counts[table] == nil {
				counts[table] = map[string]int{}
			}
			counts[table][definition]++
		}
	}
	usual := map[string]string{}
	for table, definitions := range counts {
		for definition, n := range definitions {
			if best := definitions[usual[table]]; n > best || n == best && definition < usual[table] {
				usual[table] = definition
			}
		}
	}
	for i := range reports {
		var other []string
		for table, definition := range reports[i].tables {
			if definition != usual[table] {
				other = append(other, table)
			}
		}
		if len(other) == 0 {
			continue
		}
		slices.Sort(other)
		reports[i].add(driftCheck.finding(outcome{
			verdict: Warn, evidence: "unlike most stores': " + list(other),
			remedy: "compare SHOW CREATE TABLE with another store's, and bring the store to the same version",
		}))
	}
}
