package fleet

import "slices"

// Flavor is the kind of server a store runs.
type Flavor string

// The flavours Debezium has a connector for.
const (
	MySQL   Flavor = "mysql"
	MariaDB Flavor = "mariadb"
)

// Format is how a store's events are written to Kafka.
type Format string

// The formats. JSON carries its schema in every message, Avro refers to a
// schema registry.
const (
	JSON Format = "json"
	Avro Format = "avro"
)

// TLS says how a connection to a store is protected.
type TLS string

// The levels of protection. Preferred encrypts when the server can and does
// not check who it is; Verify checks the certificate and the host name.
const (
	TLSDisabled  TLS = "disabled"
	TLSPreferred TLS = "preferred"
	TLSRequired  TLS = "required"
	TLSVerify    TLS = "verify"
)

// Store is one store's database with every default filled in.
type Store struct {
	// ID is the store's name in topics and in the central tables' store_id.
	ID string
	// Host and Port are the address that both Kafka Connect and this
	// machine reach the store's server under.
	Host string
	Port int
	// Flavor is mysql or mariadb.
	Flavor Flavor
	// Schemas are the databases to capture, by their exact names.
	Schemas []string
	// Tables are the tables to capture: "table" means that table in every
	// schema of the store, "schema.table" just the one; "*" stands for any
	// characters. Empty means all tables of Schemas.
	Tables []string
	// Exclude are tables not to capture, written like Tables. It is used
	// only while Tables is empty.
	Exclude []string
	// Keys names key columns for tables without a primary key, by
	// "schema.table".
	Keys map[string][]string
	// User and Password are the account Debezium logs in with.
	User     string
	Password Secret
	TLS      TLS
	// ServerID is the replication client id of the store's connector, which
	// no other client of the same server may have.
	ServerID uint32
	// Format is the format of the store's topics.
	Format Format
	// HeartbeatTable is a "schema.table" that the connector writes a row to
	// at every heartbeat; empty for none.
	HeartbeatTable string
	// Labels are the operator's own: region, format of the shop, …
	Labels map[string]string
	// Hours are the opening hours; the zero Hours are always open.
	Hours Hours
	// Settings are connector settings of this store, after the defaults'.
	Settings map[string]string
	// Disabled stores stay in the inventory, their connector is stopped.
	Disabled bool
	// Line is where the store stands in the inventory, 0 if it was not read
	// from a file.
	Line int
}

// Captures lists the databases a connector must see: the store's schemas and
// the heartbeat table's.
func (s Store) Captures() []string {
	schemas := slices.Clone(s.Schemas)
	if schema, _, ok := cutTable(s.HeartbeatTable); ok && !slices.Contains(schemas, schema) {
		schemas = append(schemas, schema)
	}
	return schemas
}
