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
// stores. The primary key must have exactly the wanted columns, in any order,
// and every other unique index must have all of them: INSERT … ON DUPLICATE KEY
// UPDATE overwrites the row that equals the new one in any unique index (MySQL
// manual, "INSERT … ON DUPLICATE KEY UPDATE Statement"), another row than the
// key's as soon as two rows of a store exchange values.
func checkKeys(have, want *Table, d Dialect) error {
	if !sameNames(have.Key, want.Key) && !hasUniqueKey(have, want.Key) {
		return primaryKeyError(have, want, d)
	}
	for _, u := range have.Uniques {
		if hasNames(u.Columns, want.Key) {
			continue
		}
		reason := "it is unique without the whole key, so that one row of a store would be written over another that had its values before"
		if !strings.EqualFold(u.Columns[0], StoreColumn) {
			reason = "it does not begin with " + StoreColumn + ", so that one store's row would replace another's"
		}
		return &KeyError{
			Table: have.Name, Index: u.Name, Have: u.Columns, Reason: reason,
			SQL: "ALTER TABLE " + Quote(have.Name) + " DROP INDEX " + Quote(u.Name),
		}
	}
	return nil
}

// hasNames says whether all names are among those of a list.
func hasNames(all, names []string) bool {
	for _, name := range names {
		if !hasName(all, name) {
			return false
		}
	}
	return true
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
