package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConvert(t *testing.T) {
	const unknown = "?"
	tests := []struct{ from, to, have, value, when string }{
		// Values that stay.
		{"int", "int", "int", "", ""},
		{"smallint", "bigint", "bigint", "", ""},
		{"int unsigned", "bigint", "bigint", "", ""},
		{"int", "decimal(12,2)", "decimal(12,2)", "", ""},
		{"decimal(6,2)", "decimal(12,4)", "decimal(12,4)", "", ""},
		{"int", "double", "double", "", ""},
		{"varchar(10)", "varchar(20)", "varchar(20)", "", ""},
		{"varchar(10)", "text", "text", "", ""},
		{"char(5)", "varchar(5)", "varchar(5)", "", ""},
		{"char(5)", "char(9)", "char(9)", "", ""},
		{"binary(4)", "varbinary(8)", "varbinary(8)", "", ""},
		{"datetime", "datetime(6)", "datetime(6)", "", ""},
		{"date", "datetime", "datetime", "", ""},
		{"enum('a','b')", "enum('b','a','c')", "enum('a','b','c')", "", ""},
		{"enum('a')", "varchar(5)", "varchar(5)", "", ""},

		// Numbers.
		{"decimal(10,3)", "decimal(10,1)", "decimal(12,3)", "GREATEST(-0999999999.9,LEAST(ROUND(v,1),0999999999.9))", "NOT v <=> GREATEST(-0999999999.9,LEAST(ROUND(v,1),0999999999.9))"},
		{"decimal(4,2)", "tinyint", "decimal(5,2)", "GREATEST(-128,LEAST(ROUND(v,0),127))", "NOT v <=> GREATEST(-128,LEAST(ROUND(v,0),127))"},
		{"int", "tinyint", "int", "GREATEST(-128,LEAST(ROUND(v,0),127))", "NOT v <=> GREATEST(-128,LEAST(ROUND(v,0),127))"},
		{"tinyint", "tinyint unsigned", "smallint", "GREATEST(0,LEAST(ROUND(v,0),255))", "NOT v <=> GREATEST(0,LEAST(ROUND(v,0),255))"},
		{"int", "decimal(4,2) unsigned", "decimal(12,2)", "GREATEST(0,LEAST(ROUND(v,2),099.99))", "NOT v <=> GREATEST(0,LEAST(ROUND(v,2),099.99))"},
		{"double", "decimal(5,2)", "double", "GREATEST(-0999.99,LEAST(CAST(v AS DECIMAL(65,2)),0999.99))", "NOT v <=> GREATEST(-0999.99,LEAST(CAST(v AS DECIMAL(65,2)),0999.99))"},
		{"float", "double", "double", "CAST(v AS FLOAT)", "NOT v <=> CAST(v AS FLOAT)"},
		{"double", "float", "double", "CAST(v AS FLOAT)", "NOT v <=> CAST(v AS FLOAT)"},
		{"double", "int", "double", unknown, "NOT v <=> ROUND(v,0)"},
		{"double", "double(10,2)", "double", unknown, "NOT v <=> ROUND(v,2)"},
		{"decimal(10,3)", "decimal(10,1)", "varchar(20)", unknown, "v IS NOT NULL"},

		// Texts and bytes.
		{"varchar(10)", "varchar(3)", "varchar(10)", "LEFT(v,3)", "NOT CAST(v AS BINARY) <=> CAST(LEFT(v,3) AS BINARY)"},
		{"varchar(10)", "char(10)", "varchar(10)", "TRIM(TRAILING ' ' FROM v)", "NOT CAST(v AS BINARY) <=> CAST(TRIM(TRAILING ' ' FROM v) AS BINARY)"},
		{"longtext", "varchar(3)", "longtext", "LEFT(v,3)", "NOT CAST(v AS BINARY) <=> CAST(LEFT(v,3) AS BINARY)"},
		{"binary(4)", "binary(8)", "varbinary(8)", "RPAD(v,8,0x00)", "NOT CAST(v AS BINARY) <=> CAST(RPAD(v,8,0x00) AS BINARY)"},
		{"varbinary(9)", "binary(4)", "varbinary(9)", "RPAD(LEFT(v,4),4,0x00)", "NOT CAST(v AS BINARY) <=> CAST(RPAD(LEFT(v,4),4,0x00) AS BINARY)"},
		{"varchar(10)", "int", "varchar(11)", unknown, "NOT v REGEXP '^(0|-?[1-9][0-9]{0,17})$'"},

		// Times and labels.
		{"datetime(6)", "datetime", "datetime(6)", unknown, "NOT v <=> CAST(v AS DATETIME(0))"},
		{"timestamp(3)", "timestamp(1)", "timestamp(3)", unknown, "NOT v <=> CAST(v AS DATETIME(1))"},
		{"time(3)", "time", "time(3)", unknown, "NOT v <=> CAST(v AS TIME(0))"},
		{"datetime", "date", "datetime", "CAST(v AS DATE)", "NOT v <=> CAST(v AS DATE)"},
		{"datetime", "timestamp", "datetime", unknown, "v IS NOT NULL"},
		{"enum('a','b','c')", "enum('b')", "enum('a','b','c')", unknown, "v='a' OR v='c'"},
		{"set('a','b','c')", "set('b','c')", "set('a','b','c')", unknown, "FIND_IN_SET('a',v)"},
		{"varchar(5)", "enum('a')", "varchar(5)", unknown, "v IS NOT NULL"},
	}
	for _, test := range tests {
		parse := func(text string) Type {
			parsed, err := ParseType(text)
			require.NoError(t, err)
			return parsed
		}
		c := Convert("v", parse(test.from), parse(test.to), parse(test.have))
		want := Conversion{When: test.when}
		if test.value != unknown {
			want.Value = test.value
		}
		require.Equal(t, want, c, "%s made %s in %s", test.from, test.to, test.have)
	}
}

func TestWithoutNull(t *testing.T) {
	for text, value := range map[string]string{
		"int": "0", "decimal(5,2)": "0", "float": "0", "bit(3)": "0", "varchar(5)": "''", "blob": "''",
		"enum('a')": "", "datetime": "", "json": "",
	} {
		to, err := ParseType(text)
		require.NoError(t, err)
		require.Equal(t, Conversion{When: "v IS NULL", Value: value}, WithoutNull("v", to), text)
	}
}
