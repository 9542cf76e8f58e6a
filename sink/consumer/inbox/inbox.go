package inbox

/*
#include <stdlib.h>
#include <string.h>
#include "rdkafka.h"

// Most messages in a batch, and of how many bytes together. What is in hand
// does not count in librdkafka's own bounds, which let it fetch on.
enum { batch = 256, batch_bytes = 4 << 20 };

// What Go reads of a message.
typedef struct {
	const char *topic;
	void *value, *key;
	size_t topic_len, value_len, key_len;
	int64_t offset, timestamp;
	int32_t partition;
} entry_t;

typedef struct {
	rd_kafka_queue_t *queue;
	rd_kafka_event_t *other; // what is not a message, met behind the messages
	int count;
	rd_kafka_event_t *events[batch]; // they own the messages
	entry_t entries[batch];
} inbox_t;

static inbox_t *inbox_new(rd_kafka_t *rk) {
	inbox_t *in = calloc(1, sizeof *in);
	if (in && !(in->queue = rd_kafka_queue_get_consumer(rk))) {
		free(in);
		in = NULL;
	}
	return in;
}

static void inbox_release(inbox_t *in) {
	for (int i = 0; i < in->count; i++)
		rd_kafka_event_destroy(in->events[i]);
	in->count = 0;
}

static void inbox_close(inbox_t *in) {
	inbox_release(in);
	if (in->other)
		rd_kafka_event_destroy(in->other);
	rd_kafka_queue_destroy(in->queue);
	free(in);
}

// Takes what waits, or waits for one event. It ends behind messages or with
// another event, which is Go's to destroy.
static rd_kafka_event_t *inbox_take(inbox_t *in, int timeout_ms) {
	inbox_release(in);
	rd_kafka_event_t *event = in->other;
	in->other = NULL;
	if (!event)
		event = rd_kafka_queue_poll(in->queue, timeout_ms);
	rd_kafka_topic_t *last = NULL;
	size_t bytes = 0;
	while (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH) {
		const rd_kafka_message_t *m = rd_kafka_event_message_next(event);
		entry_t *e = &in->entries[in->count];
		if (last && m->rkt == last) {
			e->topic = e[-1].topic, e->topic_len = e[-1].topic_len;
		} else {
			last = m->rkt;
			e->topic = rd_kafka_topic_name(last);
			e->topic_len = strlen(e->topic);
		}
		int kind;
		e->partition = m->partition, e->offset = m->offset;
		e->timestamp = rd_kafka_message_timestamp(m, &kind);
		e->value = m->payload, e->value_len = m->len;
		e->key = m->key, e->key_len = m->key_len;
		in->events[in->count++] = event;
		bytes += e->value_len + e->key_len;
		if (in->count == batch || bytes >= batch_bytes)
			return NULL;
		event = rd_kafka_queue_poll(in->queue, 0);
	}
	if (event && in->count) {
		in->other = event;
		return NULL;
	}
	return event;
}
*/
import "C"

import (
	"reflect"
	"unsafe"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Message is a record as Kafka's client holds it.
type Message struct {
	Topic     string
	Partition int32
	Offset    int64
	// Timestamp is in ms since the epoch; -1 if there is none.
	Timestamp  int64
	Key, Value []byte // nil where the record has none
}

// MessageOf is a message that the Go client returned.
func MessageOf(m *kafka.Message) Message {
	message := Message{
		Topic: *m.TopicPartition.Topic, Partition: m.TopicPartition.Partition, Offset: int64(m.TopicPartition.Offset),
		Timestamp: -1, Key: m.Key, Value: m.Value,
	}
	if m.TimestampType != kafka.TimestampNotAvailable {
		message.Timestamp = m.Timestamp.UnixMilli()
	}
	return message
}

// Messages are the messages of one Poll, each partition's in order. They and
// their bytes are librdkafka's: valid until the next Poll or Close.
type Messages struct {
	entries []C.entry_t
}

// String implements [kafka.Event].
func (m *Messages) String() string { return "messages" }

// Len is the number of messages.
func (m *Messages) Len() int { return len(m.entries) }

// At returns a message.
func (m *Messages) At(i int) Message {
	e := &m.entries[i]
	return Message{
		Topic:     unsafe.String((*byte)(unsafe.Pointer(e.topic)), e.topic_len),
		Partition: int32(e.partition), Offset: int64(e.offset), Timestamp: int64(e.timestamp),
		Key: bytesAt(e.key, e.key_len), Value: bytesAt(e.value, e.value_len),
	}
}

func bytesAt(p unsafe.Pointer, n C.size_t) []byte {
	if p == nil {
		return nil
	}
	return unsafe.Slice((*byte)(p), n)
}

// Consumer is a Kafka consumer whose Poll returns [*Messages], and otherwise
// what the Go client's does. Poll and Close belong to one goroutine.
type Consumer struct {
	*kafka.Consumer
	rebalance kafka.RebalanceCb
	rk        *C.rd_kafka_t
	in        *C.inbox_t // nil if messages come by the Go client
	messages  Messages
}

// New takes over a consumer that has not subscribed yet. If the consumer is not built as expected, its
// messages come by the Go client, one a Poll.
func New(consumer *kafka.Consumer) *Consumer {
	c := &Consumer{Consumer: consumer}
	if c.rk = handleOf(consumer); c.rk != nil {
		c.in = C.inbox_new(c.rk)
	}
	return c
}

// handleOf finds librdkafka's handle in the Go client's consumer, which has no
// method for it.
func handleOf(consumer *kafka.Consumer) *C.rd_kafka_t {
	handle := reflect.ValueOf(consumer).Elem().FieldByName("handle")
	if handle.Kind() != reflect.Struct {
		return nil
	}
	rk := handle.FieldByName("rk")
	if rk.Kind() != reflect.Pointer {
		return nil
	}
	return (*C.rd_kafka_t)(rk.UnsafePointer())
}

// SubscribeTopics subscribes. The callback runs within Poll and Close and must
// assign or unassign what it is told, incrementally.
func (c *Consumer) SubscribeTopics(topics []string, rebalance kafka.RebalanceCb) error {
	c.rebalance = rebalance
	return c.Consumer.SubscribeTopics(topics, rebalance)
}

// Poll returns what there is, and waits for it if need be.
func (c *Consumer) Poll(timeoutMs int) kafka.Event {
	if c.in == nil {
		return c.Consumer.Poll(timeoutMs)
	}
	event := C.inbox_take(c.in, C.int(timeoutMs))
	if event != nil {
		defer C.rd_kafka_event_destroy(event)
		return c.event(event)
	}
	if c.in.count == 0 {
		return nil
	}
	c.messages.entries = c.in.entries[:c.in.count]
	return &c.messages
}

// Member reports whether the group's coordinator knows the consumer, be it without
// partitions. A member of the classic protocol has a name and one of Kafka 4's an
// epoch: it goes by one name for all its life (librdkafka 2.15.0,
// rd_kafka_cgrp_new).
func (c *Consumer) Member() bool {
	if c.rk == nil {
		return true // nobody can tell
	}
	m := C.rd_kafka_consumer_group_metadata(c.rk)
	if m == nil {
		return false
	}
	defer C.rd_kafka_consumer_group_metadata_destroy(m)
	return *C.rd_kafka_consumer_group_metadata_member_id(m) != 0 && C.rd_kafka_consumer_group_metadata_generation_id(m) > 0
}

// Close leaves the group. What was not taken yet is dropped.
func (c *Consumer) Close() error {
	c.handBack() // the queue may not outlive its consumer
	return c.Consumer.Close()
}

// handBack leaves all polling to the Go client.
func (c *Consumer) handBack() {
	if c.in != nil {
		C.inbox_close(c.in)
		c.in = nil
	}
}
