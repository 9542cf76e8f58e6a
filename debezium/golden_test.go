package debezium

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// goldenEvents returns the files of real events.
func goldenEvents(t testing.TB) []string {
	files, err := filepath.Glob("testdata/events/*.*[ey]")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// modeEvents returns the files of events of connectors in other modes.
func modeEvents(t testing.TB) []string {
	files, err := filepath.Glob("testdata/modes/*.value")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// describe prints what is read from a message.
func describe(t *testing.T, text []byte) string { return describeWith(t, NewReader(), text) }

func describeWith(t *testing.T, r *Reader, text []byte) string {
	var b strings.Builder
	s, rest, err := r.Cut(text)
	if err != nil {
		return fmt.Sprintf("%s: %v\n", Label(err), err)
	}
	require.Equal(t, string(text), string(s.Join(rest)))
	if s.Columns() == nil {
		var k Key
		require.NoError(t, s.DecodeKey(rest, &k))
		describeRow(&b, s.Root().Logical, s.Root().Fields, k.Row)
		return b.String()
	}
	var ev Event
	require.NoError(t, s.Decode(rest, BothImages, &ev))
	fmt.Fprintf(&b, "op %c\nsource %s.%s snapshot=%q micros=%d at %s:%d\n", ev.Op,
		ev.Source.Database, ev.Source.Table, ev.Source.Snapshot, ev.Source.Micros, ev.Source.File, ev.Source.Position)
	describeRow(&b, "before", s.Columns(), ev.Before)
	describeRow(&b, "after", s.Columns(), ev.After)
	return b.String()
}

func describeRow(b *strings.Builder, what string, fields []Field, row Row) {
	if row == nil {
		fmt.Fprintf(b, "%s: none\n", what)
		return
	}
	fmt.Fprintf(b, "%s:\n", what)
	for i := range fields {
		f := &fields[i]
		fmt.Fprintf(b, "  %s %s", f.Name, f.Type)
		for _, word := range append([]string{f.Logical}, parameters(f)...) {
			if word != "" {
				b.WriteString(" " + word)
			}
		}
		if f.Default != nil {
			fmt.Fprintf(b, " default %s", f.Default)
		}
		fmt.Fprintf(b, "\n    = %#v\n", show(row[i : i+1])[0])
	}
}

func parameters(f *Field) (words []string) {
	for name, value := range f.Parameters {
		words = append(words, strings.TrimPrefix(name, "__debezium.source.column.")+"="+value)
	}
	sort.Strings(words)
	return words
}

func TestGoldenEvents(t *testing.T) {
	for _, file := range append(goldenEvents(t), modeEvents(t)...) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			got := describe(t, text)
			if *update {
				require.NoError(t, os.WriteFile(file+".golden", []byte(got), 0o644))
			}
			want, err := os.ReadFile(file + ".golden")
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// What is read from real events is also what encoding/json finds in them.
func TestGoldenEventsAgainstOracle(t *testing.T) {
	for _, file := range append(goldenEvents(t), modeEvents(t)...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if len(text) == 0 {
			continue
		}
		s, rest := cut(t, text)
		found := map[string]json.RawMessage{}
		require.NoError(t, json.Unmarshal(text, &found))
		want, ok := oracleSchema(found[schemaMember], false)
		require.True(t, ok)
		require.Equal(t, want, flat(s.Root()))
		if s.Columns() == nil {
			row, ok := oracleRow(s.Root().Fields, found[payloadMember])
			require.True(t, ok)
			var k Key
			require.NoError(t, s.DecodeKey(rest, &k))
			require.Equal(t, row, show(k.Row))
			continue
		}
		var ev Event
		requireOracle(t, s, text, &ev, s.Decode(rest, BothImages, &ev))
	}
}

// The topics of real connectors are told apart by their names.
func TestGoldenTopics(t *testing.T) {
	for _, file := range goldenEvents(t) {
		name := strings.Split(filepath.Base(file), ".")
		name = name[:len(name)-3] // offset, operation, key or value
		topic, kind := ParseTopic("prod", strings.Join(name, "."))
		require.Contains(t, []string{"0001", "0003"}, topic.Store)
		switch {
		case name[0] == "__debezium-heartbeat":
			require.Equal(t, HeartbeatTopic, kind)
		case len(name) == 2:
			require.Equal(t, SchemaChangeTopic, kind)
		case name[2] == "transaction":
			require.Equal(t, TransactionTopic, kind)
		default:
			require.Equal(t, Topic{Environment: "prod", Store: topic.Store, Schema: "s0001", Table: name[3]}, topic)
			require.Equal(t, RowTopic, kind)
		}
	}
}
