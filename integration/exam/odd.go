package exam

import (
	"fmt"
	"strings"
)

// oddCases are values, keys and names that somebody comes up with who means to
// break things.
func oddCases() []Case {
	return append(append(oddValueCases(), oddTableCases()...), oddWriterCases()...)
}

func oddValueCases() []Case {
	const undecoded = "Java has no character for some bytes: U+FFFD while streaming, of which the sink warns"
	const other = "Java reads some characters as others while streaming; preflight finds them in the rows"
	// Every byte, or these characters, as the snapshot and as the binary log has them.
	characters := func(charset string, codes ...string) Case {
		if len(codes) == 0 {
			for b := 1; b < 256; b++ {
				codes = append(codes, fmt.Sprintf("%02X", b))
			}
		}
		table := "t_characters_" + charset
		rows := func(first int) string {
			list := make([]string, len(codes))
			for i, code := range codes {
				list[i] = fmt.Sprintf("(%d, 0x%s)", first+i, code)
			}
			return "INSERT INTO " + table + " VALUES " + strings.Join(list, ", ")
		}
		return shape("Character sets", "characters of "+charset, table,
			[]string{"CREATE TABLE " + table + " (id INT PRIMARY KEY, v VARCHAR(5) CHARACTER SET " + charset + ")", rows(1)}, []string{rows(1001)})
	}
	return []Case{
		characters("latin1").but("", Warned, undecoded),
		characters("euckr", "A1A4", "8141", "C8FE").but("", Warned, undecoded),
		characters("latin2"), characters("koi8r"), characters("cp850"),
		characters("cp866").but("", Foretold, other),
		characters("sjis", "5C", "815F", "8160", "817C", "B1", "955C").but("", Foretold, other),
		characters("gbk", "A1A4", "A1AA", "8140"),
		typed(labels, "ENUM("+many(400)+")", "'l1'", "'l256'", "'l400'").at("t_enum_400").named("ENUM of 400 labels"),
		typed(labels, `ENUM('a	b','new\nline','  lead','%','_','NULL')`, "'a\tb'", `'new\nline'`, "'  lead'", "'NULL'").at("t_enum_blank").named("ENUM, labels with blanks"),
		shape(labels, "JSON updated in part", "t_json_part",
			[]string{"CREATE TABLE t_json_part (id INT PRIMARY KEY, j JSON, n INT)", `INSERT INTO t_json_part VALUES (1,'{"a":1,"b":[1,2,3],"c":"xxxxxxxxxxxxxxxx"}',1)`},
			[]string{`INSERT INTO t_json_part VALUES (101,'{"a":1,"b":[1,2,3],"c":"xxxxxxxxxxxxxxxx"}',1)`},
			[]string{"UPDATE t_json_part SET j = JSON_SET(j, '$.a', 99, '$.c', 'y')", "UPDATE t_json_part SET j = JSON_REMOVE(j, '$.b[0]') WHERE id = 1", "UPDATE t_json_part SET n = 2"}),
		shape(changes, "BOOLEAN of other numbers, made while streaming", "t_boolean_late",
			[]string{"CREATE TABLE t_boolean_late (id INT PRIMARY KEY, a BOOLEAN, b BOOL NOT NULL, c TINYINT(1))", "INSERT INTO t_boolean_late VALUES (1,0,1,5),(2,2,-1,-128)"}, []string{"UPDATE t_boolean_late SET c = 100 WHERE id = 1"}).late().
			but("", Foretold, "Debezium sends true or false of a column that a statement in the binary log calls BOOLEAN; preflight finds other numbers in the rows"),
	}
}

func oddTableCases() []Case {
	sixteen := func(format string) string {
		list := make([]string, 16)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(list, ", ")
	}
	ones := strings.Repeat("1, ", 15)
	all := "b BLOB, j JSON, g POINT, bt BIT(9), d DOUBLE, t TIME(6), ts TIMESTAMP(6) NULL, dt DATETIME(6), e ENUM('a','b'), s SET('x','y'), x LONGTEXT, y YEAR, bn BINARY(4), c CHAR(5), n DECIMAL(20,10), bu BIGINT UNSIGNED, da DATE, vl VARCHAR(9) COLLATE utf8mb4_general_ci"
	values := `0x00FF, '{"a": [1, 2.5, "x"], "z": null}', ST_GeomFromText('POINT(1 2)', 4326), b'101010101', 0.1, '-12:00:00.000001', '2026-01-01 00:00:00.5', '2026-01-01 00:00:00.000001', 'b', 'x,y', REPEAT('long', 1000), 2026, 0x6100, 'c', 1.5, 18446744073709551615, '2026-02-28', 'Case '`
	nulls := strings.Repeat(", NULL", strings.Count(all, ", ")+1)
	signs := []string{"op", "before", "after", "source", "payload", "schema", "ts_ms", "__deleted", "?", ":x", "@y", "NULL", "a,b", "(", "/*", "--", "order by", "_id", "0x1", "Größe"}
	quoted := make([]string, len(signs))
	for i, s := range signs {
		quoted[i] = quoteName(s)
	}
	return []Case{
		shape("Keys", "no key, columns of all types", "t_keyless_types",
			[]string{"CREATE TABLE t_keyless_types (id INT, " + all + ")", "INSERT INTO t_keyless_types VALUES (1, " + values + "), (1, " + values + "), (2, " + values + "), (3" + nulls + "), (4" + nulls + ")"},
			[]string{"INSERT INTO t_keyless_types VALUES (101, " + values + "), (102, " + values + "), (103" + nulls + ")"},
			[]string{"UPDATE t_keyless_types SET c = 'new' WHERE id IN (2, 102, 3, 103)", "DELETE FROM t_keyless_types WHERE id = 1 LIMIT 1", "DELETE FROM t_keyless_types WHERE id IN (101, 4)", "UPDATE t_keyless_types SET j = JSON_SET(j, '$.a', 7), x = 'short' WHERE id = 1"}),
		keyed("key with a store_id of the store's own", "store_id INT, id INT", "store_id, id", []string{"1, 1", "2, 1"}, []string{"1, 2", "2, 2"}),
		keyed("key of 16 columns", sixteen("k%d TINYINT"), sixteen("k%d"), []string{ones + "1", ones + "2"}, []string{ones + "3", ones + "4"}).
			but("", Reported, "with the store's id the key has 17 columns, and MySQL takes 16: the table is held and the reason told"),
		keyed("key columns of odd names", "`a.b` INT, `c d` VARCHAR(5), `e-f``g` INT, `\"h'` INT", "`a.b`, `c d`, `e-f``g`, `\"h'`", []string{"1, 'x', 1, 1"}, []string{"2, 'y', 2, 2", "3, 'z', 1, 1"}),
		keyed("key that changes its accent", "k VARCHAR(20) COLLATE utf8mb4_0900_ai_ci", "k", []string{"'resume'", "'x'"}, []string{"'strasse'", "'y'"}).on(MySQL).
			also(2, "UPDATE t_key_that_changes_its_accent SET k = 'résumé' WHERE label LIKE 'snapshot 0%'", "UPDATE t_key_that_changes_its_accent SET k = 'straße' WHERE k = 'strasse'",
				"INSERT INTO t_key_that_changes_its_accent VALUES ('STRASSE','u') ON DUPLICATE KEY UPDATE k = 'STRASSE', label = 'again'", "REPLACE INTO t_key_that_changes_its_accent VALUES ('RÉSUMÉ','replaced')"),
		keyed("key of a zero date", "k DATE", "k", []string{"'0000-00-00'", "'1970-01-01'"}, []string{"'2024-00-10'", "'2024-01-01'"}).lax().
			but("", Foretold, "Debezium sends the epoch for a zero date in a key, so that two rows may become one; preflight finds them, and the sink warns"),
		shape(names, "columns named like parts of an event, and signs", "t_parts",
			[]string{"CREATE TABLE t_parts (id INT PRIMARY KEY, " + strings.Join(quoted, " INT, ") + " INT)", "INSERT INTO t_parts VALUES (1" + strings.Repeat(", 7", len(quoted)) + ")"},
			[]string{"INSERT INTO t_parts VALUES (2" + strings.Repeat(", 8", len(quoted)) + ")"},
			[]string{"UPDATE t_parts SET op = NULL, `?` = 9", "ALTER TABLE t_parts ADD `a?b'c` INT NOT NULL DEFAULT 4", "INSERT INTO t_parts (id) VALUES (3)"}),
		shape(extra, "generated columns of many kinds", "t_generated",
			[]string{
				"CREATE TABLE t_generated (g0 INT AS (a + 1) VIRTUAL, id INT PRIMARY KEY, g1 VARCHAR(30) AS (JSON_UNQUOTE(JSON_EXTRACT(j, '$.n'))) VIRTUAL, a INT, j JSON, g2 DECIMAL(12,4) AS (a * 1.25) STORED, g3 DATE AS (DATE(t)) VIRTUAL, t DATETIME, z INT, KEY (g0), UNIQUE (g1))",
				`INSERT INTO t_generated (id, a, j, t, z) VALUES (1,1,'{"n":"x"}','2026-01-01 10:00:00',1),(2,NULL,NULL,NULL,2)`,
			},
			[]string{`INSERT INTO t_generated (id, a, j, t, z) VALUES (101,1,'{"n":"y"}','2026-01-01 10:00:00',1),(102,NULL,NULL,NULL,2)`},
			[]string{"UPDATE t_generated SET a = 7, j = JSON_SET(j, '$.n', 'q') WHERE id = 1", "UPDATE t_generated SET z = 9", "DELETE FROM t_generated WHERE id = 102"}),
	}
}

func oddWriterCases() []Case {
	base, one := "id INT PRIMARY KEY, v VARCHAR(20)", "(1,'a'),(2,'b'),(3,'c')"
	way := func(name, table, columns, first string, statements ...string) Case {
		return Case{Group: writers, Name: name, Table: table, Steps: [][]string{{"CREATE TABLE " + table + " (" + columns + ")", "INSERT INTO " + table + " VALUES " + first}, statements}}
	}
	return []Case{
		way("XA, committed", "t_xa", base, one, "XA START 'a'", "INSERT INTO t_xa VALUES (101,'xa')", "UPDATE t_xa SET v = 'xa' WHERE id = 1", "XA END 'a'", "XA PREPARE 'a'", "XA COMMIT 'a'",
			"XA START 'c'", "DELETE FROM t_xa WHERE id = 2", "XA END 'c'", "XA COMMIT 'c' ONE PHASE"),
		way("XA, rolled back after it was prepared", "t_xa_undone", base, one, "XA START 'b'", "INSERT INTO t_xa_undone VALUES (101,'undone')", "XA END 'b'", "XA PREPARE 'b'", "XA ROLLBACK 'b'").
			but("", Different, "the binary log has the rows before the transaction is decided, and Debezium sends them; preflight warns of servers on which transactions are prepared"),
		way("temporary table of the same name", "t_shadowed", base, one, "CREATE TEMPORARY TABLE t_shadowed (id INT, x INT)", "ALTER TABLE t_shadowed ADD y INT", "INSERT INTO t_shadowed VALUES (1,1,1)", "TRUNCATE t_shadowed", "DROP TABLE t_shadowed", "INSERT INTO t_shadowed VALUES (101,'real')"),
		way("REPLACE by a second unique index", "t_replaced", "id INT PRIMARY KEY, u INT UNIQUE, v VARCHAR(20)", "(1,10,'a'),(2,20,'b'),(3,30,'c'),(4,40,'d')",
			"REPLACE INTO t_replaced VALUES (1,20,'eats two')", "INSERT INTO t_replaced VALUES (9,40,'x') ON DUPLICATE KEY UPDATE v = 'updated', id = 7", "INSERT IGNORE INTO t_replaced VALUES (3,999,'ignored')",
			"BEGIN", "UPDATE t_replaced SET u = NULL WHERE id = 1", "UPDATE t_replaced SET u = 20 WHERE id = 3", "UPDATE t_replaced SET u = 30 WHERE id = 1", "COMMIT"),
		way("keys shifted by one", "t_shifted", base, one, "UPDATE t_shifted SET id = id + 1 ORDER BY id DESC", "UPDATE t_shifted SET id = id - 2 ORDER BY id"),
		way("partitions reorganized", "t_reorganized", base+") PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (1000)", one,
			"ALTER TABLE t_reorganized ADD PARTITION (PARTITION c VALUES LESS THAN (2000))", "INSERT INTO t_reorganized VALUES (1500,'c')", "ALTER TABLE t_reorganized REORGANIZE PARTITION a INTO (PARTITION a1 VALUES LESS THAN (2), PARTITION a2 VALUES LESS THAN (10))",
			"UPDATE t_reorganized SET id = id + 500 WHERE id = 3", "ALTER TABLE t_reorganized REMOVE PARTITIONING", "UPDATE t_reorganized SET v = 'z' WHERE id = 1"),
		way("foreign key that sets NULL", "t_set_null", "id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES t_set_null_parent (id) ON DELETE SET NULL", "(1,1),(2,2)", "DELETE FROM t_set_null_parent WHERE id = 1").
			before(0, "CREATE TABLE t_set_null_parent (id INT PRIMARY KEY)", "INSERT INTO t_set_null_parent VALUES (1),(2)").
			but("MariaDB", Reported, "what a foreign key does to the children does not reach MariaDB's binary log: the sink reports such keys, and preflight warns of them"),
	}
}
