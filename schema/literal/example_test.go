package literal_test

import (
	"fmt"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/literal"
)

func ExampleFor() {
	field := &debezium.Field{Name: "opened", Type: debezium.Int64, Logical: "io.debezium.time.MicroTime"}
	column := schema.Type{Base: schema.Time, Fraction: 3}
	encode, err := literal.For(field, column, schema.Dialect{Major: 9})
	if err != nil {
		fmt.Println(err)
		return
	}
	sql, err := encode([]byte("INSERT INTO t VALUES ("), &debezium.Value{Kind: debezium.Int, Int: -3_600_500_000})
	fmt.Println(string(sql), err)
	_, err = encode(nil, &debezium.Value{Kind: debezium.Int, Int: 1})
	fmt.Println(err)
	// Output:
	// INSERT INTO t VALUES ('-01:00:00.500' <nil>
	// column "opened": the value has more digits behind the seconds than time(3) keeps
}
