package debezium

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTypeNames(t *testing.T) {
	require.Equal(t, "int8", Int8.String())
	require.Equal(t, "struct", Struct.String())
	require.Equal(t, "unknown", Type(0).String())
	require.Equal(t, "unknown", (Struct + 1).String())
	require.Len(t, typeNames, int(Struct)+1)
}

func TestFieldSource(t *testing.T) {
	f := Field{Name: "order_no", Parameters: map[string]string{
		paramSourceType: " bigint unsigned ", paramSourceLength: "20", paramSourceScale: "x", paramSourceName: "order-no",
	}}
	ddl, ok := f.Source()
	require.True(t, ok)
	require.Equal(t, SourceColumn{Type: "BIGINT UNSIGNED", Length: 20, Scale: -1}, ddl)
	require.Equal(t, "order-no", f.ColumnName())

	f = Field{Name: "id", Parameters: map[string]string{"scale": "2"}}
	_, ok = f.Source()
	require.False(t, ok)
	require.Equal(t, "id", f.ColumnName())

	f.Fields = []Field{{Name: "wkb"}, {Name: "srid"}}
	require.Same(t, &f.Fields[1], f.Member("srid"))
	require.Nil(t, f.Member("x"))
}
