// Package fleet is the inventory of stores: which databases are captured, where
// they are, as whom to connect, and what their topics and connectors are like.
//
// The inventory is a YAML file, stores.yaml, in which a store is one line and
// everything the stores have in common stands once, under defaults. [Load]
// reads it, fills in the defaults and checks it; what is wrong is reported all
// at once, each finding with its file, its line and what to write instead.
//
// Passwords never stand in the inventory. It holds a reference ([Secret]) to
// an environment variable or a file, which Kafka Connect resolves itself and
// which this package resolves for the checks that log in to a store.
package fleet
