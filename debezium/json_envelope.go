package debezium

import "math"

// jsonPayload decodes the JSON payloads of one schema.
type jsonPayload struct {
	root jsonNode
	// base is where the payload begins in the message.
	base int
	// closed says that the rest of a cut message ends with the payload, and
	// not with the message's last brace: the schema comes last.
	closed bool

	// The following are only set for an envelope.
	rootRoles   []role
	sourceRoles []role
	row         *jsonNode
}

// newJSONPayload makes the decoder for a schema whose rows, if it is an
// envelope's, are like the field row.
func newJSONPayload(root, row *Field, l jsonLayout, shapes *Shapes) *jsonPayload {
	planner := jsonPlanner{made: make(map[*Field]jsonNode), shapes: shapes}
	p := &jsonPayload{root: planner.plan(root), base: l.payload, closed: l.closed}
	if row == nil {
		return p
	}
	p.rootRoles = rolesOf(root, envelopeRoles)
	for i := range p.root.members {
		m := &p.root.members[i]
		switch {
		case m.node.field == row:
			p.row = &m.node
		case p.rootRoles[i] == sourceBlock:
			p.sourceRoles = rolesOf(m.node.field, sourceRoles)
		}
	}
	return p
}

func (p *jsonPayload) event(rest []byte, want Images, ev *Event) error {
	t := jsonText{buf: ev.scratch.load(rest, jsonPadding), end: len(rest)}
	null, i := t.null(0)
	if !null {
		i = p.envelope(&t, i, want, ev)
	}
	if err := p.finish(&t, i, null); err != nil {
		ev.reset()
		return err
	}
	return nil
}

func (p *jsonPayload) key(rest []byte, k *Key) error {
	t := jsonText{buf: k.scratch.load(rest, jsonPadding), end: len(rest)}
	null, i := t.null(0)
	if !null {
		k.Row, i = t.members(&p.root, i, &k.scratch)
	}
	if err := p.finish(&t, i, null); err != nil {
		k.Row = nil
		return err
	}
	return nil
}

// finish reads what stands behind the payload, which ends at i.
func (p *jsonPayload) finish(t *jsonText, i int, null bool) error {
	if i < 0 {
		t.within("payload")
		return t.malformed(p.base)
	}
	if t.tail(i, p.closed) < 0 {
		return t.malformed(p.base)
	}
	if null {
		return ErrNullPayload
	}
	return nil
}

// null steps over a payload that is null.
func (t *jsonText) null(i int) (bool, int) {
	if i = t.space(i); t.buf[i] != 'n' {
		return false, i
	}
	return true, t.literal(i, "null")
}

// envelope reads the envelope at i into ev.
func (p *jsonPayload) envelope(t *jsonText, i int, want Images, ev *Event) int {
	object := jsonObject{node: &p.root}
	var seen uint64
	for {
		var index int
		if index, i = t.step(&object, i); index < 0 {
			if i >= 0 && ev.Op == 0 {
				return t.fail(i-1, "op is missing")
			}
			return i
		}
		if seen&(1<<index) != 0 {
			t.fail(i, duplicateField)
			return t.within(p.root.members[index].name)
		}
		seen |= 1 << index
		switch p.rootRoles[index] {
		case beforeImage:
			ev.Before, i = p.image(t, i, want&BeforeImage != 0, &ev.scratch)
		case afterImage:
			ev.After, i = p.image(t, i, want&AfterImage != 0, &ev.scratch)
		case sourceBlock:
			i = p.source(t, &p.root.members[index].node, i, &ev.Source)
		case operation:
			ev.Op, i = t.operation(i)
		default:
			i = t.skip(i)
		}
		if i < 0 {
			return t.within(p.root.members[index].name)
		}
	}
}

// image reads a row image, or skips it if it is not wanted.
func (p *jsonPayload) image(t *jsonText, i int, wanted bool, mem *scratch) (Row, int) {
	if !wanted {
		return nil, t.skip(i)
	}
	null, i := t.null(i)
	if null {
		return nil, i
	}
	return t.members(p.row, i, mem)
}

// operation reads an envelope's op.
func (t *jsonText) operation(i int) (Op, int) {
	i = t.space(i)
	if t.buf[i] != '"' {
		return 0, t.fail(i, mismatch("string", t.buf[i]))
	}
	op, next := t.str(i + 1)
	if next < 0 {
		return 0, next
	}
	if op, ok := opNamed(op); ok {
		return op, next
	}
	return 0, t.fail(i, "unknown operation")
}

// source reads the source block at i into s.
func (p *jsonPayload) source(t *jsonText, n *jsonNode, i int, s *Source) int {
	null, i := t.null(i)
	if null {
		return i
	}
	var (
		object         = jsonObject{node: n}
		seen           uint64
		millis, micros int64
		exact          bool
	)
	for {
		var index int
		if index, i = t.step(&object, i); index < 0 {
			break
		}
		from := i
		switch p.sourceRoles[index] {
		case sourceDatabase:
			s.Database, i = t.optionalText(i)
		case sourceTable:
			s.Table, i = t.optionalText(i)
		case sourceSnapshot:
			s.Snapshot, i = t.optionalText(i)
		case sourceFile:
			s.File, i = t.optionalText(i)
		case sourceMillis:
			millis, _, i = t.optionalInt(i)
			if i >= 0 && (millis > math.MaxInt64/1000 || millis < math.MinInt64/1000) {
				i = t.fail(from, outOfRange)
			}
		case sourceMicros:
			micros, exact, i = t.optionalInt(i)
		case sourcePosition:
			s.Position, _, i = t.optionalInt(i)
		default:
			i = t.skip(i)
		}
		if i >= 0 && seen&(1<<index) != 0 {
			i = t.fail(from, duplicateField)
		}
		if i < 0 {
			return t.within(n.members[index].name)
		}
		seen |= 1 << index
	}
	if s.Micros = micros; !exact {
		s.Micros = millis * 1000
	}
	return i
}

// optionalText reads a string or null.
func (t *jsonText) optionalText(i int) ([]byte, int) {
	null, i := t.null(i)
	switch {
	case null:
		return nil, i
	case t.buf[i] == '"':
		return t.str(i + 1)
	default:
		return nil, t.fail(i, mismatch(String.String(), t.buf[i]))
	}
}

// optionalInt reads a whole number or null; ok says which.
func (t *jsonText) optionalInt(i int) (n int64, ok bool, next int) {
	null, i := t.null(i)
	switch {
	case null:
		return 0, false, i
	case t.buf[i] == '-', isDigit(t.buf[i]):
		n, i = t.int64(i)
		return n, true, i
	default:
		return 0, false, t.fail(i, mismatch(Int64.String(), t.buf[i]))
	}
}
