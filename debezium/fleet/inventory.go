package fleet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Inventory is the whole fleet: the stores and what they have in common.
type Inventory struct {
	// Path is the file it was read from.
	Path string
	// Environment is the first part of every topic name.
	Environment string
	Kafka       Kafka
	Connect     Connect
	Topics      Topics
	// Settings are connector settings of every store.
	Settings map[string]string
	// Outage is the longest time without Debezium that a store's binary log
	// must outlast.
	Outage time.Duration
	// Stores are in the order of the file.
	Stores []Store
}

// Kafka says how connectors and tributary reach the brokers and the registry.
type Kafka struct {
	// Brokers are the bootstrap servers, for tributary itself.
	Brokers string
	// ConnectBrokers are the bootstrap servers as Connect's workers reach
	// them; Brokers when empty.
	ConnectBrokers string
	// Registry is the URL of a schema registry, needed for stores with the
	// format avro: Apicurio's own interface (http://…/apis/registry/v2) stands
	// for Apicurio's converter, any other for Confluent's.
	Registry string
	// RegistryUser and RegistryPassword are the account of the connectors
	// there; empty without one.
	RegistryUser     string
	RegistryPassword Secret
}

// Connect is the Kafka Connect cluster.
type Connect struct {
	// URL is one REST address, or several of the same cluster with commas.
	URL string
	// Wave is how many stores take their first snapshot at the same time.
	Wave int
	// HeapMB is the -Xmx of each worker, Workers their number: what the
	// advice on sizes compares the fleet with. 0 when not known.
	HeapMB, Workers int
}

// Topics is the policy for the topics of all stores.
type Topics struct {
	TopicPolicy
	// Rules change the policy for single tables, the first match wins.
	Rules []TopicRule
	// Replication is the number of copies, for every topic.
	Replication int
}

// TopicPolicy is what a topic is created with.
type TopicPolicy struct {
	Partitions int
	// Retention is how long events are kept, negative for ever.
	Retention time.Duration
	// Cleanup is Kafka's cleanup.policy: delete, compact or compact,delete.
	Cleanup string
	// Compression is Kafka's compression.type of the topic; "producer"
	// keeps what the connector's producer compressed.
	Compression string
	// MaxMessageBytes is the largest batch a topic takes, and the largest
	// event a connector sends.
	MaxMessageBytes int
}

// TopicRule is a policy for some tables.
type TopicRule struct {
	// Table is "schema.table" with "*" for any characters.
	Table string
	// TopicPolicy is complete: what the rule does not say is the fleet's.
	TopicPolicy
}

// Load reads and checks an inventory. The error lists every finding, one a
// line, as path:line: what is wrong and what to write instead.
func Load(path string) (*Inventory, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the inventory: %w; say where it is with --stores or TRIBUTARY_STORES, or write one: deploy/stores.example.yaml is an example", err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the inventory: %w", err)
	}
	return Parse(path, text)
}

// Store returns the store of that id.
func (inv *Inventory) Store(id string) (Store, bool) {
	for _, store := range inv.Stores {
		if store.ID == id {
			return store, true
		}
	}
	return Store{}, false
}

// Similar returns the id of the store that an id, which no store has, probably
// means: 0047 for 47, or airport for Airport. It is empty if there is none, or
// more than one.
func (inv *Inventory) Similar(id string) string {
	found := ""
	for _, store := range inv.Stores {
		if bare(store.ID) != bare(id) {
			continue
		}
		if found != "" {
			return ""
		}
		found = store.ID
	}
	return found
}

// bare is an id without what people leave out.
func bare(id string) string { return strings.TrimLeft(strings.ToLower(id), "0") }

// Select returns the stores with the ids, in the order of the inventory, or
// all of them if there are no ids. An id that is not there is an error.
func (inv *Inventory) Select(ids []string) ([]Store, error) {
	if len(ids) == 0 {
		return inv.Stores, nil
	}
	wanted := map[string]bool{}
	for _, id := range ids {
		if _, ok := inv.Store(id); !ok {
			if similar := inv.Similar(id); similar != "" {
				return nil, fmt.Errorf("there is no store %q in %s; did you mean %q?", id, inv.Path, similar)
			}
			return nil, fmt.Errorf("there is no store %q in %s; add it there, or look up how it is written", id, inv.Path)
		}
		wanted[id] = true
	}
	var stores []Store
	for _, store := range inv.Stores {
		if wanted[store.ID] {
			stores = append(stores, store)
		}
	}
	return stores, nil
}
