package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"tributary/debezium/fleet"
)

// Status is how one store's connector is.
type Status struct {
	Store     string `json:"store"`
	Connector string `json:"connector"`
	// State is the folded state (see [Connector]), or one of MISSING and
	// DISABLED: a disabled store whose connector is stopped or gone.
	State  State  `json:"state"`
	Worker string `json:"worker,omitempty"`
	// Reason is why it has failed, in one line.
	Reason string `json:"reason,omitempty"`
	// Remedy is what to do about it, where the reason tells.
	Remedy string `json:"remedy,omitempty"`
	// Healthy says that nothing is to be done.
	Healthy bool `json:"healthy"`
}

// States that only a [Status] has.
const (
	StateMissing  State = "MISSING"
	StateDisabled State = "DISABLED"
)

// Statuses returns how the stores' connectors are, in the order of the stores.
func Statuses(ctx context.Context, client *Client, inv *fleet.Inventory, stores []fleet.Store) ([]Status, error) {
	actual, err := client.Fleet(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the connectors: %w", err)
	}
	names := DefaultsOf(inv)
	var all []Status
	for _, store := range stores {
		status := Status{Store: store.ID, Connector: names.Name(store.ID), State: StateMissing}
		if c, ok := actual[status.Connector]; ok {
			status.State, status.Worker, status.Reason = c.State, c.Worker, c.Reason()
			status.Remedy = Remedy(store.ID, status.Reason)
			if len(c.Tasks) > 0 {
				status.Worker = c.Tasks[0].Worker
			}
		}
		gone := status.State == StateMissing || status.State == StateStopped
		if store.Disabled && gone {
			status.State = StateDisabled
		}
		status.Healthy = status.State == StateDisabled || status.State == StateRunning && !store.Disabled
		all = append(all, status)
	}
	return all, nil
}

// WriteStatuses prints the states as a table, the unhealthy ones with a reason,
// and counts them.
func WriteStatuses(w io.Writer, all []Status) error {
	var out strings.Builder
	store, name, worker := len("STORE"), len("CONNECTOR"), len("WORKER")
	for _, s := range all {
		store, name, worker = max(store, len(s.Store)), max(name, len(s.Connector)), max(worker, len(s.Worker))
	}
	fmt.Fprintf(&out, "%-*s  %-*s  %-10s  %-*s  REASON\n", store, "STORE", name, "CONNECTOR", "STATE", worker, "WORKER")
	count, order := map[State]int{}, []State{}
	for _, s := range all {
		line := fmt.Sprintf("%-*s  %-*s  %-10s  %-*s  %s", store, s.Store, name, s.Connector, s.State, worker, s.Worker, s.Reason)
		out.WriteString(strings.TrimRight(line, " ") + "\n")
		if s.Remedy != "" {
			fmt.Fprintf(&out, "%*s→ %s\n", store+2, "", s.Remedy)
		}
		if count[s.State]++; count[s.State] == 1 {
			order = append(order, s.State)
		}
	}
	parts := make([]string, len(order))
	for i, state := range order {
		parts[i] = fmt.Sprintf("%d %s", count[state], state)
	}
	fmt.Fprintf(&out, "\n%d stores: %s\n", len(all), strings.Join(parts, ", "))
	_, err := io.WriteString(w, out.String())
	return err
}

// WriteStatusesJSON prints the states for programs.
func WriteStatusesJSON(w io.Writer, all []Status) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}

// Unhealthy returns how many stores need somebody to look at them.
func Unhealthy(all []Status) int {
	n := 0
	for _, s := range all {
		if !s.Healthy {
			n++
		}
	}
	return n
}
