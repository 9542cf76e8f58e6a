// Package ledger keeps, in the central database, how far every Kafka partition
// has been written: one row per consumer group, topic and partition.
//
// The ledger is what makes the sink effectively once. Every batch's
// transaction first moves its partitions' rows from exactly the offset the
// batch begins at to the one behind its last event, and only then writes rows.
// The log is immutable: [from, next) of one log has one meaning, so a
// transaction that moves next_offset from exactly from, and writes exactly
// those events, is right, whoever sends it and however late it arrives. Any
// other one matches no row and is rolled back. There are no claims, no
// generations and no owners to go stale; Kafka's own offsets are committed
// behind the ledger for lag dashboards and only read to seed a missing row.
//
// A [Tenure] is one stretch of holding a partition. Its cursor starts at what
// [Ledger.Start] read and moves only by what was committed, so the content of a
// batch and its guard share one origin.
package ledger
