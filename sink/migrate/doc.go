// Package migrate makes the tables that the sink keeps for itself and brings
// them to the version this program knows, so that a fleet can be updated one
// replica after the other, and back.
//
// A table's version stands in its COMMENT, as "tributary ledger v3 from v2: …":
// it is at version 3, and programs that know version 2 may use it as well. Who
// may read a table may read its COMMENT, and one ALTER TABLE changes both the
// columns and the COMMENT or neither.
//
// A step must therefore leave the statements of the version before it working:
// columns are added, nullable or with a default, and what a column means stays.
// Only the step after that may take away what nobody uses any more. Then
// versions n and n+1 run side by side, whoever starts first, and n can be
// started again if n+1 disappoints; n-1 is refused.
package migrate
