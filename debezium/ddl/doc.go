// Package ddl reads in the text of a store's DDL what it does to rows, of which
// the binary log has no row event and Debezium's own account of the table says
// nothing: partitions that are dropped or exchanged, tables that are renamed or
// replaced, columns of text that are bytes, foreign keys that change rows.
//
// It knows MySQL's and MariaDB's tokens (comments, also those that are run,
// strings, quoted names) and the few forms it looks for, each from its first word
// on. Of a statement it does not know it says nothing: what it claims stands in
// the text as code, never within a string, a comment or the body of a routine.
package ddl
