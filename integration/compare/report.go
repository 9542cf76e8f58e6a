package compare

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Report is the result of a comparison.
type Report struct {
	// Stores is how many stores were compared.
	Stores int
	// Tables are the tables of all stores, in the order of the stores.
	Tables []Table
}

// Table is the result for one table of one store.
type Table struct {
	Store, Name string
	// Rows is how many rows the store has.
	Rows int64
	// Missing rows are in the store alone, Extra ones in the central table
	// alone; Different ones are in both with unequal values.
	Missing, Extra, Different int64
	// Definitions is how many differences are not of rows: a table or
	// column that is not there, a type, a key.
	Definitions int64
	// Differences describes some of them.
	Differences []Difference
}

// Equal says whether the copy is exact.
func (t *Table) Equal() bool { return t.differences() == 0 }

func (t *Table) differences() int64 { return t.Missing + t.Extra + t.Different + t.Definitions }

// note keeps the description of a difference, up to the limit.
func (t *Table) note(limit int, d Difference) {
	if len(t.Differences) < limit {
		t.Differences = append(t.Differences, d)
	}
}

// add counts and keeps a difference that is not one of rows.
func (t *Table) add(limit int, d Difference) {
	t.Definitions++
	t.note(limit, d)
}

// Kind says how a copy differs.
type Kind string

// The kinds of differences.
const (
	Missing   Kind = "missing"           // a row the central table lacks
	Extra     Kind = "extra"             // a central row the store lacks
	Different Kind = "different"         // a row with unequal values
	NoTable   Kind = "no central table"  // and the store's has rows
	NoColumn  Kind = "no central column" // of the name Column
	Type      Kind = "type"              // of Column
	Key       Kind = "key"               // the central key is not the store column and the store's key
)

// Difference describes one difference.
type Difference struct {
	Kind Kind
	// Row is the row's key ("id=7"), or the whole row where there is none.
	Row string
	// Column is the column that is missing or of another type.
	Column string
	// Values are the unequal values, types or keys.
	Values []Value
}

// Value is one column on both sides, as text: NULL, 0x… for bytes, long ones
// cut.
type Value struct{ Column, Store, Central string }

func (d Difference) String() string {
	text := string(d.Kind)
	for _, detail := range []string{d.Row, d.Column} {
		if detail != "" {
			text += " " + detail
		}
	}
	for i, v := range d.Values {
		separator := ","
		if i == 0 {
			separator = ":"
		}
		text += separator + " "
		if v.Column != d.Column {
			text += v.Column + " "
		}
		text += fmt.Sprintf("store %s central %s", v.Store, v.Central)
	}
	return text
}

// Rows is how many rows all the stores have.
func (r *Report) Rows() (rows int64) {
	for i := range r.Tables {
		rows += r.Tables[i].Rows
	}
	return rows
}

// Equal says whether every central row equals its store's, and none is missing
// or extra.
func (r *Report) Equal() bool {
	for i := range r.Tables {
		if !r.Tables[i].Equal() {
			return false
		}
	}
	return true
}

// Verdict is the result in one line.
func (r *Report) Verdict() string {
	verdict := fmt.Sprintf("%s, %s, %s: ", plural(int64(r.Stores), "store"), plural(int64(len(r.Tables)), "table"), plural(r.Rows(), "row"))
	if r.Equal() {
		return verdict + "equal"
	}
	var sum Table
	var tables int64
	for i := range r.Tables {
		t := &r.Tables[i]
		sum.Missing += t.Missing
		sum.Extra += t.Extra
		sum.Different += t.Different
		sum.Definitions += t.Definitions
		if !t.Equal() {
			tables++
		}
	}
	return verdict + fmt.Sprintf("%s in %s (rows: %s missing, %s extra, %s different; definitions: %s)",
		plural(sum.differences(), "difference"), plural(tables, "table"),
		Grouped(sum.Missing), Grouped(sum.Extra), Grouped(sum.Different), Grouped(sum.Definitions))
}

// Print writes the described differences of every unequal table.
func (r *Report) Print(w io.Writer) error {
	for i := range r.Tables {
		t := &r.Tables[i]
		for _, d := range t.Differences {
			if _, err := fmt.Fprintf(w, "store %s, %s: %s\n", t.Store, t.Name, d); err != nil {
				return err
			}
		}
		if hidden := t.differences() - int64(len(t.Differences)); hidden > 0 {
			if _, err := fmt.Fprintf(w, "store %s, %s: and %s more\n", t.Store, t.Name, Grouped(hidden)); err != nil {
				return err
			}
		}
	}
	return nil
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(n) + " " + noun + "s"
}

// Grouped prints a number with a comma between thousands.
func Grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// shown is the longest piece of a value that is described.
const shown = 120

// show prints a value for a person.
func show(f form, value []byte) string {
	if value == nil {
		return "NULL"
	}
	cut, more := value, ""
	if len(cut) > shown {
		cut, more = cut[:shown], fmt.Sprintf("… (%d bytes)", len(value))
	}
	switch {
	case f == raw || !utf8.Valid(value):
		return fmt.Sprintf("0x%X%s", cut, more)
	case f == text || f == set || f == document || f == other:
		return strconv.Quote(strings.ToValidUTF8(string(cut), "")) + more
	default:
		return string(cut) + more
	}
}
