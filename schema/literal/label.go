package literal

import (
	"bytes"
	"slices"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/wire"
)

// labelEncoder writes ENUM and SET. The label must be one of the column's to
// the byte: MySQL itself would take 'A' for 'a' under most collations.
func labelEncoder(t *task) (encode, error) {
	own, _ := schema.Labels(t.field) // none for a plain string
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

// spellingsOf maps what an event may say of a label to the label: the label
// itself, as a snapshot does, or its spelling in Debezium's list, as events from
// the binary log do. Of what could be two labels both are kept.
func spellingsOf(labels []schema.Label) map[string][]string {
	spellings := make(map[string][]string, 2*len(labels))
	for _, label := range labels {
		for _, s := range []string{label.Text, label.Spelling} {
			if !slices.Contains(spellings[s], label.Text) {
				spellings[s] = append(spellings[s], label.Text)
			}
		}
	}
	return spellings
}

var flawTwoLabels = &flaw{reason: "the label could be two labels, as events from the binary log spell backslashes twice and others once"}

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

func labelEnum(t *task, spellings map[string][]string, own []schema.Label) encode {
	known := literals(t, spellings)
	missing := flawf("the label is not one of the column's")
	if len(own) > 0 {
		missing.needing(schema.Type{Base: schema.Enum, Labels: texts(own)})
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

func labelSet(t *task, spellings map[string][]string, own []schema.Label) encode {
	known := literals(t, spellings)
	missing := flawf("a label is not one of the column's")
	if len(own) > 0 {
		missing.needing(schema.Type{Base: schema.Set, Labels: texts(own)})
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

func texts(labels []schema.Label) []string {
	all := make([]string, len(labels))
	for i, l := range labels {
		all[i] = l.Text
	}
	return all
}
