package lane

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

// A key's fields find the columns they were renamed from, unless there are two.
func TestUnadjusted(t *testing.T) {
	have := &schema.Table{Key: []string{schema.StoreColumn, "id-nr", "größe", "a b", "ab_", "plain"}}
	for _, name := range have.Key {
		have.Columns = append(have.Columns, schema.Column{Name: name})
	}
	fields := []debezium.Field{{Name: "id_nr"}, {Name: "gr__e"}, {Name: "a_b"}, {Name: "plain"}, {Name: "other"}}
	var names []string
	for _, f := range unadjusted(fields, have) {
		names = append(names, f.ColumnName())
	}
	require.Equal(t, []string{"id-nr", "größe", "a_b", "plain", "other"}, names)
	require.Nil(t, fields[0].Parameters, "the schema's own fields stay as they are")
}
