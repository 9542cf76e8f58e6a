package ledger

import (
	"iter"
	"slices"
)

// chunks yields a slice in pieces of at most size.
func chunks[T any](all []T, size int) iter.Seq[[]T] { return slices.Chunk(all, size) }

// topicsOf returns the distinct topics of the partitions.
func topicsOf(partitions []Partition) []string {
	seen := make(map[string]struct{}, len(partitions))
	topics := make([]string, 0, len(partitions))
	for _, p := range partitions {
		if _, ok := seen[p.Topic]; !ok {
			seen[p.Topic] = struct{}{}
			topics = append(topics, p.Topic)
		}
	}
	return topics
}

// existing returns the partitions whose topic is there.
func existing(partitions []Partition, ids map[string]LogID) []Partition {
	there := make([]Partition, 0, len(partitions))
	for _, p := range partitions {
		if _, ok := ids[p.Topic]; ok {
			there = append(there, p)
		}
	}
	return there
}
