package exam

import (
	"fmt"
	"strings"
)

// laterCases are further schema changes.
func laterCases() []Case {
	change := func(name, table, columns, first, second string, later ...[]string) Case {
		steps := [][]string{
			{"CREATE TABLE " + table + " (" + columns + ")", "INSERT INTO " + table + " VALUES " + first},
			{"INSERT INTO " + table + " VALUES " + second},
		}
		return Case{Group: changes, Name: name, Table: table, Steps: append(steps, later...)}
	}
	base := "id INT PRIMARY KEY, v VARCHAR(10), touched INT DEFAULT 0"
	one, two := "(1,'a',0),(2,'b',0)", "(101,'a',0),(102,'b',0)"
	return []Case{
		change("columns added with defaults of many types, rows not written since", "t_add_defaults", base, one, two,
			[]string{
				`ALTER TABLE t_add_defaults ADD n INT DEFAULT -7, ADD s VARCHAR(20) NOT NULL DEFAULT 'text', ADD d DECIMAL(10,3) DEFAULT 1.5, ADD e ENUM('p','q') NOT NULL DEFAULT 'q',
				ADD t DATETIME(3) DEFAULT '2026-01-02 03:04:05.678', ADD x DATE DEFAULT '2020-01-01', ADD z TIME DEFAULT '-10:00:00', ADD b BIT(12) DEFAULT b'100000001', ADD f BOOLEAN NOT NULL DEFAULT TRUE,
				ADD y YEAR DEFAULT 2020, ADD r VARBINARY(8) DEFAULT 'ab', ADD g DOUBLE DEFAULT 0.1, ADD u BIGINT UNSIGNED DEFAULT 18446744073709551615, ADD o SET('k','l') DEFAULT 'k,l', ADD nothing INT`,
				"INSERT INTO t_add_defaults (id, n) VALUES (201,NULL)", "UPDATE t_add_defaults SET n = NULL WHERE id = 102",
			}).but(avro+"|"+avroMaria, Warned, nullReplaced),
		change("columns added NOT NULL without a default, rows not written since", "t_add_implicit", base, one, two,
			[]string{
				"ALTER TABLE t_add_implicit ADD n INT NOT NULL, ADD s VARCHAR(20) NOT NULL, ADD d DECIMAL(10,3) NOT NULL, ADD e ENUM('p','q') NOT NULL, ADD b VARBINARY(5) NOT NULL, ADD o SET('k','l') NOT NULL, ADD f DOUBLE NOT NULL",
				"INSERT INTO t_add_implicit VALUES (201,'c',0,1,'s',1,'q','b','k',1)",
			}),
		change("column added, dropped and added again with a default", "t_add_again", base, one, two,
			[]string{"ALTER TABLE t_add_again ADD n INT DEFAULT 7", "INSERT INTO t_add_again VALUES (201,'c',0,1)", "UPDATE t_add_again SET n = 5 WHERE id = 1"},
			[]string{"ALTER TABLE t_add_again DROP n", "INSERT INTO t_add_again VALUES (202,'c',0)"},
			[]string{"ALTER TABLE t_add_again ADD n INT DEFAULT 8", "INSERT INTO t_add_again VALUES (203,'c',0,1)"}),
		change("column added with the time of the change", "t_add_now", base, one, two,
			[]string{"ALTER TABLE t_add_now ADD n TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "INSERT INTO t_add_now VALUES (201,'c',0,'2026-01-01 00:00:00')"}).
			but("", Warned, untouched+", and the default is not the same for all rows: NULL until the table is captured again"),
		change("column added with a default of quotes and backslashes", "t_add_quoted", base, one, two,
			[]string{`ALTER TABLE t_add_quoted ADD s VARCHAR(20) NOT NULL DEFAULT 'it''s \\'`, "INSERT INTO t_add_quoted VALUES (201,'c',0,'x')"}).
			but("", Warned, "Debezium sends such a default as it stood in the statement, or not: NULL until the table is captured again"),
		change("column renamed and moved", "t_rename_move", base, one, two,
			[]string{"ALTER TABLE t_rename_move CHANGE v w VARCHAR(10) AFTER touched", "INSERT INTO t_rename_move VALUES (201,0,'c')"}).
			but("", Warned, untouched+", and the column may be a new one as well: NULL until the table is captured again"),
		change("column added, then one replaced by another", "t_replace", base, one, two,
			[]string{"ALTER TABLE t_replace ADD n INT NOT NULL DEFAULT 5", "INSERT INTO t_replace VALUES (201,'c',0,1)"},
			[]string{"ALTER TABLE t_replace DROP v, ADD m DATE DEFAULT '2026-01-01'", "INSERT INTO t_replace VALUES (202,0,1,NULL)"}).
			but(avro+"|"+avroMaria, Warned, nullReplaced),
		change("two columns renamed, rows not written since", "t_rename_two", "id INT PRIMARY KEY, v VARCHAR(10), w INT NOT NULL, touched INT", "(1,'a',5,0),(2,NULL,6,0)", "(101,'a',7,0)",
			[]string{"ALTER TABLE t_rename_two RENAME COLUMN v TO name, RENAME COLUMN w TO number", "INSERT INTO t_rename_two VALUES (201,'c',8,0)", "UPDATE t_rename_two SET name = 'new' WHERE id = 1"}),
		change("columns added and dropped at once by INSTANT", "t_instant", base, one, two,
			[]string{"ALTER TABLE t_instant ADD n INT DEFAULT 3 FIRST, ALGORITHM=INSTANT", "INSERT INTO t_instant VALUES (9,201,'c',0)", "ALTER TABLE t_instant DROP COLUMN v, ALGORITHM=INSTANT", "UPDATE t_instant SET touched = 1 WHERE id <> 2"},
			[]string{"ALTER TABLE t_instant ADD m VARCHAR(5) DEFAULT 'm' AFTER n, ALGORITHM=INSTANT", "INSERT INTO t_instant VALUES (10,'x',202,0)"}).on(MySQL),
		change("columns reordered", "t_reorder", "id INT PRIMARY KEY, v VARCHAR(10), w VARCHAR(10), n INT", "(1,'a','b',1),(2,'c','d',2)", "(101,'e','f',3)",
			[]string{"ALTER TABLE t_reorder MODIFY w VARCHAR(10) FIRST, MODIFY v VARCHAR(10) AFTER n", "INSERT INTO t_reorder VALUES ('w',201,4,'v')", "UPDATE t_reorder SET n = 9 WHERE id = 1"}),
		change("ENUM's labels swapped", "t_enum_swap", "id INT PRIMARY KEY, v ENUM('a','b'), s SET('x','y')", "(1,'a','x'),(2,'b','x,y')", "(101,'a','y')",
			[]string{"ALTER TABLE t_enum_swap MODIFY v ENUM('b','a'), MODIFY s SET('y','x')", "INSERT INTO t_enum_swap VALUES (201,'b','x,y')", "UPDATE t_enum_swap SET v = 'b' WHERE id = 1"}).
			but("main|MariaDB", Wider, "central labels keep their order; new ones come last"),
		change("VARCHAR made INT", "t_retype_back", "id INT PRIMARY KEY, v VARCHAR(10)", "(1,'7')", "(101,'-8')",
			[]string{"ALTER TABLE t_retype_back MODIFY v INT", "INSERT INTO t_retype_back VALUES (201,12)"}).
			but("main|MariaDB", Wider, "a text holds the numbers").but("plain", Equal, ""),
		change("key of two columns, one taken out", "t_key_less", "a INT, b INT, v INT, PRIMARY KEY (a, b)", "(1,1,1)", "(2,1,1)",
			[]string{"ALTER TABLE t_key_less DROP PRIMARY KEY, ADD PRIMARY KEY (a)", "INSERT INTO t_key_less VALUES (3,1,1)"}).
			but("", Reported, "the central key cannot follow while other stores have the old one: the table is held and the reason told"),
		change("charset of the key converted", "t_key_charset", "k VARCHAR(10) CHARACTER SET latin1 PRIMARY KEY, v INT", "('é',1),('b',1)", "('ö',1)",
			[]string{"ALTER TABLE t_key_charset CONVERT TO CHARACTER SET utf8mb4", "INSERT INTO t_key_charset VALUES ('日',1)", "UPDATE t_key_charset SET v = 2 WHERE k = 'é'", "DELETE FROM t_key_charset WHERE k = 'ö'"}),
	}
}

// lateCases are tables made while the connector streams: Debezium reads the
// statements as people write them, not as SHOW CREATE TABLE does.
func lateCases() []Case {
	late := func(name, table, columns string, rows ...string) Case {
		var first, second []string
		for i, row := range rows {
			first = append(first, fmt.Sprintf("INSERT INTO %s VALUES (%d, %s)", table, i+1, row))
			second = append(second, fmt.Sprintf("INSERT INTO %s VALUES (%d, %s)", table, i+101, row))
		}
		// The MariaDB connector's parser does not know all of these names.
		return shape(changes, name, table, append([]string{"CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, " + columns + ")"}, first...),
			second, []string{"DELETE FROM " + table + " WHERE id = 101"}).late().on(MySQL)
	}
	return []Case{
		late("numbers by their other names, made while streaming", "t_late_numbers",
			`a BOOL, b BOOLEAN NOT NULL DEFAULT FALSE, c DEC(10,2), d NUMERIC, e FIXED(8,3) UNSIGNED, f DOUBLE PRECISION, h INT1, i INT2 UNSIGNED, j INT3, k INT4, l INT8 UNSIGNED,
			m MIDDLEINT UNSIGNED, n BIT, o BIT(20), p FLOAT(30), q FLOAT8, r INTEGER UNSIGNED ZEROFILL, s BIGINT UNSIGNED, u TINYINT(1), v DECIMAL, w REAL, x INT(5), y DECIMAL(20)`,
			"1, 1, 12345678.91, 9999999999, 99999.999, 0.1, -128, 65535, -8388608, 2147483647, 18446744073709551615, 16777215, b'1', b'10000000000000000001', 0.1, 1e300, 42, 18446744073709551615, 1, -5, 0.1, 7, 12345678901234567890",
			"0, 0, -0.01, 0, 0, -1, 127, 0, 0, 0, 0, 0, b'0', b'1', 0.25, 0.1, 0, 0, 0, 0, 2.5, 0, 0",
			"NULL, 0"+strings.Repeat(", NULL", 21)).
			but("plain", Different, "REAL is sent as a number of four bytes where a statement in the binary log says so, and nothing tells that it has eight"),
		late("FLOAT4, made while streaming", "t_late_float4", "v FLOAT4", "0.5").
			refused("Debezium has no value for a column that a statement in the binary log calls FLOAT4: call it FLOAT"),
		late("text and bytes by their other names, made while streaming", "t_late_text",
			`a CHARACTER(10), b CHARACTER VARYING(20), c NATIONAL CHARACTER VARYING(20), d NCHAR(5), e NVARCHAR(9), f LONG VARCHAR, g LONG, h LONG VARBINARY, i TEXT(70000), j BLOB(300), k CHAR, l BINARY,
			m VARCHAR(20) CHARACTER SET latin1, p ENUM('a', 'b,c', 'd''e') NOT NULL, q SET('x','y'), r VARCHAR(10) COLLATE utf8mb4_bin, s CHAR VARYING(7), t JSON, u VARCHAR(5) CHARSET ascii, v NATIONAL CHAR(4)`,
			"'a', 'bä', 'c日', 'd', 'e', 'f', 'g', 0x00FF, REPEAT('i',66000), 0xFF00, 'k', 0x01, 'é', 'b,c', 'x,y', 'r', 's', '[1, 2.5]', 'u', 'v'",
			"'', '', '', '', '', '', '', '', '', '', '', '', '', 'd\\'e', '', '', '', '{}', '', ''",
			"NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'a', NULL, NULL, NULL, NULL, NULL, NULL").
			but("plain", Different, "the binary log leaves zeros out at the end of a BINARY, and without the store's types nothing tells how many"),
		late("CHAR BYTE, made while streaming", "t_late_bytes", "v CHAR(10) BYTE", "0x6162").
			but("", Reported, "Debezium takes a column for text that a statement in the binary log calls CHAR BYTE, and loses the zeros at its end: the sink reports it"),
		late("text of bytes, made while streaming", "t_late_binary", "v VARCHAR(10) CHARACTER SET binary, w CHAR(10) CHARACTER SET binary, x TEXT CHARACTER SET binary, y VARCHAR(10) BYTE", "0xFF00FE, 0xFF00, 0xC328, 0xFF00").
			but("", Reported, "Debezium takes columns for text that a statement in the binary log calls so, though they are of bytes: the sink reports it"),
		late("times and shapes, made while streaming", "t_late_times",
			"a DATETIME, b TIMESTAMP(3) NULL, c TIME(6), d YEAR, f DATE NOT NULL, g DATETIME(6) DEFAULT NOW(6), h TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, i POINT, j GEOMETRY, k TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00', l DATETIME(2) NOT NULL",
			"'2026-11-22 15:39:58', '2026-11-22 15:39:58.5', '-12:00:00.000001', 2026, '2024-02-29', '2026-11-22 15:39:58.123456', '2026-11-22 15:39:58', ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('LINESTRING(0 0,1 1)'), '2026-11-22 15:39:58', '2026-11-22 15:39:58.12'",
			"NULL, NULL, NULL, NULL, '9999-12-31', NULL, '2026-11-22 15:39:58', NULL, NULL, '1970-01-01 00:00:01', '1000-01-01 00:00:00'").
			but(avro, Warned, nullReplaced),
		late("table of a character set, made while streaming", "t_late_charset", "a VARCHAR(20), b TEXT, c CHAR(5) CHARACTER SET utf8mb4, d ENUM('é','ö')) DEFAULT CHARACTER SET latin1 COMMENT=('x'", "'é€', 'ü', '日', 'ö'", "NULL, NULL, NULL, NULL").
			replacing("COMMENT=('x')", "COMMENT='x'"),
	}
}

// disagreeCases are tables on which two stores cannot agree: the one that comes
// first is written, the other's table is held.
func disagreeCases() []Case {
	both := func(name, table, a, rowsA, b, rowsB string) Case {
		return Case{
			Group: stores, Name: name, Table: table,
			Steps:  [][]string{{"CREATE TABLE " + table + " (" + a + ")", "INSERT INTO " + table + " VALUES " + rowsA}},
			Second: [][]string{{}, {"CREATE TABLE " + table + " (" + b + ")", "INSERT INTO " + table + " VALUES " + rowsB}},
		}.but("second", Reported, "the two do not meet: the second store's table is held and the reason told")
	}
	return []Case{
		both("keys of other columns", "t_both_key", "a INT PRIMARY KEY, b INT NOT NULL", "(1,1)", "a INT NOT NULL, b INT PRIMARY KEY", "(1,1)"),
		both("one store has no key", "t_both_keyless", "a INT PRIMARY KEY, b INT", "(1,1)", "a INT, b INT", "(1,1)"),
		both("a number and a date", "t_both_clash", "id INT PRIMARY KEY, v INT", "(1,1)", "id INT PRIMARY KEY, v DATE", "(1,'2026-01-01')"),
	}
}
