package topics

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tributary/debezium"
	"tributary/debezium/connect"
	"tributary/debezium/fleet"
)

// maxName is the longest name of a topic
// (org.apache.kafka.common.internals.Topic).
const maxName = 249

// Spec is a topic as it should be.
type Spec struct {
	Name        string
	Partitions  int
	Replication int
	// Config are the settings the policy decides, in Kafka's words. Others
	// are the operator's own.
	Config map[string]string
	// Keyed says that the place of an event follows from its key.
	Keyed bool
}

// Tables finds out the tables of a store whose inventory does not name each of
// them: as "schema.table".
type Tables func(fleet.Store) ([]string, error)

// Desired is every topic that can be known in advance.
type Desired struct {
	Specs []Spec
	// Open are stores with tables that only the store itself knows; Connect
	// creates their topics, by the same policy, at the first event.
	Open []string
	// Refused are tables that cannot have a topic, and why.
	Refused []string
}

// Want works out the topics of the stores. Without ask, tables that are written
// as patterns are left open.
func Want(inv *fleet.Inventory, stores []fleet.Store, ask Tables) (Desired, error) {
	var d Desired
	names := connect.DefaultsOf(inv)
	d.addService(inv, names.HeartbeatTopic())
	for _, store := range stores {
		if store.Disabled {
			continue
		}
		d.addService(inv, names.Name(store.ID))
		d.addHistory(inv, names.HistoryTopic(store.ID))
		tables, known := named(store)
		if !known && ask != nil {
			var err error
			if tables, err = ask(store); err != nil {
				return Desired{}, fmt.Errorf("asking store %s for its tables: %w", store.ID, err)
			}
			known = true
		}
		if !known {
			d.Open = append(d.Open, store.ID)
		}
		for _, table := range tables {
			d.addTable(inv, names.Name(store.ID), table)
		}
	}
	return d, nil
}

// addService adds a topic that carries no table: one partition, and nothing to
// compact.
func (d *Desired) addService(inv *fleet.Inventory, name string) {
	policy := inv.Topics.TopicPolicy
	policy.Partitions, policy.Cleanup = 1, "delete"
	d.add(inv, name, policy, false)
}

// addHistory adds a connector's schema history. A connector that finds it
// shortened cannot start again, so it is kept for ever.
func (d *Desired) addHistory(inv *fleet.Inventory, name string) {
	policy := inv.Topics.TopicPolicy
	policy.Partitions, policy.Retention, policy.Cleanup = 1, -1, "delete"
	d.add(inv, name, policy, false)
	d.Specs[len(d.Specs)-1].Config["retention.bytes"] = "-1"
}

// named returns the store's tables if the inventory names every one of them.
func named(store fleet.Store) (tables []string, all bool) {
	all = len(store.Tables) > 0
	for _, table := range fleet.Qualify(store.Schemas, store.Tables) {
		if strings.Contains(table, "*") {
			all = false
			continue
		}
		tables = append(tables, table)
	}
	if store.HeartbeatTable != "" {
		tables = append(tables, store.HeartbeatTable)
	}
	return tables, all
}

func (d *Desired) addTable(inv *fleet.Inventory, prefix, table string) {
	policy := inv.Topics.TopicPolicy
	for _, rule := range inv.Topics.Rules {
		if fleet.MatchTable(rule.Table, table) {
			policy = rule.TopicPolicy
			break
		}
	}
	name := debezium.TopicName(prefix + "." + table)
	if len(name) > maxName {
		d.Refused = append(d.Refused, fmt.Sprintf("%s: the name has %d characters, Kafka takes %d, and Debezium would cut it: shorten the environment or the store's id", name, len(name), maxName))
		return
	}
	if slices.ContainsFunc(d.Specs, func(s Spec) bool { return s.Name == name }) {
		d.Refused = append(d.Refused, fmt.Sprintf("%s: two tables of the store have this topic, because _ stands for every character Kafka does not allow: exclude one of them", name))
		return
	}
	d.add(inv, name, policy, true)
}

func (d *Desired) add(inv *fleet.Inventory, name string, policy fleet.TopicPolicy, keyed bool) {
	retention := int64(-1)
	if policy.Retention >= 0 {
		retention = policy.Retention.Milliseconds()
	}
	d.Specs = append(d.Specs, Spec{
		Name: name, Partitions: policy.Partitions, Replication: inv.Topics.Replication, Keyed: keyed,
		Config: map[string]string{
			"retention.ms":      strconv.FormatInt(retention, 10),
			"cleanup.policy":    policy.Cleanup,
			"compression.type":  policy.Compression,
			"max.message.bytes": strconv.Itoa(policy.MaxMessageBytes),
		},
	})
}
