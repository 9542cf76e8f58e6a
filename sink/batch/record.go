package batch

import (
	"tributary/debezium"
	"tributary/sink/ledger"
)

// Record is one Kafka message on its way through a lane. Its value and key are
// cut: the schema block, the same for every event of a table version, is held
// once by the topic's reader, and only the rest is carried along.
type Record struct {
	Tenure *ledger.Tenure
	Offset int64
	// Timestamp is the message's Kafka timestamp in ms since the epoch.
	Timestamp int64
	// Value and Key are nil where the message has none: a nil Value is a
	// tombstone, a nil Key an event of a table without a key.
	Value, Key         *debezium.Schema
	ValueRest, KeyRest []byte
	// Err says why the message could not be cut. ValueRest and KeyRest are
	// the whole message then.
	Err error
}

// recordOverhead is about what a queued record costs beside its bytes.
const recordOverhead = 128

// Size is the memory the record holds, in bytes.
func (r *Record) Size() int { return len(r.ValueRest) + len(r.KeyRest) + recordOverhead }

// Original returns the message's key and value byte for byte as they were
// consumed; nil where the message had none.
func (r *Record) Original() (key, value []byte) {
	return original(r.Key, r.KeyRest), original(r.Value, r.ValueRest)
}

func original(s *debezium.Schema, rest []byte) []byte {
	if s == nil {
		return rest
	}
	return s.Join(rest)
}
