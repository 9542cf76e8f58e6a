// Package ladder answers "why is store 47 not in the report?".
//
// Between a sale at a till and the row in the central database stands a ladder
// of conditions, each of which rests on the one before: the store is in the
// inventory, its server is reachable, lets us in and writes a binary log, a
// connector exists, its task runs, its snapshot is done, heartbeats arrive, the
// topics move, the sink keeps up, refuses nothing, and the newest row is where
// it should be. [Judge] climbs it over gathered [Facts] and reports every rung;
// the verdict is the first one that is broken, because what is wrong above it
// is mostly its consequence.
//
// Judging is a pure function: the same facts at the same time give the same
// verdict, whoever gathered them, the monitor or a single command.
package ladder
