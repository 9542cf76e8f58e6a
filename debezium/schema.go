package debezium

// Schema is how one topic's messages are built while one version of its table
// lasts: everything in a message except the payload. It does not change and
// may be used by several goroutines at a time.
type Schema struct {
	// prefix and suffix stand around the payload, byte for byte the same in
	// every message with this schema.
	prefix, suffix side
	root           Field
	columns        []Field
	payload        payload
}

// payload decodes what [Reader.Cut] leaves of a message. It is what differs
// between wire formats.
type payload interface {
	event(rest []byte, want Images, ev *Event) error
	key(rest []byte, k *Key) error
}

// Join returns the message that [Reader.Cut] cut, byte for byte.
func (s *Schema) Join(rest []byte) []byte {
	message := make([]byte, 0, s.prefix.size+len(rest)+s.suffix.size)
	message = s.prefix.append(message)
	message = append(message, rest...)
	return s.suffix.append(message)
}

// Root returns the whole schema: an envelope's or a key's. It must not be
// changed.
func (s *Schema) Root() *Field { return &s.root }

// Columns returns the row's columns, in the order of the values in
// [Event.After] and [Event.Before]; nil if the schema is not an envelope's.
// They must not be changed.
func (s *Schema) Columns() []Field { return s.columns }

// Decode reads an envelope's payload into ev, with the row images that want
// names. Every row has a value for each of [Schema.Columns]; fields that the
// payload does not hold are Absent, and fields that the schema does not hold
// are ignored. The errors are [ErrNotEnvelope], [ErrNullPayload] or a
// [*MalformedError]; ev holds no rows then.
func (s *Schema) Decode(rest []byte, want Images, ev *Event) error {
	ev.reset()
	if s.columns == nil {
		return ErrNotEnvelope
	}
	return s.payload.event(rest, want, ev)
}

// DecodeKey reads the payload of a key, or of any other message that is a
// struct, into k: its row is in the order of Root().Fields. The errors are
// [ErrNotStruct], [ErrNullPayload] or a [*MalformedError].
func (s *Schema) DecodeKey(rest []byte, k *Key) error {
	k.Row = nil
	if s.root.Type != Struct {
		return ErrNotStruct
	}
	return s.payload.key(rest, k)
}

// Key is one decoded record key. Like an [Event] it owns the memory its row
// points into and is meant to be used again. The zero Key is ready for use.
type Key struct {
	Row Row

	scratch scratch
}

// matches says whether the message differs from others with this schema in
// nothing but its payload.
func (s *Schema) matches(message []byte) bool {
	return len(message) >= s.prefix.size+s.suffix.size &&
		s.prefix.leads(message) && s.suffix.leads(message[len(message)-s.suffix.size:])
}

func (s *Schema) cut(message []byte) []byte {
	return message[s.prefix.size : len(message)-s.suffix.size]
}
