package exam

import (
	"fmt"
	"strings"
)

// edgeCases are what real stores have and type tables do not: limits of the
// server, keys of odd kinds, and statements that write rows in other ways than
// INSERT.
func edgeCases() []Case {
	return append(append(limitCases(), oddKeyCases()...), writerCases()...)
}

// limitCases are tables as large as the store's server lets them be. The central
// table has the sink's columns besides.
func limitCases() []Case {
	columns := func(n int, format string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(list, ", ")
	}
	many := func(name, table string, n int, column string) Case {
		return shape(names, name, table,
			[]string{fmt.Sprintf("CREATE TABLE %s (id INT PRIMARY KEY, %s)", table, columns(n-1, column)), "INSERT INTO " + table + " (id, c0) VALUES (1,1),(2,2)"},
			[]string{fmt.Sprintf("INSERT INTO %s (id, c%d) VALUES (101,1),(102,2)", table, n-2)},
			[]string{"UPDATE " + table + " SET c1 = 3 WHERE id IN (1,101)", "DELETE FROM " + table + " WHERE id = 2"})
	}
	return []Case{
		many("1,000 columns", "t_columns_1000", 1000, "c%d INT"),
		many("1,017 columns, as many as InnoDB takes", "t_columns_1017", 1017, "c%d INT").
			but("", Reported, "the central table has columns of its own, and InnoDB takes 1,017: the table is held and the reason told"),
		many("190 columns of TEXT", "t_columns_text", 190, "c%d TEXT"),
		many("40 columns of CHAR(190) in latin1", "t_columns_char", 40, "c%d CHAR(190) CHARACTER SET latin1"),
		many("one VARCHAR as long as a row", "t_columns_long", 3, "c%d VARCHAR(8170)").
			but("main|MariaDB", Wider, "with the store's id the row exceeds MySQL's row size: TEXT"),
		many("60 columns of VARCHAR(250)", "t_columns_varchar", 60, "c%d VARCHAR(250)"),
	}
}

func oddKeyCases() []Case {
	long := func(c string, n int) string { return fmt.Sprintf("REPEAT('%s',%d)", c, n) }
	prefix := "the key's column is a VARCHAR or VARBINARY centrally, as TEXT and BLOB cannot be in a key whole"
	tooLong := "with the store's id the key exceeds InnoDB's 3,072 bytes: the table is held and the reason told"
	return []Case{
		keyed("key of a TEXT's prefix", "k TEXT", "k", []string{"'a'", "'it''s'"}, []string{"'b'", "'日本'"}).prefixed("(20)").
			but("main|MariaDB", Wider, prefix),
		keyed("key of a BLOB's prefix", "k BLOB", "k", []string{"0x00", "0x27FF"}, []string{"0x01", "0x5C"}).prefixed("(20)").
			but("main|MariaDB", Wider, prefix),
		keyed("key of a VARCHAR's prefix", "k VARCHAR(100)", "k", []string{"'a'", "'it''s'"}, []string{"'b'", "'日本'"}).prefixed("(20)"),
		keyed("key of a TEXT's prefix, of 700 characters", "k TEXT", "k", []string{long("ä", 700), "'x'"}, []string{long("日", 700), "'y'"}).prefixed("(20)").
			but("main|MariaDB", Wider, prefix),
		keyed("key of a TEXT's prefix, of 800 characters", "k TEXT", "k", []string{long("a", 800), "'x'"}, []string{long("b", 800), "'y'"}).prefixed("(20)").
			but("", Reported, "a key takes 704 characters of unknown length besides the store's id; longer ones are set aside"),
		keyed("key of 2,800 bytes", "a VARCHAR(350), b VARCHAR(350)", "a, b", []string{long("ä", 350) + ", 'x'", "'', ''"}, []string{"'y', " + long("日", 350), "'z', ''"}),
		keyed("key of 3,072 bytes", "a VARCHAR(384), b VARCHAR(384)", "a, b", []string{"'x', 'x'"}, []string{"'y', 'y'"}).
			but("main|MariaDB", Reported, tooLong),
		keyed("FLOAT key", "k FLOAT", "k", []string{"0.5", "0.1", "-3.25e10"}, []string{"1e-10", "123456"}).on(MySQL),
		keyed("key with a time that changes by itself", "k DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6), u TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
			"k", []string{"'2026-01-01 00:00:00.000001'", "'2026-01-02 00:00:00'"}, []string{"'2026-01-03 00:00:00.5'", "'2026-01-04 00:00:00'"}),
		keyed("text keys of a collation that pads", "k VARCHAR(40) COLLATE utf8mb4_general_ci", "k", []string{"'a '", "'B'"}, []string{"'c  '", "'D'"}).
			also(2, "UPDATE t_text_keys_of_a_collation_that_pads SET k = 'B  ' WHERE k = 'B'"),
		keyed("SMALLINT and CHAR key of utf8mb3", "a SMALLINT UNSIGNED, b CHAR(8) CHARACTER SET utf8mb3", "b, a", []string{"'x', 65535", "'ä', 0"}, []string{"'日', 1", "'', 2"}).
			replacing("(b, a, label)", "(b, a, label)"),
		shape("Keys", "key that is a generated column", "t_key_generated",
			[]string{"CREATE TABLE t_key_generated (id INT, k INT AS (id * 2) STORED PRIMARY KEY, v VARCHAR(10))", "INSERT INTO t_key_generated (id, v) VALUES (1,'a'),(2,'b')"},
			[]string{"INSERT INTO t_key_generated (id, v) VALUES (3,'c'),(4,'d')"},
			[]string{"UPDATE t_key_generated SET v = 'x' WHERE k = 2", "UPDATE t_key_generated SET id = 30 WHERE id = 3", "DELETE FROM t_key_generated WHERE k = 4"}).on(MySQL),
		shape("Keys", "no key, two unique indexes", "t_two_uniques",
			[]string{"CREATE TABLE t_two_uniques (a INT NOT NULL, b VARCHAR(10) NOT NULL, c INT, UNIQUE KEY y (b), UNIQUE KEY z (a, b))", "INSERT INTO t_two_uniques VALUES (1,'a',1),(1,'b',2)"},
			[]string{"INSERT INTO t_two_uniques VALUES (1,'c',3),(2,'d',4)"},
			[]string{"UPDATE t_two_uniques SET a = a + 10 WHERE b IN ('a','c')", "DELETE FROM t_two_uniques WHERE b = 'd'"}),
		shape("Keys", "no key, a unique index by prefix", "t_unique_prefix",
			[]string{"CREATE TABLE t_unique_prefix (a VARCHAR(50) NOT NULL, c INT, UNIQUE KEY z (a(3)))", "INSERT INTO t_unique_prefix VALUES ('abc1',1),('abd2',2)"},
			[]string{"INSERT INTO t_unique_prefix VALUES ('x',3),('y',4)"},
			[]string{"UPDATE t_unique_prefix SET c = 9 WHERE a = 'x'", "DELETE FROM t_unique_prefix WHERE a = 'y'"}),
	}
}

// prefixed makes the key one of the column's first characters.
func (c Case) prefixed(length string) Case {
	return c.replacing("PRIMARY KEY (k)", "PRIMARY KEY (k"+length+")")
}

const writers = "Rows written in other ways"

func writerCases() []Case {
	way := func(name, table, columns, first string, steps ...[]string) Case {
		return Case{Group: writers, Name: name, Table: table, Steps: append([][]string{{"CREATE TABLE " + table + " (" + columns + ")", "INSERT INTO " + table + " VALUES " + first}}, steps...)}
	}
	base, one := "id INT PRIMARY KEY, v VARCHAR(20)", "(1,'a'),(2,'b')"
	return []Case{
		way("trigger", "t_trigger", base, one,
			[]string{"CREATE TABLE t_trigger_from (id INT PRIMARY KEY)", "CREATE TRIGGER t_trigger_fires AFTER INSERT ON t_trigger_from FOR EACH ROW INSERT INTO t_trigger VALUES (NEW.id, 'fired')", "INSERT INTO t_trigger_from VALUES (101),(102)"}),
		way("savepoint, rolled back to", "t_savepoint", base, one,
			[]string{"BEGIN", "INSERT INTO t_savepoint VALUES (101,'kept')", "SAVEPOINT s", "INSERT INTO t_savepoint VALUES (102,'undone')", "UPDATE t_savepoint SET v = 'undone' WHERE id = 1", "ROLLBACK TO s", "INSERT INTO t_savepoint VALUES (103,'kept')", "COMMIT"}),
		way("compressed transaction", "t_compressed", base, one,
			[]string{"SET SESSION binlog_transaction_compression = ON", "INSERT INTO t_compressed VALUES (101,'c'),(102,'d')", "UPDATE t_compressed SET v = REPEAT('x',20) WHERE id IN (1,101)", "SET SESSION binlog_transaction_compression = OFF"}).on(MySQL),
		way("CREATE TABLE … SELECT while streaming", "t_selected_from", base, one,
			[]string{"CREATE TABLE t_selected (PRIMARY KEY (id)) AS SELECT id, v, CAST(1.5 AS DECIMAL(8,3)) AS n FROM t_selected_from", "UPDATE t_selected SET n = 2 WHERE id = 1"}).at("t_selected_from").compared("t_selected"),
		way("UPDATE and DELETE of two tables at once", "t_joined", base, one,
			[]string{"CREATE TABLE t_joined_with (id INT PRIMARY KEY)", "INSERT INTO t_joined_with VALUES (1)", "UPDATE t_joined JOIN t_joined_with USING (id) SET t_joined.v = 'joined'", "INSERT INTO t_joined VALUES (101,'c')", "DELETE t_joined, t_joined_with FROM t_joined JOIN t_joined_with USING (id)"}),
		way("MyISAM", "t_myisam", base+") ENGINE=MyISAM COMMENT=('x'", one, []string{"INSERT INTO t_myisam VALUES (101,'c')", "UPDATE t_myisam SET v = 'x' WHERE id = 1", "DELETE FROM t_myisam WHERE id = 2"}).
			replacing("COMMENT=('x')", "COMMENT='x'"),
		way("foreign key that cascades", "t_cascade", "id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES t_cascade_parent (id) ON DELETE CASCADE ON UPDATE CASCADE", "(1,1),(2,2),(3,3)",
			[]string{"INSERT INTO t_cascade VALUES (101,1)", "DELETE FROM t_cascade_parent WHERE id = 1", "UPDATE t_cascade_parent SET id = 20 WHERE id = 2"}).
			before(0, "CREATE TABLE t_cascade_parent (id INT PRIMARY KEY)", "INSERT INTO t_cascade_parent VALUES (1),(2),(3)").
			but("MariaDB", Foretold, "what a foreign key does to the children does not reach MariaDB's binary log"),
		way("partition dropped", "t_drop_partition", "id INT PRIMARY KEY, v VARCHAR(20)) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (1000)", one,
			[]string{"INSERT INTO t_drop_partition VALUES (101,'c')", "ALTER TABLE t_drop_partition DROP PARTITION a"}).
			replacing("LESS THAN (1000))", "LESS THAN (1000))").
			but("", Foretold, "dropping a partition writes no deletes to the binary log"),
	}
}

// compared has another table of the case compared, which a statement makes.
func (c Case) compared(table string) Case {
	c.Table = table
	return c
}
