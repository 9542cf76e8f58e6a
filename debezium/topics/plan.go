package topics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/debezium/fleet"
)

// Actual is a topic as it is.
type Actual struct {
	Partitions  int
	Replication int
	// Config holds the effective settings.
	Config map[string]string
}

// Admin is what a plan needs of Kafka.
type Admin interface {
	// Topics returns the names of all topics with partitions and
	// replication.
	Topics(ctx context.Context) (map[string]Actual, error)
	// Configs returns the effective settings of topics.
	Configs(ctx context.Context, names []string) (map[string]map[string]string, error)
	// Create makes topics; the errors are by topic.
	Create(ctx context.Context, specs []Spec) (map[string]error, error)
	// Alter sets some settings of topics and leaves the others alone.
	Alter(ctx context.Context, changes map[string]map[string]string) (map[string]error, error)
}

// Setting is a setting that differs.
type Setting struct{ Key, Actual, Desired string }

// Change is a topic that exists and is not as it should be.
type Change struct {
	Spec     Spec
	Settings []Setting
	// Warnings are differences that Apply does not touch.
	Warnings []string
}

// Plan is the way from the topics there are to the policy.
type Plan struct {
	Create    []Spec
	Change    []Change
	Unchanged int
	// Strays are topics of the environment that belong to no table of the
	// inventory, with the reason.
	Strays []Stray
	// Open and Refused are Desired's.
	Open, Refused []string
}

// Stray is a topic that nobody in the inventory writes to.
type Stray struct{ Name, Reason string }

// Pending says whether Apply would do anything.
func (p Plan) Pending() bool {
	return len(p.Create) > 0 || slices.ContainsFunc(p.Change, func(c Change) bool { return len(c.Settings) > 0 })
}

// NewPlan compares. Strays are only looked for when the desired topics are
// those of the whole inventory.
func NewPlan(ctx context.Context, admin Admin, inv *fleet.Inventory, desired Desired, whole bool) (Plan, error) {
	plan := Plan{Open: desired.Open, Refused: desired.Refused}
	actual, err := admin.Topics(ctx)
	if err != nil {
		return Plan{}, fmt.Errorf("listing the topics: %w", err)
	}
	// Topics of patterns exist without having been foreseen: they are to
	// follow the policy too.
	specs := slices.Concat(desired.Specs, discovered(inv, desired, actual))
	var names []string
	for _, spec := range specs {
		if _, there := actual[spec.Name]; there {
			names = append(names, spec.Name)
		}
	}
	configs, err := admin.Configs(ctx, names)
	if err != nil {
		return Plan{}, fmt.Errorf("reading the topics' settings: %w", err)
	}
	for _, spec := range specs {
		have, there := actual[spec.Name]
		if !there {
			plan.Create = append(plan.Create, spec)
			continue
		}
		have.Config = configs[spec.Name]
		if change, differs := compare(spec, have); differs {
			plan.Change = append(plan.Change, change)
			continue
		}
		plan.Unchanged++
	}
	if whole {
		plan.Strays = strays(inv, specs, actual)
	}
	return plan, nil
}

func compare(spec Spec, have Actual) (Change, bool) {
	change := Change{Spec: spec}
	for _, key := range slices.Sorted(maps.Keys(spec.Config)) {
		if !sameSetting(key, have.Config[key], spec.Config[key]) {
			change.Settings = append(change.Settings, Setting{key, have.Config[key], spec.Config[key]})
		}
	}
	warn := func(format string, args ...any) {
		change.Warnings = append(change.Warnings, fmt.Sprintf(format, args...))
	}
	switch {
	case have.Partitions < spec.Partitions && spec.Keyed:
		warn("has %d partitions, wanted are %d: not done, because rows change their partition and the events of one row lose their order; stop the store's connector, wait until the sink has read everything, delete the topic and take a new snapshot", have.Partitions, spec.Partitions)
	case have.Partitions != spec.Partitions:
		warn("has %d partitions, wanted are %d: Kafka cannot take any away; delete the topic when it is read to the end, and take a new snapshot", have.Partitions, spec.Partitions)
	}
	if have.Replication != spec.Replication {
		warn("replication is %d, wanted is %d: move it with kafka-reassign-partitions", have.Replication, spec.Replication)
	}
	return change, len(change.Settings)+len(change.Warnings) > 0
}

// sameSetting compares lists without their order.
func sameSetting(key, a, b string) bool {
	if key != "cleanup.policy" {
		return a == b
	}
	sorted := func(s string) []string {
		list := strings.Split(s, ",")
		slices.Sort(list)
		return list
	}
	return slices.Equal(sorted(a), sorted(b))
}

// discovered are the topics of tables that the inventory has only as a pattern.
func discovered(inv *fleet.Inventory, desired Desired, actual map[string]Actual) []Spec {
	known := map[string]bool{}
	for _, spec := range desired.Specs {
		known[spec.Name] = true
	}
	var found Desired
	for _, name := range slices.Sorted(maps.Keys(actual)) {
		topic, kind := debezium.ParseTopic(inv.Environment, name)
		store, ours := inv.Store(topic.Store)
		if known[name] || kind != debezium.RowTopic || !ours || !slices.Contains(desired.Open, store.ID) {
			continue
		}
		if store.IncludesTable(topic.Schema, topic.Table) {
			found.addTable(inv, inv.Environment+"."+store.ID, topic.Schema+"."+topic.Table)
		}
	}
	return found.Specs
}

// strays are topics in the environment's name space that nobody asked for.
func strays(inv *fleet.Inventory, specs []Spec, actual map[string]Actual) []Stray {
	known := map[string]bool{}
	for _, spec := range specs {
		known[spec.Name] = true
	}
	var found []Stray
	for name := range actual {
		if known[name] {
			continue
		}
		topic, kind := debezium.ParseTopic(inv.Environment, name)
		store, ours := inv.Store(topic.Store)
		switch {
		case kind == debezium.OtherTopic:
			if strings.HasPrefix(name, inv.Environment+".") {
				found = append(found, Stray{name, "its name is not of the form " + inv.Environment + ".{store}.{schema}.{table}"})
			}
		case kind == debezium.HeartbeatTopic, kind == debezium.TransactionTopic && ours:
		case !ours:
			found = append(found, Stray{name, fmt.Sprintf("store %q is not in the inventory", topic.Store)})
		case store.Disabled:
		case kind == debezium.RowTopic:
			found = append(found, Stray{name, fmt.Sprintf("store %s does not capture %s.%s", store.ID, topic.Schema, topic.Table)})
		}
	}
	slices.SortFunc(found, func(a, b Stray) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// Apply creates and changes what the plan says. A topic somebody else has
// created meanwhile is no error; a second plan shows whether it is as it
// should be.
func (p Plan) Apply(ctx context.Context, admin Admin) error {
	failures, err := p.create(ctx, admin)
	if err != nil {
		return err
	}
	changes := map[string]map[string]string{}
	for _, change := range p.Change {
		settings := map[string]string{}
		for _, s := range change.Settings {
			settings[s.Key] = s.Desired
		}
		if len(settings) > 0 {
			changes[change.Spec.Name] = settings
		}
	}
	if len(changes) > 0 {
		failed, err := admin.Alter(ctx, changes)
		if err != nil {
			return errors.Join(append(failures, fmt.Errorf("changing topics: %w", err))...)
		}
		failures = append(failures, joined(failed)...)
	}
	return errors.Join(failures...)
}

// create makes the missing topics and returns what failed of them.
func (p Plan) create(ctx context.Context, admin Admin) (failures []error, err error) {
	var made []string
	for batch := range slices.Chunk(p.Create, 200) {
		failed, err := admin.Create(ctx, batch)
		if err != nil {
			return nil, fmt.Errorf("creating topics: %w", err)
		}
		failures = append(failures, joined(failed)...)
		for _, spec := range batch {
			if failed[spec.Name] == nil {
				made = append(made, spec.Name)
			}
		}
	}
	if err := await(ctx, admin, made); err != nil {
		failures = append(failures, err)
	}
	return failures, nil
}

// await waits until the brokers show the topics. The controller's answer is
// ahead of them, by seconds for a thousand topics, and who is told that a topic
// was created must find it.
func await(ctx context.Context, admin Admin, names []string) error {
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		actual, err := admin.Topics(ctx)
		if err != nil {
			return fmt.Errorf("looking for the topics created: %w", err)
		}
		names = slices.DeleteFunc(names, func(name string) bool { _, there := actual[name]; return there })
		if len(names) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of the topics created are not to be seen yet, the first %s; look at the brokers: %w", len(names), names[0], ctx.Err())
		case <-ticker.C:
		}
	}
}

func joined(failed map[string]error) []error {
	var failures []error
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		if err := failed[name]; err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
		}
	}
	return failures
}
