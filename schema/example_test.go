package schema_test

import (
	"fmt"

	"tributary/debezium"
	"tributary/schema"
)

// Two stores are on different versions of a table.
func ExampleUnion() {
	old, _ := schema.ParseType("enum('open','paid')")
	later, _ := schema.ParseType("enum('open','refunded')")
	u, _ := schema.Union(old, later)
	fmt.Println(u)

	old, _ = schema.ParseType("int")
	later, _ = schema.ParseType("int unsigned")
	u, _ = schema.Union(old, later)
	fmt.Println(u)
	// Output:
	// enum('open','paid','refunded')
	// bigint
}

// A store's row becomes a central table, and a later version of the row a
// change of it.
func ExamplePlan() {
	d := schema.Dialect{Major: 9, Minor: 7}
	o := schema.Options{Dialect: d}
	columns := []debezium.Field{
		{Name: "id", Type: debezium.Int32},
		{
			Name: "total", Type: debezium.Bytes, Logical: "org.apache.kafka.connect.data.Decimal",
			Parameters: map[string]string{"scale": "2", "connect.decimal.precision": "10"}, Optional: true,
		},
	}
	table, _ := schema.Derive("sales", columns, []string{"id"}, o)
	fmt.Println(table.CreateSQL(d))

	columns = append(columns, debezium.Field{Name: "paid", Type: debezium.Boolean, Optional: true})
	later, _ := schema.Derive("sales", columns, []string{"id"}, o)
	changes, _ := schema.Plan(&table, later, d)
	for _, c := range changes {
		fmt.Println(c.Cost, c.SQL())
	}
	// Output:
	// CREATE TABLE IF NOT EXISTS `sales` (
	//   `store_id` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL,
	//   `id` int NOT NULL,
	//   `total` decimal(10,2) NULL,
	//   `_source_ts` datetime(6) NULL,
	//   `_applied_at` datetime(6) NULL,
	//   `_offset` bigint unsigned NULL,
	//   PRIMARY KEY (`store_id`,`id`)
	// ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
	// instant ALTER TABLE `sales` ADD COLUMN `paid` tinyint(1) NULL
}
