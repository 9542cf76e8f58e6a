package exam

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The whole exam takes minutes: EXAM=whole takes it and writes the result. By
// default only the cases of the short form are taken, in the main room.
// EXAM_CASES and EXAM_ROOMS are expressions for the names of a part of it.
func TestExam(t *testing.T) {
	sheet, all := take(t, Rooms(), 2)
	if all {
		intoReadme(t, sheet)
		write(t, "RESULT.md", "", sheet)
	}
	require.Empty(t, strings.Join(sheet.Surprises(), "\n"))
}

// The same cases with events in Avro must come to the same, but for what the
// converter loses.
func TestExamAvro(t *testing.T) {
	sheet, all := take(t, AvroRooms(), 2)
	if all {
		write(t, "RESULT-AVRO.md", avroHead, sheet)
	}
	require.Empty(t, strings.Join(sheet.Surprises(), "\n"))
}

const avroHead = `The exam of [RESULT.md](RESULT.md) with events in Avro, by Apicurio's converter and registry. What is expected here is what
is expected there, but for the lines below that name the converter.

`

// take takes the exam, of which the short form is for the first rooms. All says
// that nothing has been left out.
func take(t *testing.T, rooms []Room, inShort int) (sheet *Sheet, all bool) {
	all = os.Getenv("EXAM") == "whole"
	o := Options{Dir: t.TempDir(), Rooms: rooms, Cases: Cases(), Progress: os.Stderr, Golden: os.Getenv("EXAM_GOLDEN")}
	if dir := os.Getenv("EXAM_DIR"); dir != "" {
		o.Dir = filepath.Join(dir, t.Name())
		require.NoError(t, os.MkdirAll(o.Dir, 0o755))
	}
	if !all {
		o.Rooms, o.Cases = o.Rooms[:inShort], short(o.Cases)
	}
	o.Rooms = slices.DeleteFunc(o.Rooms, func(r Room) bool { return !named(t, "EXAM_ROOMS", r.Name) })
	o.Cases = slices.DeleteFunc(o.Cases, func(c Case) bool { return !named(t, "EXAM_CASES", c.Group+" "+c.Name+" "+c.Table) })
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Minute)
	defer cancel()
	sheet = outcomes(t, ctx, o)
	var result strings.Builder
	require.NoError(t, sheet.Markdown(&result))
	t.Log("\n" + result.String())
	return sheet, all && os.Getenv("EXAM_ROOMS")+os.Getenv("EXAM_CASES") == ""
}

// write writes the result.
func write(t *testing.T, file, head string, sheet *Sheet) {
	var result strings.Builder
	require.NoError(t, sheet.Markdown(&result))
	require.NoError(t, os.WriteFile(file, []byte(head+result.String()), 0o644))
}

// outcomes takes the exam, or reads what came of it before: EXAM_OUTCOMES is the
// outcomes.json in the folder of an exam, for a result with other words.
func outcomes(t *testing.T, ctx context.Context, o Options) *Sheet {
	sheet := &Sheet{Rooms: o.Rooms, Cases: o.Cases}
	if file := os.Getenv("EXAM_OUTCOMES"); file != "" {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &sheet.Outcomes))
		return sheet
	}
	sheet, err := Take(ctx, o)
	require.NoError(t, err)
	text, err := json.Marshal(sheet.Outcomes)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(o.Dir, "outcomes.json"), text, 0o644))
	return sheet
}

// intoReadme puts the brief result where users look for it.
func intoReadme(t *testing.T, sheet *Sheet) {
	const file, begin, end = "../../README.md", "<!-- types: begin -->\n", "<!-- types: end -->"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	require.True(t, found && closed, "the README has no place for the result")
	var brief strings.Builder
	require.NoError(t, sheet.Brief(&brief))
	require.NoError(t, os.WriteFile(file, []byte(before+begin+brief.String()+end+after), 0o644))
}

// named says whether a name matches the expression in a variable, if it is set.
func named(t *testing.T, variable, name string) bool {
	expression, err := regexp.Compile(os.Getenv(variable))
	require.NoError(t, err)
	return expression.MatchString(name)
}

// short is a third of the cases: the first two and every third one of a group.
func short(cases []Case) []Case {
	var list []Case
	seen := map[string]int{}
	for _, c := range cases {
		if n := seen[c.Group]; n < 2 || n%3 == 0 {
			list = append(list, c)
		}
		seen[c.Group]++
	}
	return list
}

// Every case has a table of its own.
func TestCases(t *testing.T) {
	tables := map[string]string{}
	for _, c := range Cases() {
		require.Empty(t, tables[c.Table], "%s: table %s", c.Name, c.Table)
		tables[c.Table] = c.Name
		require.LessOrEqual(t, len([]rune(c.Table)), 64, c.Name)
		require.NotEmpty(t, c.Steps, c.Name)
		for room, e := range c.Expect {
			require.Equal(t, e.Verdict == Equal, e.Why == "", c.Name)
			known := room == "" || slices.ContainsFunc(slices.Concat(Rooms(), AvroRooms()), func(r Room) bool { return r.Name == room })
			require.True(t, known, "%s: no room %q", c.Name, room)
		}
	}
}
