package schema

import "fmt"

// DeriveError says why no central table can be made of a row's columns.
type DeriveError struct {
	Table, Column string
	Reason        string
	// Hint says what to do about it; may be empty.
	Hint string
}

func (e *DeriveError) Error() string {
	return withHint(fmt.Sprintf("table %q, column %q: %s", e.Table, e.Column, e.Reason), e.Hint)
}

// ClashError says that no type holds the values of both.
type ClashError struct {
	// Table and Column are empty when only types were compared.
	Table, Column string
	Have, Want    Type
	// Reason is why the two do not meet, if there is more to say.
	Reason string
	// Hint says what would settle it.
	Hint string
	// SQL is a statement after which the column holds both; empty if there
	// is none.
	SQL string
}

func (e *ClashError) Error() string {
	where := ""
	if e.Column != "" {
		where = fmt.Sprintf("table %q, column %q: ", e.Table, e.Column)
	}
	text := fmt.Sprintf("%sno type holds both %s and %s", where, e.Have, e.Want)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if e.SQL != "" {
		return withHint(text, e.Hint+"; or have the column hold both: "+e.SQL)
	}
	return withHint(text, e.Hint)
}

// KeyError says that a table's primary key or a unique index would merge rows
// of different stores, or rows the store holds apart.
type KeyError struct {
	Table string
	// Index is the index's name, "PRIMARY" for the primary key.
	Index      string
	Have, Want []string
	Reason     string
	// SQL is the statement that would settle it, to be judged by a person;
	// empty if there is none. Hint is what to know before.
	SQL, Hint string
}

func (e *KeyError) Error() string {
	text := fmt.Sprintf("table %q, index %s (%s): %s", e.Table, e.Index, list(e.Have), e.Reason)
	if e.SQL == "" {
		return text
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return withHint(text, "this would settle it: "+e.SQL)
}

// EngineError says that a table's storage engine has no transactions.
type EngineError struct {
	Table, Engine string
	// SQL is the statement that would settle it.
	SQL string
}

func (e *EngineError) Error() string {
	return withHint(fmt.Sprintf("table %q: its engine %s has no transactions", e.Table, e.Engine), "this would settle it: "+e.SQL)
}

func list(names []string) string {
	var b []byte
	for i, n := range names {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, n...)
	}
	return string(b)
}

func withHint(text, hint string) string {
	if hint == "" {
		return text
	}
	return text + " (" + hint + ")"
}
