package fleet

import (
	"regexp"
	"strings"
)

// cutTable parts "schema.table" at its first dot.
func cutTable(name string) (schema, table string, ok bool) {
	schema, table, ok = strings.Cut(name, ".")
	return schema, table, ok && schema != "" && table != ""
}

// Qualify writes table patterns out as "schema.table": a pattern without a
// schema stands for the table in each of the schemas.
func Qualify(schemas, tables []string) []string {
	var qualified []string
	for _, table := range tables {
		if strings.Contains(table, ".") {
			qualified = append(qualified, table)
			continue
		}
		for _, schema := range schemas {
			qualified = append(qualified, schema+"."+table)
		}
	}
	return qualified
}

// MatchTable says whether a "schema.table" fits a pattern with "*".
func MatchTable(pattern, name string) bool {
	ok, err := regexp.MatchString("^(?:"+TableRegexp(pattern)+")$", name)
	return err == nil && ok
}

// TableRegexp turns a pattern into a regular expression that Java and Go read
// alike. It is not anchored: Debezium matches whole names.
func TableRegexp(pattern string) string {
	return strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
}

// IncludesTable says whether the store's connector captures a table.
func (s Store) IncludesTable(schema, table string) bool {
	name := schema + "." + table
	if name == s.HeartbeatTable {
		return true
	}
	inSchema := false
	for _, captured := range s.Schemas {
		inSchema = inSchema || captured == schema
	}
	if !inSchema {
		return false
	}
	matches := func(patterns []string) bool {
		for _, pattern := range Qualify(s.Schemas, patterns) {
			if MatchTable(pattern, name) {
				return true
			}
		}
		return false
	}
	if len(s.Tables) > 0 {
		return matches(s.Tables)
	}
	return !matches(s.Exclude)
}
