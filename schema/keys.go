package schema

import "strings"

// checkEngine refuses engines that keep what a transaction has written though it
// is rolled back: rows and the offsets they come from would part.
func checkEngine(have *Table) error {
	switch strings.ToLower(have.Engine) {
	case "myisam", "aria", "memory", "csv", "archive", "mrg_myisam", "blackhole", "federated":
		return &EngineError{Table: have.Name, Engine: have.Engine, SQL: "ALTER TABLE " + Quote(have.Name) + " ENGINE=InnoDB"}
	}
	return nil
}

// checkKeys refuses a table whose keys would merge rows that are apart in the
// stores. The primary key must have exactly the wanted columns, in any order;
// every other unique index must begin with the store column, or one store's
// row would be written over another's.
func checkKeys(have, want *Table, d Dialect) error {
	if !sameNames(have.Key, want.Key) && !hasUniqueKey(have, want.Key) {
		return primaryKeyError(have, want, d)
	}
	for _, u := range have.Uniques {
		if len(u.Columns) > 0 && strings.EqualFold(u.Columns[0], StoreColumn) {
			continue
		}
		return &KeyError{
			Table: have.Name, Index: u.Name, Have: u.Columns,
			Reason: "it does not begin with " + StoreColumn + ", so that one store's row would replace another's",
			SQL:    "ALTER TABLE " + Quote(have.Name) + " DROP INDEX " + Quote(u.Name),
		}
	}
	return nil
}

func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, name := range a {
		if !hasName(b, name) {
			return false
		}
	}
	return true
}

// hasUniqueKey says whether a unique index of NOT NULL columns does what the
// wanted primary key would.
func hasUniqueKey(t *Table, key []string) bool {
	if len(t.Key) > 0 {
		return false
	}
	for _, u := range t.Uniques {
		if !sameNames(u.Columns, key) {
			continue
		}
		nullable := false
		for _, name := range u.Columns {
			c := t.Column(name)
			nullable = nullable || c == nil || c.Nullable
		}
		if !nullable {
			return true
		}
	}
	return false
}
