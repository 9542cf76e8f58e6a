package literal

import (
	"tributary/debezium"
	"tributary/schema"
)

// SQLMode is the sql_mode of a session that literals are written in.
const SQLMode = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"

// Encoder appends a value to a statement. A null or absent value is NULL. On
// an error, always a [*DataError], dst is returned as it was.
type Encoder func(dst []byte, v *debezium.Value) ([]byte, error)

// For returns the encoder for the values of a field that are written to a
// column of type target. A field that cannot be written to such a column
// exactly is an error that says what would settle it.
func For(f *debezium.Field, target schema.Type, d schema.Dialect) (Encoder, error) {
	return nil, nil
}
