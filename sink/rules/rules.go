package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tributary/debezium"
	"tributary/schema"
)

// Rules are the rules of a file. The zero Rules have none.
type Rules struct{ tables []rule }

// rule is one entry as it stands in the file.
type rule struct {
	Match   string   `yaml:"match"`
	Name    string   `yaml:"name"`
	Deletes string   `yaml:"deletes"`
	Include []string `yaml:"include"`
	Exclude []string `yaml:"exclude"`
}

// Table is what the rules say of one source table. Two are equal where the same
// rule says the same.
type Table struct {
	// Name is the central table's.
	Name string
	// SoftDelete keeps deleted rows and marks them.
	SoftDelete bool

	rule *rule // nil without one
}

// Keeps reports whether a column is carried. Key columns are in any case.
func (t Table) Keeps(column string) bool {
	if t.rule == nil {
		return true
	}
	if len(t.rule.Include) > 0 && !matchesAny(t.rule.Include, column) {
		return false
	}
	return !matchesAny(t.rule.Exclude, column)
}

// For returns what the rules say of a topic's table. Without a rule the central
// table has the source table's name.
func (r Rules) For(t debezium.Topic) Table {
	for i := range r.tables {
		rule := &r.tables[i]
		if !matches(rule.Match, t.Table) && !matches(rule.Match, t.Schema+"."+t.Table) {
			continue
		}
		name := t.Table
		if rule.Name != "" {
			name = strings.NewReplacer("{schema}", t.Schema, "{table}", t.Table).Replace(rule.Name)
		}
		return Table{Name: name, SoftDelete: rule.Deletes == "soft", rule: rule}
	}
	return Table{Name: t.Table}
}

// Load reads a rules file. Its errors say where and what to write instead.
func Load(file string) (Rules, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return Rules{}, fmt.Errorf("reading the rules: %w", err)
	}
	r, err := Parse(content)
	if err != nil {
		return Rules{}, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// Parse reads rules from YAML.
func Parse(content []byte) (Rules, error) {
	var file struct {
		Tables []yaml.Node `yaml:"tables"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return Rules{}, err
	}
	var r Rules
	var problems []error
	for i := range file.Tables {
		node := &file.Tables[i]
		one, err := parseRule(node)
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", node.Line, err))
		}
		r.tables = append(r.tables, one)
	}
	return r, errors.Join(problems...)
}

func parseRule(node *yaml.Node) (r rule, err error) {
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		if name := node.Content[i].Value; !slices.Contains([]string{"match", "name", "deletes", "include", "exclude"}, name) {
			return r, fmt.Errorf("%q is no part of a rule: use match, name, deletes, include, exclude", name)
		}
	}
	if err := node.Decode(&r); err != nil {
		return r, err
	}
	switch {
	case r.Match == "":
		return r, errors.New(`match is missing: the table's name, "schema.table", or a pattern with *`)
	case r.Deletes != "" && r.Deletes != "soft" && r.Deletes != "hard":
		return r, fmt.Errorf("deletes: %q is neither soft nor hard", r.Deletes)
	}
	for _, pattern := range slices.Concat([]string{r.Match}, r.Include, r.Exclude) {
		if _, err := path.Match(pattern, ""); err != nil {
			return r, fmt.Errorf("%q is not a pattern: * stands for anything, ? for a character", pattern)
		}
	}
	if rest := strings.NewReplacer("{schema}", "", "{table}", "").Replace(r.Name); strings.ContainsAny(rest, "{}") {
		return r, fmt.Errorf("name: %q may hold {schema} and {table}, no other braces", r.Name)
	}
	if r.Name != "" && !strings.Contains(r.Name, "{") {
		if err := schema.CheckName(r.Name); err != nil {
			return r, fmt.Errorf("name: %w", err)
		}
	}
	return r, nil
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// matches compares without regard to letter case, as MySQL compares names of
// columns. Patterns were checked when they were read.
func matches(pattern, name string) bool {
	ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(name))
	return ok
}
