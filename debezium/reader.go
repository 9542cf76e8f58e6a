package debezium

// MaxMessage is the largest message that is read, in bytes. Kafka's own limit,
// message.max.bytes, is usually 1 MB.
const MaxMessage = 256 << 20

// remembered is how many schemas a Reader keeps. While a table is altered, or
// a topic is read from both ends, the old and the new version alternate.
const remembered = 4

// Reader cuts the messages of one topic, either its values or its keys, into
// schema and payload. It remembers the last few schemas, so that it reads one
// in full only when the table has changed. A topic may hold messages of both
// formats, as it does after a connector's converter was changed: the first byte
// tells. One goroutine may use it at a time.
type Reader struct {
	// recent holds the schemas remembered, the last used one first.
	recent   []*Schema
	registry Registry
	shapes   *Shapes // nil where schemas share nothing
}

// Registry knows the schemas of messages in a schema registry's wire format,
// which name theirs by an id.
type Registry interface {
	// Schema returns the schema a message was written with; see [ParseAvro].
	// It returns at once, with [ErrSchemaAwaited] if the schema is not known
	// yet. The other errors are [ErrNoID], [ErrUnknownSchema] and a
	// [*SchemaError], and are the message's own.
	Schema(message []byte) (*Schema, error)
}

// NewReader returns a Reader that has seen no message yet and knows no registry.
func NewReader() *Reader { return &Reader{} }

// NewReaderWith returns a Reader that has seen no message yet and asks a
// registry, unless it is nil, for the schemas of messages that only name theirs.
func NewReaderWith(registry Registry) *Reader { return &Reader{registry: registry} }

// Cut returns the message's schema, and the rest of the message: its payload,
// which aliases message and is what the Schema's methods take. The same schema
// is returned, as a pointer, for as long as it is remembered. The payload is
// not looked at.
//
// The errors are [ErrEmpty], [ErrNullPayload], [ErrNoSchema], [ErrAvro],
// [ErrNotJSON], [ErrTooLarge], a [*MalformedError] or the registry's.
func (r *Reader) Cut(message []byte) (s *Schema, rest []byte, err error) {
	if len(r.recent) > 0 && r.recent[0].matches(message) && len(message) <= MaxMessage {
		return r.recent[0], r.recent[0].cut(message), nil
	}
	return r.cutOther(message)
}

// cutOther cuts a message whose schema is not the last one's.
func (r *Reader) cutOther(message []byte) (*Schema, []byte, error) {
	if len(message) == 0 {
		return nil, nil, ErrEmpty
	}
	if len(message) > MaxMessage {
		return nil, nil, ErrTooLarge
	}
	for i, s := range r.recent {
		if s.matches(message) {
			copy(r.recent[1:i+1], r.recent[:i])
			r.recent[0] = s
			return s, s.cut(message), nil
		}
	}
	s, err := r.parse(message)
	if err != nil {
		return nil, nil, err
	}
	if len(r.recent) < remembered {
		r.recent = append(r.recent, nil)
	}
	copy(r.recent[1:], r.recent)
	r.recent[0] = s
	return s, s.cut(message), nil
}

// parse reads or finds the message's schema.
func (r *Reader) parse(message []byte) (*Schema, error) {
	switch {
	case message[0] != 0:
		return parseJSON(message, r.shapes)
	case r.registry == nil:
		return nil, ErrAvro
	}
	return r.registry.Schema(message)
}
