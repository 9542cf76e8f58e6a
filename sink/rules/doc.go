// Package rules reads the optional file that says how single tables differ from
// the rest: another name, fewer columns, soft deletes.
//
//	tables:
//	  - match: online.*            # schema.table or table; * stands for anything
//	    name: "{schema}_{table}"   # the central table's name
//	  - match: customers
//	    deletes: soft              # keep deleted rows, marked in _deleted
//	    exclude: [card_number, "*_secret"]
//
// The first rule that matches a table is the only one that counts for it.
package rules
