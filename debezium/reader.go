package debezium

// MaxMessage is the largest message that is read, in bytes. Kafka's own limit,
// message.max.bytes, is usually 1 MB.
const MaxMessage = 256 << 20

// remembered is how many schemas a Reader keeps. While a table is altered, or
// a topic is read from both ends, the old and the new version alternate.
const remembered = 4

// Reader cuts the messages of one topic, either its values or its keys, into
// schema and payload. It remembers the last few schemas, so that it reads one
// in full only when the table has changed. One goroutine may use it at a time.
type Reader struct {
	// recent holds the schemas remembered, the last used one first.
	recent []*Schema
}

// NewReader returns a Reader that has seen no message yet.
func NewReader() *Reader { return &Reader{} }

// Cut returns the message's schema, and the rest of the message: its payload,
// which aliases message and is what the Schema's methods take. The same schema
// is returned, as a pointer, for as long as it is remembered. The payload is
// not looked at.
//
// The errors are [ErrEmpty], [ErrNullPayload], [ErrNoSchema], [ErrAvro],
// [ErrNotJSON], [ErrTooLarge] or a [*MalformedError].
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
	if message[0] == 0 {
		return nil, nil, ErrAvro
	}
	s, err := parseJSON(message)
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
