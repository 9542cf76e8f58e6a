// Package batch collects the events that one lane writes in one transaction.
//
// A [Batch] keeps the last image of every key: an event supersedes whatever
// the batch holds of its row, so that a row is written once however often it
// changed. Rows are kept as the SQL text they are sent as, encoded once when
// the event arrives; building a statement is copying. Beside the rows a Batch
// keeps, for every partition in it, how far the ledger has to move, and the
// dead letters that are stored in the same transaction.
//
// A Batch belongs to one central table and is used by one goroutine at a time.
package batch
