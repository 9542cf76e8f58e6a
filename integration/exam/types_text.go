package exam

import (
	"fmt"
	"strings"
)

const (
	text   = "Text"
	bytes  = "Bytes"
	labels = "ENUM, SET and JSON"
)

func textCases() []Case {
	odd := []string{"''", "'a'", "'it''s \"quoted\" \\\\ back\\\\slash'", "'line\\nfeed\\r\\ttab'", "_utf8mb4 0x6100620A1A63", "'🧾 ’äöü’ 日本語'", "' leading'"}
	cases := []Case{
		typed(text, "CHAR(30)", odd...),
		typed(text, "CHAR(255)", "''", "REPEAT('ä', 255)", "'a'"),
		typed(text, "VARCHAR(50)", append(odd, "'trailing  '")...),
		typed(text, "VARCHAR(16000) CHARACTER SET latin1", "''", "REPEAT('ä', 16000)", "'a'").named("VARCHAR(16000) of latin1, beyond 65,535 bytes a row in utf8mb4").
			but("main|MariaDB", Wider, "two such columns in utf8mb4 exceed MySQL's row size: TEXT"),
		typed(text, "VARCHAR(1)", "''", "'🧾'", "' '"),
		typed(text, "NATIONAL VARCHAR(20)", "''", "'äöü'"),
		typed(text, "NCHAR(20)", "''", "'äöü'"),
		typed(text, "TINYTEXT", append(odd, "REPEAT('a', 255)")...),
		typed(text, "TEXT", append(odd, "REPEAT('ä', 32767)")...),
		typed(text, "TEXT(300)", "''", "REPEAT('ä', 300)"),
		typed(text, "MEDIUMTEXT", "''", "REPEAT('🧾', 100000)"),
		typed(text, "LONGTEXT", "''", "REPEAT('x\\\\''', 300000)"),
		typed(text, "VARCHAR(30) COLLATE utf8mb4_bin", "'a'", "'A'", "'ä'").named("VARCHAR with a binary collation"),
	}
	for _, c := range []struct{ charset, sample string }{
		{"ascii", "plain"},
		{"latin1", "é€Ž„ä"},
		{"latin2", "ąęłŠ"},
		{"latin5", "ğışİ"},
		{"latin7", "ąčęž"},
		{"cp1250", "žščř"},
		{"cp1251", "Привет №1"},
		{"cp1256", "سلام"},
		{"cp1257", "ąčęė"},
		{"cp850", "éüß"},
		{"cp852", "žšč"},
		{"cp866", "Привет"},
		{"koi8r", "Привет"},
		{"koi8u", "Привіт"},
		{"greek", "Ελλάς"},
		{"hebrew", "שלום"},
		{"macroman", "éüß"},
		{"tis620", "สวัสดี"},
		{"sjis", "日本語ｱ表"},
		{"cp932", "日本語①"},
		{"ujis", "日本語"},
		{"eucjpms", "日本語①"},
		{"gbk", "中文龍"},
		{"gb2312", "中文"},
		{"gb18030", "中文🧾"},
		{"big5", "中文許功蓋"},
		{"euckr", "한국어"},
		{"utf8mb3", "äö日本"},
		{"ucs2", "äö日本"},
		{"utf16", "äö🧾"},
		{"utf16le", "äö🧾"},
		{"utf32", "äö🧾"},
		{"armscii8", "Հայ"},
		{"geostd8", "გამარ"},
		{"hp8", "éü"},
		{"dec8", "éü"},
		{"swe7", "åäö"},
		{"keybcs2", "žšč"},
		{"macce", "žšč"},
	} {
		// Three columns in one table: another one for each would say no more.
		label := strings.Trim(c.sample, "🧾")
		table := "t_charset_" + c.charset
		columns := fmt.Sprintf("c CHAR(20) CHARACTER SET %[1]s, v VARCHAR(20) CHARACTER SET %[1]s NOT NULL, x TEXT CHARACTER SET %[1]s", c.charset)
		row := fmt.Sprintf("'%[1]s', '%[1]s', '%[1]s'", c.sample)
		kase := shape("Character sets", c.charset, table,
			[]string{
				"CREATE TABLE " + table + " (id INT PRIMARY KEY, " + columns + ", e ENUM('a','" + label + "') CHARACTER SET " + c.charset + ")",
				"INSERT INTO " + table + " VALUES (1, " + row + ", '" + label + "'), (2, NULL, '', NULL, 'a')",
			},
			[]string{"INSERT INTO " + table + " VALUES (101, " + row + ", '" + label + "'), (102, NULL, '', NULL, 'a')"},
			[]string{"UPDATE " + table + " SET c = v, x = CONCAT(v, v)", "DELETE FROM " + table + " WHERE id = 102"})
		switch c.charset {
		case "gb18030":
			kase = kase.on(MySQL)
		case "cp932":
			kase = kase.but("MariaDB", Reported, "the MariaDB connector decodes another character set; the sink reports the table by its DDL")
		case "koi8u", "armscii8", "geostd8", "hp8", "swe7", "keybcs2":
			kase = kase.but("", Reported, "Java or Debezium does not know the character set and decodes another one; the sink reports the table by its DDL")
		}
		cases = append(cases, kase)
	}
	return cases
}

const hexed = "the event does not say whether a text is base64 or hexadecimal; what could be both is set aside"

func byteCases() []Case {
	odd := []string{"''", "0x00", "0xFFFE0000", "0xC328", "0x275C221A0A0D"}
	return []Case{
		typed(bytes, "BINARY(4)", "0x00", "0xFFFE0000", "0x61", "0x20202020", "0x00000001").inModes(),
		typed(bytes, "BINARY(16)", "0x00112233445566778899AABBCCDDEEFF", "0xFF", "0x00"),
		typed(bytes, "VARBINARY(40)", odd...).inModes().but("nanoseconds, double, long, hex", Reported, hexed),
		typed(bytes, "TINYBLOB", odd...).inModes().but("nanoseconds, double, long, hex", Reported, hexed),
		typed(bytes, "BLOB", append(odd, "REPEAT(0xFF00, 30000)")...).inModes().but("nanoseconds, double, long, hex", Reported, hexed),
		typed(bytes, "MEDIUMBLOB", append(odd, "REPEAT(0x00, 100000)")...),
		typed(bytes, "LONGBLOB", append(odd, "REPEAT(0x5C27, 500000)")...),
		typed(bytes, "CHAR(5) BYTE", "0x00", "0x6162"),
		typed(bytes, "VARCHAR(20) CHARACTER SET binary", "''", "0xC328").named("VARCHAR CHARACTER SET binary"),
		typed(bytes, "TEXT CHARACTER SET binary", "''", "0xC328").named("TEXT CHARACTER SET binary"),
	}
}

// labelLost is MySQL's own doing: its metadata is utf8mb3.
const labelLost = "MySQL's SHOW CREATE TABLE, from which Debezium has the labels, prints ? for characters of four bytes; the sink warns of labels with ?"

func labelCases() []Case {
	deep := "'" + repeat(`{"a":[`, 14) + "1" + repeat("]}", 14) + "'"
	return []Case{
		typed(labels, "ENUM('a','b','c')", "'a'", "'c'", "2"),
		typed(labels, `ENUM('it''s','x,y','a"b','back\\slash','','ä','日本','end\\')`,
			"'it''s'", "'x,y'", `'a"b'`, `'back\\slash'`, "''", "'ä'", "'日本'", `'end\\'`).named("ENUM with commas, quotes, backslashes"),
		emoji("ENUM", "t_enum_emoji"),
		typed(labels, "ENUM('A','a','b') COLLATE utf8mb4_bin", "'a'", "'A'").named("ENUM with labels that differ in case"),
		typed(labels, "ENUM('1','2','0','10')", "'10'", "'0'", "1", "'1'").named("ENUM of digits"),
		typed(labels, "ENUM('x ','y')", "'x'", "'y'").named("ENUM, label with a space at its end"),
		Case{Group: labels, Name: "ENUM, index 0 (an invalid value)", Table: "t_enum_zero", Lax: true, Steps: [][]string{
			{"CREATE TABLE t_enum_zero (id INT PRIMARY KEY, v ENUM('a','b'))", "INSERT INTO t_enum_zero VALUES (1,'a'),(2,'nonsense')"},
			{"INSERT INTO t_enum_zero VALUES (101,'a'),(102,'nonsense')"},
			{"UPDATE t_enum_zero SET v='nonsense' WHERE id=101"},
		}}.but("main|MariaDB", Wider, "the empty text that stands for an invalid value becomes a label"),
		typed(labels, "SET('a','b','c')", "''", "'a'", "'a,c'", "'c,b,a'", "7"),
		typed(labels, `SET('it''s','a"b','back\\slash','日本')`, "''", "'it''s'", `'a"b,back\\slash'`, "'it''s,日本'").named("SET with quotes, backslashes"),
		emoji("SET", "t_set_emoji"),
		typed(labels, "SET("+many(64)+")", "''", "'l1'", "'l64'", "'l1,l2,l63,l64'", "18446744073709551615").named("SET of 64 labels"),
		typed(labels, "JSON", `'{}'`, `'[]'`, `'null'`, `'true'`, `'"text"'`, `'1'`, `'-0.0'`,
			`'{"b":[1,2.50,18446744073709551615,-9223372036854775808],"a":null}'`,
			`'{"e":1e308,"f":1.7976931348623157e308,"g":5e-324,"h":123456789012345678901234567890,"i":0.1}'`,
			`'{"ключ":"日本🧾 \\u00e4 \\" \\\\\\\\ \\n \\u0000","":""}'`, deep).named("JSON"),
		typed(labels, "JSON", "JSON_ARRAY(CAST(1.10 AS DECIMAL(5,2)), CAST(12345678901234567890.123456789 AS DECIMAL(40,9)))", "JSON_OBJECT('d', CAST(-0.5 AS DECIMAL(5,2)))").
			on(MySQL).named("JSON holding decimals").at("t_json_decimals"),
		typed(labels, "JSON", "JSON_OBJECT('d', CAST('2026-01-02' AS DATE), 't', CAST('12:00:00.5' AS TIME(6)), 'dt', CAST('2026-01-02 03:04:05.678901' AS DATETIME(6)))", "JSON_ARRAY(CAST('100:00:00' AS TIME))").
			on(MySQL).named("JSON holding dates and times").at("t_json_times").
			but("", Foretold, "Debezium prints times within JSON with fewer digits when it reads the binary log; dates are equal"),
		typed(labels, "JSON", "JSON_ARRAY(CAST('-12:00:00.5' AS TIME(6)))", "JSON_ARRAY(CAST(0x00FF AS BINARY), CAST(b'101' AS JSON))").
			on(MySQL).named("JSON holding negative times and bytes").at("t_json_scalars").
			but("", Foretold, "Debezium misprints negative times and leaves out the type of bytes when it reads the binary log"),
	}
}

func emoji(kind, table string) Case {
	return shape(labels, kind+" with emoji", table,
		[]string{"CREATE TABLE " + table + " (id INT PRIMARY KEY, v " + kind + "('🧾','b'))", "INSERT INTO " + table + " VALUES (1,'b')"},
		[]string{"INSERT INTO " + table + " VALUES (101,'🧾'),(102,'b')"}).but("", Warned, labelLost)
}

func (c Case) at(table string) Case {
	for s, step := range c.Steps {
		for i, statement := range step {
			c.Steps[s][i] = replaceWord(statement, c.Table, table)
		}
	}
	c.Table = table
	return c
}
