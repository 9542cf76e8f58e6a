package fleet_test

import (
	"fmt"

	"tributary/debezium/fleet"
)

func ExampleParse() {
	inventory, err := fleet.Parse("stores.yaml", []byte(`
environment: prod
defaults:
  schemas: [pos]
  password: {file: /etc/tributary/stores.properties, key: "{id}"}
stores:
  - {id: "0047", host: 10.47.0.5}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	store, _ := inventory.Store("0047")
	fmt.Println(store.Host, store.Port, store.Password.Reference())
	// Output: 10.47.0.5 3306 ${file:/etc/tributary/stores.properties:0047}
}

func ExampleParse_mistakes() {
	_, err := fleet.Parse("stores.yaml", []byte(`
environment: prod
stores:
  - {id: "0047", hots: 10.47.0.5, schemas: [pos], password: hunter2}
`))
	fmt.Println(err)
	// Output:
	// stores.yaml:4: a store has no key "hots"; write "host"
	// stores.yaml:4: a password must not stand in this file; write password: {env: NAME} or password: {file: /path/to/file.properties, key: NAME}
	// stores.yaml:4: store "0047" has no host; write it here or under defaults: host: 10.1.0.5
}
