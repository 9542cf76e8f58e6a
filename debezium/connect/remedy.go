package connect

import (
	"fmt"
	"regexp"
)

// remedies are what mends the failures that no restart does, by what Debezium,
// Kafka Connect or the store's server say; the first that fits counts. {store}
// stands for the store's id.
var remedies = []struct {
	reason *regexp.Regexp
	remedy string
}{
	// MySqlOffsetContext.Loader: a position without a file, as the notice that
	// a snapshot begins used to leave it (notification.enabled.channels=sink).
	{
		regexp.MustCompile(`Source offset '\w+' parameter is missing`),
		"it has saved an empty position and cannot start with it: `tributary connectors restart --snapshot {store}`; nothing is lost, no row was read yet",
	},
	// BinlogSourceTask; the server's error 1236.
	{
		regexp.MustCompile(`(?i)no longer available on the server|Could not find first log file|purged required binary logs|purged binary logs containing GTIDs`),
		"the store has deleted the binary log it must go on from: `tributary connectors restart --snapshot {store}`; rows deleted meanwhile stay in the central tables until `tributary sweep {store}` deletes them",
	},
	{
		regexp.MustCompile(`(?i)same server_(uuid|id)`),
		"another client of the store's server has its server id: give the store another server_id in the inventory, and `tributary connectors apply {store}`",
	},
	// BaseSourceTask, BinlogStreamingChangeEventSource: the schema history is gone
	// or short.
	{
		regexp.MustCompile(`(?i)db.history topic is missing|schema isn't known to this connector`),
		"its schema history does not tell of its tables: `tributary connectors restart --snapshot {store}`",
	},
	{
		regexp.MustCompile(`RecordTooLargeException|larger than the maximum request size|max\.request\.size`),
		"an event is larger than topics may take: raise topics: {max_message_bytes: …} in the inventory, then `tributary topics apply` and `tributary connectors apply`",
	},
	// org.apache.avro.SchemaParseException, with Apicurio's converter.
	{
		regexp.MustCompile(`Can't redefine: io\.debezium\.data\.geometry\.Point`),
		"Apicurio's converter fails at a table with two POINT columns, which `tributary preflight {store}` names: settings: {column.exclude.list: …} or format: json in the store's line, and `tributary connectors apply {store}`",
	},
	{
		regexp.MustCompile(`OutOfMemoryError|Java heap space`),
		"the worker's heap is too small: `tributary connectors plan` says what it needs",
	},
	{
		regexp.MustCompile(`ParsingException|(?i)error parsing (the )?DDL|no viable alternative at input`),
		"Debezium cannot read a statement of the store's: settings: {ddl.parser.type: legacy} in the store's line, and `tributary connectors apply {store}`",
	},
	{
		regexp.MustCompile(`(?i)access denied|privilege`),
		"its account lacks something: run what `tributary preflight {store} --fix-sql` prints, and `tributary connectors restart {store}`",
	},
	{
		regexp.MustCompile(`(?i)not configured to use a (ROW|FULL) binlog|binlog_format|binlog_row_image`),
		"the store's binary log is not as it must be: run what `tributary preflight {store} --fix-sql` prints, and `tributary connectors restart {store}`",
	},
}

var placeholder = regexp.MustCompile(`\{store\}`)

// Remedy says what to do about a failed connector of a store, given its
// [Connector.Reason]; empty where the reason tells nothing known, and a restart
// is worth a try.
func Remedy(store, reason string) string {
	for _, r := range remedies {
		if r.reason.MatchString(reason) {
			return placeholder.ReplaceAllLiteralString(r.remedy, store)
		}
	}
	return ""
}

// failure is a failed connector's reason and what to do, in one line.
func failure(store, reason string) string {
	remedy := Remedy(store, reason)
	if remedy == "" {
		remedy = fmt.Sprintf("mend the cause and run `tributary connectors restart %s`", store)
	}
	return fmt.Sprintf("has failed (%s): %s", reason, remedy)
}
