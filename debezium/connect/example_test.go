package connect_test

import (
	"fmt"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
)

func ExampleConfig() {
	store := fleet.Store{
		ID: "0047", Host: "10.47.0.5", Port: 3306, Flavor: fleet.MySQL, Schemas: []string{"pos"},
		User: "debezium", Password: fleet.Secret{Env: "STORE_PASSWORD"}, ServerID: 100_000_470,
	}
	config := connect.Config(store, connect.Defaults{Environment: "prod", Brokers: "kafka:9092"})
	for _, property := range []string{"topic.prefix", "database.password", "event.converting.failure.handling.mode"} {
		fmt.Println(property, config[property])
	}
	// Output:
	// topic.prefix prod.0047
	// database.password ${env:STORE_PASSWORD}
	// event.converting.failure.handling.mode fail
}

func ExampleDiff() {
	actual := map[string]string{"database.password": "hunter2", "max.queue.size": "8192"}
	desired := map[string]string{"database.password": "${env:STORE_PASSWORD}", "max.queue.size": "4096"}
	for _, d := range connect.Diff(actual, desired) {
		fmt.Println(d.Property, d.Actual, "→", d.Desired)
	}
	// Output:
	// database.password **** → ${env:STORE_PASSWORD}
	// max.queue.size 8192 → 4096
}
