package fleet

import (
	"fmt"
	"slices"
	"strings"
)

// CheckSetting says whether the inventory may set a connector property by
// itself. Two kinds may not be: those another key of the inventory decides,
// and those that guard the data, where any other value loses or changes rows
// without an error.
func CheckSetting(property, value string) error {
	if key, ok := decidedBy[property]; ok {
		return fmt.Errorf("the setting %s follows from %s; remove it and change that", property, key)
	}
	for _, guard := range Guards() {
		if guard.Property == property && guard.Value != value {
			return fmt.Errorf("the setting %s must stay %q: %s; remove it", property, guard.Value, guard.Why)
		}
	}
	for _, refused := range refusals {
		if refused.Property == property && slices.Contains(strings.Split(value, ","), refused.Value) {
			return fmt.Errorf("the setting %s must not be %q: %s", property, value, refused.Why)
		}
	}
	return nil
}

// Guard is a connector property with a value that protects the data.
type Guard struct{ Property, Value, Why string }

// Guards are the properties every connector has and no inventory changes.
func Guards() []Guard {
	return []Guard{
		{"tasks.max", "1", "Debezium's MySQL connectors run as one task and refuse more"},
		{"key.converter.replace.null.with.default", "false", "otherwise NULL in a column with a default arrives as the default"},
		{"value.converter.replace.null.with.default", "false", "otherwise NULL in a column with a default arrives as the default"},
		{"event.converting.failure.handling.mode", "fail", "Debezium's own choice, warn, writes NULL where it cannot convert a value"},
		{"event.processing.failure.handling.mode", "fail", "otherwise events that cannot be processed are skipped"},
		{"inconsistent.schema.handling.mode", "fail", "otherwise events of a table whose definition is unknown are skipped"},
		{"column.propagate.source.type", ".*", "the central columns are made from the stores' own types"},
		{"schema.history.internal.skip.unparseable.ddl", "false", "otherwise a table's definition and its rows drift apart"},
	}
}

// refusals are values, or parts of a list, that a property must not have.
var refusals = []Guard{
	{"notification.enabled.channels", "sink", "a connector that is interrupted early in its first snapshot would never start again; use log or jmx"},
	{"decimal.handling.mode", "double", "money does not survive a floating point number; use precise or string"},
	{"time.precision.mode", "connect", "it cuts times to milliseconds; use adaptive_time_microseconds or microseconds"},
	{"snapshot.mode", "never", "Debezium has no such mode any more; use no_data"},
	{"value.converter.schemas.enable", "false", "the types of the values would be unknown; use format: avro for small events"},
	{"key.converter.ignore.default.for.nullables", "false", "NULL in a column with a default would arrive as the default"},
	{"value.converter.ignore.default.for.nullables", "false", "NULL in a column with a default would arrive as the default"},
	{"key.converter.connect.meta.data", "false", "the types of the keys would be unknown"},
	{"value.converter.connect.meta.data", "false", "the types of the values would be unknown"},
	{"key.converter.schemas.enable", "false", "the types of the keys would be unknown; use format: avro for small events"},
}

// decidedBy names what in the inventory a property is made from.
var decidedBy = map[string]string{
	"name":                  "environment and id",
	"connector.class":       "flavor",
	"database.hostname":     "host",
	"database.port":         "port",
	"database.user":         "user",
	"database.password":     "password",
	"database.server.id":    "server_id",
	"database.ssl.mode":     "tls",
	"topic.prefix":          "environment and id",
	"database.include.list": "schemas", "database.exclude.list": "schemas",
	"table.include.list": "tables", "table.exclude.list": "exclude",
	"message.key.columns":                             "keys",
	"schema.history.internal.kafka.topic":             "environment and id",
	"schema.history.internal.kafka.bootstrap.servers": "kafka.connect_brokers",
	"heartbeat.action.query":                          "heartbeat_table",
	"key.converter":                                   "format",
	"value.converter":                                 "format",
	"key.converter.schema.registry.url":               "kafka.registry",
	"value.converter.schema.registry.url":             "kafka.registry",
	"key.converter.apicurio.registry.url":             "kafka.registry",
	"value.converter.apicurio.registry.url":           "kafka.registry",
}
