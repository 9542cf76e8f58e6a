package exam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tributary/debezium/fleet"
	"tributary/debezium/preflight"
)

// foretelling are the checks of a preflight that say which values will not
// arrive as they are. The others are about the server, or about tables that do.
var foretelling = []string{"foreign-keys", "partitions", "types", "charsets", "labels", "zero-dates", "json-values", "floats", "booleans", "bit-keys", "characters"}

// foretell asks a preflight about the tables that came out silently different:
// one that it warns of was foretold. It is asked at the end, when the tables are
// what they have become.
func (t *taking) foretell(ctx context.Context, r *Room, outcomes map[string]Outcome) {
	for table, o := range outcomes {
		if o.Verdict != Different {
			continue
		}
		store := t.line(r)
		store.Tables = []string{table} // one at a time: the evidence of many is cut short
		report := preflight.Run(ctx, store, preflight.Options{})
		if warnings := warningsOf(report, r.Schema+"."+table); len(warnings) > 0 {
			o.Verdict, o.Details = Foretold, append(o.Details, warnings...)
			outcomes[table] = o
		}
	}
}

// warningsOf are the findings that name the table and say what to do.
func warningsOf(report preflight.Report, table string) (warnings []string) {
	for _, f := range report.Findings {
		asks := f.Verdict == preflight.Warn || f.Verdict == preflight.Fail
		if asks && f.Remedy != "" && slices.Contains(foretelling, f.Check) && strings.Contains(f.Evidence, table) {
			warnings = append(warnings, fmt.Sprintf("preflight, %s: %s; %s", f.Check, f.Evidence, f.Remedy))
		}
	}
	return warnings
}

// line is a room's line in an inventory.
func (h *hall) line(r *Room) fleet.Store {
	return fleet.Store{
		ID: r.Store, Host: "127.0.0.1", Port: h.stores[r.Flavor].Port(), Flavor: fleet.Flavor(strings.ToLower(string(r.Flavor))),
		Schemas: []string{r.Schema}, User: account, Password: fleet.Literal(password), TLS: fleet.TLSPreferred,
	}
}
