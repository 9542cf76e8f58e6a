package changes

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/debezium/ddl"
)

func TestLineage(t *testing.T) {
	type move = ddl.Move
	for _, c := range []struct {
		name       string
		statements [][]ddl.Move
		now, later []string // of the last statement
	}{
		{"added", [][]move{{{To: "a"}}}, nil, nil},
		{"dropped", [][]move{{{From: "a"}}}, nil, nil},
		{"renamed", [][]move{{{From: "a", To: "b"}}}, nil, nil},
		{"renamed twice", [][]move{{{From: "a", To: "b"}}, {{From: "b", To: "c"}}}, nil, nil},
		{"renamed there and back", [][]move{{{From: "a", To: "b"}}, {{From: "B", To: "A"}}}, nil, nil},
		{"dropped and another added", [][]move{{{From: "a"}, {To: "b"}}}, nil, nil},
		{"replaced", [][]move{{{From: "a"}, {To: "a"}}}, []string{"a"}, nil},
		{"replaced, in other case", [][]move{{{From: "a"}, {To: "A"}}}, []string{"A"}, nil},
		{"replaced by two statements", [][]move{{{From: "a"}}, {{To: "a"}}}, nil, []string{"a"}},
		{"renamed, and the old name added", [][]move{{{From: "a", To: "b"}, {To: "a"}}}, []string{"a"}, nil},
		{"swapped at once", [][]move{{{From: "a", To: "b"}, {From: "b", To: "a"}}}, []string{"b", "a"}, nil},
		{"swapped in three, after two", [][]move{{{From: "a", To: "t"}}, {{From: "b", To: "a"}}}, nil, []string{"a"}},
		{"swapped in three", [][]move{{{From: "a", To: "t"}}, {{From: "b", To: "a"}}, {{From: "t", To: "b"}}}, nil, []string{"b"}},
		{"said once", [][]move{{{From: "a"}, {To: "a"}}, {{To: "b"}}}, nil, nil},
		{"an added one dropped and added again", [][]move{{{To: "a"}}, {{From: "a"}}, {{To: "a"}}}, nil, []string{"a"}},
		{"an added one replaced", [][]move{{{To: "a"}}, {{From: "a"}, {To: "a"}}}, []string{"a"}, nil},
		{"replaced again", [][]move{{{From: "a"}, {To: "a"}}, {{From: "a"}, {To: "a"}}}, []string{"a"}, nil},
	} {
		var j Judge
		var now, later []string
		for i, moves := range c.statements {
			for range 2 { // a change is judged again and again
				now, later = j.move("prod.47", int64(i), debezium.TableID{Table: "sale"}, moves)
			}
			other, _ := j.move("prod.48", int64(i), debezium.TableID{Table: "sale"}, nil)
			require.Empty(t, other)
		}
		require.Equal(t, c.now, now, c.name)
		require.Equal(t, c.later, later, c.name)
	}
}

func TestJudgeColumns(t *testing.T) {
	const again = "capture the table again (`tributary connectors restart --snapshot 47`)"
	for statement, want := range map[string]string{
		"ALTER TABLE sale ADD total INT AS (n * 2), ADD no INT AUTO_INCREMENT UNIQUE": "ALTER TABLE pos.sale at 2026-11-27 10:32:11 UTC: the server has given every row values in column total, no (generated, numbered, or an expression's);" +
			" the rows in central table \"sale\" that the store has not written since lack them: " + again,
		"ALTER TABLE sale DROP v, ADD v INT": "ALTER TABLE pos.sale at 2026-11-27 10:32:11 UTC: the name v has gone over to another column;" +
			" the rows in central table \"sale\" that the store has not written since have the former one's values under it: " + again,
		"ALTER TABLE sale ADD v INT DEFAULT 5, RENAME COLUMN a TO b": "",
	} {
		s := &store{rows: []string{"sale"}}
		report, err := verdictOf(t, s.judge(t), 5, streamed(statement, "sale"))
		require.NoError(t, err)
		if want == "" {
			require.Nil(t, report)
			continue
		}
		require.Equal(t, "sale", report.Table)
		require.EqualError(t, report.Reason, want)

		// Without rows from before there is nothing to say.
		report, err = verdictOf(t, (&store{}).judge(t), 5, streamed(statement, "sale"))
		require.NoError(t, err)
		require.Nil(t, report)
	}
}

// What a table was is of no interest to the one made in its place.
func TestJudgeColumnsOfTableMadeAnew(t *testing.T) {
	j := (&store{rows: []string{"sale"}}).judge(t)
	for i, statement := range []string{"ALTER TABLE sale DROP v", "DROP TABLE sale", "ALTER TABLE sale ADD v INT"} {
		report, err := verdictOf(t, j, int64(i), streamed(statement, "sale"))
		require.NoError(t, err)
		require.Equal(t, i == 1, report != nil, statement)
	}
}

// An event that came between two statements has told of the first.
func TestJudgeColumnsToldByRows(t *testing.T) {
	for name, former := range map[string][]string{"silent": {"w"}, "told": {"w", "V"}} {
		s := &store{rows: []string{"sale"}, former: former}
		j := s.judge(t)
		report, err := verdictOf(t, j, 5, streamed("ALTER TABLE sale DROP v", "sale"))
		require.NoError(t, err)
		require.Nil(t, report)
		report, err = verdictOf(t, j, 6, streamed("ALTER TABLE sale ADD v DATE", "sale"))
		require.NoError(t, err)
		require.Equal(t, name == "silent", report != nil, name)
	}
}
