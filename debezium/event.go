package debezium

// Op is an envelope's operation (io.debezium.data.Envelope.Operation).
type Op byte

// The operations of a row topic. Message is PostgreSQL's and only recognised.
const (
	Create   Op = 'c'
	Update   Op = 'u'
	Delete   Op = 'd'
	Read     Op = 'r'
	Truncate Op = 't'
	Message  Op = 'm'
)

// opNamed returns the operation that an envelope's op names.
func opNamed(name []byte) (op Op, ok bool) {
	if len(name) != 1 {
		return 0, false
	}
	switch op = Op(name[0]); op {
	case Create, Update, Delete, Read, Truncate, Message:
		return op, true
	}
	return 0, false
}

// Event is one decoded change event. It owns the memory its rows point into
// and is meant to be used again and again: everything it holds is valid until
// the next Decode into it. The zero Event is ready for use.
type Event struct {
	Op Op
	// Before and After are the row images, nil where the event has none or
	// the caller did not ask for them.
	Before, After Row
	Source        Source

	scratch scratch
}

// reset empties the event but keeps its memory.
func (ev *Event) reset() { ev.Op, ev.Before, ev.After, ev.Source = 0, nil, nil, Source{} }

// Source is the part of an event's source block that the sink uses. The byte
// slices belong to the Event.
type Source struct {
	// Database and Table are the true names, before topic names replace
	// what Kafka does not allow.
	Database, Table []byte
	// Snapshot is empty or "false" for a streamed event, else one of "true",
	// "first", "first_in_data_collection", "last_in_data_collection",
	// "last" and "incremental": see FromSnapshot.
	Snapshot []byte
	// Micros is when the store committed the change, in µs since the epoch:
	// ts_us, or ts_ms where a connector does not send it. Whole seconds
	// unless the store has GTIDs (MySQL ≥ 8.0.1).
	Micros int64
	// File and Position are the coordinates in the store's binary log.
	File     []byte
	Position int64
}

// FromSnapshot says whether the event was read by a snapshot, initial or
// incremental, and not from the binary log.
func (s *Source) FromSnapshot() bool {
	return len(s.Snapshot) > 0 && string(s.Snapshot) != "false"
}

// Images says which row images to decode; the other one is skipped over.
type Images uint8

// What to decode. AfterImage suffices for a table with a key, where a delete
// is told by its key; keyless tables need both.
const (
	AfterImage Images = 1 << iota
	BeforeImage
	BothImages = AfterImage | BeforeImage
)
