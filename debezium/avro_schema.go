package debezium

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxSchema is the largest Avro schema that is read, in bytes. One of a table of
// 4,096 columns has about 2 MB.
const MaxSchema = 16 << 20

// ParseAvro reads a schema in Avro's JSON notation, for messages that begin with
// the header (a magic byte and the schema's id) and go on with a body in Avro's
// binary encoding. What the schema says in attributes of Connect's converters
// (connect.name, connect.parameters, connect.type) becomes the same [Field]s that
// a message of JsonConverter has. The error is a [*SchemaError].
func ParseAvro(header, schema []byte) (*Schema, error) {
	if len(schema) > MaxSchema {
		return nil, &SchemaError{Reason: fmt.Sprintf("has more than %d bytes", MaxSchema)}
	}
	s := &Schema{prefix: whole(string(header))}
	var root avroNode
	p := avroParser{types: make(map[string]*avroNode)}
	if err := p.node(schema, "", 0, &root, &s.root); err != nil {
		return nil, err
	}
	if root.optional {
		return nil, &SchemaError{Reason: "may be null as a whole"}
	}
	row := rowOf(&s.root)
	if row != nil {
		s.columns = row.Fields
	}
	payload, err := newAvroPayload(root, row, len(header))
	if err != nil {
		return nil, err
	}
	s.payload = payload
	return s, nil
}

// avroParser reads a schema. It is read once per version of a table.
type avroParser struct {
	// types are the named types met so far, by their full names; nil for one
	// that is not complete yet.
	types map[string]*avroNode
}

// node reads the schema node in text, which stands depth levels deep in a record
// of the namespace, into n and f. The field has its name already.
func (p *avroParser) node(text json.RawMessage, namespace string, depth int, n *avroNode, f *Field) error {
	n.field, n.weight = f, 1
	if depth > maxDepth {
		return &SchemaError{Reason: tooDeep}
	}
	var err error
	switch first(text) {
	case '[':
		err = p.union(text, namespace, depth, n, f)
	case '"':
		var word string
		if err = parseNode(text, &word); err == nil {
			err = p.named(word, namespace, n, f)
		}
	default:
		var a avroAttributes
		if err = parseNode(text, &a); err == nil {
			err = p.described(&a, namespace, depth, n, f)
		}
	}
	switch {
	case err != nil:
		return err
	case n.weight > maxFields:
		return &SchemaError{Reason: "too many fields"}
	case n.depth > maxDepth:
		return &SchemaError{Reason: tooDeep}
	}
	return nil
}

// first returns the first character of a JSON text.
func first(text []byte) byte {
	for _, c := range text {
		if c > ' ' {
			return c
		}
	}
	return 0
}

// parseNode reads JSON. What the parser says may quote the schema's text, so
// only the place is kept.
func parseNode(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	if err == nil {
		return nil
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return &SchemaError{Path: kind.Field, Reason: "holds a JSON " + kind.Value + ", which does not belong there"}
	}
	return &SchemaError{Reason: "is not JSON"}
}

// union reads an optional type: Connect knows no other unions.
func (p *avroParser) union(text json.RawMessage, namespace string, depth int, n *avroNode, f *Field) error {
	var branches []json.RawMessage
	if err := parseNode(text, &branches); err != nil {
		return err
	}
	null := -1
	for i, branch := range branches {
		if string(branch) == `"null"` {
			null = i
		}
	}
	if len(branches) != 2 || null < 0 || first(branches[1-null]) == '[' {
		return &SchemaError{Reason: "is a union of something other than null and one type"}
	}
	if err := p.node(branches[1-null], namespace, depth, n, f); err != nil {
		return err
	}
	n.optional, n.null = true, byte(null)<<1
	f.Optional = true
	return nil
}

// named reads a type that is only named: a simple one, or one that was described
// before.
func (p *avroParser) named(word, namespace string, n *avroNode, f *Field) error {
	if simple, ok := avroKinds[word]; ok && simple.kind <= avroString {
		n.kind, f.Type = simple.kind, simple.is
		n.size = map[avroKind]int{avroFloat: 4, avroDouble: 8}[n.kind]
		return nil
	}
	known, ok := p.types[fullName(word, namespace)]
	if !ok {
		known, ok = p.types[word]
	}
	switch {
	case !ok:
		return &SchemaError{Reason: "names a type that is not described before"}
	case known == nil:
		return &SchemaError{Reason: "is part of itself"}
	}
	name := f.Name
	*f = *known.field
	*n = *known
	f.Name, n.field = name, f
	f.Parameters = withoutSource(f.Parameters)
	return nil
}

// withoutSource leaves out what is said of a column in the store. The second
// column of a named type, a geometry, would else have the first one's name.
func withoutSource(parameters map[string]string) map[string]string {
	var kept map[string]string
	for name, value := range parameters {
		if strings.HasPrefix(name, paramSource) {
			continue
		}
		if kept == nil {
			kept = make(map[string]string, len(parameters))
		}
		kept[name] = value
	}
	return kept
}

// fullName is a type's name with its namespace.
func fullName(name, namespace string) string {
	if namespace == "" || strings.Contains(name, ".") {
		return name
	}
	return namespace + "." + name
}

// described reads a type with attributes.
func (p *avroParser) described(a *avroAttributes, namespace string, depth int, n *avroNode, f *Field) error {
	described, ok := avroKinds[a.Type]
	if !ok || described.kind <= avroString {
		err := p.named(a.Type, namespace, n, f)
		if ok && err == nil {
			a.describe(f)
		}
		return err
	}
	n.kind, f.Type = described.kind, described.is
	a.describe(f)
	if n.kind == avroArray || n.kind == avroMap {
		return p.items(a, namespace, depth, n, f)
	}
	if a.Namespace != nil {
		namespace = *a.Namespace
	}
	name := fullName(a.Name, namespace)
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		namespace = name[:dot]
	}
	if _, twice := p.types[name]; twice || a.Name == "" {
		return &SchemaError{Reason: "describes a type without a name, or a second time"}
	}
	p.types[name] = nil
	switch n.kind {
	case avroFixed:
		if n.size = a.Size; a.Size < 0 {
			return &SchemaError{Reason: badLength}
		}
	case avroEnum:
		for _, symbol := range a.Symbols {
			n.symbols = append(n.symbols, []byte(symbol))
		}
	default:
		if f.Logical == "" {
			f.Logical = name
		}
		if err := p.record(a, namespace, depth, n, f); err != nil {
			return err
		}
	}
	p.remember(name, n, f)
	return nil
}

// remember keeps a type that others may name, apart from the field it was
// described for.
func (p *avroParser) remember(name string, n *avroNode, f *Field) {
	kept, field := *n, *f
	field.Name, field.Optional = "", false
	kept.field = &field
	p.types[name] = &kept
}

// items reads what a list or a map holds.
func (p *avroParser) items(a *avroAttributes, namespace string, depth int, n *avroNode, f *Field) error {
	text := a.Items
	if n.kind == avroMap {
		text = a.Values
	}
	n.item, f.Items = new(avroNode), new(Field)
	if err := p.node(text, namespace, depth+1, n.item, f.Items); err != nil {
		return within("items", err)
	}
	n.contains(n.item)
	return nil
}

// record reads a record's members.
func (p *avroParser) record(a *avroAttributes, namespace string, depth int, n *avroNode, f *Field) error {
	f.Fields, n.members = make([]Field, len(a.Fields)), make([]avroNode, len(a.Fields))
	for i := range a.Fields {
		described, field, node := &a.Fields[i], &f.Fields[i], &n.members[i]
		if field.Name = described.Name; field.Name == "" {
			return &SchemaError{Path: "fields[" + strconv.Itoa(i) + "]", Reason: "has no name"}
		}
		if err := p.node(described.Type, namespace, depth+1, node, field); err != nil {
			return within(field.Name, err)
		}
		if dflt := connectDefault(field.Type, described.Default); dflt != nil {
			field.Default = dflt
		}
		field.standIn = newStandIn(field)
		if n.contains(node); n.weight > maxFields {
			return &SchemaError{Reason: "too many fields"}
		}
	}
	if name, twice := repeated(f.Fields); twice {
		return &SchemaError{Path: name, Reason: duplicateField}
	}
	return nil
}

// within puts the name of the enclosing field in front of a schema error's path.
func within(name string, err error) error {
	var s *SchemaError
	if errors.As(err, &s) {
		s.Path = strings.TrimSuffix(name+"."+s.Path, ".")
	}
	return err
}
