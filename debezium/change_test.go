package debezium

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// changeFiles returns the files of real schema changes.
func changeFiles(t testing.TB) []string {
	files, err := filepath.Glob("testdata/changes/*.value")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func describeChange(c *SchemaChange) string {
	var b strings.Builder
	s := &c.Source
	fmt.Fprintf(&b, "%s of %s: %s\nsource %s tables=%q snapshot=%q (%t) micros=%d at %s:%d\n", s.Connector, c.Database, c.DDL,
		s.Database, s.Tables, s.Snapshot, s.FromSnapshot(), s.Micros, s.File, s.Position)
	for _, t := range c.Tables {
		fmt.Fprintf(&b, "%s %q.%q\n", t.Type, t.ID.Database, t.ID.Table)
		for _, column := range t.Columns {
			fmt.Fprintf(&b, "  %s %s %s\n", column.Name, column.Type, column.Charset)
		}
	}
	return b.String()
}

func TestGoldenChanges(t *testing.T) {
	for _, file := range changeFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			s, rest := cut(t, text)
			c, err := s.DecodeChange(rest)
			require.NoError(t, err)
			got := describeChange(c)
			if *update {
				require.NoError(t, os.WriteFile(file+".golden", []byte(got), 0o644))
			}
			want, err := os.ReadFile(file + ".golden")
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// The same is read from Avro.
func TestAvroChange(t *testing.T) {
	text, err := os.ReadFile("testdata/avro/prod.0002.011.value")
	require.NoError(t, err)
	s, rest, err := NewReaderWith(goldenSchemas(t)).Cut(text)
	require.NoError(t, err)
	c, err := s.DecodeChange(rest)
	require.NoError(t, err)
	require.Equal(t, `mysql of s0001: CREATE TABLE s0001.made_later (id INT PRIMARY KEY, done BOOLEAN, r REAL)
source s0001 tables=["made_later"] snapshot="false" (false) micros=1795376257111000 at binlog.000001:8636
CREATE "s0001"."made_later"
  id INT 
  done BOOLEAN 
  r REAL 
`, describeChange(c))
}

func TestChangeRefused(t *testing.T) {
	text, err := os.ReadFile("testdata/events/prod.0001.s0001.pos_transactions.002.c.value")
	require.NoError(t, err)
	s, rest := cut(t, text)
	require.False(t, s.IsSchemaChange())
	_, err = s.DecodeChange(rest)
	require.ErrorIs(t, err, ErrNotSchemaChange)

	text, err = os.ReadFile(changeFiles(t)[0])
	require.NoError(t, err)
	s, _ = cut(t, text)
	require.True(t, s.IsSchemaChange())
	for payload, want := range map[string]string{
		"null}":              "payload is null",
		`{"ddl":1}}`:         "payload.ddl at byte",
		`{"tableChanges":{}`: "payload.tableChanges at byte",
		`{"ddl":"DROP`:       "at byte",
	} {
		_, err := s.DecodeChange([]byte(payload))
		require.ErrorContains(t, err, want)
	}
	c, err := s.DecodeChange([]byte("{}}"))
	require.NoError(t, err)
	require.Equal(t, &SchemaChange{}, c, "nothing is made up")
}

func TestTableID(t *testing.T) {
	for text, want := range map[string]TableID{
		"": {}, `"pos"."sale"`: {"pos", "sale"}, `"p.os"."sa""le, x"`: {"p.os", `sa"le, x`}, `"sale"`: {"", "sale"},
		`pos.sale`: {"", "pos.sale"}, `"pos".`: {"", "pos"}, `"pos"."`: {"pos", ""}, `"`: {}, `"a"."b"."c"`: {"b", "c"}, `"a"b`: {"", "a"},
	} {
		require.Equal(t, want, tableID(text), text)
	}
}

// FuzzChange feeds payloads to the schema of real schema changes.
func FuzzChange(f *testing.F) {
	text, err := os.ReadFile(changeFiles(f)[0])
	require.NoError(f, err)
	s, _, err := NewReader().Cut(text)
	require.NoError(f, err)
	for _, file := range changeFiles(f) {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		_, rest, err := NewReader().Cut(text)
		require.NoError(f, err)
		f.Add(rest)
	}
	f.Add([]byte(`{"tableChanges":[{"id":"\"\".","table":null},null],"source":null,"ddl":null}}`))
	f.Fuzz(func(t *testing.T, rest []byte) {
		c, err := s.DecodeChange(rest)
		if err != nil {
			require.Nil(t, c)
			require.NotEqual(t, "other", Label(err))
			return
		}
		describeChange(c)
	})
}
