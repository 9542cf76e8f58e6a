package consumer

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/sink/ledger"
)

// kafkaLog answers the ledger's questions about Kafka.
type kafkaLog struct {
	consumer *kafka.Consumer
	admin    *kafka.AdminClient
}

// describeAtOnce bounds the topics of one request.
const describeAtOnce = 500

// IDs implements [ledger.Log].
func (k kafkaLog) IDs(ctx context.Context, topics []string) (ids map[string]ledger.LogID, silent []string, err error) {
	ids = make(map[string]ledger.LogID, len(topics))
	for chunk := range slices.Chunk(topics, describeAtOnce) {
		result, err := k.admin.DescribeTopics(ctx, kafka.NewTopicCollectionOfTopicNames(chunk))
		if err != nil {
			return nil, nil, err
		}
		for _, d := range result.TopicDescriptions {
			switch d.Error.Code() {
			case kafka.ErrNoError:
				ids[d.Name] = logID(d.TopicID)
			case kafka.ErrUnknownTopicOrPart:
			default:
				silent = append(silent, d.Name)
			}
		}
	}
	return ids, silent, nil
}

func logID(id kafka.UUID) (b ledger.LogID) {
	binary.BigEndian.PutUint64(b[:8], uint64(id.GetMostSignificantBits()))
	binary.BigEndian.PutUint64(b[8:], uint64(id.GetLeastSignificantBits()))
	return b
}

// Ranges implements [ledger.Log].
func (k kafkaLog) Ranges(ctx context.Context, partitions []ledger.Partition) (map[ledger.Partition]ledger.Range, error) {
	earliest, err := k.offsets(ctx, partitions, kafka.EarliestOffsetSpec)
	if err != nil {
		return nil, err
	}
	end, err := k.offsets(ctx, partitions, kafka.LatestOffsetSpec)
	if err != nil {
		return nil, err
	}
	ranges := make(map[ledger.Partition]ledger.Range, len(partitions))
	for p, first := range earliest {
		if last, ok := end[p]; ok {
			ranges[p] = ledger.Range{Earliest: first, End: last}
		}
	}
	return ranges, nil
}

// Ends implements facts. Records of open transactions cannot be read yet.
func (k kafkaLog) Ends(ctx context.Context, partitions []ledger.Partition) (map[ledger.Partition]int64, error) {
	return k.offsets(ctx, partitions, kafka.LatestOffsetSpec, kafka.SetAdminIsolationLevel(kafka.IsolationLevelReadCommitted))
}

// offsets asks one offset of every partition. Each may have an error of its own,
// which is no reason for the others to wait: those are missing. So are those whose
// broker went away over the question: librdkafka says of them that there is no offset,
// and no error (2.15.0, rd_kafka_ListOffsets_leaders_queried_cb).
func (k kafkaLog) offsets(ctx context.Context, partitions []ledger.Partition, spec kafka.OffsetSpec, options ...kafka.ListOffsetsAdminOption) (map[ledger.Partition]int64, error) {
	if len(partitions) == 0 {
		return nil, nil
	}
	want := make(map[kafka.TopicPartition]kafka.OffsetSpec, len(partitions))
	for _, p := range partitions {
		want[at(p, 0)] = spec
	}
	result, err := k.admin.ListOffsets(ctx, want, options...)
	if err != nil {
		return nil, err
	}
	offsets := make(map[ledger.Partition]int64, len(partitions))
	for p, info := range result.ResultInfos {
		if info.Error.Code() == kafka.ErrNoError && info.Offset >= 0 {
			offsets[partitionOf(p)] = int64(info.Offset)
		}
	}
	return offsets, nil
}

// Committed implements [ledger.Log].
func (k kafkaLog) Committed(ctx context.Context, partitions []ledger.Partition) (map[ledger.Partition]int64, error) {
	list := make([]kafka.TopicPartition, 0, len(partitions))
	for _, p := range partitions {
		list = append(list, at(p, 0))
	}
	timeout := startBudget
	if deadline, ok := ctx.Deadline(); ok {
		timeout = time.Until(deadline)
	}
	found, err := k.consumer.Committed(list, int(timeout/time.Millisecond))
	if err != nil {
		return nil, err
	}
	committed := make(map[ledger.Partition]int64, len(found))
	for _, p := range found {
		if p.Error != nil {
			return nil, fmt.Errorf("%s[%d]: %w", *p.Topic, p.Partition, p.Error)
		}
		if p.Offset >= 0 {
			committed[partitionOf(p)] = int64(p.Offset)
		}
	}
	return committed, nil
}
