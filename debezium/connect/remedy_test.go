package connect

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRemedy has what Debezium 3.6.1, Kafka 4.3 and MySQL 9.7 say.
func TestRemedy(t *testing.T) {
	for reason, want := range map[string]string{
		"org.apache.kafka.connect.errors.ConnectException: Source offset 'file' parameter is missing":                                                                                                                           "restart --snapshot 47`; nothing is lost",
		"io.debezium.DebeziumException: The connector is trying to read change stream starting at SourceInfo […], but this is no longer available on the server. Reconfigure the connector to use a snapshot mode when needed.": "rows deleted meanwhile stay",
		"x / io.debezium.DebeziumException: Could not find first log file name in binary log index file Error code: 1236; SQLSTATE: HY000.":                                                                                     "rows deleted meanwhile stay",
		"x / com.github.shyiko.mysql.binlog.network.ServerException: A replica with the same server_uuid/server_id as this replica has connected to the source; the first event 'binlog.000001' at 4":                           "another server_id",
		"io.debezium.DebeziumException: The db history topic is missing. You may attempt to recover it by reconfiguring the connector to recovery.":                                                                             "schema history does not tell",
		"Encountered change event 'Event{…}' at offset {…} for table shop.sale whose schema isn't known to this connector.":                                                                                                     "schema history does not tell",
		"x / org.apache.kafka.common.errors.RecordTooLargeException: The message is 5000012 bytes when serialized which is larger than 4194304, which is the value of the max.request.size configuration.":                      "max_message_bytes",
		"org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler / org.apache.avro.SchemaParseException: Can't redefine: io.debezium.data.geometry.Point":                                         "two POINT columns",
		"x / java.lang.OutOfMemoryError: Java heap space":                                                                              "connectors plan",
		"x / io.debezium.text.ParsingException: DDL statement couldn't be parsed.":                                                     "ddl.parser.type: legacy",
		"x / java.sql.SQLException: Access denied for user 'cdc'@'10.0.0.1' (using password: YES)":                                     "preflight 47 --fix-sql",
		"The database server is not configured to use a FULL binlog_row_image, which is required for this connector to work properly.": "preflight 47 --fix-sql",
		"x / java.io.EOFException: Failed to read next byte from position 0":                                                           "",
		"": "",
	} {
		if want == "" {
			require.Empty(t, Remedy("47", reason), reason)
			continue
		}
		require.Contains(t, Remedy("47", reason), want, reason)
	}
	require.Equal(t, "has failed (odd): mend the cause and run `tributary connectors restart 47`", failure("47", "odd"))
}

func TestReasonWithoutObjects(t *testing.T) {
	long := "{sourceInfoSchema=Schema{io.debezium.connector.mysql.Source:STRUCT}, sourceInfo=BinlogSourceInfo{currentGtid='null'}, x=1}"
	for trace, want := range map[string]string{
		"The connector is trying to read change stream starting at BinlogOffsetContext" + long + ", but this is no longer available on the server.\n\tat x": "The connector is trying to read change stream starting at BinlogOffsetContext{…}, but this is no longer available on the server.",
		"a {short} one":                "a {short} one",
		"never closed " + long[:80]:    "never closed " + long[:80],
		"two " + long + " and " + long: "two {…} and {…}",
		"}{":                           "}{",
		"":                             "",
	} {
		require.Equal(t, want, Connector{Trace: trace}.Reason())
	}
}
