package debezium

import (
	"fmt"
	"strings"
)

// The tests' table is a shop's till: pos_transactions of store 0047, with the
// schema Debezium 3.6 sends for it when source types are propagated.

// column writes a column's schema node.
func column(field, connectType, logical, sqlType string, more ...string) string {
	node := `{"type":"` + connectType + `","optional":true,`
	if field == "id" {
		node = `{"type":"` + connectType + `","optional":false,`
	}
	if logical != "" {
		node += `"name":"` + logical + `","version":1,`
	}
	node += `"parameters":{"__debezium.source.column.type":"` + sqlType +
		`","__debezium.source.column.name":"` + field + `"`
	for _, parameter := range more {
		node += "," + parameter
	}
	return node + `},"field":"` + field + `"}`
}

// posColumns are the columns of pos_transactions.
var posColumns = strings.Join([]string{
	column("id", "int64", "", "BIGINT"),
	column("register_id", "int32", "", "INT", `"__debezium.source.column.length":"11"`),
	column("cashier_id", "int32", "", "INT"),
	column("receipt_no", "string", "", "VARCHAR", `"__debezium.source.column.length":"32"`),
	column("status", "string", "io.debezium.data.Enum", "ENUM", `"allowed":"open,paid,void"`),
	column("total", "bytes", "org.apache.kafka.connect.data.Decimal", "DECIMAL",
		`"scale":"2"`, `"connect.decimal.precision":"12"`,
		`"__debezium.source.column.length":"12"`, `"__debezium.source.column.scale":"2"`),
	column("tax", "bytes", "org.apache.kafka.connect.data.Decimal", "DECIMAL",
		`"scale":"2"`, `"connect.decimal.precision":"12"`,
		`"__debezium.source.column.length":"12"`, `"__debezium.source.column.scale":"2"`),
	column("currency", "string", "", "CHAR", `"__debezium.source.column.length":"3"`),
	column("items", "string", "io.debezium.data.Json", "JSON"),
	column("is_training", "int16", "", "TINYINT", `"__debezium.source.column.length":"1"`),
	column("paid_at", "int64", "io.debezium.time.Timestamp", "DATETIME", `"__debezium.source.column.length":"3"`),
	column("updated_at", "string", "io.debezium.time.ZonedTimestamp", "TIMESTAMP",
		`"__debezium.source.column.length":"6"`, `"__debezium.source.column.comment":"last write, by the till's clock"`),
}, ",")

const sourceNode = `{"type":"struct","fields":[{"type":"string","optional":false,"field":"version"},` +
	`{"type":"string","optional":false,"field":"connector"},{"type":"string","optional":false,"field":"name"},` +
	`{"type":"int64","optional":false,"field":"ts_ms"},` +
	`{"type":"string","optional":true,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"true,first,first_in_data_collection,last_in_data_collection,last,false,incremental"},"default":"false","field":"snapshot"},` +
	`{"type":"string","optional":false,"field":"db"},{"type":"string","optional":true,"field":"sequence"},` +
	`{"type":"int64","optional":true,"field":"ts_us"},{"type":"int64","optional":true,"field":"ts_ns"},` +
	`{"type":"string","optional":true,"field":"table"},{"type":"int64","optional":false,"field":"server_id"},` +
	`{"type":"string","optional":true,"field":"gtid"},{"type":"string","optional":false,"field":"file"},` +
	`{"type":"int64","optional":false,"field":"pos"},{"type":"int32","optional":false,"field":"row"},` +
	`{"type":"int64","optional":true,"field":"thread"},{"type":"string","optional":true,"field":"query"}],` +
	`"optional":false,"name":"io.debezium.connector.mysql.Source","version":1,"field":"source"}`

const transactionNode = `{"type":"struct","fields":[{"type":"string","optional":false,"field":"id"},` +
	`{"type":"int64","optional":false,"field":"total_order"},{"type":"int64","optional":false,"field":"data_collection_order"}],` +
	`"optional":true,"name":"event.block","version":1,"field":"transaction"}`

// envelope writes the schema of a change event whose rows have the columns.
func envelope(columns string) string {
	image := func(field string) string {
		return `{"type":"struct","fields":[` + columns + `],"optional":true,"name":"prod.0047.shop.pos_transactions.Value","field":"` + field + `"}`
	}
	return `{"type":"struct","fields":[` + image("before") + "," + image("after") + "," + sourceNode + "," + transactionNode +
		`,{"type":"string","optional":false,"field":"op"},{"type":"int64","optional":true,"field":"ts_ms"},` +
		`{"type":"int64","optional":true,"field":"ts_us"},{"type":"int64","optional":true,"field":"ts_ns"}],` +
		`"optional":false,"name":"prod.0047.shop.pos_transactions.Envelope","version":2}`
}

// message puts schema and payload together as JsonConverter does.
func message(schema, payload string) []byte {
	return []byte(`{"schema":` + schema + `,"payload":` + payload + `}`)
}

// change writes an envelope's payload.
func change(op, before, after string) string {
	return `{"before":` + before + `,"after":` + after + `,"source":` + sourceBlockText + `,"transaction":null,"op":"` + op +
		`","ts_ms":1795361999724,"ts_us":1795361999724180,"ts_ns":1795361999724180551}`
}

const sourceBlockText = `{"version":"3.6.1.Final","connector":"mysql","name":"prod.0047","ts_ms":1795361999000,"snapshot":"false","db":"shop",` +
	`"sequence":null,"ts_us":1795361999123456,"ts_ns":1795361999123456000,"table":"pos_transactions","server_id":223344,` +
	`"gtid":"3E11FA47-71CA-11E1-9E33-C80AA9429562:23","file":"binlog.000017","pos":26724311,"row":0,"thread":18,"query":null}`

// posRow writes a row of pos_transactions.
func posRow(id int, status string) string {
	return fmt.Sprintf(`{"id":%d,"register_id":7,"cashier_id":1044,"receipt_no":"R-2026-11-22-%06d","status":"%s",`+
		`"total":"BdA=","tax":"Ag4=","currency":"CZK","items":"[{\"sku\":\"8594001021\",\"qty\":2},{\"sku\":\"8594001337\",\"qty\":1}]",`+
		`"is_training":0,"paid_at":1795255872345,"updated_at":"2026-11-22T15:39:58.009564Z"}`, id, id, status)
}

func posInsert(id int) []byte {
	return message(envelope(posColumns), change("c", "null", posRow(id, "paid")))
}

func posUpdate(id int) []byte {
	return message(envelope(posColumns), change("u", posRow(id, "open"), posRow(id, "paid")))
}
