// Package inbox is a Kafka consumer whose messages are taken many at a time
// and read where librdkafka holds them.
//
// The Go client (confluent-kafka-go) hands over one message a call and copies
// each whole onto Go's heap. Of an event with its schema in front, nine tenths
// are a text that is compared with the last one and dropped: the copies, the
// collector that clears them away and the calls into C cost as much as all that
// is done with the event afterwards. So this package polls the consumer's queue
// itself, in C, and Go is given a batch of pointers. The events that are not
// messages, of which there are few, become what the Go client makes of them.
// What opens zstd's batches is replaced as well; see zstd.c.
// Everything else, assigning, seeking, offsets, leaving the group, stays the
// Go client's.
package inbox
