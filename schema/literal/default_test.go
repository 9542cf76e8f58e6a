package literal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema/literal"
)

func TestDefault(t *testing.T) {
	with := func(field *debezium.Field, value string) *debezium.Field {
		field.Default = []byte(value)
		return field
	}
	for _, c := range []struct {
		field  *debezium.Field
		target string
		want   string // "" for none
	}{
		{with(f(debezium.Int32, "", "INT"), "5"), "int", "5"},
		{with(f(debezium.Int16, "", "TINYINT"), " -1 "), "tinyint", "-1"},
		{with(f(debezium.Int64, "", "BIGINT UNSIGNED"), "-1"), "bigint unsigned", "18446744073709551615"},
		{with(f(debezium.Float64, "", "DOUBLE"), "1.5"), "double", "1.5e0"},
		{with(f(debezium.Boolean, "", "BOOLEAN"), "true"), "tinyint(1)", "1"},
		{with(f(debezium.Boolean, "", "BOOLEAN"), "false"), "tinyint(1)", "0"},
		{with(f(debezium.String, "", "VARCHAR(9)"), `"it's \u00e9"`), "varchar(9)", `'it\'s é'`},
		{with(f(debezium.String, enum, "ENUM", "allowed", `a,b\,c`), `"b,c"`), "enum('a','b,c')", "'b,c'"},
		{with(f(debezium.Bytes, connectDecimal, "DECIMAL(5,2)", "scale", "2"), `"BNI="`), "decimal(5,2)", "12.34"},
		{with(f(debezium.Bytes, "", "BINARY(2)"), `"AAE="`), "binary(2)", "x'0001'"},
		{with(f(debezium.Int32, daysName, "DATE"), "19782"), "date", "'2024-02-29'"},
		{with(f(debezium.String, zonedStamp, "TIMESTAMP"), `"2018-06-20T13:37:03Z"`), "timestamp", "'2018-06-20 13:37:03'"},
		{with(f(debezium.Int32, "", "INT"), "null"), "int", "NULL"},
		{f(debezium.Int32, "", "INT"), "int", ""},
		// CURRENT_TIMESTAMP, and what cannot be told from it.
		{with(f(debezium.String, zonedStamp, "TIMESTAMP"), `"1970-01-01T00:00:00Z"`), "timestamp", ""},
		{with(f(debezium.Int64, microStamp, "DATETIME(6)"), "0"), "datetime(6)", ""},
		{with(f(debezium.Int64, microTime, "TIME"), "0"), "time", ""},
		{with(f(debezium.Struct, "io.debezium.time.StructuredDate", "DATE"), `{"year":2020}`), "date", ""},
	} {
		got, ok, err := literal.Default(c.field, parse(t, c.target), mysql9)
		require.NoError(t, err)
		require.Equal(t, c.want != "", ok, "%s %s", c.target, c.field.Default)
		require.Equal(t, c.want, string(got))
	}
	for reason, field := range map[string]*debezium.Field{
		"reading the default of field \"c\"": with(f(debezium.Int32, "", "INT"), `"x"`),
		"out of the range":                   with(f(debezium.Int32, "", "INT"), "4000000000"),
		"no column can hold":                 with(f(debezium.Map, "", ""), "{}"),
	} {
		_, ok, err := literal.Default(field, parse(t, "int"), mysql9)
		require.ErrorContains(t, err, reason)
		require.False(t, ok)
	}
	_, _, err := literal.Default(with(f(debezium.Int32, "", "INT"), "4"), parse(t, "json"), mysql9)
	require.ErrorContains(t, err, "no exact way")
}
