// Package debezium reads what Debezium's MySQL and MariaDB connectors write to
// Kafka: topic names, record keys, change event envelopes and the values in
// them, and the stores' schema changes.
//
// Reading happens in two steps, so that the expensive part is done once per
// version of a table and not once per event. A [Reader] belongs to one topic
// and cuts a message into its [Schema], which it remembers, and the payload.
// The Schema then decodes payloads into an [Event] whose rows are slices of
// [Value], in the order of the schema's columns, without maps, reflection or
// allocations.
//
// Messages come as JSON with their schema, or in Avro with the id of one that a
// [Registry] knows; both formats may lie in one topic, and the same fields and
// values come out of either.
//
// A value is either read exactly or refused. Numbers keep all their digits;
// text that is not UTF-8, half a surrogate pair, base64 with bits left over, a
// number beyond its declared type or a field that occurs twice make a
// [MalformedError], since every way to carry on would change the row. What is
// not used, such as members the schema does not declare, is stepped over and
// not checked to the last. Messages of a kind that cannot be read have errors
// of their own ([ErrNoSchema], [ErrAvro], …); [Label] and [Hint] say them to
// metrics and to operators. No error contains row data.
//
// The package knows nothing of the database the rows are written to. What a
// field means there (a column's type, a literal) is package schema's business;
// [Field] and [Value] are all it needs for that, whichever format the event
// came in.
package debezium
