package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
)

func TestFor(t *testing.T) {
	r, err := Parse([]byte(`
tables:
  - match: online.*
    name: "{schema}_{table}"
  - match: Customers
    deletes: soft
    exclude: [card_number, "*_secret"]
  - match: log_*
    name: all_logs
    include: [id, text]
`))
	require.NoError(t, err)
	for _, c := range []struct {
		schema, table, name string
		soft                bool
		keeps, leaves       string
	}{
		{"pos", "sale", "sale", false, "anything", ""},
		{"online", "sale", "online_sale", false, "anything", ""},
		{"pos", "customers", "customers", true, "name", "CARD_NUMBER"},
		{"pos", "customers", "customers", true, "secret", "pin_secret"},
		{"pos", "log_7", "all_logs", false, "ID", "other"},
	} {
		got := r.For(debezium.Topic{Schema: c.schema, Table: c.table})
		require.Equal(t, c.name, got.Name)
		require.Equal(t, c.soft, got.SoftDelete, c.table)
		require.True(t, got.Keeps(c.keeps), c.keeps)
		require.False(t, c.leaves != "" && got.Keeps(c.leaves), c.leaves)
	}
	require.Equal(t, "sale", Rules{}.For(debezium.Topic{Table: "sale"}).Name)
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no match", "tables:\n  - name: x", "line 2: match is missing"},
		{"unknown part", "tables:\n  - match: x\n    rename: y", `line 2: "rename" is no part of a rule`},
		{"deletes", "tables:\n  - match: x\n    deletes: never", `line 2: deletes: "never" is neither soft nor hard`},
		{"pattern", "tables:\n  - match: '[x'", `line 2: "[x" is not a pattern`},
		{"braces", "tables:\n  - match: x\n    name: '{store}_x'", "may hold {schema} and {table}"},
		{"long name", "tables:\n  - match: x\n    name: " + string(make([]byte, 0)) + "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg", "64"},
		{"unknown key", "table:\n  - match: x", "field table not found"},
		{"not YAML", "tables: [", "yaml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.text))
			require.ErrorContains(t, err, c.want)
		})
	}
}
