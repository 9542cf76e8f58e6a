package literal

import (
	"slices"
	"strings"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

// labelEncoder writes ENUM and SET. The label must be one of the column's to
// the byte: MySQL itself would take 'A' for 'a' under most collations.
func labelEncoder(t *task) (encode, error) {
	own, _ := schema.Allowed(t.field)
	spellings := spellingsOf(own)
	kind := t.target.Kind()
	switch {
	case kind == schema.TextKind:
		return labelText(t, spellings), nil
	case kind == schema.SetKind && t.form != wire.Enum:
		return labelSet(t, spellings), nil
	case kind == schema.EnumKind && t.form != wire.Set:
		return labelEnum(t, spellings), nil
	}
	return nil, errNoWay
}

// spellingsOf maps every way a label may be spelled in an event to the label.
// While streaming Debezium reads the number of the label and sends it as it
// stands in its own list: a comma escaped with a backslash, and a backslash
// doubled as it was in the DDL (MySqlAntlrDdlParser.escapeOption). A snapshot
// sends the label itself. A spelling that could be two labels is left out, so
// that it is refused.
func spellingsOf(labels []string) map[string]string {
	spellings := make(map[string]string, len(labels))
	for _, label := range labels {
		spellings[label] = label
	}
	for _, label := range labels {
		doubled := strings.ReplaceAll(label, `\`, `\\`)
		for _, s := range []string{doubled, strings.ReplaceAll(label, ",", `\,`), strings.ReplaceAll(doubled, ",", `\,`)} {
			if other, ok := spellings[s]; ok && other != label {
				delete(spellings, s)
				continue
			}
			spellings[s] = label
		}
	}
	return spellings
}

func labelText(t *task, spellings map[string]string) encode {
	room := roomOf(t.target)
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text {
			return dst, flawKind
		}
		text := v.Bytes
		if label, ok := spellings[string(text)]; ok && len(label) != len(text) {
			text = []byte(label)
		}
		if flaw := room.flaw(text); flaw != nil {
			return dst, flaw
		}
		return AppendString(dst, text), nil
	}
}

// literals maps spellings to the literals of the labels the column has.
func literals(t *task, spellings map[string]string) map[string][]byte {
	all := make(map[string][]byte, len(spellings))
	for _, label := range t.target.Labels {
		all[label] = AppendString(nil, []byte(label))
	}
	for spelling, label := range spellings {
		if slices.Contains(t.target.Labels, label) {
			all[spelling] = AppendString(nil, []byte(label))
		}
	}
	return all
}

func labelEnum(t *task, spellings map[string]string) encode {
	known := literals(t, spellings)
	missing := flawf("the label is not one of the column's").needing(schema.Type{Base: schema.Enum, Labels: labelsOf(spellings, t)})
	empty := flawf("the value is the empty error value of an ENUM (index 0)").
		needing(schema.Type{Base: schema.Enum, Labels: []string{""}})
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text {
			return dst, flawKind
		}
		if literal, ok := known[string(v.Bytes)]; ok {
			return append(dst, literal...), nil
		}
		if len(v.Bytes) == 0 {
			return dst, empty
		}
		return dst, missing
	}
}

// labelsOf is the field's own labels in their order.
func labelsOf(spellings map[string]string, t *task) []string {
	if own, err := schema.Allowed(t.field); err == nil && len(spellings) > 0 {
		return own
	}
	return t.target.Labels
}

func labelSet(t *task, spellings map[string]string) encode {
	known := literals(t, spellings)
	missing := flawf("a label is not one of the column's").needing(schema.Type{Base: schema.Set, Labels: labelsOf(spellings, t)})
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text {
			return dst, flawKind
		}
		dst = append(dst, '\'')
		rest := v.Bytes
		for len(rest) > 0 {
			end := slices.Index(rest, ',')
			if end < 0 {
				end = len(rest)
			}
			literal, ok := known[string(rest[:end])]
			if !ok {
				return dst, missing
			}
			dst = append(dst, literal[1:len(literal)-1]...)
			if end == len(rest) {
				break
			}
			dst = append(dst, ',')
			rest = rest[end+1:]
		}
		return append(dst, '\''), nil
	}
}
