package literal

import "tributary/schema"

// DataError says why a value cannot be written. It holds nothing of the value.
type DataError struct {
	// Column is the name of the event's field.
	Column string
	// Reason is what is wrong.
	Reason string
	// Need is the type of a column that would hold the value, nil where none
	// would or it is not known: evolving the table to the union of its type
	// and this one, and choosing encoders again, cures the error.
	Need *schema.Type
}

func (e *DataError) Error() string { return "column " + e.Column + ": " + e.Reason }
