package literal

import (
	"bytes"
	"slices"
	"strings"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

// labelEncoder writes ENUM and SET. The label must be one of the column's to
// the byte: MySQL itself would take 'A' for 'a' under most collations.
func labelEncoder(t *task) (encode, error) {
	own, _ := schema.Allowed(t.field) // none for a plain string
	spellings := spellingsOf(own)
	kind := t.target.Kind()
	switch {
	case kind == schema.TextKind:
		return labelText(t, spellings), nil
	case kind == schema.SetKind && t.form != wire.Enum:
		return labelSet(t, spellings, own), nil
	case kind == schema.EnumKind && t.form != wire.Set:
		return labelEnum(t, spellings, own), nil
	}
	return nil, errNoWay
}

// spellingsOf maps every way a label may be spelled in an event to the label.
// While streaming Debezium reads the number of the label and sends it as it
// stands in its own list: a comma escaped with a backslash, and a backslash
// doubled as it was in the DDL (MySqlAntlrDdlParser.escapeOption). A snapshot
// sends the label itself. Of a spelling that could be two labels both are kept.
func spellingsOf(labels []string) map[string][]string {
	spellings := make(map[string][]string, len(labels))
	for _, label := range labels {
		doubled := strings.ReplaceAll(label, `\`, `\\`)
		for _, s := range []string{label, doubled, strings.ReplaceAll(label, ",", `\,`), strings.ReplaceAll(doubled, ",", `\,`)} {
			if !slices.Contains(spellings[s], label) {
				spellings[s] = append(spellings[s], label)
			}
		}
	}
	return spellings
}

var flawTwoLabels = &flaw{reason: "the label could be two labels: events from the binlog double the backslash that others do not"}

// labelText writes labels to a text column.
func labelText(t *task, spellings map[string][]string) encode {
	room := t.room()
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text {
			return dst, flawKind
		}
		text := v.Bytes
		switch labels := spellings[string(text)]; {
		case len(labels) > 1:
			return dst, flawTwoLabels
		case len(labels) == 1 && len(labels[0]) != len(text):
			text = []byte(labels[0])
		}
		if flaw := room.flaw(text); flaw != nil {
			return dst, flaw
		}
		return schema.AppendText(dst, text), nil
	}
}

// literals maps spellings to the literals of the labels the column has, nil for
// one that could be two.
func literals(t *task, spellings map[string][]string) map[string][]byte {
	all := make(map[string][]byte, len(spellings))
	for _, label := range t.target.Labels {
		all[label] = schema.AppendText(nil, []byte(label))
	}
	for spelling, labels := range spellings {
		switch {
		case len(labels) > 1:
			all[spelling] = nil
		case slices.Contains(t.target.Labels, labels[0]):
			all[spelling] = schema.AppendText(nil, []byte(labels[0]))
		}
	}
	return all
}

func labelEnum(t *task, spellings map[string][]string, own []string) encode {
	known := literals(t, spellings)
	missing := flawf("the label is not one of the column's")
	if len(own) > 0 {
		missing.needing(schema.Type{Base: schema.Enum, Labels: own})
	}
	empty := flawf("the value is the empty error value of an ENUM (index 0)").
		needing(schema.Type{Base: schema.Enum, Labels: []string{""}})
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text {
			return dst, flawKind
		}
		literal, ok := known[string(v.Bytes)]
		switch {
		case literal != nil:
			return append(dst, literal...), nil
		case ok:
			return dst, flawTwoLabels
		case len(v.Bytes) == 0:
			return dst, empty
		}
		return dst, missing
	}
}

func labelSet(t *task, spellings map[string][]string, own []string) encode {
	known := literals(t, spellings)
	missing := flawf("a label is not one of the column's")
	if len(own) > 0 {
		missing.needing(schema.Type{Base: schema.Set, Labels: own})
	}
	return func(dst []byte, v *debezium.Value) ([]byte, *flaw) {
		if v.Kind != debezium.Text {
			return dst, flawKind
		}
		if len(v.Bytes) == 0 {
			return append(dst, "''"...), nil
		}
		dst = append(dst, '\'')
		for rest, more := v.Bytes, true; more; {
			var one []byte
			one, rest, more = bytes.Cut(rest, comma)
			literal, ok := known[string(one)]
			if literal == nil {
				if ok {
					return dst, flawTwoLabels
				}
				return dst, missing
			}
			dst = append(append(dst, literal[1:len(literal)-1]...), ',')
		}
		dst[len(dst)-1] = '\''
		return dst, nil
	}
}

var comma = []byte{','}
