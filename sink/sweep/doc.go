// Package sweep finds and removes the rows of a store that the store no longer
// has, where no event says so.
//
// A table that is captured again is only upserted: what was deleted meanwhile
// stays. So does what a table had that was dropped and made again. Both are one
// case. The store's schema change topic tells of a [Beginning]: a streamed DROP
// TABLE, a RENAME to another name, or the definition that a snapshot of all tables
// writes in front of its rows. What was written by an event before the newest one,
// and by none since, is not in the store. In the table's own topic the beginning
// is a boundary, and a row's _offset, the event that wrote it, lies on one side of
// it.
//
// What makes that exact, and what is refused:
//
//   - The order is Kafka's. One task writes a store's DDL and rows, so their
//     timestamps are in its order. Positions in the binary log decide where two
//     workers' clocks may differ, and only between files of one numbering: after a
//     RESET, a failover or a new server they begin anew. In doubt an event is a new
//     one, and what it wrote stays.
//   - A snapshot that a signal asked for, incremental or blocking, is no beginning:
//     it may have conditions. A blocking one writes definitions too, but without
//     the server's variables (SET …) that the others begin with.
//   - A snapshot of definitions alone (no_data, recovery) reads no rows: one that
//     has read none of any table is refused. Of a table without rows nothing tells
//     whether the snapshot left it out (snapshot.include.collection.list), nor of
//     rows whether snapshot.select.statement.overrides did: more than half of a
//     table's rows go only on demand.
//   - The snapshot must be over: the marks last and last_in_data_collection are not
//     on every table (of no row, of one row, of several chunks), so the store's
//     topics are asked for the very last row, or for anything behind it.
//   - The sink must have written all that Kafka held then: a row whose newer event
//     is still to come looks older than it is. What Connect still holds, since a
//     broker is away, comes later and brings its row back: sweep when Kafka is well.
//   - Events behind the boundary that became dead letters left their rows as they
//     were, so that they look older: the table is refused until they are settled.
//   - Retention removes from the front of a log. While an event older than the
//     beginning is left, or the log's first one, or the snapshot's first row, nothing
//     newer is missing; else the boundary is lost, and refused.
//   - Offsets count within one log. The ledger's topic id must be the topic's. Rows
//     of an earlier log of the same name are older than any boundary in the later
//     one; those with a smaller offset are swept, and the others shown: they were
//     applied before the table began ([Table.Strays]).
//   - A table that another one is renamed to, or that exchanged a partition, is
//     refused: its rows came without events, and may be ones that were gone. The
//     copy of an online schema change has the same rows, and is told by its name.
//     Of one that is renamed to a name that is not captured Debezium tells nothing.
//   - So are topics of several partitions, tables that share a topic, tables
//     without _offset, and rows that two topics write.
//
// A sink may run meanwhile. What it writes has an offset from behind the boundary,
// for it has passed it, and DELETE … WHERE _offset < boundary looks at each row
// under its lock. Should the topic be made again, so that offsets begin anew, rows
// written since the tables were looked at are told by their _applied_at. Only as
// many rows go as were shown.
package sweep
