package debezium

import (
	"maps"
	"strconv"
	"strings"
)

// Type is a Kafka Connect schema type
// (org.apache.kafka.connect.data.Schema.Type).
type Type uint8

// The Connect types. Avro and JSON schemas name the same set.
const (
	Int8 Type = iota + 1
	Int16
	Int32
	Int64
	Float32
	Float64
	Boolean
	String
	Bytes
	Array
	Map
	Struct
)

// String returns the type as a schema spells it in JSON
// (org.apache.kafka.connect.json.JsonSchema).
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown"
}

var typeNames = [...]string{
	"unknown", "int8", "int16", "int32", "int64", "float", "double",
	"boolean", "string", "bytes", "array", "map", "struct",
}

// Field is one node of a Connect schema: a column of a row, a part of a
// struct, or the row itself.
type Field struct {
	// Name is the field's name in its parent; empty for a root.
	Name string
	// Type is the physical type on the wire.
	Type Type
	// Logical is the schema's semantic name, for instance
	// "io.debezium.time.MicroTimestamp"; empty for a bare type.
	Logical string
	// Optional says that the value may be null.
	Optional bool
	// Parameters are the schema's parameters ("scale", "allowed",
	// "__debezium.source.column.type", …). Nil when there are none.
	Parameters map[string]string
	// Default is the default's raw JSON text, nil when the schema has none.
	// It is a wire value, not DDL: CURRENT_TIMESTAMP arrives as
	// "1970-01-01T00:00:00Z".
	Default []byte
	// Fields are the members of a Struct, in wire order.
	Fields []Field
	// Items is the element of an Array or the value of a Map.
	Items *Field

	// standIn is set where the default may have been written for a null.
	standIn *standIn
}

// Parameters that column.propagate.source.type and the Debezium types set
// (io.debezium.relational.TableSchemaBuilder and io.debezium.data).
const (
	paramSource       = "__debezium.source.column."
	paramSourceType   = "__debezium.source.column.type"
	paramSourceLength = "__debezium.source.column.length"
	paramSourceScale  = "__debezium.source.column.scale"
	paramSourceName   = "__debezium.source.column.name"
)

// SourceColumn is what the store's own DDL says of a column, as propagated by
// column.propagate.source.type.
type SourceColumn struct {
	// Type is the upper case type with its attributes, "BIGINT UNSIGNED".
	Type string
	// Length is the length or precision, or the number of fraction digits
	// of a temporal type; -1 when not given.
	Length int
	// Scale is the scale of a DECIMAL; -1 when not given.
	Scale int
}

// Source returns the column's propagated DDL; ok is false when the connector
// does not propagate source types.
func (f *Field) Source() (col SourceColumn, ok bool) {
	name, ok := f.Parameters[paramSourceType]
	if !ok {
		return SourceColumn{}, false
	}
	return SourceColumn{
		Type:   strings.ToUpper(strings.TrimSpace(name)),
		Length: f.intParameter(paramSourceLength),
		Scale:  f.intParameter(paramSourceScale),
	}, true
}

// ColumnName returns the column's name in the store: the propagated one where
// there is one (field.name.adjustment.mode may have changed the field's), else
// the field's.
func (f *Field) ColumnName() string {
	if name, ok := f.Parameters[paramSourceName]; ok {
		return name
	}
	return f.Name
}

// Of returns the field as one of the store's column with the given name.
func (f *Field) Of(column string) Field {
	named := *f
	named.Parameters = maps.Clone(f.Parameters)
	if named.Parameters == nil {
		named.Parameters = make(map[string]string, 1)
	}
	named.Parameters[paramSourceName] = column
	return named
}

// Member returns the member of a struct with the given name, nil if it has
// none.
func (f *Field) Member(name string) *Field {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			return &f.Fields[i]
		}
	}
	return nil
}

func (f *Field) intParameter(name string) int {
	n, err := strconv.Atoi(f.Parameters[name])
	if err != nil {
		return -1
	}
	return n
}
