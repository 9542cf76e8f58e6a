package schema

import (
	"fmt"
	"strings"
)

// Conversion is what ALTER TABLE does to a column's values when it gives the
// column another type. The zero Conversion leaves them as they are.
type Conversion struct {
	// When is an SQL condition for rows whose value has changed; empty if none
	// has.
	When string
	// Value is what has become of the value, as SQL; empty where it depends on
	// the server or its settings.
	Value string
}

// Convert returns what the values of a column, given as SQL, become when its type
// from is made to. Have is the type of the column they are read from, which holds
// both.
//
// A value that the new type cannot hold stops the statement under a strict
// sql_mode: where there are such values the mode was another, under which the
// nearest one that fits is taken (MySQL manual, "Out-of-Range and Overflow
// Handling"). Values that are rounded or padded stop no statement.
func Convert(column string, from, to, have Type) Conversion {
	if from.Equal(to) {
		return Conversion{}
	}
	pair := [2]Kind{from.Kind(), to.Kind()}
	switch {
	case numeric(pair[0]) && numeric(pair[1]):
		return convertNumber(column, from, to, have)
	case pair == [2]Kind{TextKind, TextKind}, pair == [2]Kind{BinaryKind, BinaryKind}:
		return convertString(column, from, to)
	case pair == [2]Kind{DateTimeKind, DateKind}:
		return becomes(column, "CAST("+column+" AS DATE)")
	case pair[0] == pair[1] && to.Fraction < from.Fraction:
		// MySQL rounds, MariaDB cuts; each has a mode to do as the other.
		return Conversion{When: differs(column, fmt.Sprintf("CAST(%s AS %s(%d))", column, fractional(to), to.Fraction))}
	case pair == [2]Kind{DateTimeKind, TimestampKind}, pair == [2]Kind{TextKind, IntegerKind}, pair == [2]Kind{TextKind, DecimalKind}:
		// By the session's time zone; by what the text looks like.
		return Conversion{When: sameText(column, to)}
	case to.Kind() == EnumKind, to.Kind() == SetKind:
		return Conversion{When: withoutLabel(column, from, to)}
	}
	return Conversion{}
}

// WithoutNull returns what the NULLs of a column become when it is made NOT NULL.
func WithoutNull(column string, to Type) Conversion {
	c := Conversion{When: column + " IS NULL"}
	switch to.Kind() {
	case IntegerKind, DecimalKind, FloatKind, BitKind:
		c.Value = "0"
	case TextKind, BinaryKind:
		c.Value = "''"
	}
	return c
}

func differs(column, value string) string { return "NOT " + column + " <=> " + value }

func becomes(column, value string) Conversion { return Conversion{differs(column, value), value} }

func numeric(k Kind) bool { return k == IntegerKind || k == DecimalKind || k == FloatKind }

// convertNumber rounds, and takes the nearest number that fits.
func convertNumber(column string, from, to, have Type) Conversion {
	rounded := fmt.Sprintf("ROUND(%s,%d)", column, to.Scale)
	switch {
	case holds(to, from):
		return Conversion{}
	case !numeric(have.Kind()):
		return Conversion{When: column + " IS NOT NULL"}
	case to.Kind() == FloatKind && to.Length > 0, from.Kind() == FloatKind && to.Kind() == IntegerKind:
		// A FLOAT's half is rounded to the even number, or not.
		return Conversion{When: differs(column, rounded)}
	case to.Base == Float, from.Base == Float && to.Base == Double:
		return becomes(column, "CAST("+column+" AS FLOAT)")
	case to.Kind() == FloatKind:
		return Conversion{}
	case have.Kind() == FloatKind:
		rounded = fmt.Sprintf("CAST(%s AS DECIMAL(65,%d))", column, to.Scale)
	}
	low, high := limits(to)
	return becomes(column, "GREATEST("+low+",LEAST("+rounded+","+high+"))")
}

// holds says whether a whole or exact number of one type fits another as it is.
func holds(to, from Type) bool {
	if from.Kind() == FloatKind || from.Scale > to.Scale {
		return false
	}
	if from.Kind() == IntegerKind && to.Kind() == IntegerKind {
		toLow, toHigh := to.IntegerRange()
		low, high := from.IntegerRange()
		return toLow <= low && high <= toHigh
	}
	return digitsBefore(to) >= digitsBefore(from) && (from.Unsigned || !to.Unsigned) && to.Kind() == DecimalKind
}

// limits are the least and the greatest number of a type.
func limits(t Type) (low, high string) {
	if t.Kind() == IntegerKind {
		l, h := t.IntegerRange()
		return fmt.Sprint(l), fmt.Sprint(h)
	}
	high = "0" + strings.Repeat("9", t.Length-t.Scale)
	if t.Scale > 0 {
		high += "." + strings.Repeat("9", t.Scale)
	}
	if t.Unsigned {
		return "0", high
	}
	return "-" + high, high
}

// convertString cuts what is too long, pads a BINARY with zeros and takes the
// spaces at the end from a CHAR.
func convertString(column string, from, to Type) Conversion {
	value, fits := column, to.Size() > 0 || from.Size() == 0 && from.Length <= to.Length
	if !fits {
		value = fmt.Sprintf("LEFT(%s,%d)", column, to.Length)
	}
	switch {
	case to.Base == Binary:
		value = fmt.Sprintf("RPAD(%s,%d,0x00)", value, to.Length)
	case to.Base == Char && (from.Base != Char || !fits):
		value = "TRIM(TRAILING ' ' FROM " + value + ")"
	case value == column:
		return Conversion{}
	}
	// Collations find texts equal that are not.
	return Conversion{When: "NOT CAST(" + column + " AS BINARY) <=> CAST(" + value + " AS BINARY)", Value: value}
}

// fractional is the name by which CAST knows a type with a fraction.
func fractional(t Type) string {
	if t.Base == Time {
		return "TIME"
	}
	return "DATETIME"
}

// sameText finds texts that are not written as a number is, and any instant.
func sameText(column string, to Type) string {
	if numeric(to.Kind()) {
		return fmt.Sprintf("NOT %s REGEXP '^(0|-?[1-9][0-9]{0,17})$'", column)
	}
	return column + " IS NOT NULL"
}

// withoutLabel finds values with a label that is no more, and any that had none.
func withoutLabel(column string, from, to Type) string {
	var tests []string
	if from.Kind() == SetKind {
		kept := labelSet(to.Labels)
		for _, l := range from.Labels {
			if !kept[l] {
				tests = append(tests, "FIND_IN_SET("+quoted(l)+","+column+")")
			}
		}
		return strings.Join(tests, " OR ")
	}
	if from.Kind() != EnumKind {
		return column + " IS NOT NULL"
	}
	kept := labelSet(to.Labels)
	for _, l := range from.Labels {
		if !kept[l] {
			tests = append(tests, column+"="+quoted(l))
		}
	}
	return strings.Join(tests, " OR ")
}

func labelSet(labels []string) map[string]bool {
	set := make(map[string]bool, len(labels))
	for _, l := range labels {
		set[l] = true
	}
	return set
}

func quoted(text string) string { return string(AppendText(nil, []byte(text))) }
