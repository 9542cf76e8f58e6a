package tables

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

// columns makes a version of "name type" pairs. What a type of more than a letter
// holds is known.
func columns(list string) *version {
	v := &version{}
	for pair := range strings.SplitSeq(list, ", ") {
		name, kind, _ := strings.Cut(pair, " ")
		c := versionColumn{Name: name, Type: kind}
		if len(kind) > 1 {
			c.Holds = kind
		}
		v.Columns = append(v.Columns, c)
	}
	return v
}

func TestCompare(t *testing.T) {
	tests := []struct {
		name, old, is string
		want          difference
	}{
		{"nothing", "id i, v s", "id i, v s", difference{}},
		{"other case, other type", "id i, v s", "id i, V t", difference{}},
		{"added last", "id i, v s", "id i, v s, n i", difference{added: []string{"n"}}},
		{"added first and in the middle", "id i, v s", "f i, id i, n s, v s", difference{added: []string{"f", "n"}}},
		{"dropped", "id i, v s, w i", "id i, w i", difference{}},
		{"reordered", "id i, v s, w i", "w i, id i, v s", difference{}},
		{"renamed", "id i, v s, w i", "id i, u s, w i", difference{renamed: [][2]string{{"v", "u"}}}},
		{"two renamed", "id i, v s, w i", "id i, a s, b i", difference{renamed: [][2]string{{"v", "a"}, {"w", "b"}}}},
		{"renamed and of another type", "id i, v s, w i", "id i, u t, w i", difference{unclear: []string{"u"}}},
		{"renamed and moved", "id i, v s, w i", "id i, w i, u s", difference{unclear: []string{"u"}}},
		{"renamed and another added", "id i, v s", "id i, u s, n i", difference{unclear: []string{"u"}, added: []string{"n"}}},
		{"one dropped, one of another type added last", "id i, v s, w i", "id i, w i, n d", difference{added: []string{"n"}}},
		{"one dropped, one of a kin type added", "id i, v int", "id i, w i, n bigint", difference{unclear: []string{"n"}, added: []string{"w"}}},
		{"one dropped, one of another kind added", "id i, v int", "id i, w i, n date", difference{added: []string{"w", "n"}}},
		{"two swapped", "id i, v s, w s", "id i, w s, v s", difference{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, compare(columns(test.old), columns(test.is)))
		})
	}
}

func TestFormerColumns(t *testing.T) {
	first := columns("id i, v s, n i")
	second := columns("id i, v s").after(first)
	require.Equal(t, []string{"n"}, second.Former)
	third := columns("id i, v s, N i").after(&second)
	require.Equal(t, []string{"n"}, third.Former, "its rows may still hold what they once had")
	require.True(t, third.had("N"))
	require.Equal(t, definition(third), definition(columns("id i, v s, N i").after(&third)), "the same version is no step")
}

// A step sets what is known and names what is not.
func TestStep(t *testing.T) {
	dialect, err := schema.ParseDialect("9.7.4")
	require.NoError(t, err)
	source := func(kind, length string) map[string]string {
		return map[string]string{"__debezium.source.column.type": kind, "__debezium.source.column.length": length}
	}
	fields := []debezium.Field{
		{Name: "id", Type: debezium.Int32, Parameters: source("INT", "")},
		{Name: "n", Type: debezium.Int32, Optional: true, Default: []byte("-7"), Parameters: source("INT", "")},
		{Name: "s", Type: debezium.String, Parameters: source("VARCHAR", "20")},
		{Name: "nothing", Type: debezium.Int32, Optional: true, Parameters: source("INT", "")},
		{Name: "again", Type: debezium.Int32, Optional: true, Parameters: source("INT", "")},
		{Name: "_offset", Type: debezium.Int32, Parameters: source("INT", "")},
		{Name: "now", Type: debezium.String, Logical: "io.debezium.time.ZonedTimestamp", Default: []byte(`"1970-01-01T00:00:00Z"`), Parameters: source("TIMESTAMP", "0")},
		{Name: "quoted", Type: debezium.String, Default: []byte(`"it''s"`), Parameters: source("VARCHAR", "20")},
		{Name: "slashed", Type: debezium.String, Default: []byte(`"a\\b"`), Parameters: source("VARCHAR", "20")},
		{Name: "left_out", Type: debezium.Int32, Default: []byte("1"), Parameters: source("INT", "")},
	}
	want, err := schema.Derive("t", fields[:len(fields)-1], []string{"id"}, schema.Options{Dialect: dialect, SoftDelete: true})
	require.NoError(t, err)
	is := versionOf("t", fields, dialect)
	old := version{Columns: is.Columns[:1], Former: []string{"again"}}
	s := &Step{rows: Rows{Topic: "e.7.s.t", Store: "it's", Fields: fields, Want: &want, Have: &want}}
	s.plan(&old, &is, dialect)
	require.Equal(t, []string{"now", "quoted", "slashed"}, s.unknown)
	require.Equal(t, []string{"UPDATE `t` SET `n`=-7, `s`='', `again`=NULL, `source__offset`=0, `_applied_at`=UTC_TIMESTAMP(6)" +
		" WHERE `store_id`='it\\'s' AND `_deleted` IS NOT TRUE"}, s.updates())
}

// What another type makes of values is done, or asked for.
func TestStepOfTypes(t *testing.T) {
	dialect, err := schema.ParseDialect("9.7.4")
	require.NoError(t, err)
	field := func(name, kind, length string, optional bool) debezium.Field {
		wire := map[string]debezium.Type{"VARCHAR": debezium.String, "BINARY": debezium.Bytes, "INT": debezium.Int32, "DATETIME": debezium.Int64}[kind]
		logical := map[string]string{"DATETIME": "io.debezium.time.MicroTimestamp"}[kind]
		return debezium.Field{
			Name: name, Type: wire, Logical: logical, Optional: optional,
			Parameters: map[string]string{"__debezium.source.column.type": kind, "__debezium.source.column.length": length},
		}
	}
	before := []debezium.Field{
		field("k", "BINARY", "4", false), field("v", "VARCHAR", "9", true), field("old", "INT", "", true), field("at", "DATETIME", "6", false), field("same", "INT", "", true),
	}
	after := []debezium.Field{
		field("k", "BINARY", "8", false), field("v", "VARCHAR", "3", false), field("new", "INT", "", false), field("at", "DATETIME", "", false), field("same", "INT", "", true),
	}
	want, err := schema.Derive("t", after, []string{"k"}, schema.Options{Dialect: dialect})
	require.NoError(t, err)
	have := want
	have.Columns = append(have.Columns, schema.Column{Name: "old", Type: schema.Type{Base: schema.Int}, Nullable: true})
	old, is := versionOf("t", before, dialect), versionOf("t", after, dialect)
	s := &Step{rows: Rows{Topic: "e.7.s.t", Store: "7", Fields: after, Want: &want, Have: &have}}
	s.plan(&old, &is, dialect)
	update := func(set, when string) string {
		return "UPDATE `t` SET " + set + ", `_applied_at`=UTC_TIMESTAMP(6) WHERE `store_id`='7'" + when
	}
	require.Equal(t, []string{
		update("`new`=`old`", ""),
		update("`k`=RPAD(`k`,8,0x00)", " AND (NOT CAST(`k` AS BINARY) <=> CAST(RPAD(`k`,8,0x00) AS BINARY))"),
		update("`v`=LEFT(`v`,3)", " AND (NOT CAST(`v` AS BINARY) <=> CAST(LEFT(`v`,3) AS BINARY))"),
		update("`v`=''", " AND (`v` IS NULL)"),
		update("`new`=0", " AND (`new` IS NULL)"),
	}, s.updates())
	require.Empty(t, s.unknown)
	require.Equal(t, turn{schema.Conversion{When: "NOT `at` <=> CAST(`at` AS DATETIME(0))"}, "at", "`at`"}, s.turns[len(s.turns)-1], "to be looked for")
	require.Equal(t, []string{"at"}, s.asked())

	// A version of an earlier release says less.
	earlier := old.plain()
	require.NotContains(t, definition(earlier), "holds")
	s = &Step{rows: s.rows}
	s.plan(&earlier, &is, dialect)
	require.Empty(t, s.turns)
}
