// Package schema knows what a central table must look like to hold the rows of
// many stores exactly.
//
// A [Type] is a MySQL column type, read from the server's own notation and
// printed back in it. [TypeOf] says which type a field of a change event asks
// for, [Union] which type holds the values of two. [Derive] makes a [Table] of
// a row's fields, the store column first in its key, and [Plan] lists the
// changes that lead from the table that is there to one that holds both: tables
// are created, columns added and widened; nothing is dropped, narrowed or made
// NOT NULL.
//
// The package holds no connection. Package central reads and changes the
// server's tables; package literal writes values into the types described
// here; package wire names the forms values arrive in, which drives both.
package schema
