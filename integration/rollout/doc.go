// Package rollout brings a fleet of stores to life on the real stack with the
// tributary binary's own commands, as an operator would, and proves what they
// promise: every connector runs and every store equals its central rows, a
// second apply changes nothing, a connector changed by hand is shown and
// mended, a broken store of each kind is turned away with the right reason,
// and one more store is one line and one command.
//
// [Run] is the whole; a short form of it is a test, two hundred stores are make
// fleet.
package rollout
