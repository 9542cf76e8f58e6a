package debezium

import "fmt"

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
// an envelope share one, and shares those that other topics have too.
type jsonPlanner struct {
	made   map[*Field]jsonNode // by a struct's first field
	shapes *Shapes             // nil where nothing is shared
}

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
	first := &f.Fields[0]
	same, ok := p.made[first]
	if !ok {
		same, ok = p.shapes.node(first)
	}
	if ok {
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
	p.made[first] = n
	p.shapes.planned(first, n)
	return n
}

// jsonKey spells a member's name and the colon as Connect's writer does. A name
// spelt otherwise is still found, by name.
func jsonKey(name string) string {
	key := append(make([]byte, 0, len(name)+3), '"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"', c == '\\':
			key = append(key, '\\', c)
		case c < ' ':
			key = fmt.Appendf(key, `\u%04X`, c)
		default:
			key = append(key, c)
		}
	}
	return string(append(key, '"', ':'))
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
	var more bool
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
