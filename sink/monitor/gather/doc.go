// Package gather finds the facts that the ladder judges: it asks Kafka Connect,
// Kafka, the stores' servers and the central database.
//
// Asking is cheap enough to be done every few seconds for hundreds of stores:
// one request to Connect for the whole fleet, three to Kafka for all partitions
// (a fourth for those that have moved), three statements to the central
// database, and to each store, less often, one connection with two statements,
// in little time or not at all. Whoever does not answer is reported as such and
// holds nobody else up.
//
// What is remembered between rounds (heartbeats, when a binary log's head
// moved) only sharpens the answer and is found again after a restart.
package gather
