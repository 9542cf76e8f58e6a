// Package literal writes values as SQL literals.
//
// [For] chooses an [Encoder] once per table version from a field of the event,
// the type of the column it goes to and the server's dialect. The encoder then
// appends a literal to a statement for each value, without allocations.
//
// A value is written so that the column holds exactly what the store's column
// held, or it is refused with a [*DataError]; none is rounded, cut or replaced.
// What MySQL would do silently even in strict mode (round fractions of seconds
// and decimals, cut trailing spaces, take one ENUM label for another) is
// checked before it can happen.
//
// # What is lost before it arrives
//
// Some values Debezium 3.6 and the JDBC driver change, and nothing in the event
// tells. They cannot be refused here without refusing good values too:
//
//   - a zero or partial DATE or DATETIME is null, or in a NOT NULL column the
//     epoch (kept by time.precision.mode=structured; a zero TIMESTAMP that is the
//     epoch, which no TIMESTAMP is, is restored);
//   - dates of the years 0 to 99 move to 1970 to 2069, unless
//     enable.time.adjuster=false;
//   - YEAR 0000 is 2000 in a snapshot (1900, which no YEAR is, in the binary
//     log, and restored);
//   - negative times within JSON are misprinted, and bytes are strings without
//     their type;
//   - text of some old character sets (koi8u, armscii8, …) has other letters;
//   - a label with characters of four bytes has ? in their place;
//   - a BIGINT UNSIGNED beyond 2^63-1 is negative with
//     bigint.unsigned.handling.mode=long, which is undone only where
//     column.propagate.source.type tells.
//
// Where a value shows that it may be one of these, [schema.Doubt] knows.
//
// # The session
//
// The literals mean what they say in a session with
//
//	SET NAMES utf8mb4,
//	    time_zone = '+00:00',
//	    sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'
//
// that is without NO_BACKSLASH_ESCAPES and ANSI_QUOTES, which change how
// strings are read, and without NO_ZERO_DATE and NO_ZERO_IN_DATE, under which
// the server refuses zero dates that a store may hold.
package literal
