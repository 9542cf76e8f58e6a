// Package writer sends batches to the central MySQL: a pool of dedicated
// sessions, one transaction per batch, and a judgement of every error the
// server can answer with.
//
// A transaction moves the ledger first, which takes the fence, then removes,
// upserts and sets aside, in a fixed order of rows. A row the server refuses is
// found by halving the statement inside the same transaction, stored as a dead
// letter there, and the rest goes on. One call of [Writer.Write] is one attempt;
// what to do about its error is told by [Classify] and decided by the lane.
package writer
