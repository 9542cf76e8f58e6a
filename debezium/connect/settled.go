package connect

// settled are the properties that are the same for every store unless the
// inventory's settings say otherwise. Those that nobody may change are in
// fleet.Guards.
var settled = map[string]string{
	// A snapshot is taken once. when_needed would take another one, of the
	// whole fleet at once, after an outage that outlasted the binary logs,
	// and the rows deleted meanwhile would stay in the central tables for
	// ever: that is for a person to decide.
	"snapshot.mode": "initial",
	// A global read lock for the seconds it takes to read the definitions.
	"snapshot.locking.mode": "minimal",
	"snapshot.max.threads":  "1",

	// Only what is captured, so that a server with ten thousand other tables
	// does not fill the heap (and a shared server's schemas stay apart).
	"schema.history.internal.store.only.captured.tables.ddl":    "true",
	"schema.history.internal.store.only.captured.databases.ddl": "true",
	"include.schema.changes":                                    "true",

	// A quarter of Debezium's defaults, and bounded in bytes: 200 connectors
	// share a heap of a few gigabytes.
	"max.batch.size":          "1024",
	"max.queue.size":          "4096",
	"max.queue.size.in.bytes": "8388608",

	// Heartbeats move the offset of a store that sells nothing, which would
	// otherwise point into binary logs the server has long deleted.
	"heartbeat.interval.ms":          "10000",
	"connect.keep.alive":             "true",
	"connect.keep.alive.interval.ms": "60000",

	// A server that waits 60 s for a slow reader closes the connection and
	// leaves a connector that is RUNNING and reads nothing.
	"binlog.net.write.timeout": "600",
	"binlog.net.read.timeout":  "600",

	// Up to 3.7.0.Alpha2 no error while streaming is retriable in Debezium's
	// own eyes (MySqlErrorHandler.isRetriable asks about null), so that a
	// store's restart stops the task for good. The expression is matched
	// against the messages of the whole cause chain, some of several lines:
	// hence (?s). What it leaves out, such as a purged binary log or a
	// server id in use, must not be tried again without a person.
	"errors.max.retries":                  "-1",
	"retriable.restart.connector.wait.ms": "10000",
	"internal.custom.retriable.exception": retriableMessages,

	"decimal.handling.mode":         "precise",
	"bigint.unsigned.handling.mode": "precise",
	"time.precision.mode":           "adaptive_time_microseconds",
	"binary.handling.mode":          "bytes",
	// Debezium takes the year 1 for 2001: two digits are the server's to
	// read, and it has stored four.
	"enable.time.adjuster": "false",

	// Truncates are events too; Debezium's own choice is to skip them.
	"skipped.operations": "none",
	// Headers that only repeat the connector's name on every event.
	"extended.headers.enabled": "false",

	// Not "sink": the notice that a snapshot begins is an event without a
	// position, which Connect saves as the connector's own. A task that is
	// interrupted before its first row then never starts again ("Source
	// offset 'file' parameter is missing", MySqlOffsetContext.Loader).
	"notification.enabled.channels": "log",

	// A wrong include list stops at once instead of filling Kafka.
	"guardrail.collections.max":          "500",
	"guardrail.collections.limit.action": "fail",

	// An event with its schema is mostly repetition: zstd makes 1,600 MB 35.
	"producer.override.compression.type": "zstd",
}

const retriableMessages = `(?s).*(Communications link failure|Connection refused|Connection reset|` +
	`Broken pipe|timed out|Failed to read next byte|Failed to connect|unexpected end of stream|` +
	`EOFException|Server shutdown in progress|No route to host).*`
