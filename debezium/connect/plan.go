package connect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tributary/debezium/fleet"
)

// Action is what a connector needs to become what the inventory says.
type Action string

// The actions. The last three are for a person to decide and are only shown.
const (
	// ActionCreate makes the connector, stopped, and then releases it.
	ActionCreate Action = "create"
	// ActionUpdate writes the configuration, which restarts the task.
	ActionUpdate Action = "update"
	// ActionRelease starts a connector that was created and never started.
	ActionRelease Action = "release"
	// ActionStop stops the connector of a disabled store.
	ActionStop Action = "stop"
	// ActionKept leaves a stopped or paused connector alone, because
	// somebody stopped it, and a failed one, because its configuration is
	// not what is wrong with it.
	ActionKept Action = "kept"
	// ActionStray is a connector of this environment that no store has.
	ActionStray Action = "stray"
	// ActionRefuse is a store that must not get a connector.
	ActionRefuse Action = "refuse"
)

// Change is what one connector needs.
type Change struct {
	Action Action
	Name   string
	// Store is the store it belongs to; only its ID is set for a stray.
	Store fleet.Store
	// Differences are what an update changes.
	Differences []Difference
	// Release says that the connector is to be started afterwards, Forget
	// that the empty position it has saved is to be deleted before: no task
	// starts with one.
	Release, Forget bool
	// Reason explains what is refused or left alone, and warns.
	Reason string
}

// Plan is the way from the connectors as they are to the inventory.
type Plan struct {
	Changes   []Change
	Unchanged int
	Advice    Advice
	inventory *fleet.Inventory
	// running are the environment's connectors that run: an earlier apply may
	// have been cut short while they take their first snapshots.
	running []string
}

// Pending says whether applying the plan would do anything.
func (p Plan) Pending() bool {
	return slices.ContainsFunc(p.Changes, func(c Change) bool {
		return c.Action == ActionCreate || c.Action == ActionUpdate || c.Action == ActionRelease || c.Action == ActionStop
	})
}

// NewPlan compares the stores, which are all of the inventory's or some, with
// the connectors Connect has. It only reads.
func NewPlan(ctx context.Context, client *Client, inv *fleet.Inventory, stores []fleet.Store) (Plan, error) {
	actual, err := client.Fleet(ctx)
	if err != nil {
		return Plan{}, fmt.Errorf("reading the connectors: %w", err)
	}
	plan := Plan{inventory: inv}
	for _, name := range slices.Sorted(maps.Keys(actual)) {
		if c := actual[name]; c.State == StateRunning && isDebezium(c) && strings.HasPrefix(name, inv.Environment+".") {
			plan.running = append(plan.running, name)
		}
	}
	defaults := DefaultsOf(inv)
	claims := claimed(actual)
	for _, store := range stores {
		change, err := compare(ctx, client, store, defaults, actual)
		if err != nil {
			return Plan{}, err
		}
		if reason := claims.conflict(change.Name, store); reason != "" {
			change = Change{Action: ActionRefuse, Name: change.Name, Store: store, Reason: reason}
		}
		if change.Action == "" {
			plan.Unchanged++
			continue
		}
		plan.Changes = append(plan.Changes, change)
	}
	if len(stores) == len(inv.Stores) {
		plan.Changes = append(plan.Changes, strays(inv, actual)...)
	}
	plan.Advice = Advise(inv, actual)
	return plan, nil
}

// compare works out what one store's connector needs; an empty Action is
// nothing.
func compare(ctx context.Context, client *Client, store fleet.Store, d Defaults, actual map[string]Connector) (Change, error) {
	change := Change{Name: d.Name(store.ID), Store: store}
	have, exists := actual[change.Name]
	if !exists {
		if !store.Disabled {
			change.Action, change.Release = ActionCreate, true
		}
		return change, nil
	}
	change.Differences = Diff(have.Config, Config(store, d))
	if len(change.Differences) > 0 {
		change.Action = ActionUpdate
		change.Reason = consequence(change.Differences)
	}
	switch {
	case store.Disabled:
		if have.State != StateStopped {
			change.Action = ActionStop
		}
	case have.State == StateStopped:
		// A connector without offsets never ran: an earlier apply was cut
		// short before it came to releasing it.
		offsets, err := client.Offsets(ctx, change.Name)
		if err != nil {
			return change, fmt.Errorf("reading the offsets of %s: %w", change.Name, err)
		}
		change.Release = !slices.ContainsFunc(offsets, Offset.Begun)
		change.Forget = change.Release && len(offsets) > 0
		if change.Action == "" {
			change.Action = ActionRelease
			if !change.Release {
				change.Action = ActionKept
				change.Reason = fmt.Sprintf("is stopped; start it with: tributary connectors resume %s", store.ID)
			}
		}
	case have.State == StateFailed && change.Action == "":
		change.Action, change.Reason = ActionKept, failure(store.ID, have.Reason())
	case have.State == StatePaused && change.Action == "":
		change.Action = ActionKept
		change.Reason = fmt.Sprintf("is paused; start it with: tributary connectors resume %s", store.ID)
	}
	return change, nil
}

// consequence warns of changes that need more than a new configuration.
func consequence(differences []Difference) string {
	for _, d := range differences {
		switch d.Property {
		case "database.hostname", "database.port":
			return "another server has other binary logs: if this one is no replica of the old one, take a new snapshot (tributary connectors restart --snapshot)"
		case "connector.class":
			return "the offsets of one flavour mean nothing to the other: take a new snapshot (tributary connectors restart --snapshot)"
		case "key.converter", "value.converter":
			return "events from here on have the other format and those before keep theirs: have every sink know the registry first" +
				" (TRIBUTARY_REGISTRY_URL), and other readers of the topics both formats; no snapshot is needed"
		case "table.include.list", "table.exclude.list", "database.include.list":
			return "the rows that new tables already have arrive only with a new snapshot (tributary connectors restart --snapshot)"
		}
	}
	return ""
}

// claims are the names that only one connector may have.
type claims struct {
	prefixes map[string]string // topic.prefix → connector
	servers  map[string]string // host:port/server id → connector
}

func claimed(actual map[string]Connector) claims {
	c := claims{prefixes: map[string]string{}, servers: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(actual)) {
		config := actual[name].Config
		if prefix := config["topic.prefix"]; prefix != "" {
			c.prefixes[prefix] = name
		}
		if id := config["database.server.id"]; id != "" {
			c.servers[serverKey(config["database.hostname"], config["database.port"], id)] = name
		}
	}
	return c
}

func serverKey(host, port, id string) string { return strings.ToLower(host) + ":" + port + "/" + id }

// conflict says who else already has what the store's connector needs.
func (c claims) conflict(name string, store fleet.Store) string {
	if other, ok := c.prefixes[name]; ok && other != name {
		return fmt.Sprintf("the connector %s already writes to the topics of this store; remove it first", other)
	}
	key := serverKey(store.Host, fmt.Sprint(store.Port), fmt.Sprint(store.ServerID))
	if other, ok := c.servers[key]; ok && other != name {
		return fmt.Sprintf("the connector %s reads the same server with the same server id %d; give the store another server_id", other, store.ServerID)
	}
	return ""
}

// strays are the connectors of the environment that are in no inventory.
func strays(inv *fleet.Inventory, actual map[string]Connector) []Change {
	var changes []Change
	for _, name := range slices.Sorted(maps.Keys(actual)) {
		id, ours := strings.CutPrefix(name, inv.Environment+".")
		if _, known := inv.Store(id); !ours || known || !isDebezium(actual[name]) {
			continue
		}
		changes = append(changes, Change{
			Action: ActionStray, Name: name, Store: fleet.Store{ID: id},
			Reason: fmt.Sprintf("is not in %s; remove it with: tributary connectors remove %s", inv.Path, id),
		})
	}
	return changes
}

func isDebezium(c Connector) bool {
	return strings.HasPrefix(c.Config["connector.class"], "io.debezium.")
}
