package exam

// alteredCases are what ALTER TABLE does to rows that the store does not write
// again: no event tells of them.
func alteredCases() []Case {
	change := func(name, table, columns, first, second string, later ...[]string) Case {
		steps := [][]string{
			{"CREATE TABLE " + table + " (" + columns + ")", "INSERT INTO " + table + " VALUES " + first},
			{"INSERT INTO " + table + " VALUES " + second},
		}
		return Case{Group: changes, Name: name, Table: table, Steps: append(steps, later...)}
	}
	const wider = "a central column never becomes narrower"
	const unsaid = "without column.propagate.source.type nothing tells how many digits, letters or bytes a column holds"
	const replaced = "no event tells that a name has gone over to another column: the sink reports the statement"
	const filled = "no event tells what the server has put into the rows: the sink reports the statement"
	base, one, two := "id INT PRIMARY KEY, v VARCHAR(20), n INT DEFAULT 0", "(1,'a',1),(2,'b',2)", "(101,'a',3),(102,'b',4)"
	return []Case{
		change("numbers rounded, rows not written since", "t_rounded",
			"id INT PRIMARY KEY, a DECIMAL(10,3), b DECIMAL(10,2), c DOUBLE, d DOUBLE, e FLOAT, f BIGINT",
			"(1,1.25,1.50,0.105,0.1,0.1,1),(2,-1.35,-2.50,2.345,123456789.123,0.5,2)", "(101,1.25,1.50,0.105,0.1,16777217,3),(102,NULL,NULL,NULL,NULL,NULL,NULL)",
			[]string{"ALTER TABLE t_rounded MODIFY a DECIMAL(10,1), MODIFY b INT, MODIFY c DECIMAL(10,2), MODIFY d FLOAT, MODIFY e DOUBLE, MODIFY f INT", "INSERT INTO t_rounded VALUES (201,0.5,1,2.5,0.3,0.3,4)"}).
			but("main|MariaDB", Wider, wider),
		change("numbers that do not fit cut, rows not written since", "t_clipped",
			"id INT PRIMARY KEY, a INT, b INT, c DECIMAL(10,2), d INT NULL, e VARCHAR(9) NULL", "(1,300,-300,12345.67,NULL,NULL),(2,-5,5,1.5,7,'x')", "(101,-300,0,-12345.67,NULL,NULL)",
			[]string{
				"ALTER TABLE t_clipped MODIFY a TINYINT, MODIFY b INT UNSIGNED, MODIFY c DECIMAL(5,2), MODIFY d INT NOT NULL, MODIFY e VARCHAR(9) NOT NULL DEFAULT 'new'",
				"INSERT INTO t_clipped VALUES (201,1,4294967295,1.5,1,'y')",
			}).lax().but("main|MariaDB", Wider, wider).but("plain", Different, unsaid),
		change("texts and bytes cut and padded, rows not written since", "t_padded",
			"id INT PRIMARY KEY, a VARCHAR(10), b VARCHAR(10), c BINARY(4), d VARBINARY(4), e TEXT, f VARBINARY(9)",
			"(1,'äbcdef','a  ',0x61626364,0x61,'long enough',0x010203),(2,'x','b',0x61,'','x ',0x01)", "(101,'äbcdef','a  ',0x61,0x0000,NULL,NULL)",
			[]string{"ALTER TABLE t_padded MODIFY a VARCHAR(3), MODIFY b CHAR(10), MODIFY c BINARY(8), MODIFY d BINARY(6), MODIFY e VARCHAR(4), MODIFY f VARBINARY(2)", "INSERT INTO t_padded VALUES (201,'abc','c',0x6162636465666768,0x61,'y',0x01)"}).
			lax().but("main|MariaDB", Wider, wider).but("plain", Different, unsaid),
		change("DATETIME made DATE, rows not written since", "t_date_only", "id INT PRIMARY KEY, v DATETIME, touched INT", "(1,'2026-01-01 12:00:00',0)", "(101,'2026-12-31 23:59:59',0)",
			[]string{"ALTER TABLE t_date_only MODIFY v DATE", "INSERT INTO t_date_only VALUES (201,'2026-01-01',0)"}).lax().but("main|MariaDB", Wider, wider),
		change("fractions of seconds taken away, rows not written since", "t_seconds", "id INT PRIMARY KEY, a DATETIME(6), b TIMESTAMP(3) NULL, c TIME(6)",
			"(1,'2026-01-01 00:00:00.6','2026-01-01 00:00:00.6','10:00:00.6')", "(101,'2026-12-31 23:59:59.999999',NULL,'-00:00:00.5')",
			[]string{"ALTER TABLE t_seconds MODIFY a DATETIME, MODIFY b TIMESTAMP NULL, MODIFY c TIME", "INSERT INTO t_seconds VALUES (201,'2026-01-01','2026-01-01','10:00:00')"}).
			but("", Warned, "MySQL rounds, MariaDB cuts, and both can be told to do as the other: the sink warns of the columns if there are such fractions"),
		change("ENUM's and SET's labels taken away, rows not written since", "t_labels_gone", "id INT PRIMARY KEY, e ENUM('a','b','c'), s SET('a','b','c')", "(1,'c','a,c'),(2,'a','b')", "(101,'b','c')",
			[]string{"ALTER TABLE t_labels_gone MODIFY e ENUM('b','a'), MODIFY s SET('a','b')", "INSERT INTO t_labels_gone VALUES (201,'b','a')"}).lax().
			but("", Warned, "what becomes of a value depends on sql_mode: the sink warns of the columns if there are such values"),
		change("charset converted to one with fewer letters", "t_recoded", base, "(1,'日本',1),(2,'é',2)", "(101,'日',3)",
			[]string{"ALTER TABLE t_recoded CONVERT TO CHARACTER SET latin1", "INSERT INTO t_recoded VALUES (201,'é',5)"}).lax().
			but("", Reported, "letters become question marks, of which no event tells: the sink reports the statement"),
		change("key column made longer by zeros", "t_key_padded", "k BINARY(4) PRIMARY KEY, v INT", "(0x61,1),(0x62,2)", "(0x63,3)",
			[]string{"ALTER TABLE t_key_padded MODIFY k BINARY(8)", "INSERT INTO t_key_padded VALUES (0x6465666768,4)", "UPDATE t_key_padded SET v=9 WHERE v=1", "DELETE FROM t_key_padded WHERE v=2"}).
			but("main|MariaDB", Wider, "a column for both lengths is a VARBINARY").but("plain", Different, unsaid),
		change("key columns of wider types", "t_key_wider", "a DATETIME, b ENUM('a','b'), c DECIMAL(6,2), d CHAR(5), v INT, PRIMARY KEY (a,b,c,d)", "('2026-01-01','a',1.5,'x',1),('2026-01-02','b',2,'y',2)", "('2026-01-03','a',3.25,'z',3)",
			[]string{
				"ALTER TABLE t_key_wider MODIFY a DATETIME(6), MODIFY b ENUM('c','b','a'), MODIFY c DECIMAL(10,4), MODIFY d VARCHAR(30)", "INSERT INTO t_key_wider VALUES ('2026-01-01 00:00:00.000001','c',1.5001,'longer',4)",
				"UPDATE t_key_wider SET v=9 WHERE v=1", "DELETE FROM t_key_wider WHERE v=2",
			}).but("main|MariaDB", Wider, "central labels keep their order; new ones come last"),

		change("column dropped and made anew in one statement", "t_anew", base, one, two,
			[]string{"ALTER TABLE t_anew DROP v, ADD v VARCHAR(20) DEFAULT 'new'", "INSERT INTO t_anew VALUES (201,5,'x')"}).but("", Reported, replaced),
		change("column dropped and made anew in two statements", "t_anew_later", base, one, two,
			[]string{"ALTER TABLE t_anew_later DROP v", "ALTER TABLE t_anew_later ADD v VARCHAR(20) AFTER id", "INSERT INTO t_anew_later VALUES (201,'x',5)"}).but("", Reported, replaced),
		change("column renamed, its old name given to another", "t_name_taken", base, one, two,
			[]string{"ALTER TABLE t_name_taken RENAME COLUMN n TO m, ADD n INT DEFAULT 77", "INSERT INTO t_name_taken VALUES (201,'x',5,6)"}).but("", Reported, replaced),
		change("names swapped in three statements", "t_swap_three", "id INT PRIMARY KEY, a INT, b INT", "(1,1,2),(2,3,4)", "(101,5,6)",
			[]string{"ALTER TABLE t_swap_three RENAME COLUMN a TO t", "ALTER TABLE t_swap_three RENAME COLUMN b TO a", "ALTER TABLE t_swap_three RENAME COLUMN t TO b", "INSERT INTO t_swap_three VALUES (201,8,9)"}).but("", Reported, replaced),
		change("column renamed there and back, another twice", "t_rename_back", base, one, two,
			[]string{
				"ALTER TABLE t_rename_back RENAME COLUMN n TO m", "ALTER TABLE t_rename_back RENAME COLUMN m TO n", "ALTER TABLE t_rename_back RENAME COLUMN v TO w", "ALTER TABLE t_rename_back RENAME COLUMN w TO name",
				"INSERT INTO t_rename_back VALUES (201,'x',5)",
			}),
		change("column renamed and widened, another added", "t_rename_wider", base, one, two,
			[]string{"ALTER TABLE t_rename_wider CHANGE n total BIGINT NOT NULL DEFAULT 0, ADD x DATE DEFAULT '2026-01-01'", "INSERT INTO t_rename_wider VALUES (201,'x',5,NULL)"}).
			but("", Warned, untouched+", and the column may be a new one as well: NULL until the table is captured again"),
		change("generated columns and a number added", "t_filled", base, one, two,
			[]string{"ALTER TABLE t_filled ADD g INT AS (n * 2) STORED, ADD h VARCHAR(30) GENERATED ALWAYS AS (CONCAT(v, '!')) VIRTUAL, ADD no INT NOT NULL AUTO_INCREMENT UNIQUE", "INSERT INTO t_filled (id, v, n) VALUES (201,'x',5)"}).
			but("", Reported, filled),
		change("columns added with expressions and digits for defaults", "t_filled_default", base, one, two,
			[]string{"ALTER TABLE t_filled_default ADD u INT DEFAULT (1 + 2), ADD w VARCHAR(40) NOT NULL DEFAULT (CONCAT('a', 'b')), ADD d DATE DEFAULT (CURRENT_DATE), ADD b VARBINARY(4) DEFAULT 0x00FF", "INSERT INTO t_filled_default (id, v, n) VALUES (201,'x',5)"}).
			but("", Reported, filled),
		change("generated column's expression changed", "t_filled_anew", "id INT PRIMARY KEY, n INT, g INT AS (n * 2) STORED", "(1,1,DEFAULT),(2,2,DEFAULT)", "(101,3,DEFAULT)",
			[]string{"ALTER TABLE t_filled_anew MODIFY g INT AS (n * 3) STORED", "INSERT INTO t_filled_anew (id, n) VALUES (201,5)"}).but("", Reported, filled),
		change("columns added, renamed and dropped between rows", "t_in_flight", base, one, two,
			[]string{
				"INSERT INTO t_in_flight VALUES (200,'x',5)", "ALTER TABLE t_in_flight ADD a INT DEFAULT 1", "INSERT INTO t_in_flight VALUES (201,'x',5,2)", "UPDATE t_in_flight SET a=9 WHERE id=1",
				"ALTER TABLE t_in_flight DROP a", "DELETE FROM t_in_flight WHERE id=2", "ALTER TABLE t_in_flight ADD b INT DEFAULT 2", "ALTER TABLE t_in_flight RENAME COLUMN b TO c", "INSERT INTO t_in_flight VALUES (203,'x',5,7)",
			}),
		change("what changes no row", "t_no_change", base, one, two,
			[]string{
				"ALTER TABLE t_no_change ADD INDEX i (v), ADD UNIQUE u (id, n), ROW_FORMAT=DYNAMIC, COMMENT='DROP v, ADD v INT AS (1)', AUTO_INCREMENT=5", "CREATE INDEX j ON t_no_change (n)",
				"ALTER TABLE t_no_change FORCE", "ALTER TABLE t_no_change ALTER n SET DEFAULT 9, DROP INDEX i, MODIFY v VARCHAR(20) COMMENT 'x'", "INSERT INTO t_no_change VALUES (201,'x',8)",
			}),
	}
}
