package lane

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

// A key's fields find the columns they were renamed from, unless there are two.
func TestUnadjusted(t *testing.T) {
	have := &schema.Table{Key: []string{schema.StoreColumn, "id-nr", "größe", "a b", "ab_", "plain", "x_😀"}}
	for _, name := range have.Key {
		have.Columns = append(have.Columns, schema.Column{Name: name})
	}
	fields := []debezium.Field{{Name: "id_nr"}, {Name: "gr__e"}, {Name: "a_b"}, {Name: "plain"}, {Name: "other"}, {Name: "x_u005f_ud83d_ude00"}, {Name: "a_u0020b"}}
	var names []string
	for _, f := range unadjusted(fields, have) {
		names = append(names, f.ColumnName())
	}
	require.Equal(t, []string{"id-nr", "größe", "a_b", "plain", "other", "x_😀", "a b"}, names)
	require.Nil(t, fields[0].Parameters, "the schema's own fields stay as they are")
}
