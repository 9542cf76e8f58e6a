package schema

import "tributary/debezium"

// KeyFields returns the fields of a record's key with the parameters of the
// row's columns of the same names. Debezium propagates a column's type in the
// row alone, and without it a key's value can be ambiguous: the int64 of a
// BIGINT UNSIGNED, the base64 of a BINARY. A key field that has another type
// than its column is left as it is.
func KeyFields(key, columns []debezium.Field) []debezium.Field {
	fields := make([]debezium.Field, len(key))
	for i, k := range key {
		for j := range columns {
			c := &columns[j]
			if c.Name == k.Name && c.Type == k.Type && c.Logical == k.Logical {
				k.Parameters = c.Parameters
				break
			}
		}
		fields[i] = k
	}
	return fields
}
