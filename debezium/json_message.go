package debezium

import (
	"bytes"
	"encoding/json"
)

// The members of a message with its schema
// (org.apache.kafka.connect.json.JsonSchema.envelope).
const (
	schemaMember  = "schema"
	payloadMember = "payload"
)

// parseJSON reads the schema of a JSON message, with the shapes it shares with
// others, if any.
func parseJSON(message []byte, shapes *Shapes) (*Schema, error) {
	var mem scratch
	t := &jsonText{buf: mem.load(message, jsonPadding), end: len(message)}
	if t.buf[t.space(0)] != '{' {
		return nil, whatInstead(message)
	}
	l, err := t.layout()
	if err != nil {
		return nil, err
	}
	block := jsonSchema{jsonText: t, source: string(message[:l.payload]), shapes: shapes}
	if l.closed {
		block.source, block.offset = string(message[l.payloadEnd:]), l.payloadEnd
	}
	s := &Schema{}
	if block.node(l.schema, &s.root) < 0 {
		t.within(schemaMember)
		return nil, t.malformed(0)
	}
	if s.prefix = patch(block.source, block.shared); l.closed {
		s.prefix, s.suffix = whole(string(message[:l.payload])), s.prefix
	}
	s.root.Name = ""
	row := rowOf(&s.root)
	if row != nil {
		s.columns = row.Fields
	}
	s.payload = newJSONPayload(&s.root, row, l, shapes)
	return s, nil
}

// whatInstead says what a message is that does not begin with a brace.
func whatInstead(message []byte) error {
	switch {
	case string(bytes.TrimSpace(message)) == "null":
		return ErrNullPayload
	case json.Valid(message):
		return ErrNoSchema
	default:
		return ErrNotJSON
	}
}

// jsonLayout says where in a message its parts stand.
type jsonLayout struct {
	schema, payload int
	// payloadEnd is only known if the schema comes last, which closed says.
	payloadEnd int
	closed     bool
}

// layout finds the schema and the payload. It stops at a payload that has the
// schema in front of it: decoding looks at the rest.
func (t *jsonText) layout() (jsonLayout, error) {
	l := jsonLayout{schema: -1, payload: -1}
	i := t.open(0, '{')
	i, done := t.empty(i, '}')
	for !done && i >= 0 {
		var name []byte
		if name, i = t.name(i); i < 0 {
			break
		}
		switch string(name) {
		case schemaMember:
			if t.buf[i] != '{' && i < t.end {
				return l, ErrNoSchema
			}
			if l.schema >= 0 {
				i = t.fail(i, duplicateField)
			}
			l.schema = i
		case payloadMember:
			if l.payload >= 0 {
				i = t.fail(i, duplicateField)
			}
			l.payload = i
			if l.schema >= 0 && i >= 0 {
				return l, nil
			}
		}
		if i < 0 {
			break
		}
		end := t.skip(i)
		if i == l.payload {
			l.payloadEnd = end
		}
		if i = end; i >= 0 {
			i, done = t.more(i, '}')
			done = !done
		}
	}
	if i >= 0 {
		if i = t.space(i); i != t.end {
			i = t.fail(i, "text behind the message")
		}
	}
	switch {
	case i < 0:
		t.within("message")
		return l, t.malformed(0)
	case l.schema < 0:
		return l, ErrNoSchema
	case l.payload < 0:
		return l, &MalformedError{Path: "message", Offset: t.end, Reason: "payload is missing"}
	}
	l.closed = true
	return l, nil
}

// tail reads what stands between the payload, which ends at i, and the end of
// the text: other members of the message, and its closing brace unless closed.
func (t *jsonText) tail(i int, closed bool) int {
	for i = t.space(i); t.buf[i] == ','; i = t.space(i) {
		var name []byte
		if name, i = t.name(i + 1); i < 0 {
			return t.within("message")
		}
		if string(name) == schemaMember || string(name) == payloadMember {
			t.fail(i, duplicateField)
			return t.within("message")
		}
		if i = t.skip(i); i < 0 {
			return t.within("message")
		}
	}
	if !closed {
		if t.buf[i] != '}' {
			t.fail(i, "closing brace expected")
			return t.within("message")
		}
		i = t.space(i + 1)
	}
	if i != t.end {
		t.fail(i, "text behind the message")
		return t.within("message")
	}
	return i
}
