// Package replay writes dead letters after all, once what refused them is
// settled: a column widened, a constraint dropped, a new version of the sink.
//
// A letter may only be written while nothing newer has happened to its row. No
// table remembers what was deleted, so the log is asked: every event of the
// letter's partition from behind the letter to where the ledger stands is read,
// and one with the same key supersedes the letter. The transaction that writes
// it holds the ledger's row at exactly that place, so that no event can slip in
// between.
package replay
