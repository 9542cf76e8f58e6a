package exam

const (
	changes = "Schema changes while streaming"
	stores  = "Two stores"
)

const untouched = "rows the store has not written since get no event"

func changeCases() []Case {
	change := func(name, table, columns, first, second string, later ...[]string) Case {
		steps := [][]string{
			{"CREATE TABLE " + table + " (" + columns + ")", "INSERT INTO " + table + " VALUES " + first},
			{"INSERT INTO " + table + " VALUES " + second},
		}
		return Case{Group: changes, Name: name, Table: table, Steps: append(steps, later...)}
	}
	touch := func(t string) string { return "UPDATE " + t + " SET touched = touched + 1" }
	base := "id INT PRIMARY KEY, v VARCHAR(10), touched INT DEFAULT 0"
	one, two := "(1,'a',0),(2,'b',0)", "(101,'a',0),(102,'b',0)"
	return []Case{
		change("column added", "t_add", base, one, two,
			[]string{"ALTER TABLE t_add ADD n DECIMAL(10,2), ADD d DATETIME(3)", "INSERT INTO t_add VALUES (201,'c',0,1.5,'2026-01-01 00:00:00.5')", "UPDATE t_add SET n = 2 WHERE id = 1"}),
		change("column added in the middle", "t_add_middle", base, one, two,
			[]string{"ALTER TABLE t_add_middle ADD n INT AFTER id, ADD f INT FIRST", "INSERT INTO t_add_middle VALUES (5,201,7,'c',0)", "UPDATE t_add_middle SET n = 2, f = 3 WHERE id = 1"}),
		change("column added with a default, rows written since", "t_add_default", base, one, two,
			[]string{"ALTER TABLE t_add_default ADD n INT NOT NULL DEFAULT 7", "INSERT INTO t_add_default VALUES (201,'c',0,1)", touch("t_add_default")}),
		change("column added with a default, rows not written since", "t_add_untouched", base, one, two,
			[]string{"ALTER TABLE t_add_untouched ADD n INT NOT NULL DEFAULT 7", "INSERT INTO t_add_untouched VALUES (201,'c',0,1)"}),
		change("VARCHAR widened", "t_widen", base, one, two,
			[]string{"ALTER TABLE t_widen MODIFY v VARCHAR(200)", "INSERT INTO t_widen VALUES (201,REPEAT('x',200),0)", "UPDATE t_widen SET v = REPEAT('y',150) WHERE id = 1"}),
		change("INT widened to BIGINT, then UNSIGNED", "t_widen_int", "id INT PRIMARY KEY, v SMALLINT, touched INT", "(1,32767,0)", "(101,-32768,0)",
			[]string{"ALTER TABLE t_widen_int MODIFY v BIGINT", "INSERT INTO t_widen_int VALUES (201,9223372036854775807,0)"},
			[]string{"DELETE FROM t_widen_int WHERE v < 0", "ALTER TABLE t_widen_int MODIFY v BIGINT UNSIGNED", "INSERT INTO t_widen_int VALUES (202,18446744073709551615,0)"}).
			but("main|MariaDB", Wider, "signed and unsigned values together need DECIMAL(20,0)").
			but("plain long", Different, "bigint.unsigned.handling.mode=long wraps values beyond 2^63-1"),
		change("DECIMAL widened on both sides", "t_widen_decimal", "id INT PRIMARY KEY, v DECIMAL(6,2), touched INT", "(1,1234.56,0)", "(101,-9999.99,0)",
			[]string{"ALTER TABLE t_widen_decimal MODIFY v DECIMAL(12,4)", "INSERT INTO t_widen_decimal VALUES (201,12345678.1234,0)"}),
		change("DATETIME made DATETIME(6)", "t_widen_datetime", "id INT PRIMARY KEY, v DATETIME, x TIMESTAMP, y TIME, touched INT", "(1,'2026-01-01 01:02:03','2026-01-01 01:02:03','-10:00:00',0)", "(101,'2026-01-01 01:02:03','2026-01-01 01:02:03','10:00:00',0)",
			[]string{"ALTER TABLE t_widen_datetime MODIFY v DATETIME(6), MODIFY x TIMESTAMP(6) NULL, MODIFY y TIME(6)", "INSERT INTO t_widen_datetime VALUES (201,'2026-01-01 01:02:03.456789','2026-01-01 01:02:03.456789','-00:00:00.000001',0)"}),
		change("TEXT made LONGTEXT, BLOB made LONGBLOB", "t_widen_text", "id INT PRIMARY KEY, v TINYTEXT, b BLOB, touched INT", "(1,'a',0x00,0)", "(101,'b',0x01,0)",
			[]string{"ALTER TABLE t_widen_text MODIFY v LONGTEXT, MODIFY b LONGBLOB", "INSERT INTO t_widen_text VALUES (201,REPEAT('x',100000),REPEAT(0xFF,100000),0)"}),
		change("column narrowed", "t_narrow", base, one, two,
			[]string{"ALTER TABLE t_narrow MODIFY v VARCHAR(5)", "INSERT INTO t_narrow VALUES (201,'xyz',0)"}).
			but("main|MariaDB", Wider, "a central column never becomes narrower"),
		change("column dropped", "t_drop", base, one, two,
			[]string{"ALTER TABLE t_drop DROP v", "INSERT INTO t_drop VALUES (201,0)", touch("t_drop"), "DELETE FROM t_drop WHERE id = 2"}),
		change("NOT NULL column dropped", "t_drop_required", "id INT PRIMARY KEY, v VARCHAR(10) NOT NULL, touched INT", one, two,
			[]string{"ALTER TABLE t_drop_required DROP v", "INSERT INTO t_drop_required VALUES (201,0)", touch("t_drop_required")}),
		change("column renamed, rows written since", "t_rename", base, one, two,
			[]string{"ALTER TABLE t_rename RENAME COLUMN v TO w", "INSERT INTO t_rename VALUES (201,'c',0)", touch("t_rename")}),
		change("column renamed, rows not written since", "t_rename_untouched", base, one, two,
			[]string{"ALTER TABLE t_rename_untouched RENAME COLUMN v TO w", "INSERT INTO t_rename_untouched VALUES (201,'c',0)"}),
		change("column made nullable", "t_nullable", "id INT PRIMARY KEY, v VARCHAR(10) NOT NULL, touched INT", one, two,
			[]string{"ALTER TABLE t_nullable MODIFY v VARCHAR(10) NULL", "INSERT INTO t_nullable VALUES (201,NULL,0)", "UPDATE t_nullable SET v = NULL WHERE id = 1"}),
		change("ENUM and SET extended", "t_enum_more", "id INT PRIMARY KEY, v ENUM('a','b'), s SET('a','b'), touched INT", "(1,'a','a',0),(2,'b','a,b',0)", "(101,'a','b',0)",
			[]string{"ALTER TABLE t_enum_more MODIFY v ENUM('a','b','c'), MODIFY s SET('a','b','c')", "INSERT INTO t_enum_more VALUES (201,'c','a,c',0)"}),
		change("ENUM reordered, a label put in front", "t_enum_order", "id INT PRIMARY KEY, v ENUM('a','b'), touched INT", "(1,'a',0),(2,'b',0)", "(101,'a',0)",
			[]string{"ALTER TABLE t_enum_order MODIFY v ENUM('z','b','a')", "INSERT INTO t_enum_order VALUES (201,'z',0)"}).
			but("main|MariaDB", Wider, "central labels keep their order; new ones come last"),
		change("INT made VARCHAR", "t_retype", "id INT PRIMARY KEY, v INT, touched INT", "(1,7,0)", "(101,-8,0)",
			[]string{"ALTER TABLE t_retype MODIFY v VARCHAR(20)", "INSERT INTO t_retype VALUES (201,'x',0)"}).
			but("", Reported, "a number and a text do not meet: the table is held and the reason told"),
		change("table renamed", "t_renamed", base, one, two,
			[]string{"RENAME TABLE t_renamed TO t_renamed_old", "CREATE TABLE t_renamed LIKE t_renamed_old", "INSERT INTO t_renamed SELECT * FROM t_renamed_old"}).
			but("", Reported, "RENAME TABLE sends no event of rows: they stay under the old name, and the sink reports it"),
		change("table renamed to the name of another", "t_taken", base, one, two,
			[]string{"CREATE TABLE t_taken_new (" + base + ")", "INSERT INTO t_taken_new VALUES (1,'new',0),(7,'new',0)", "RENAME TABLE t_taken TO t_taken_old, t_taken_new TO t_taken"}).
			but("", Reported, "RENAME TABLE sends no event of rows: those of the old table stay, and the sink reports it"),
		change("key changed to other columns", "t_rekey", base, one, two,
			[]string{"ALTER TABLE t_rekey MODIFY v VARCHAR(10) NOT NULL, DROP PRIMARY KEY, ADD PRIMARY KEY (id, v)", "INSERT INTO t_rekey VALUES (1,'other',0)"}).
			but("", Reported, "the central key cannot follow while other stores have the old one: the table is held and the reason told"),
		change("table truncated", "t_truncate", base, one, two,
			[]string{"TRUNCATE TABLE t_truncate", "INSERT INTO t_truncate VALUES (201,'c',0)"}),
		change("table dropped and made again", "t_again", base, one, two,
			[]string{"DELETE FROM t_again", "DROP TABLE t_again"},
			[]string{"CREATE TABLE t_again (id INT PRIMARY KEY, x DATETIME(3))", "INSERT INTO t_again VALUES (1,'2026-01-01 00:00:00.5')"}),
		change("table dropped with its rows and made again", "t_dropped", base, one, two,
			[]string{"DROP TABLE t_dropped", "CREATE TABLE t_dropped (" + base + ")", "INSERT INTO t_dropped VALUES (1,'new',0)"}).
			but("", Reported, "DROP TABLE sends no event of rows: the old ones stay, and the sink reports it"),
		change("table made while streaming", "t_later", base, one, two).late(),
		change("two columns swap their names", "t_swap", "id INT PRIMARY KEY, v VARCHAR(10), w VARCHAR(10), touched INT", "(1,'a','b',0)", "(101,'a','b',0)",
			[]string{"ALTER TABLE t_swap CHANGE v w VARCHAR(10), CHANGE w v VARCHAR(10)", touch("t_swap")}).
			on(MySQL).refused("Debezium loses a column when two swap their names in one statement (\"internal schema size 3, but row size 4\"): swap them in three statements"),
		change("column dropped and added with another type", "t_readd", base, one, two,
			[]string{"ALTER TABLE t_readd DROP v, ADD v VARCHAR(90)", touch("t_readd")},
			[]string{"ALTER TABLE t_readd DROP v, ADD v TEXT", "UPDATE t_readd SET v = REPEAT('x', 1000), touched = touched + 1"}).
			but("MariaDB", Reported, "all rows have been written since and are equal, but within the second of the statement, and MariaDB's events have no more than seconds"),
		change("VARCHAR made TEXT, CHAR made VARCHAR, BIT longer", "t_widen_more", "id INT PRIMARY KEY, v VARCHAR(10), c CHAR(5), b BIT(3), touched INT", "(1,'a','b',b'101',0)", "(101,'a','b',b'1',0)",
			[]string{"ALTER TABLE t_widen_more MODIFY v TEXT, MODIFY c VARCHAR(50), MODIFY b BIT(20)", "INSERT INTO t_widen_more VALUES (201,REPEAT('x',1000),REPEAT('c',50),b'10000000000000000001',0)"}),
		change("INT made DECIMAL, FLOAT made DOUBLE", "t_widen_number", "id INT PRIMARY KEY, v INT, f FLOAT, touched INT", "(1,-7,0.1,0)", "(101,8,2.5,0)",
			[]string{"ALTER TABLE t_widen_number MODIFY v DECIMAL(12,2), MODIFY f DOUBLE", "INSERT INTO t_widen_number VALUES (201,1234567890.12,0.123456789012345,0)", touch("t_widen_number")}),
		change("DATE made DATETIME", "t_widen_date", "id INT PRIMARY KEY, v DATE, touched INT", "(1,'2026-01-01',0)", "(101,'1999-12-31',0)",
			[]string{"ALTER TABLE t_widen_date MODIFY v DATETIME(3)", "INSERT INTO t_widen_date VALUES (201,'2026-01-01 10:00:00.123',0)"}),
		change("ENUM made VARCHAR", "t_enum_text", "id INT PRIMARY KEY, v ENUM('a','b'), touched INT", "(1,'a',0)", "(101,'b',0)",
			[]string{"ALTER TABLE t_enum_text MODIFY v VARCHAR(30)", "INSERT INTO t_enum_text VALUES (201,'something else',0)"}),
		change("ENUM label renamed", "t_enum_rename", "id INT PRIMARY KEY, v ENUM('a','b'), touched INT", "(1,'b',0)", "(101,'b',0)",
			[]string{"ALTER TABLE t_enum_rename MODIFY v ENUM('a','b','c')", "UPDATE t_enum_rename SET v = 'c'", "ALTER TABLE t_enum_rename MODIFY v ENUM('a','c')", "INSERT INTO t_enum_rename VALUES (201,'c',0)"}).
			but("main|MariaDB", Wider, "a central label is never taken away"),
		change("DATETIME made TIMESTAMP", "t_retype_time", "id INT PRIMARY KEY, v DATETIME, touched INT", "(1,'2026-01-01',0)", "(101,'2026-01-01',0)",
			[]string{"ALTER TABLE t_retype_time MODIFY v TIMESTAMP NULL", "INSERT INTO t_retype_time VALUES (201,'2026-07-01 12:00:00',0)"}).
			but("", Wider, "an instant is kept in the DATETIME, in UTC").but("plain", Equal, ""),
		change("key column widened", "t_key_widen", "k VARCHAR(5), v INT, touched INT, PRIMARY KEY (k)", "('a',1,0)", "('b',1,0)",
			[]string{"ALTER TABLE t_key_widen MODIFY k VARCHAR(60)", "INSERT INTO t_key_widen VALUES (REPEAT('k',60),1,0)", touch("t_key_widen"), "DELETE FROM t_key_widen WHERE k = 'b'"}),
		change("key column renamed", "t_key_rename", "id INT, v INT, touched INT, PRIMARY KEY (id)", "(1,1,0)", "(101,1,0)",
			[]string{"ALTER TABLE t_key_rename RENAME COLUMN id TO number", "INSERT INTO t_key_rename VALUES (201,1,0)"}).
			but("", Reported, "the key's new name is another key: the table is held and the reason told"),
		change("key added to a table without one", "t_key_add", "id INT, v INT, touched INT", "(1,1,0),(2,2,0)", "(101,1,0)",
			[]string{"ALTER TABLE t_key_add ADD PRIMARY KEY (id)", "UPDATE t_key_add SET v = 5 WHERE id = 1", "DELETE FROM t_key_add WHERE id = 2"}).
			but("", Reported, "rows without a key cannot become rows with one: the table is held and the reason told"),
		change("key taken away", "t_key_drop", "id INT PRIMARY KEY, v INT, touched INT", "(1,1,0),(2,2,0)", "(101,1,0)",
			[]string{"ALTER TABLE t_key_drop DROP PRIMARY KEY", "INSERT INTO t_key_drop VALUES (1,7,0)"}).
			but("", Reported, "rows with a key cannot become rows without one: the table is held and the reason told"),
		change("table without a key, column added and truncated", "t_keyless_alter", "a INT, v VARCHAR(10)", "(1,'a'),(1,'a')", "(2,'b')",
			[]string{"ALTER TABLE t_keyless_alter ADD n DECIMAL(5,2)", "INSERT INTO t_keyless_alter VALUES (3,'c',1.5)", "UPDATE t_keyless_alter SET n = 2 WHERE a = 1", "DELETE FROM t_keyless_alter WHERE a = 2"},
			[]string{"TRUNCATE t_keyless_alter", "INSERT INTO t_keyless_alter VALUES (4,'d',4)"}),
		change("partitioned table", "t_partitioned", base+") PARTITION BY HASH (id) PARTITIONS (4", one, two, []string{touch("t_partitioned"), "DELETE FROM t_partitioned WHERE id = 2"}).
			replacing("PARTITIONS (4)", "PARTITIONS 4"),
		change("charset converted", "t_convert", "id INT PRIMARY KEY, v VARCHAR(10) CHARACTER SET latin1, touched INT", "(1,'é',0)", "(101,'ö',0)",
			[]string{"ALTER TABLE t_convert CONVERT TO CHARACTER SET utf8mb4", "INSERT INTO t_convert VALUES (201,'日本🧾',0)"}),
		change("online change by a copy and a rename", "t_ghost", base, one, two,
			[]string{
				"CREATE TABLE _t_ghost_new (id INT PRIMARY KEY, v VARCHAR(50), touched INT, extra INT)", "INSERT INTO _t_ghost_new SELECT id, v, touched, 5 FROM t_ghost",
				"RENAME TABLE t_ghost TO _t_ghost_old, _t_ghost_new TO t_ghost", "INSERT INTO t_ghost VALUES (201,REPEAT('x',50),0,6)", touch("t_ghost"),
			}),
		change("online change by a copy and a rename, the copies dropped", "t_gho", base, one, two,
			[]string{
				"CREATE TABLE _t_gho_ghc (id INT PRIMARY KEY)", "INSERT INTO _t_gho_ghc VALUES (1)",
				"CREATE TABLE _t_gho_gho LIKE t_gho", "ALTER TABLE _t_gho_gho ADD extra INT NOT NULL DEFAULT 5", "INSERT INTO _t_gho_gho SELECT id, v, touched, 5 FROM t_gho",
				"RENAME TABLE t_gho TO _t_gho_del, _t_gho_gho TO t_gho", "INSERT INTO t_gho VALUES (201,'c',0,6)",
			},
			[]string{"DROP TABLE _t_gho_del", "DROP TABLE _t_gho_ghc"}),
	}
}

// late makes the table after the connector has started.
func (c Case) late() Case {
	c.Steps = append([][]string{{}}, c.Steps...)
	return c
}

// storeCases are tables of which two stores have different versions. The
// central columns hold both, so that one store's definition is not theirs.
func storeCases() []Case {
	both := func(name, table, a, rowsA, b, rowsB string, later ...string) Case {
		return Case{
			Group: stores, Name: name, Table: table,
			Steps: [][]string{
				{"CREATE TABLE " + table + " (" + a + ")", "INSERT INTO " + table + " VALUES " + rowsA}, {}, later,
			},
			Second: [][]string{
				{"CREATE TABLE " + table + " (" + b + ")", "INSERT INTO " + table + " VALUES " + rowsB}, {}, later,
			},
		}.but("main|second", Wider, "the central column holds what both stores have")
	}
	same := func(c Case) Case { c.Expect = nil; return c }
	return []Case{
		same(both("same ids, same definition", "t_both", "id INT PRIMARY KEY, v VARCHAR(10)", "(1,'a'),(2,'b')", "id INT PRIMARY KEY, v VARCHAR(10)", "(1,'x'),(2,'y')",
			"UPDATE t_both SET v = CONCAT(v, '!') WHERE id = 1", "DELETE FROM t_both WHERE id = 2")),
		same(both("one store has a column more", "t_both_more", "id INT PRIMARY KEY, v VARCHAR(10)", "(1,'a')", "id INT PRIMARY KEY, n INT NOT NULL, v VARCHAR(10)", "(1,5,'x')",
			"UPDATE t_both_more SET v = 'changed'")),
		both("VARCHAR of different length, DECIMAL of different scale", "t_both_wide", "id INT PRIMARY KEY, v VARCHAR(10), d DECIMAL(10,2)", "(1,'a',12345678.12)",
			"id INT PRIMARY KEY, v VARCHAR(90), d DECIMAL(10,6)", "(1,REPEAT('x',90),1234.123456)", "UPDATE t_both_wide SET v = 'changed'"),
		both("INT and BIGINT UNSIGNED, ENUMs of different labels", "t_both_int", "id INT PRIMARY KEY, v INT, e ENUM('a','b')", "(1,-1,'b')",
			"id BIGINT PRIMARY KEY, v BIGINT UNSIGNED, e ENUM('b','c')", "(9000000000,18446744073709551615,'c')", "UPDATE t_both_int SET e = 'b'"),
		both("DATETIME and DATETIME(6), DATE and DATETIME", "t_both_time", "id INT PRIMARY KEY, v DATETIME, d DATE", "(1,'2026-01-01 01:02:03','2026-01-01')",
			"id INT PRIMARY KEY, v DATETIME(6), d DATETIME", "(1,'2026-01-01 01:02:03.456789','2026-01-01 10:00:00')", "UPDATE t_both_time SET id = 3").onlyIn(Main),
		both("CHAR and VARCHAR, latin1 and utf8mb4", "t_both_text", "id INT PRIMARY KEY, v CHAR(10) CHARACTER SET latin1, w TEXT", "(1,'é','a')",
			"id INT PRIMARY KEY, v VARCHAR(10), w LONGTEXT", "(1,'日本','b')", "UPDATE t_both_text SET w = 'changed'").onlyIn(Main),
	}
}

// onlyIn keeps what is expected of one room.
func (c Case) onlyIn(room string) Case {
	c.Expect = map[string]Expectation{room: c.Expect[room]}
	return c
}
