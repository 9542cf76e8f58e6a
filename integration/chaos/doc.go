// Package chaos is the proof that the sink loses nothing and repeats nothing:
// stores sell without pause into databases of their own, Debezium captures
// them, and several replicas of the sink carry the changes into one central
// MySQL, while a schedule drawn from a seed kills, freezes, restarts and cuts
// off whatever is between the stores and the central rows.
//
// Every store has tables without a key besides its own: there each repeated or
// lost event shows as a wrong number of rows. All the time one snapshot of the
// central database is held against itself: the rows of such a table must be as
// many as the ledger says events were written. When the stores have closed,
// every row of theirs is compared with the central one.
//
// Seeds take turns with the group protocol: by even ones the brokers share the
// topics out, to replicas of two clients each, as they do from 800 topics on.
package chaos
