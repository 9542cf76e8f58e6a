// Package wire names the forms in which a column's value stands in a change
// event.
//
// A Connect type alone says little: an int64 may be a number, milliseconds or
// nanoseconds. The semantic name Debezium gives the field settles it. [Of] puts
// the two together into one [Form], and everything that must treat forms
// differently (the column a form asks for, the literal it is written as) is
// driven by that one enumeration.
package wire
