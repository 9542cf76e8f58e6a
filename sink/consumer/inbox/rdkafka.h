/* What the inbox uses of librdkafka's public interface, whose names, structs and
 * numbers are stable (INTRODUCTION.md, "Versioning"). The Go client brings the
 * library along, but its header is out of reach of other packages. */

#include <stddef.h>
#include <stdint.h>

typedef struct rd_kafka_s rd_kafka_t;
typedef struct rd_kafka_topic_s rd_kafka_topic_t;
typedef struct rd_kafka_queue_s rd_kafka_queue_t;
typedef struct rd_kafka_op_s rd_kafka_event_t;

typedef struct rd_kafka_message_s {
	int err;
	rd_kafka_topic_t *rkt;
	int32_t partition;
	void *payload;
	size_t len;
	void *key;
	size_t key_len;
	int64_t offset;
	void *_private;
} rd_kafka_message_t;

typedef struct rd_kafka_topic_partition_s {
	char *topic;
	int32_t partition;
	int64_t offset;
	void *metadata;
	size_t metadata_size;
	void *opaque;
	int err;
	void *_private;
} rd_kafka_topic_partition_t;

typedef struct rd_kafka_topic_partition_list_s {
	int cnt;
	int size;
	rd_kafka_topic_partition_t *elems;
} rd_kafka_topic_partition_list_t;

#define RD_KAFKA_EVENT_FETCH 0x2
#define RD_KAFKA_EVENT_ERROR 0x8
#define RD_KAFKA_EVENT_REBALANCE 0x10
#define RD_KAFKA_EVENT_OFFSET_COMMIT 0x20
#define RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH 0x100

typedef struct rd_kafka_consumer_group_metadata_s rd_kafka_consumer_group_metadata_t;

rd_kafka_consumer_group_metadata_t *rd_kafka_consumer_group_metadata(rd_kafka_t *rk);
const char *rd_kafka_consumer_group_metadata_member_id(const rd_kafka_consumer_group_metadata_t *metadata);
int32_t rd_kafka_consumer_group_metadata_generation_id(const rd_kafka_consumer_group_metadata_t *metadata);
void rd_kafka_consumer_group_metadata_destroy(rd_kafka_consumer_group_metadata_t *metadata);

rd_kafka_queue_t *rd_kafka_queue_get_consumer(rd_kafka_t *rk);
void rd_kafka_queue_destroy(rd_kafka_queue_t *queue);
rd_kafka_event_t *rd_kafka_queue_poll(rd_kafka_queue_t *queue, int timeout_ms);

int rd_kafka_event_type(const rd_kafka_event_t *event);
int rd_kafka_event_error(rd_kafka_event_t *event);
const char *rd_kafka_event_error_string(rd_kafka_event_t *event);
int rd_kafka_event_error_is_fatal(rd_kafka_event_t *event);
const char *rd_kafka_event_config_string(rd_kafka_event_t *event);
rd_kafka_topic_partition_list_t *rd_kafka_event_topic_partition_list(rd_kafka_event_t *event);
const rd_kafka_message_t *rd_kafka_event_message_next(rd_kafka_event_t *event);
void rd_kafka_event_destroy(rd_kafka_event_t *event);

int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *message, int *kind);
const char *rd_kafka_topic_name(const rd_kafka_topic_t *topic);
int rd_kafka_fatal_error(rd_kafka_t *rk, char *text, size_t size);
