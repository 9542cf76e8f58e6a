package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

func TestDoubt(t *testing.T) {
	number := func(n int64) debezium.Value { return debezium.Value{Kind: debezium.Int, Int: n} }
	text := func(s string) debezium.Value { return debezium.Value{Kind: debezium.Text, Bytes: []byte(s)} }
	required := func(f *debezium.Field) *debezium.Field { f.Optional = false; return f }
	nullable := func(f *debezium.Field) *debezium.Field { f.Optional = true; return f }
	for _, c := range []struct {
		name  string
		field *debezium.Field
		doubt []debezium.Value
		sure  []debezium.Value
	}{
		{"NOT NULL date", required(propagated(debezium.Int32, "io.debezium.time.Date", "DATE", -1, -1)), []debezium.Value{number(0)}, []debezium.Value{number(1), number(-1)}},
		{"NOT NULL DATETIME", required(propagated(debezium.Int64, microTimestamp, "DATETIME", 6, -1)), []debezium.Value{number(0)}, []debezium.Value{number(1)}},
		{"NOT NULL text", required(propagated(debezium.String, "io.debezium.time.IsoTimestamp", "DATETIME", 0, -1)), []debezium.Value{text("1970-01-01T00:00:00Z")}, []debezium.Value{text("1970-01-01T00:00:01Z")}},
		{"nullable date", nullable(propagated(debezium.Int32, "io.debezium.time.Date", "DATE", -1, -1)), nil, nil},
		{"label", propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", "?,b"), []debezium.Value{text("?")}, []debezium.Value{text("b")}},
		{"labels", propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", "a,b"), nil, nil},
		{"text", propagated(debezium.String, "", "VARCHAR", 10, -1), []debezium.Value{text("l\uFFFDsst")}, []debezium.Value{text("läßt"), {Kind: debezium.Null}}},
		{"BIGINT of unknown sign", &debezium.Field{Type: debezium.Int64}, []debezium.Value{number(-1)}, []debezium.Value{number(1)}},
		{"BIGINT", propagated(debezium.Int64, "", "BIGINT", -1, -1), nil, nil},
		{"INT of unknown sign", &debezium.Field{Type: debezium.Int32}, nil, nil},
	} {
		may, why := schema.Doubt(c.field)
		require.Equal(t, c.doubt == nil, may == nil, c.name)
		require.Equal(t, may == nil, why == "", c.name)
		for i := range c.doubt {
			require.True(t, may(&c.doubt[i]), c.name)
		}
		for i := range c.sure {
			require.False(t, may(&c.sure[i]), c.name)
		}
	}
}

// What Avro's converters may have written for NULL is in doubt.
func TestDoubtDefaultForNull(t *testing.T) {
	s, err := debezium.ParseAvro(nil, []byte(`{"type":"record","name":"K","fields":[`+
		`{"name":"a","type":["string","null"],"default":"none"},{"name":"b","type":"string","default":"none"},{"name":"c","type":["null","string"],"default":null}]}`))
	require.NoError(t, err)
	fields := s.Root().Fields
	may, why := schema.Doubt(&fields[0])
	require.Contains(t, why, "stands for NULL")
	require.True(t, may(&debezium.Value{Kind: debezium.Text, Bytes: []byte("none")}))
	require.False(t, may(&debezium.Value{Kind: debezium.Text, Bytes: []byte("some")}))
	for i := 1; i <= 2; i++ {
		_, why = schema.Doubt(&fields[i])
		require.NotContains(t, why, "NULL")
	}
}
