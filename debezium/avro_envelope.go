package debezium

import "math"

// avroPayload decodes the bodies of one schema.
type avroPayload struct {
	root avroNode
	// base is where the body begins in the message.
	base int

	// The following are only set for an envelope.
	rootRoles   []role
	sourceRoles []role
}

// newAvroPayload makes the decoder for a schema whose rows, if it is an
// envelope's, are like the field row. It returns an error if what the sink
// needs to know of an event is of another type than Debezium's.
func newAvroPayload(root avroNode, row *Field, base int) (*avroPayload, error) {
	p := &avroPayload{root: root, base: base}
	if row == nil {
		return p, nil
	}
	p.rootRoles = rolesOf(root.field, envelopeRoles)
	for i, role := range p.rootRoles {
		m := &root.members[i]
		switch role {
		case beforeImage, afterImage:
			if m.kind != avroRecord || len(m.members) != len(row.Fields) || &m.field.Fields[0] != &row.Fields[0] {
				return nil, &SchemaError{Path: m.field.Name, Reason: "before and after are not of one type"}
			}
		case operation:
			if m.kind != avroString {
				return nil, &SchemaError{Path: m.field.Name, Reason: "is not a string"}
			}
		case sourceBlock:
			if m.kind != avroRecord {
				return nil, &SchemaError{Path: m.field.Name, Reason: "is not a record"}
			}
			p.sourceRoles = rolesOf(m.field, sourceRoles)
			if err := checkSource(m, p.sourceRoles); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// checkSource looks at the types of a source block's members.
func checkSource(n *avroNode, roles []role) error {
	for i, role := range roles {
		m := &n.members[i]
		text, number := m.kind == avroString, m.kind == avroInt || m.kind == avroLong
		switch role {
		case sourceDatabase, sourceTable, sourceSnapshot, sourceFile:
			number = text
		case ignored:
			number = true
		}
		if !number {
			return &SchemaError{Path: "source." + m.field.Name, Reason: "is of another type than Debezium's"}
		}
	}
	return nil
}

func (p *avroPayload) event(rest []byte, want Images, ev *Event) error {
	b := avroBody{buf: ev.scratch.load(rest, 0), budget: maxItems}
	i := p.envelope(&b, want, ev)
	if err := p.finish(&b, i); err != nil {
		ev.reset()
		return err
	}
	return nil
}

func (p *avroPayload) key(rest []byte, k *Key) error {
	b := avroBody{buf: k.scratch.load(rest, 0), budget: maxItems}
	var i int
	k.Row, i = b.members(&p.root, 0, &k.scratch)
	if err := p.finish(&b, i); err != nil {
		k.Row = nil
		return err
	}
	return nil
}

// finish checks that the body ends at i. Bytes left over are how a body shows
// that another schema wrote it.
func (p *avroPayload) finish(b *avroBody, i int) error {
	if i >= 0 && i != len(b.buf) {
		i = b.fail(i, bytesBehind)
	}
	if i < 0 {
		b.within("payload")
		return b.malformed(p.base)
	}
	return nil
}

// envelope reads the envelope into ev.
func (p *avroPayload) envelope(b *avroBody, want Images, ev *Event) (i int) {
	for k := range p.root.members {
		m := &p.root.members[k]
		switch p.rootRoles[k] {
		case beforeImage:
			ev.Before, i = b.image(m, i, want&BeforeImage != 0, &ev.scratch)
		case afterImage:
			ev.After, i = b.image(m, i, want&AfterImage != 0, &ev.scratch)
		case sourceBlock:
			i = p.source(b, m, i, &ev.Source)
		case operation:
			ev.Op, i = b.operation(m, i)
		default:
			i = b.skip(m, i)
		}
		if i < 0 {
			return b.within(m.field.Name)
		}
	}
	return i
}

// image reads a row image, or steps over it if it is not wanted.
func (b *avroBody) image(n *avroNode, i int, wanted bool, mem *scratch) (Row, int) {
	if !wanted {
		return nil, b.skip(n, i)
	}
	null, i := b.null(n, i)
	if null || i < 0 {
		return nil, i
	}
	return b.members(n, i, mem)
}

// operation reads an envelope's op.
func (b *avroBody) operation(n *avroNode, i int) (Op, int) {
	null, next := b.null(n, i)
	var op []byte
	if !null && next >= 0 {
		op, next = b.run(next)
	}
	if next < 0 {
		return 0, next
	}
	if op, ok := opNamed(op); ok {
		return op, next
	}
	return 0, b.fail(i, "unknown operation")
}

// source reads the source block at i into s.
func (p *avroPayload) source(b *avroBody, n *avroNode, i int, s *Source) int {
	null, i := b.null(n, i)
	if null || i < 0 {
		return i
	}
	var (
		millis, micros int64
		exact          bool
	)
	for k := range n.members {
		m, from := &n.members[k], i
		switch p.sourceRoles[k] {
		case sourceDatabase:
			s.Database, i = b.optionalText(m, i)
		case sourceTable:
			s.Table, i = b.optionalText(m, i)
		case sourceSnapshot:
			s.Snapshot, i = b.optionalText(m, i)
		case sourceFile:
			s.File, i = b.optionalText(m, i)
		case sourceMillis:
			millis, _, i = b.optionalInt(m, i)
			if i >= 0 && (millis > math.MaxInt64/1000 || millis < math.MinInt64/1000) {
				i = b.fail(from, outOfRange)
			}
		case sourceMicros:
			micros, exact, i = b.optionalInt(m, i)
		case sourcePosition:
			s.Position, _, i = b.optionalInt(m, i)
		default:
			i = b.skip(m, i)
		}
		if i < 0 {
			return b.within(m.field.Name)
		}
	}
	if s.Micros = micros; !exact {
		s.Micros = millis * 1000
	}
	return i
}

// optionalText reads a string or null.
func (b *avroBody) optionalText(n *avroNode, i int) ([]byte, int) {
	null, i := b.null(n, i)
	if null || i < 0 {
		return nil, i
	}
	return b.text(i)
}

// optionalInt reads a whole number or null; ok says which.
func (b *avroBody) optionalInt(n *avroNode, i int) (v int64, ok bool, next int) {
	null, i := b.null(n, i)
	if null || i < 0 {
		return 0, false, i
	}
	v, i = b.long(i)
	return v, true, i
}
