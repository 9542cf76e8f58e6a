// Package exam asks one question of the whole chain: does the central row equal
// the store's row?
//
// A [Case] is a table: a MySQL type with its edge values, a shape (a key, a
// name, a row of several megabytes) or a schema change. Half of its rows are
// there before the connector starts and arrive by its snapshot, half are
// inserted while it streams; then rows are updated and deleted, keys changed,
// and columns added, widened, renamed and dropped. A [Room] is a way to take the
// exam: a store's server, the settings of its Debezium connector and the central
// database. When all has arrived, package compare reads both databases and
// compares values and column definitions.
//
// All real: the stores' servers, Debezium in Kafka Connect, Kafka, the sink and
// the central server. [Take] runs it and returns a [Sheet] with a [Verdict] for
// every case in every room. Of what came out silently different a preflight is
// asked, which may have foretold it.
package exam
