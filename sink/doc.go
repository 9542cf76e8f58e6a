// Package sink carries the change events of all stores into the central
// database.
//
// [Run] wires one replica together: the consumer group's clients (package
// consumer) route records to lanes (package lane), each lane fills batches
// (package batch) that the writer commits (package writer) together with the
// ledger (package ledger) and the dead letters (package deadletter). Replicas
// share nothing but the consumer group and the central database; any number of
// them may run.
package sink
