package connect

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/debezium/fleet"
)

// Defaults are what the connectors of a fleet have in common.
type Defaults struct {
	// Environment is the first part of the topic names.
	Environment string
	// Brokers are the bootstrap servers as Connect's workers reach them.
	Brokers string
	// Registry is the schema registry's address, for stores with Avro, and
	// RegistryUser and RegistryPassword the account there, if it wants one.
	Registry         string
	RegistryUser     string
	RegistryPassword fleet.Secret
	// Topics is the policy for topics that Connect creates.
	Topics fleet.Topics
	// Settings are connector properties for all stores; a store's own come
	// after them.
	Settings map[string]string
}

// DefaultsOf returns the defaults an inventory asks for.
func DefaultsOf(inv *fleet.Inventory) Defaults {
	brokers := inv.Kafka.ConnectBrokers
	if brokers == "" {
		brokers = inv.Kafka.Brokers
	}
	return Defaults{
		Environment: inv.Environment, Brokers: brokers,
		Registry: inv.Kafka.Registry, RegistryUser: inv.Kafka.RegistryUser, RegistryPassword: inv.Kafka.RegistryPassword,
		Topics: inv.Topics, Settings: inv.Settings,
	}
}

// Name is the name of a store's connector and its topic.prefix.
func (d Defaults) Name(storeID string) string { return d.Environment + "." + storeID }

// HistoryTopic is where a store's connector keeps the definitions of its
// tables. No two connectors may share one.
func (d Defaults) HistoryTopic(storeID string) string {
	return "__schema-history." + d.Name(storeID)
}

// HeartbeatTopic is the one topic all connectors send their heartbeats to
// (Debezium 3.6; older ones use __debezium-heartbeat.{prefix}).
func (d Defaults) HeartbeatTopic() string { return "__cdc-heartbeat." + d.Environment }

// Config writes the configuration of a store's connector for Debezium 3.6. It
// is a pure function: the same store and defaults always give the same
// configuration, which is what makes drift visible.
func Config(store fleet.Store, d Defaults) map[string]string {
	config := map[string]string{
		"name":         d.Name(store.ID),
		"topic.prefix": d.Name(store.ID),

		"database.hostname":  store.Host,
		"database.port":      strconv.Itoa(store.Port),
		"database.user":      store.User,
		"database.password":  store.Password.Reference(),
		"database.server.id": strconv.FormatUint(uint64(store.ServerID), 10),

		"schema.history.internal.kafka.bootstrap.servers": d.Brokers,
		"schema.history.internal.kafka.topic":             d.HistoryTopic(store.ID),

		"topic.heartbeat.name": d.HeartbeatTopic(),
	}
	maps.Copy(config, settled)
	for _, guard := range fleet.Guards() {
		config[guard.Property] = guard.Value
	}
	addFlavor(config, store)
	addTables(config, store)
	addFormat(config, store, d)
	addTopics(config, d)
	if store.HeartbeatTable != "" {
		config["heartbeat.action.query"] = heartbeatQuery(store)
	}
	maps.Copy(config, d.Settings)
	maps.Copy(config, store.Settings)
	return config
}

// heartbeatQuery writes the store's clock to a row that is captured itself: it
// arrives centrally only if the whole way works.
func heartbeatQuery(store fleet.Store) string {
	table := "`" + strings.Replace(store.HeartbeatTable, ".", "`.`", 1) + "`"
	return "INSERT INTO " + table + " (id, ts) VALUES (1, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE ts = VALUES(ts)"
}

func addFlavor(config map[string]string, store fleet.Store) {
	mode := map[fleet.TLS]string{
		fleet.TLSDisabled: "disabled", fleet.TLSPreferred: "preferred",
		fleet.TLSRequired: "required", fleet.TLSVerify: "verify_identity",
	}
	config["connector.class"] = "io.debezium.connector.mysql.MySqlConnector"
	if store.Flavor == fleet.MariaDB {
		config["connector.class"] = "io.debezium.connector.mariadb.MariaDbConnector"
		// MariaDB's driver has its own words and nothing like preferred.
		mode = map[fleet.TLS]string{
			fleet.TLSDisabled: "disable", fleet.TLSPreferred: "disable",
			fleet.TLSRequired: "trust", fleet.TLSVerify: "verify-full",
		}
	}
	if store.Flavor == fleet.MariaDB {
		// Or its driver fails on the year 0000 and the snapshot with it.
		config["driver.yearIsDateType"] = "false"
	}
	config["database.ssl.mode"] = mode[store.TLS]
	encrypted := store.TLS == fleet.TLSRequired || store.TLS == fleet.TLSVerify
	if encrypted {
		// Closing an SSLSocket gracefully can block for ever while the
		// binary log's reader is inside it (osheroff#133).
		config["use.nongraceful.disconnect"] = "true"
	}
	if store.Flavor == fleet.MySQL && !encrypted {
		// caching_sha2_password without TLS asks the server for its key.
		config["driver.allowPublicKeyRetrieval"] = "true"
	}
}

func addTables(config map[string]string, store fleet.Store) {
	var schemas []string
	for _, schema := range store.Captures() {
		schemas = append(schemas, fleet.TableRegexp(schema))
	}
	config["database.include.list"] = strings.Join(schemas, ",")

	list := func(patterns []string) string {
		var expressions []string
		for _, pattern := range fleet.Qualify(store.Schemas, patterns) {
			expressions = append(expressions, fleet.TableRegexp(pattern))
		}
		return strings.Join(expressions, ",")
	}
	switch {
	case len(store.Tables) > 0:
		tables := slices.Clone(store.Tables)
		if store.HeartbeatTable != "" {
			tables = append(tables, store.HeartbeatTable)
		}
		config["table.include.list"] = list(tables)
	case len(store.Exclude) > 0:
		config["table.exclude.list"] = list(store.Exclude)
	}
	var keys []string
	for _, table := range slices.Sorted(maps.Keys(store.Keys)) {
		keys = append(keys, fleet.TableRegexp(table)+":"+strings.Join(store.Keys[table], ","))
	}
	if len(keys) > 0 {
		config["message.key.columns"] = strings.Join(keys, ";")
	}
}

func addFormat(config map[string]string, store fleet.Store, d Defaults) {
	converter, settings := "org.apache.kafka.connect.json.JsonConverter", map[string]string{"schemas.enable": "true"}
	if store.Format == fleet.Avro {
		converter, settings = avroConverter(d)
		// What Avro cannot name gets another name; the sink finds the
		// original ones in the source types and the events' source.
		config["schema.name.adjustment.mode"] = "avro"
		config["field.name.adjustment.mode"] = "avro"
	}
	for _, part := range []string{"key.converter", "value.converter"} {
		config[part] = converter
		for property, value := range settings {
			config[part+"."+property] = value
		}
	}
}

// schemaCheck is how long Apicurio's converter goes on with an id before it asks
// for it again.
const schemaCheck = 24 * time.Hour

// avroConverter chooses the converter of the registry's maker.
func avroConverter(d Defaults) (class string, settings map[string]string) {
	if !strings.Contains(d.Registry, "/apis/registry/") {
		settings = map[string]string{
			"schema.registry.url":   d.Registry,
			"auto.register.schemas": "true",
			// Or NULL in a column with a default would arrive as the default.
			"ignore.default.for.nullables": "true",
		}
		if d.RegistryUser != "" {
			settings["basic.auth.credentials.source"] = "USER_INFO"
			settings["basic.auth.user.info"] = d.RegistryUser + ":" + d.RegistryPassword.Reference()
		}
		return "io.confluent.connect.avro.AvroConverter", settings
	}
	settings = map[string]string{
		"apicurio.registry.url":             d.Registry,
		"apicurio.registry.auto-register":   "true",
		"apicurio.registry.find-latest":     "true",
		"apicurio.registry.as-confluent":    "true",
		"apicurio.registry.headers.enabled": "false",
		// Both of Apicurio's interfaces know content ids; its converter's own
		// choice, global ids, are other numbers as soon as two tables share a
		// schema.
		"apicurio.registry.use-id": "contentId",
		// Its own choice is to register every schema again each half minute: a
		// connector fails, or stands still, as soon as the registry is away for
		// longer, and a fleet's two schemas a table keep it busy. What a text's
		// id is does not change.
		"apicurio.registry.check-period-ms":        strconv.FormatInt(schemaCheck.Milliseconds(), 10),
		"apicurio.registry.fault-tolerant-refresh": "true",
	}
	if d.RegistryUser != "" {
		settings["apicurio.auth.username"] = d.RegistryUser
		settings["apicurio.auth.password"] = d.RegistryPassword.Reference()
	}
	return "io.apicurio.registry.utils.converter.AvroConverter", settings
}

// addTopics writes the policy in Connect's own words, so that a topic that
// Connect has to create (a store's new table) is like the others.
func addTopics(config map[string]string, d Defaults) {
	topics := d.Topics
	config["topic.creation.default.replication.factor"] = strconv.Itoa(topics.Replication)
	addPolicy(config, "topic.creation.default.", topics.TopicPolicy)
	// A tombstone is of use only where Kafka compacts.
	config["tombstones.on.delete"] = strconv.FormatBool(strings.Contains(topics.Cleanup, "compact"))
	// What carries no table has one partition and nothing to compact.
	service := topics.TopicPolicy
	service.Partitions, service.Cleanup = 1, "delete"
	groups := []string{"service"}
	config["topic.creation.service.include"] = strings.Join([]string{
		fleet.TableRegexp(config["topic.prefix"]), fleet.TableRegexp(d.HeartbeatTopic()),
	}, ",")
	addPolicy(config, "topic.creation.service.", service)
	for i, rule := range topics.Rules {
		group := fmt.Sprintf("rule%d", i+1)
		groups = append(groups, group)
		config["topic.creation."+group+".include"] = fleet.TableRegexp(config["topic.prefix"] + "." + rule.Table)
		addPolicy(config, "topic.creation."+group+".", rule.TopicPolicy)
	}
	config["topic.creation.groups"] = strings.Join(groups, ",")
	// The largest event must fit the request as well as the topic, and the
	// producer's memory must hold at least that one.
	config["producer.override.max.request.size"] = strconv.Itoa(topics.MaxMessageBytes)
	config["producer.override.buffer.memory"] = strconv.Itoa(max(4<<20, topics.MaxMessageBytes))
}

func addPolicy(config map[string]string, prefix string, policy fleet.TopicPolicy) {
	config[prefix+"partitions"] = strconv.Itoa(policy.Partitions)
	retention := int64(-1)
	if policy.Retention >= 0 {
		retention = policy.Retention.Milliseconds()
	}
	config[prefix+"retention.ms"] = strconv.FormatInt(retention, 10)
	config[prefix+"cleanup.policy"] = policy.Cleanup
	config[prefix+"compression.type"] = policy.Compression
	config[prefix+"max.message.bytes"] = strconv.Itoa(policy.MaxMessageBytes)
}
