package debezium

import (
	"slices"
	"strconv"
)

// maxFields is how many fields a schema may have in all. A row has up to 4,096
// columns, an envelope two rows.
const maxFields = 1 << 14

// jsonSchema reads a schema block. It is read once per version of a table, and
// what it holds lives long: names are parts of the schema's own text wherever
// they have no escapes, unless most of that text is others' too and the rest is
// not worth keeping. It has been stepped over already, so that it is known not to
// nest too deeply.
type jsonSchema struct {
	*jsonText
	// source is the part of the message that the block lies in, and offset
	// where in the message that part begins.
	source string
	offset int

	// stack holds the members of structs not yet complete.
	stack []Field
	count int
	// last is the last list of fields. An envelope's before and after have the
	// same.
	last list
	// depth is how many lists of fields are being read.
	depth  int
	shapes *Shapes // nil where nothing is shared
	// shared are the parts of the source that others have too.
	shared []span
}

// The attributes of a schema node, as bits of a set
// (org.apache.kafka.connect.json.JsonSchema).
const (
	hasType = 1 << iota
	hasOptional
	hasName
	hasParameters
	hasDefault
	hasField
	hasFields
	hasItems
)

// attribute returns the bit of an attribute, 0 for one that is not used
// ("version", "doc", "keys").
func attribute(name []byte) uint {
	switch string(name) {
	case "type":
		return hasType
	case "optional":
		return hasOptional
	case "name":
		return hasName
	case "parameters":
		return hasParameters
	case "default":
		return hasDefault
	case "field":
		return hasField
	case "fields":
		return hasFields
	case "items", "values":
		return hasItems
	default:
		return 0
	}
}

// node reads the schema node at i into f.
func (s *jsonSchema) node(i int, f *Field) int {
	if s.count++; s.count > maxFields {
		return s.fail(i, "too many fields")
	}
	from := i
	if i = s.open(i, '{'); i < 0 {
		return i
	}
	var seen uint
	i, done := s.empty(i, '}')
	for more := !done; more; {
		var name []byte
		if name, i = s.name(i); i < 0 {
			return i
		}
		bit := attribute(name)
		if seen&bit != 0 {
			return s.fail(i, duplicateField)
		}
		seen |= bit
		if i = s.attribute(bit, i, f); i < 0 {
			return i
		}
		if i, more = s.more(i, '}'); i < 0 {
			return i
		}
	}
	return s.complete(from, i, seen, f)
}

// attribute reads one attribute's value at i.
func (s *jsonSchema) attribute(bit uint, i int, f *Field) int {
	switch bit {
	case hasType:
		return s.typeName(i, f)
	case hasOptional:
		switch s.buf[i] {
		case 't':
			f.Optional = true
			return s.literal(i, "true")
		default:
			return s.literal(i, "false")
		}
	case hasName:
		return s.optionalString(i, &f.Logical)
	case hasField:
		return s.optionalString(i, &f.Name)
	case hasParameters:
		return s.parameters(i, f)
	case hasDefault:
		from := i
		if i = s.skip(i); i >= 0 && s.buf[from] != 'n' {
			f.Default = []byte(s.source[from-s.offset : i-s.offset])
		}
		return i
	case hasFields:
		return s.fields(i, f)
	case hasItems:
		f.Items = new(Field)
		if i = s.node(i, f.Items); i < 0 {
			return s.within("items")
		}
		return i
	default:
		return s.skip(i)
	}
}

// complete checks that a node which lies between from and i has what its type
// needs.
func (s *jsonSchema) complete(from, i int, seen uint, f *Field) int {
	switch {
	case seen&hasType == 0:
		return s.fail(from, "type is missing")
	case f.Type == Struct && seen&hasFields == 0:
		return s.fail(from, "struct without fields")
	case f.Type != Struct && seen&hasFields != 0:
		return s.fail(from, "fields of something other than a struct")
	case (f.Type == Array || f.Type == Map) != (f.Items != nil):
		return s.fail(from, "only a list and a map need the type of what they hold")
	}
	return i
}

// typeName reads the name of a Connect type.
func (s *jsonSchema) typeName(i int, f *Field) int {
	if s.buf[i] != '"' {
		return s.fail(i, mismatch(String.String(), s.buf[i]))
	}
	name, next := s.str(i + 1)
	if next < 0 {
		return next
	}
	for t, known := range typeNames {
		if t > 0 && string(name) == known {
			f.Type = Type(t)
			return next
		}
	}
	return s.fail(i, "unknown type")
}

// parameters reads a node's parameters, an object of strings.
func (s *jsonSchema) parameters(i int, f *Field) int {
	null, i := s.null(i)
	if null {
		return i
	}
	if i = s.open(i, '{'); i < 0 {
		return i
	}
	i, done := s.empty(i, '}')
	if done {
		return i
	}
	f.Parameters = make(map[string]string, 4)
	for more := true; more; {
		from := s.space(i) + 1
		name, value := s.name(i)
		if value < 0 {
			return value
		}
		key, text := s.keep(name, from), ""
		if i = s.optionalString(value, &text); i < 0 {
			return s.within("parameters")
		}
		f.Parameters[key] = text
		if i, more = s.more(i, '}'); i < 0 {
			return i
		}
	}
	return i
}

// optionalString reads a string to keep, or null.
func (s *jsonSchema) optionalString(i int, into *string) int {
	text, next := s.optionalText(i)
	if next >= 0 && text != nil {
		*into = s.keep(text, s.space(i)+1)
	}
	return next
}

// keep returns the string that was read at offset from, as part of the
// schema's text if that is how it stands there.
func (s *jsonSchema) keep(text []byte, from int) string {
	if s.shapes != nil {
		return string(text)
	}
	at := from - s.offset
	if kept := s.source[at : at+len(text)]; kept == string(text) {
		return kept
	}
	return string(text)
}

// fields reads a struct's members.
func (s *jsonSchema) fields(i int, f *Field) int {
	end := s.skip(i)
	if end < 0 {
		return end
	}
	text := s.source[i-s.offset : end-s.offset]
	if text == s.last.text {
		return s.found(i, end, s.last, f)
	}
	if known, ok := s.shapes.list(text); ok {
		return s.found(i, end, known, f)
	}
	from := i
	if i = s.open(i, '['); i < 0 {
		return i
	}
	s.depth++
	defer func() { s.depth-- }()
	bottom := len(s.stack)
	i, done := s.empty(i, ']')
	for more := !done; more; {
		var member Field
		at := i
		if i = s.node(i, &member); i >= 0 && member.Name == "" {
			i = s.fail(at, "field without a name")
		}
		if i < 0 {
			return s.within("fields[" + strconv.Itoa(len(s.stack)-bottom) + "]")
		}
		s.stack = append(s.stack, member)
		if i, more = s.more(i, ']'); i < 0 {
			return i
		}
	}
	made := list{text: text, fields: slices.Clone(s.stack[bottom:])}
	s.stack = s.stack[:bottom]
	if name, twice := repeated(made.fields); twice {
		return s.fail(i, "two fields are called "+name)
	}
	if s.depth > 1 || !slices.ContainsFunc(made.fields, func(m Field) bool { return m.Type == Struct }) {
		made = s.shapes.keep(made)
	} // else it is an envelope's, which names the topic
	return s.found(from, i, made, f)
}

// found takes the list that stands between from and end for a struct's members.
func (s *jsonSchema) found(from, end int, l list, f *Field) int {
	f.Fields, s.last = l.fields, l
	if l.shared {
		from -= s.offset
		within := slices.IndexFunc(s.shared, func(inner span) bool { return inner.from >= from })
		if within >= 0 {
			s.shared = s.shared[:within]
		}
		s.shared = append(s.shared, span{from, end - s.offset, l.text})
	}
	return end
}

// repeated returns a name that two fields have.
func repeated(fields []Field) (string, bool) {
	seen := make(map[string]struct{}, len(fields))
	for i := range fields {
		if _, ok := seen[fields[i].Name]; ok {
			return fields[i].Name, true
		}
		seen[fields[i].Name] = struct{}{}
	}
	return "", false
}
