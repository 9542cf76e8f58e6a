package schema

// settling is the statement after which a column that is there holds its own
// values and those of a type it does not meet, "" for none. It is for a person to
// run: a number that becomes text sorts and adds up in another way.
func (p *planner) settling(have, want *Column) string {
	if p.have.InKey(have.Name) {
		return ""
	}
	t, ok := holdingBoth(have.Type, want.Type)
	if !ok {
		return ""
	}
	c := *have
	c.Type = t
	if !have.Nullable && c.Default != "" {
		c.Default = "" // of the old type
	}
	sql := string(c.append([]byte("ALTER TABLE "+Quote(p.have.Name)+" MODIFY COLUMN "), p.dialect))
	if have.Type.Kind() == TimestampKind {
		return "SET time_zone='+00:00'; " + sql
	}
	return sql
}

// holdingBoth is a type that [Holds] the values of both though they have no
// union: a DATETIME for instants in UTC, else text.
func holdingBoth(have, want Type) (Type, bool) {
	is := func(k, l Kind) bool {
		return have.Kind() == k && want.Kind() == l || have.Kind() == l && want.Kind() == k
	}
	if is(DateTimeKind, TimestampKind) || is(DateKind, TimestampKind) {
		return Type{Base: DateTime, Fraction: max(have.Fraction, want.Fraction)}, true
	}
	a, b := inText(have), inText(want)
	if a.Base == 0 || b.Base == 0 {
		return Type{}, false
	}
	t := longerText(a, b)
	t.Charset, t.Collation = textCharset, orElse(have.Collation, want.Collation)
	return t, true
}

// inText is the text type that holds a type's values as text, the zero Type for
// none.
func inText(t Type) Type {
	if textLike(t) {
		return asText(t)
	}
	if width := textWidth(t); width > 0 && width <= maxVarChar {
		return Type{Base: VarChar, Length: width}
	}
	return Type{}
}
