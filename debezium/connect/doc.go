// Package connect looks after a fleet of Debezium connectors through Kafka
// Connect's REST API (Kafka 3.7 and newer).
//
// [Client] speaks the API: it repeats what Connect refuses for the moment (a
// rebalance, a worker that is starting) and turns other refusals into an
// [Error] with Connect's own words. [Config] writes the configuration of a
// store's connector, in which the settings that protect the data are fixed.
package connect
