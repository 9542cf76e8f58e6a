package preflight

import (
	"context"
	"fmt"
	"strings"

	"tributary/debezium/fleet"
)

// Gate returns a function that lets only stores pass whose preflight does not
// fail: what stands before a connector's registration.
func Gate(o Options) func(context.Context, fleet.Store) error {
	return func(ctx context.Context, store fleet.Store) error {
		report := Run(ctx, store, o)
		if report.Passed() {
			return nil
		}
		var reasons []string
		for _, finding := range report.Findings {
			if finding.Verdict == Fail {
				reasons = append(reasons, fmt.Sprintf("%s (%s)", finding.Check, oneLine(finding.Evidence)))
			}
		}
		return fmt.Errorf("the preflight fails: %s; see tributary preflight %s", strings.Join(reasons, ", "), store.ID)
	}
}

// Tables asks a store for the tables its connector captures, as "schema.table".
func Tables(ctx context.Context, store fleet.Store, o Options) ([]string, error) {
	o = o.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, o.StoreTimeout)
	defer cancel()
	password, err := store.Password.Resolve()
	if err != nil {
		return nil, err
	}
	s := &session{store: store, config: DriverConfig(store, password, o.ConnectTimeout)}
	defer s.close()
	if err := s.open(); err != nil {
		return nil, err
	}
	tables, err := s.captured(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	var names []string
	for _, t := range tables {
		names = append(names, t.name())
	}
	return names, nil
}
