// Package compare proves that the central tables hold what the stores hold. It
// reads both databases itself and trusts nobody's word on what was copied.
//
// [Stores] reads every table of every store and the central rows of that
// store, side by side in the order of the key, and compares them column by
// column. Both servers are asked for each value as text that does not depend
// on session, display width or collation (instants in UTC, floats to the last
// digit, geometry as WKB with longitude first), and texts that differ are
// compared once more by what they mean: documents without regard to spacing
// and member order, numbers and times without regard to trailing zeros, SETs
// without regard to the order of their labels. Tables without a key are
// compared as multisets of rows.
//
// The central tables have the store's id in a column of its own; columns that
// begin with an underscore are the receiver's. Columns the central table has
// beyond those are other stores' and are not looked at.
//
// The comparison wants the stores at rest. [Eventually] gives the central copy
// time to catch up.
package compare
