// Package topiclog reads Kafka's logs by hand, for commands that look something
// up: from an offset to an offset, in no consumer group's way.
package topiclog
