package literal

import (
	"fmt"

	"tributary/debezium"
	"tributary/schema"
)

// DataError says why one value cannot be written. It holds nothing of the
// value.
type DataError struct {
	// Column is the name of the event's field.
	Column string
	// Reason is what is wrong.
	Reason string
	// Need is the type of a column that would hold the value, nil where none
	// would or it is not known. Evolving the column to the union of its type
	// and this one, and choosing the encoder again, cures the error.
	Need *schema.Type
}

func (e *DataError) Error() string { return fmt.Sprintf("column %q: %s", e.Column, e.Reason) }

// FieldError says why no value of a field can be written to a column.
type FieldError struct {
	// Column is the name of the event's field.
	Column string
	// Target is the type of the central column.
	Target schema.Type
	// Reason is what is wrong and, where it helps, what to do about it.
	Reason string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("column %q: no exact way to write it to a column of type %s: %s", e.Column, e.Target, e.Reason)
}

// flaw is what is wrong with a value. Flaws are made when an encoder is
// chosen, so that refusing a value costs no more than writing it.
type flaw struct {
	reason string
	need   *schema.Type
}

// encode is the inside of an Encoder: the value is neither null nor absent,
// and what dst holds after a flaw does not matter.
type encode func(dst []byte, v *debezium.Value) ([]byte, *flaw)

// Flaws that need no details.
var (
	flawKind   = &flaw{reason: "the value does not have the kind its schema declares"}
	flawSyntax = &flaw{reason: "the value is not in the notation its schema declares"}
)

func flawf(format string, args ...any) *flaw { return &flaw{reason: fmt.Sprintf(format, args...)} }

// needing sets the type that would hold the value.
func (f *flaw) needing(t schema.Type) *flaw {
	f.need = &t
	return f
}
