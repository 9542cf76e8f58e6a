package schema

import (
	"fmt"
	"strings"

	"tributary/debezium"
)

// Label is one label of an ENUM or SET.
type Label struct {
	// Text is the label itself, which is what a snapshot sends.
	Text string
	// Spelling is the label as it stands in Debezium's list, which is what is
	// sent while streaming: a string literal of DDL without its quotes, with
	// backslashes doubled and commas behind a backslash.
	Spelling string
}

// Labels returns the labels of an ENUM or SET in their order. Debezium keeps
// them as they stand in SHOW CREATE TABLE, puts a backslash before commas
// (MySqlAntlrDdlParser.escapeOption) and joins them with commas in the
// parameter "allowed".
func Labels(f *debezium.Field) ([]Label, error) {
	list, ok := f.Parameters["allowed"]
	if !ok {
		return nil, fmt.Errorf("field %q: the event does not say which labels are allowed", f.Name)
	}
	var labels []Label
	for more := true; more; {
		end := spellingEnd(list)
		labels = append(labels, readSpelling(list[:end]))
		if more = end < len(list); more {
			list = list[end+1:]
		}
	}
	return labels, nil
}

// spellingEnd is where the first comma without a backslash is, or the end.
func spellingEnd(list string) int {
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '\\':
			i++
		case ',':
			return i
		}
	}
	return len(list)
}

func readSpelling(spelling string) Label {
	var text []byte
	for i := 0; i < len(spelling); i++ {
		c := spelling[i]
		if c == '\\' && i+1 < len(spelling) {
			i++
			c = unescaped(spelling[i])
		}
		text = append(text, c)
	}
	// MySQL cuts spaces off the end of labels when it makes the table.
	return Label{Text: strings.TrimRight(string(text), " "), Spelling: spelling}
}
