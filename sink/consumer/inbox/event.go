package inbox

/*
#include "rdkafka.h"
*/
import "C"

import (
	"unsafe"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// event makes of an event what the Go client does, and nothing of those that
// the sink has no use for.
func (c *Consumer) event(e *C.rd_kafka_event_t) kafka.Event {
	switch C.rd_kafka_event_type(e) {
	case C.RD_KAFKA_EVENT_REBALANCE:
		c.rebalanced(e)
	case C.RD_KAFKA_EVENT_ERROR:
		return c.failure(e)
	case C.RD_KAFKA_EVENT_OFFSET_COMMIT:
		committed := kafka.OffsetsCommitted{Offsets: partitionsOf(e)}
		if code := C.rd_kafka_event_error(e); code != 0 {
			committed.Error = errorOf(code, C.rd_kafka_event_error_string(e), false)
		}
		return committed
	case C.RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH:
		return kafka.OAuthBearerTokenRefresh{Config: C.GoString(C.rd_kafka_event_config_string(e))}
	}
	return nil
}

// rebalanced calls the application, which assigns or unassigns the partitions.
// Its error is its own to deal with, as with the Go client.
func (c *Consumer) rebalanced(e *C.rd_kafka_event_t) {
	if kafka.ErrorCode(C.rd_kafka_event_error(e)) == kafka.ErrAssignPartitions {
		_ = c.rebalance(c.Consumer, kafka.AssignedPartitions{Partitions: partitionsOf(e)})
	} else {
		_ = c.rebalance(c.Consumer, kafka.RevokedPartitions{Partitions: partitionsOf(e)})
	}
}

func (c *Consumer) failure(e *C.rd_kafka_event_t) kafka.Error {
	if C.rd_kafka_event_error_is_fatal(e) == 0 {
		return errorOf(C.rd_kafka_event_error(e), C.rd_kafka_event_error_string(e), false)
	}
	// The event says no more than that there is a fatal error.
	var text [512]C.char
	code := C.rd_kafka_fatal_error(c.rk, &text[0], C.size_t(len(text)))
	return errorOf(code, &text[0], true)
}

func errorOf(code C.int, text *C.char, fatal bool) kafka.Error {
	return kafka.NewError(kafka.ErrorCode(code), C.GoString(text), fatal)
}

// partitionsOf lists an event's partitions.
func partitionsOf(e *C.rd_kafka_event_t) []kafka.TopicPartition {
	list := C.rd_kafka_event_topic_partition_list(e)
	if list == nil {
		return nil
	}
	partitions := make([]kafka.TopicPartition, list.cnt)
	for i, p := range unsafe.Slice(list.elems, list.cnt) {
		topic := C.GoString(p.topic)
		partitions[i] = kafka.TopicPartition{Topic: &topic, Partition: int32(p.partition), Offset: kafka.Offset(p.offset)}
		if p.err != 0 {
			partitions[i].Error = kafka.NewError(kafka.ErrorCode(p.err), "", false)
		}
	}
	return partitions
}
