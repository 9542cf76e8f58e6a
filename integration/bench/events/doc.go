// Package events makes the change events of stores that do not exist, as a
// captured one spells them: Debezium's JSON with its schema, 8.5 kB for a row
// of twelve columns.
//
// The schema block is the captured event's, with the topic's name in place of
// its own. The rows are made from (store, id, version) alone, so that the same
// row can be had as an event and as SQL text: what a benchmark's contestants
// have to produce from the events can be written without them. Among the values
// are escapes of every kind, characters beyond ASCII, NULLs, negative decimals
// and times before 1970.
package events
