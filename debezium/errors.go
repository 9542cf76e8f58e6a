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
	// ErrAvro is a message in a schema registry's wire format.
	ErrAvro error = &unreadable{
		"avro", "message is in a schema registry's format (magic byte 0) and needs the registry",
		"use org.apache.kafka.connect.json.JsonConverter with schemas.enable=true for keys and values",
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

// MalformedError is a message that breaks JSON's rules, its own schema's, or
// this package's limits. It names the place and holds no row data.
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
	return "the message is damaged or was not written by Debezium with JsonConverter:" +
		" compare the original bytes at the offset with the schema in the same message"
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
