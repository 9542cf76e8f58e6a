package debezium

import "encoding/json"

// jsonNode is a Field made ready for reading JSON: what the scanner expects
// there.
type jsonNode struct {
	field   *Field
	members []jsonMember
	item    *jsonNode
	// byName finds members that come out of turn, where there are many.
	byName map[string]int
}

// jsonMember is a member of a struct.
type jsonMember struct {
	// key is the member's name as JSON with the colon, to be compared with
	// the text in one go.
	key  string
	name string
	node jsonNode
}

// manyMembers is where looking up a name beats looking for it.
const manyMembers = 32

// jsonPlanner makes fields ready. It remembers structs, since the two images of
// an envelope share one.
type jsonPlanner map[*Field]jsonNode

// plan makes a field and all below it ready.
func (p jsonPlanner) plan(f *Field) jsonNode {
	n := jsonNode{field: f}
	if f.Items != nil {
		item := p.plan(f.Items)
		n.item = &item
	}
	if len(f.Fields) == 0 {
		return n
	}
	if same, ok := p[&f.Fields[0]]; ok {
		same.field = f
		return same
	}
	n.members = make([]jsonMember, len(f.Fields))
	for i := range f.Fields {
		m := &f.Fields[i]
		n.members[i] = jsonMember{key: jsonKey(m.Name), name: m.Name, node: p.plan(m)}
	}
	if len(n.members) > manyMembers {
		n.byName = make(map[string]int, len(n.members))
		for i := range n.members {
			n.byName[n.members[i].name] = i
		}
	}
	p[&f.Fields[0]] = n
	return n
}

// jsonKey spells a member's name and the colon. Names with characters that may
// be spelt in several ways are still found by name.
func jsonKey(name string) string {
	quoted, err := json.Marshal(name)
	if err != nil {
		panic("bug: a string cannot be written as JSON: " + err.Error())
	}
	return string(quoted) + ":"
}

// index returns which member has the name, and -1 if none has. The search
// begins at the one expected, since a message that leaves members out or moves
// one keeps the others in order.
func (n *jsonNode) index(name []byte, expected int) int {
	if n.byName != nil {
		if i, ok := n.byName[string(name)]; ok {
			return i
		}
		return -1
	}
	for i := expected; i < len(n.members); i++ {
		if n.members[i].name == string(name) {
			return i
		}
	}
	for i := range min(expected, len(n.members)) {
		if n.members[i].name == string(name) {
			return i
		}
	}
	return -1
}

// jsonObject is an object while it is read, member by member.
type jsonObject struct {
	node *jsonNode
	// next is the member that comes next in the schema's order, which is the
	// order Connect writes.
	next  int
	begun bool
}

// step reads on to the next member that the schema knows and returns which one
// it is and the offset of its value. At the end of the object it returns -1
// and the offset behind it.
func (t *jsonText) step(o *jsonObject, i int) (index, at int) {
	more := true
	switch {
	case !o.begun:
		o.begun = true
		if i = t.open(i, '{'); i < 0 {
			return -1, i
		}
		if i, more = t.empty(i, '}'); more {
			return -1, i
		}
	case t.buf[i] == ',':
		i++
	default:
		if i, more = t.more(i, '}'); !more {
			return -1, i
		}
	}
	if o.next < len(o.node.members) {
		key := o.node.members[o.next].key
		if j := i + len(key); j <= t.end && string(t.buf[i:j]) == key {
			o.next++
			return o.next - 1, j
		}
	}
	return t.stepByName(o, i)
}

// stepByName is step for a member out of turn or spelt unusually.
func (t *jsonText) stepByName(o *jsonObject, i int) (index, at int) {
	for more := true; more; {
		var name []byte
		if name, i = t.name(i); i < 0 {
			return -1, i
		}
		if index = o.node.index(name, o.next); index >= 0 {
			o.next = index + 1
			return index, i
		}
		if i = t.skip(i); i < 0 {
			return -1, i
		}
		i, more = t.more(i, '}')
	}
	return -1, i
}

// newJSONPayload makes the decoder for a schema, and returns the columns of the
// rows in it if it is an envelope's.
func newJSONPayload(root *Field, l jsonLayout) (*jsonPayload, []Field) {
	p := &jsonPayload{root: jsonPlanner{}.plan(root), base: l.payload, closed: l.closed}
	row := rowOf(root)
	if row == nil {
		return p, nil
	}
	p.rootRoles = roles(&p.root, envelopeRoles)
	for i := range p.root.members {
		m := &p.root.members[i]
		switch {
		case m.node.field == row:
			p.row = &m.node
		case m.name == "source":
			p.sourceRoles = roles(&m.node, sourceRoles)
		}
	}
	return p, row.Fields
}

// rowOf returns the field of an envelope that is its row, the one after the
// change where there is one; nil if root is not an envelope.
func rowOf(root *Field) *Field {
	op := root.Member("op")
	if root.Type != Struct || op == nil || op.Type != String {
		return nil
	}
	for _, name := range []string{"after", "before"} {
		if row := root.Member(name); row != nil && row.Type == Struct && len(row.Fields) > 0 {
			return row
		}
	}
	return nil
}
