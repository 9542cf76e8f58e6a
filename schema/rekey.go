package schema

func primaryKeyError(have, want *Table, d Dialect) *KeyError {
	e := &KeyError{Table: have.Name, Index: "PRIMARY", Have: have.Key, Want: want.Key, SQL: rekey(have, want, d)}
	switch {
	case have.Column(StoreColumn) == nil:
		e.Reason = "the table has no column " + StoreColumn + " to tell the stores apart"
	case len(have.Key) == 0:
		e.Reason = "the table has no primary key, the rows' is (" + list(want.Key) + ")"
	case hasName(want.Key, PartitionColumn):
		e.Reason = "the rows have no key any more, and are kept under (" + list(want.Key) + ")"
	case hasName(have.Key, PartitionColumn):
		e.Reason = "the rows had no key, and have one now: (" + list(want.Key) + ")"
	default:
		e.Reason = "the rows' key is (" + list(want.Key) + ")"
	}
	if e.SQL != "" {
		e.Hint = "all stores must have that key: until then let a rule give the table of those that have it another name"
	}
	return e
}

// rekey is the statement that gives a table the wanted key, "" where none is
// known: columns of the key that are missing have no values to be filled with.
func rekey(have, want *Table, d Dialect) string {
	alter := "ALTER TABLE " + Quote(have.Name)
	var gone, missing []string
	for _, name := range have.Key {
		if !hasName(want.Key, name) && name != PartitionColumn && name != OffsetColumn {
			gone = append(gone, name)
		}
	}
	for _, name := range want.Key {
		if have.Column(name) == nil && name != PartitionColumn {
			missing = append(missing, name)
		}
	}
	if len(gone) == 1 && len(missing) == 1 && len(have.Key) == len(want.Key) && holdsKey(have.Column(gone[0]), want.Column(missing[0])) {
		return alter + " RENAME COLUMN " + Quote(gone[0]) + " TO " + Quote(missing[0])
	}
	if len(missing) > 0 {
		return ""
	}
	sql := alter
	if len(have.Key) > 0 {
		sql += " DROP PRIMARY KEY,"
	}
	for _, name := range want.Key {
		c, ok := keyColumn(have.Column(name), want.Column(name), d)
		switch {
		case !ok:
			return ""
		case have.Column(name) == nil:
			sql += string(c.append([]byte(" ADD COLUMN "), d)) + " DEFAULT 0,"
		case have.Column(name).Nullable || !c.Type.same(have.Column(name).Type):
			sql += string(c.append([]byte(" MODIFY COLUMN "), d)) + ","
		}
	}
	if hasName(have.Key, PartitionColumn) && !hasName(want.Key, PartitionColumn) {
		sql += " DROP COLUMN " + Quote(PartitionColumn) + ","
	}
	return sql + " ADD PRIMARY KEY " + string(appendNames(nil, want.Key))
}

// holdsKey says whether a key's column does under another name.
func holdsKey(have, want *Column) bool {
	if have == nil || want == nil {
		return false
	}
	_, err := widened(have.Type, want.Type)
	return err == nil
}

// keyColumn is what a column must be as part of the key.
func keyColumn(have, want *Column, d Dialect) (c Column, ok bool) {
	if have == nil {
		return *want, true
	}
	c = *have
	t, err := widened(have.Type, want.Type)
	if err == nil && t.Kind() == TextKind && want.Name != StoreColumn {
		t, err = t.inKey(d)
	}
	c.Type, c.Nullable = t, false
	return c, err == nil
}
