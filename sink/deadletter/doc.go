// Package deadletter stores the events that could not be written, byte for
// byte as they were consumed, with where they came from and why they were
// refused, in the central database.
//
// A dead letter is inserted by the very transaction that moves the ledger past
// its event, so an event is either written, or a dead letter, or still to come:
// never two of these, and never none.
package deadletter
