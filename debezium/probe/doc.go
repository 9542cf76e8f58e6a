// Package probe says why Kafka does not answer: which broker a client could not
// reach or log in to, and what it was told there. The error of a request that ran
// out of time does not, and librdkafka's own log goes where nobody looks.
package probe
