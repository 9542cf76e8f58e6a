package debezium_test

import (
	"errors"
	"fmt"

	"tributary/debezium"
)

// value is a change event as Kafka Connect writes it with JsonConverter and
// schemas, with most of the source block left out.
const value = `{"schema":{"type":"struct","fields":[` +
	`{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},{"type":"string","optional":true,"field":"status"}],"optional":true,"field":"before"},` +
	`{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"},{"type":"string","optional":true,"field":"status"}],"optional":true,"field":"after"},` +
	`{"type":"struct","fields":[{"type":"string","optional":true,"field":"table"},{"type":"int64","optional":true,"field":"ts_us"}],"optional":false,"field":"source"},` +
	`{"type":"string","optional":false,"field":"op"}],"optional":false,"name":"prod.0047.shop.orders.Envelope","version":2},` +
	`"payload":{"before":{"id":7,"status":"open"},"after":{"id":7,"status":"paid"},"source":{"table":"orders","ts_us":1795361999123456},"op":"u"}}`

func Example() {
	reader := debezium.NewReader() // one for each topic
	var event debezium.Event       // used again and again

	schema, rest, err := reader.Cut([]byte(value))
	if err != nil {
		fmt.Println(err, "-", debezium.Hint(err))
		return
	}
	if err := schema.Decode(rest, debezium.BothImages, &event); err != nil {
		fmt.Println(err, "-", debezium.Hint(err))
		return
	}
	fmt.Printf("%c of %s at %d µs\n", event.Op, event.Source.Table, event.Source.Micros)
	for i, column := range schema.Columns() {
		switch v := event.After[i]; v.Kind {
		case debezium.Int:
			fmt.Println(column.Name, column.Type, v.Int)
		case debezium.Text:
			fmt.Println(column.Name, column.Type, string(v.Bytes))
		}
	}
	// Output:
	// u of orders at 1795361999123456 µs
	// id int64 7
	// status string paid
}

func ExampleSchema_DecodeKey() {
	const key = `{"schema":{"type":"struct","fields":[{"type":"int64","optional":false,"field":"id"}],"optional":false},"payload":{"id":7}}`
	schema, rest, err := debezium.NewReader().Cut([]byte(key))
	if err != nil {
		fmt.Println(err)
		return
	}
	var k debezium.Key
	if err := schema.DecodeKey(rest, &k); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Root().Fields[0].Name, k.Row[0].Int)
	// Output: id 7
}

func ExampleHint() {
	_, _, err := debezium.NewReader().Cut([]byte(`{"id":7,"status":"paid"}`))
	fmt.Println(errors.Is(err, debezium.ErrNoSchema))
	fmt.Println(debezium.Label(err))
	fmt.Println(err)
	// Output:
	// true
	// no_schema
	// JSON without a schema
}

func ExampleMalformedError() {
	const key = `{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false},"payload":{"id":"7"}}`
	schema, rest, err := debezium.NewReader().Cut([]byte(key))
	if err == nil {
		err = schema.DecodeKey(rest, new(debezium.Key))
	}
	fmt.Println(err)
	// Output: payload.id at byte 119: int32 declared, string found
}

func ExampleParseTopic() {
	for _, name := range []string{"prod.0047.shop.orders", "prod.0047", "__debezium-heartbeat.prod.0047", "test.0047.shop.orders"} {
		topic, kind := debezium.ParseTopic("prod", name)
		fmt.Printf("%s: store %q, table %q\n", kind, topic.Store, topic.Table)
	}
	// Output:
	// rows: store "0047", table "orders"
	// schema_changes: store "0047", table ""
	// heartbeat: store "0047", table ""
	// other: store "", table ""
}

func ExampleSubscriptionPattern() {
	fmt.Println(debezium.SubscriptionPattern("prod", nil))
	fmt.Println(debezium.SubscriptionPattern("prod", []string{"orders", "order.items"}))
	// Output:
	// ^prod\.[^.]+(\.[^.]+\..+)?$
	// ^prod\.[^.]+(\.[^.]+\.(orders|order\.items))?$
}

func ExampleValidateStore() {
	err := debezium.ValidateStore("brno.2")
	fmt.Println(err)
	fmt.Println(debezium.Hint(err))
	// Output:
	// store id "brno.2" contains a dot
	// use a hyphen: dots separate the parts of a topic's name
}
