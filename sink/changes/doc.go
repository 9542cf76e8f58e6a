// Package changes judges the DDL of stores: what it does to rows without an event
// of theirs is to be reported.
//
// A [Judge] is given one message of a store's schema change topic at a time. Most
// are of no interest. What is left is of two kinds:
//
//   - something happened to rows: a table or partition is gone, a table has
//     another name, the server has filled a column, or a column's name has gone over
//     to another one. It counts for what streams, not for what a snapshot makes up,
//     and only if the central table still has rows from before it;
//   - a table is made so that its rows will arrive changed, or not at all. It
//     counts in a snapshot too, and is said once.
//
// A store's rows come by other topics, and a replica may be ahead in one and
// behind in another: a row may still come, and so may its delete. Whether there are
// rows from before it is therefore asked only when all that Kafka had of the table
// a second later is written; until then the judgement waits. Where it would wait
// for long, because the table is held, it is made as if there were rows: to report
// too much costs a look, to report too little a report that is wrong.
//
// Tools that alter a table by a copy and a rename (gh-ost, pt-online-schema-change
// and their kin) leave the rows as they are. Their tables are known by their names,
// in which the original's stands, and by the original being there.
//
// What a column was called before is remembered from the changes that were judged
// since the start. A name that was left before and taken after a restart is not
// noticed, unless an event of the table came between, of which package tables makes
// the best.
package changes
