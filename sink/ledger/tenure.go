package ledger

import (
	"encoding/hex"
	"fmt"
	"sync/atomic"
)

// Partition names one partition of one topic.
type Partition struct {
	Topic string
	ID    int32
}

func (p Partition) String() string { return fmt.Sprintf("%s[%d]", p.Topic, p.ID) }

// LogID is Kafka's topic id: it tells a topic from a later one of the same
// name (KIP-516).
type LogID [16]byte

func (id LogID) String() string { return hex.EncodeToString(id[:]) }

// Position is what the ledger says of a partition.
type Position struct {
	Partition
	LogID LogID
	// Next is the offset of the first event that is not yet written.
	Next int64
	// Owner is who wrote last. It is information for people and decides
	// nothing but how long to wait before reading again.
	Owner string
}

// Tenure is one stretch of holding a partition: from an absolute start offset
// until the partition is revoked or has to be read again from elsewhere. It is
// never revived; whoever starts the partition again makes a new Tenure, so
// that whatever still refers to the old one can be told apart and dropped.
type Tenure struct {
	Position
	ended   atomic.Bool
	tail    int64
	written atomic.Int64
}

// NewTenure begins a tenure at the position the ledger holds.
func NewTenure(at Position) *Tenure {
	t := &Tenure{Position: at, tail: at.Next}
	t.written.Store(at.Next)
	return t
}

// Tail is the offset behind the last event that was put into a batch: where
// the next batch begins. Only the partition's lane uses it.
func (t *Tenure) Tail() int64 { return t.tail }

// SetTail moves the tail forward. Only the partition's lane uses it.
func (t *Tenure) SetTail(next int64) { t.tail = next }

// Written is the offset behind the last event that is known to be committed.
// While nothing of the tenure is under way, the ledger stands there.
func (t *Tenure) Written() int64 { return t.written.Load() }

// SetWritten says that the central database has answered a commit, or shows the
// commit whose answer was lost. Only the partition's lane calls it.
func (t *Tenure) SetWritten(next int64) { t.written.Store(next) }

// End says that the partition is no longer ours to write under this tenure.
// Buffered events of it are dropped where they are met. A transaction already
// sent may still commit: it moves the ledger by what it wrote, so it is
// harmless.
func (t *Tenure) End() { t.ended.Store(true) }

// Ended reports whether End was called.
func (t *Tenure) Ended() bool { return t.ended.Load() }

// Move is one partition's step within a transaction.
type Move struct {
	Tenure *Tenure
	// From is the cursor before the batch, not the offset of its first
	// event: compaction and transaction markers leave gaps.
	From, Next int64
	// SourceMicros is the newest commit time at the store within the move,
	// in µs since the epoch; 0 when the events tell none.
	SourceMicros int64
	// Events is how many records the move passes.
	Events int
}
