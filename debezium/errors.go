package debezium

import (
	"errors"
	"fmt"
)

// The reasons why a message cannot be read at all. They are told apart with
// errors.Is; [Label] and [Hint] say them in a log's terms.
var (
	// ErrEmpty is a Kafka record without a value (or key): a tombstone,
	// which follows a delete where tombstones.on.delete is set.
	ErrEmpty error = &unreadable{
		"empty", "message is empty (a tombstone)",
		"tombstones carry no row and can be ignored; tombstones.on.delete=false stops them",
	}
	// ErrNullPayload is a message whose payload is JSON null.
	ErrNullPayload error = &unreadable{
		"null_payload", "payload is null",
		"the record carries no row: look for a transform that nulls values, and remove it",
	}
	// ErrNoSchema is JSON without its schema.
	ErrNoSchema error = &unreadable{
		"no_schema", "JSON without a schema",
		"set key.converter.schemas.enable=true and value.converter.schemas.enable=true on the connector:" +
			" without the schema the types of numbers and bytes cannot be known",
	}
	// ErrNotEnvelope is a value with a schema that is no change event.
	ErrNotEnvelope error = &unreadable{
		"not_envelope", "value is not a Debezium envelope",
		"remove transforms that flatten events (io.debezium.transforms.ExtractNewRecordState)" +
			" from the connector, and other producers from the topic",
	}
	// ErrNotStruct is a key, or another message, that is a bare value.
	ErrNotStruct error = &unreadable{
		"not_struct", "message is not a struct",
		"remove transforms that extract a field (org.apache.kafka.connect.transforms.ExtractField) from the connector",
	}
	// ErrNotSchemaChange is a message with a schema that is no schema change.
	ErrNotSchemaChange error = &unreadable{
		"not_schema_change", "message is not a schema change of Debezium",
		"look for other producers in the topic, and for transforms that change the connector's schema changes",
	}
	// ErrAvro is a message in a schema registry's wire format that is read
	// without a registry.
	ErrAvro error = &unreadable{
		"avro", "message is in a schema registry's format (magic byte 0) and needs the registry",
		"set TRIBUTARY_REGISTRY_URL to the registry the connector's converter uses",
	}
	// ErrNoID is a message in a schema registry's wire format that ends
	// within the schema's id.
	ErrNoID error = &unreadable{
		"no_schema_id", "message ends before its schema's id does",
		"the message is damaged, or was not written by an Avro converter",
	}
	// ErrUnknownSchema is a message whose schema the registry says it does
	// not have.
	ErrUnknownSchema error = &unreadable{
		"unknown_schema", "the registry has no schema with the message's id",
		"look whether the sink asks the registry the message was written with (TRIBUTARY_REGISTRY_URL) for the" +
			" same kind of id, and whether that registry has lost schemas: restore them, then replay the event",
	}
	// ErrSchemaAwaited is a message whose schema is not known yet: the
	// registry is being asked, or cannot be reached. It says nothing of the
	// message, which is to be read again later.
	ErrSchemaAwaited error = &unreadable{
		"schema_awaited", "the message's schema is not known yet",
		"nothing is lost; if it lasts, look whether the registry answers (TRIBUTARY_REGISTRY_URL)",
	}
	// ErrNotJSON is a message that does not begin as JSON does.
	ErrNotJSON error = &unreadable{
		"not_json", "message is not a JSON object",
		"use org.apache.kafka.connect.json.JsonConverter with schemas.enable=true for keys and values",
	}
	// ErrTooLarge is a message beyond [MaxMessage].
	ErrTooLarge error = &unreadable{
		"too_large", "message is too large",
		"leave the column out with column.exclude.list, or carry it by another way",
	}
)

// unreadable is the type of this package's sentinel errors.
type unreadable struct{ label, text, hint string }

func (e *unreadable) Error() string { return e.text }
func (e *unreadable) Label() string { return e.label }
func (e *unreadable) Hint() string  { return e.hint }

// SchemaError is a schema from a registry that cannot be read, or one whose
// messages cannot be.
type SchemaError struct {
	// Path leads to the part of the schema: "after.total". Empty for the whole.
	Path string
	// Reason says what is wrong with it: "is part of itself".
	Reason string
}

// Error returns the reason with its place.
func (e *SchemaError) Error() string {
	if e.Path == "" {
		return "schema from the registry: " + e.Reason
	}
	return "schema from the registry: " + e.Path + ": " + e.Reason
}

// Label returns "unreadable_schema".
func (e *SchemaError) Label() string { return "unreadable_schema" }

// Hint says what an operator can do about it.
func (e *SchemaError) Hint() string {
	return "it is not what an Avro converter writes for a Debezium event: look the schema up in the registry by the id" +
		" in the message's first bytes, and for other producers in the topic"
}

// MalformedError is a message that breaks its format's rules, its own schema's,
// or this package's limits. It names the place and holds no row data.
type MalformedError struct {
	// Path leads to the field: "payload.after.total", "schema.fields[2]".
	Path string
	// Offset is the byte in the original message, counted from 0.
	Offset int
	// Reason says what is wrong: "int64 declared, string found".
	Reason string
}

// Error returns the reason with its place.
func (e *MalformedError) Error() string {
	return fmt.Sprintf("%s at byte %d: %s", e.Path, e.Offset, e.Reason)
}

// Label returns "malformed".
func (e *MalformedError) Label() string { return "malformed" }

// Hint says what an operator can do about it.
func (e *MalformedError) Hint() string {
	return "the message is damaged or was not written by Debezium with JsonConverter or an Avro converter:" +
		" compare the original bytes at the offset with the message's schema"
}

// Label returns a short stable word for the reason an error of this package has,
// for a metric's label or a log's field; "other" for any other error.
func Label(err error) string {
	var labeled interface{ Label() string }
	if errors.As(err, &labeled) {
		return labeled.Label()
	}
	return "other"
}

// Hint returns what an operator can do about an error of this package, "" for
// any other error.
func Hint(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}
