package compare_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/integration/compare"
)

// A column of each type with the values whose copies go wrong, and a nearly
// equal value that must not pass.
var types = map[string]struct {
	column string
	values []string
	nearly map[string]string // value -> a central one that differs
}{
	"boolean":   {"BOOLEAN", []string{"0", "1", "NULL"}, map[string]string{"1": "0"}},
	"tinyint":   {"TINYINT", []string{"-128", "127"}, map[string]string{"-128": "127"}},
	"int":       {"INT UNSIGNED", []string{"0", "4294967295"}, map[string]string{"4294967295": "4294967294"}},
	"zerofill":  {"INT(6) ZEROFILL", []string{"7", "123456"}, map[string]string{"7": "70"}},
	"bigint":    {"BIGINT UNSIGNED", []string{"18446744073709551615", "9223372036854775808"}, map[string]string{"18446744073709551615": "18446744073709551614"}},
	"decimal":   {"DECIMAL(65,30)", []string{"99999999999999999999999999999999999.999999999999999999999999999999", "-0.000000000000000000000000000001"}, map[string]string{"-0.000000000000000000000000000001": "0"}},
	"float":     {"FLOAT", []string{"3.1415927", "1e-30", "0.1"}, map[string]string{"3.1415927": "3.1415930"}},
	"double":    {"DOUBLE", []string{"0.1", "1.7976931348623157e308", "-5e-324"}, map[string]string{"0.1": "0.10000000000000002"}},
	"bit":       {"BIT(64)", []string{"b'1'", "b'1111111111111111111111111111111111111111111111111111111111111111'"}, map[string]string{"b'1'": "b'10000000'"}},
	"year":      {"YEAR", []string{"1901", "2155", "0"}, map[string]string{"1901": "1902"}},
	"char":      {"CHAR(10)", []string{"'a'", "'🧾'", "''"}, map[string]string{"'a'": "'A'"}},
	"latin1":    {"VARCHAR(10) CHARACTER SET latin1", []string{"'é'", "'€'"}, map[string]string{"'é'": "'e'"}},
	"varchar":   {"VARCHAR(50)", []string{"'it''s \\\\ \"q\" \\n'", "_utf8mb4 0x00611A"}, map[string]string{"_utf8mb4 0x00611A": "_utf8mb4 0x0061"}},
	"longtext":  {"LONGTEXT", []string{"REPEAT('ab', 100000)"}, map[string]string{"REPEAT('ab', 100000)": "CONCAT(REPEAT('ab', 99999), 'aB')"}},
	"binary":    {"BINARY(4)", []string{"0x00", "0xFFFE0000"}, map[string]string{"0xFFFE0000": "0xFFFE0001"}},
	"blob":      {"MEDIUMBLOB", []string{"''", "0xC3", "REPEAT(0xFF, 70000)"}, map[string]string{"0xC3": "0xC383"}},
	"enum":      {"ENUM('a','A','it''s','x,y') COLLATE utf8mb4_bin", []string{"'A'", "'it''s'", "'x,y'"}, map[string]string{"'A'": "'a'"}},
	"set":       {"SET('a','b','c')", []string{"''", "'a,c'"}, map[string]string{"'a,c'": "'a,b'"}},
	"date":      {"DATE", []string{"'0001-01-01'", "'9999-12-31'", "'0000-00-00'", "'2024-00-10'"}, map[string]string{"'0000-00-00'": "'1970-01-01'"}},
	"time":      {"TIME(6)", []string{"'-838:59:59'", "'00:00:00.000001'", "'-00:00:01.5'"}, map[string]string{"'-00:00:01.5'": "'00:00:01.5'"}},
	"datetime":  {"DATETIME(3)", []string{"'2026-11-22 15:39:58.009'", "'0001-01-01'"}, map[string]string{"'2026-11-22 15:39:58.009'": "'2026-11-22 15:39:58.010'"}},
	"timestamp": {"TIMESTAMP(6)", []string{"'2026-11-22 15:39:58.009564'", "NULL"}, map[string]string{"'2026-11-22 15:39:58.009564'": "'2026-11-22 16:39:58.009564'"}},
	"json":      {"JSON", []string{`'{"b":[1,2.50,18446744073709551615],"a":null}'`, `'null'`, `'"1"'`, "NULL"}, map[string]string{`'"1"'`: `'1'`, `'null'`: "NULL"}},
	"point":     {"POINT", []string{"ST_GeomFromText('POINT(52.5 13.4)', 4326)", "ST_GeomFromText('POINT(1 2)', 0)"}, map[string]string{"ST_GeomFromText('POINT(52.5 13.4)', 4326)": "ST_GeomFromText('POINT(13.4 52.5)', 4326)", "ST_GeomFromText('POINT(1 2)', 0)": "ST_GeomFromText('POINT(1 2)', 3857)"}},
	"geometry":  {"GEOMETRY", []string{"ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')"}, map[string]string{"ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')": "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1.5))')"}},
	"vector":    {"VECTOR(3)", []string{"STRING_TO_VECTOR('[1,2,-3.5]')"}, map[string]string{"STRING_TO_VECTOR('[1,2,-3.5]')": "STRING_TO_VECTOR('[1,2,3.5]')"}},
}

func typedWorld(t *testing.T, column string) *world {
	t.Helper()
	return newWorld(t, copies{ddl: "(id INT PRIMARY KEY, v " + column + " NULL)", key: "id"})
}

func TestTypes(t *testing.T) {
	for name, c := range types {
		t.Run(name, func(t *testing.T) {
			w := typedWorld(t, c.column)
			id := 0
			for _, value := range c.values {
				id++
				w.exec(fmt.Sprintf("INSERT INTO S.t VALUES (%d, %s)", id, value))
			}
			w.exec("INSERT INTO C.t SELECT '0007', t.*, 1 FROM S.t")
			report := w.compare(compare.Options{Definitions: true})
			require.Empty(t, described(t, report))
			require.True(t, report.Equal())

			for value, nearly := range c.nearly {
				w.exec("DELETE FROM S.t")
				w.exec("DELETE FROM C.t")
				w.exec("INSERT INTO S.t VALUES (1, " + value + ")")
				w.exec("INSERT INTO C.t VALUES ('0007', 1, " + nearly + ", 1)")
				require.Equal(t, int64(1), w.compare(compare.Options{}).Tables[0].Different, "%s and %s", value, nearly)
			}
		})
	}
}

// What is equal although it is written otherwise.
func TestMeaningCounts(t *testing.T) {
	for name, c := range map[string]struct{ column, value, centralColumn, centralValue string }{
		"decimal scale":       {"DECIMAL(10,2)", "1.20", "DECIMAL(12,4)", "1.2"},
		"decimal whole":       {"DECIMAL(10,0)", "100", "DECIMAL(12,4)", "100"},
		"wider integer":       {"INT UNSIGNED", "7", "BIGINT", "7"},
		"boolean as bit":      {"BOOLEAN", "1", "BIT(1)", "b'1'"},
		"fraction of seconds": {"DATETIME", "'2026-01-01 10:00:00'", "DATETIME(6)", "'2026-01-01 10:00:00'"},
		"date as datetime":    {"DATE", "'2026-01-01'", "DATETIME(3)", "'2026-01-01'"},
		"time":                {"TIME(3)", "'-10:00:00.500'", "TIME(6)", "'-10:00:00.5'"},
		"set in other order":  {"SET('a','b')", "'a,b'", "SET('b','c','a')", "'a,b'"},
		"enum as text":        {"ENUM('a','b')", "'b'", "VARCHAR(10)", "'b'"},
		"longer enum":         {"ENUM('a','b')", "'b'", "ENUM('z','a','b')", "'b'"},
		"charset":             {"VARCHAR(10) CHARACTER SET latin1", "'é€'", "VARCHAR(10) CHARACTER SET utf8mb4", "'é€'"},
		"char padding":        {"CHAR(10)", "'a '", "VARCHAR(10)", "'a'"},
		"json as text":        {"JSON", `'{"b":1.0,"a":[1e2,"x"]}'`, "LONGTEXT", `'{ "a":[100, "x"],"b":1 }'`},
		"json number forms":   {"JSON", `'[1e10, 0.5]'`, "LONGTEXT", `'[10000000000,5E-1]'`},
	} {
		t.Run(name, func(t *testing.T) {
			w := typedWorld(t, c.column)
			w.exec("INSERT INTO S.t VALUES (1, " + c.value + ")")
			w.exec("ALTER TABLE C.t MODIFY v " + c.centralColumn)
			w.exec("INSERT INTO C.t VALUES ('0007', 1, " + c.centralValue + ", 1)")
			report := w.compare(compare.Options{Definitions: true, Limit: 9})
			require.Zero(t, report.Tables[0].Different, described(t, report))
			require.Equal(t, int64(1), report.Tables[0].Definitions+boolInt(name == "charset"), "the definitions differ")
		})
	}
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Keys of every kind walk in the same order on both sides.
func TestKeysOfEachType(t *testing.T) {
	for name, c := range map[string]struct{ column, centralColumn, values string }{
		"negative":     {"INT", "INT", "(-1),(-10),(-9),(0),(9),(10),(100)"},
		"unsigned":     {"BIGINT UNSIGNED", "BIGINT UNSIGNED", "(0),(18446744073709551615),(9223372036854775808),(5)"},
		"wider":        {"INT", "DECIMAL(20,0)", "(-1),(-10),(-9),(0),(9),(10),(100)"},
		"text":         {"VARCHAR(10) COLLATE utf8mb4_0900_as_cs", "VARCHAR(10) COLLATE utf8mb4_0900_bin", "('a'),('A'),('_'),('ä'),(''),('a '),('🧾')"},
		"binary":       {"BINARY(3)", "BINARY(3)", "(0x00),(0xFF),(0x80),(0x7F00)"},
		"decimal":      {"DECIMAL(10,2)", "DECIMAL(12,4)", "(-1.5),(-1.25),(0),(10),(1.5),(9),(1)"},
		"datetime":     {"DATETIME(3)", "DATETIME(6)", "('2026-01-01'),('2026-01-01 00:00:00.5'),('0001-01-01'),('9999-12-31')"},
		"time":         {"TIME(1)", "TIME(1)", "('-10:00:00'),('-09:00:00.5'),('100:00:00'),('99:00:00')"},
		"enum":         {"ENUM('z','m','a')", "ENUM('z','m','a')", "('z'),('a'),('m')"},
		"enum as text": {"ENUM('z','m','a')", "VARCHAR(5)", "('z'),('a'),('m')"},
		"bit":          {"BIT(20)", "BIT(20)", "(b'1'),(b'1000000000'),(b'11')"},
		"set":          {"SET('z','a','m')", "SET('z','a','m')", "('z'),('z,a'),(''),('m')"},
		"year":         {"YEAR", "YEAR", "(1999),(2000),(1901)"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, copies{ddl: "(k " + c.column + " PRIMARY KEY)", key: "k"})
			w.exec("ALTER TABLE C.t MODIFY k " + c.centralColumn + " NOT NULL")
			w.exec("INSERT INTO S.t VALUES " + c.values)
			w.exec("INSERT INTO C.t SELECT '0007', t.*, 1 FROM S.t")
			require.True(t, w.compare(compare.Options{}).Equal(), described(t, w.compare(compare.Options{})))
			w.exec("DELETE FROM C.t ORDER BY HEX(k) DESC LIMIT 1")
			w.exec("DELETE FROM S.t ORDER BY HEX(k) LIMIT 1")
			report := w.compare(compare.Options{})
			require.Equal(t, []int64{1, 1, 0}, []int64{report.Tables[0].Missing, report.Tables[0].Extra, report.Tables[0].Different})
		})
	}
}
