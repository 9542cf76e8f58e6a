// Package lane carries records to one central table.
//
// A [Lane] takes some of the stores of one table, so a batch is one table, its
// transaction touches one table and the ledger, and the order of each partition
// is kept. Two lanes of a table take different stores and never touch the same
// rows. A lane has two goroutines: one decodes records into the batch that is
// filling, the other writes the batch that is full. While a transaction waits
// for a session or its commit, the next batch keeps growing: batches are large
// under load and small, hence quick, without it.
//
// Trouble stays where it belongs. An event that cannot be decoded becomes a dead
// letter; a table that cannot be reconciled with the central one is held, and
// read again later from where the ledger stands; errors of the central
// database are retried for as long as it takes, while the queue in front of the
// lane fills up to its share of the memory budget and then holds the consumer
// back for this lane's partitions alone.
package lane
