package exam

import (
	"fmt"
	"strings"
)

const (
	times = "Dates and times"
	space = "Geometry and vectors"
	extra = "Columns"
)

// cut is what becomes of microseconds.
const cut = "time.precision.mode=connect cuts to milliseconds: the table is held and the remedy told"

func timeCases() []Case {
	cases := []Case{
		typed(times, "DATE", "'1000-01-01'", "'9999-12-31'", "'1970-01-01'", "'1969-12-31'", "'2024-02-29'", "'1582-10-10'", "'0001-01-01'").inModes(),
		typed(times, "DATETIME(6)", "'2026-11-22 15:39:58.123456'", "'1969-12-31 23:59:59.999999'", "'1970-01-01 00:00:00'").at("t_datetime_near").named("DATETIME(6) within 1677 to 2262").inModes().
			but("connect, precise, long, base64", Reported, cut),
		typed(times, "DATETIME", "'2026-11-22 15:39:58'", "'1969-12-31 23:59:59'").at("t_datetime_near_0").named("DATETIME within 1677 to 2262").inModes(),
		typed(times, "YEAR", "1901", "2155", "2026", "1999", "1970"),
		typed(times, "DATETIME", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'", "'2026-03-29 02:30:00'", "'1969-12-31 23:59:59'", "'0001-01-01 00:00:00'").inModes().stops("nanoseconds"),
		typed(times, "TIMESTAMP", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'2026-03-29 02:30:00'", "'2026-10-25 00:30:00'").inModes(),
		typed(times, "TIME", "'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:01'", "'24:00:00'", "'23:59:59'").inModes().stops("isostring", "connect"),
		typed(times, "TIME(3)", "'00:00:00'", "'23:59:59.999'", "'12:00:00.001'").at("t_time_day").named("TIME(3) within a day").inModes(),
	}
	for f := 1; f <= 6; f++ {
		digits := "999999"[:f]
		small := strings.Repeat("0", f-1) + "1"
		modes := f == 3 || f == 6
		d := typed(times, fmt.Sprintf("DATETIME(%d)", f), "'9999-12-31 23:59:59."+digits+"'", "'2026-11-22 15:39:58."+small+"'",
			"'1969-12-31 23:59:59."+digits+"'", "'2026-11-22 15:39:58'").stops("nanoseconds")
		ts := typed(times, fmt.Sprintf("TIMESTAMP(%d)", f), "'2038-01-19 03:14:07."+digits+"'", "'1970-01-01 00:00:01."+small+"'", "'2026-11-22 15:39:58'")
		t := typed(times, fmt.Sprintf("TIME(%d)", f), "'-838:59:58."+digits+"'", "'838:59:58."+digits+"'", "'-00:00:00."+small+"'", "'00:00:00."+small+"'", "'100:00:00'").stops("isostring", "connect")
		d.Modes, ts.Modes, t.Modes = modes, modes, modes
		if f > 3 {
			d = d.but("connect, precise, long, base64", Reported, cut)
		}
		cases = append(cases, d, ts, t)
	}
	lost := "Debezium sends NULL for a zero date, and the epoch where the column is NOT NULL, of which the sink warns"
	silent := "Debezium sends NULL for a zero TIMESTAMP; where the column is NOT NULL it sends the epoch, which is no TIMESTAMP and written as the zero date it stands for"
	return append(cases,
		zero("YEAR 0000", "YEAR", "0", "2024").but("", Foretold, "a snapshot reads the year 0000 as 2000; preflight finds it"),
		zero("DATE 0000-00-00", "DATE", "'0000-00-00'", "'2024-02-29'").but("", Warned, lost),
		zero("DATE 2024-00-10", "DATE", "'2024-00-10'", "'2024-10-00'").but("", Warned, lost),
		zero("DATETIME 0000-00-00", "DATETIME", "'0000-00-00 00:00:00'", "'2024-02-29 01:02:03'").but("", Warned, lost),
		zero("TIMESTAMP 0000-00-00", "TIMESTAMP", "'0000-00-00 00:00:00'", "'2024-02-29 01:02:03'").but("", Foretold, silent),
	)
}

// zero is the case of values only a relaxed sql_mode admits.
func zero(name, column, bad, good string) Case {
	c := typed(times, column, bad, good).named(name).lax()
	return c.at(tableName(name))
}

func geometryCases() []Case {
	shapes := []struct{ column, text string }{
		{"POINT", "POINT(52.5 13.4)"},
		{"LINESTRING", "LINESTRING(52.5 13.4,48.1 11.6,-33.9 51.2)"},
		{"POLYGON", "POLYGON((0 0,0 10,10 10,10 0,0 0),(2 2,2 4,4 4,4 2,2 2))"},
		{"MULTIPOINT", "MULTIPOINT(1 2,-3 4)"},
		{"MULTILINESTRING", "MULTILINESTRING((0 0,1 2),(3 4,5 6))"},
		{"MULTIPOLYGON", "MULTIPOLYGON(((0 0,0 1,1 1,0 0)),((5 5,5 6,6 6,5 5)))"},
		{"GEOMETRYCOLLECTION", "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))"},
		{"GEOMETRY", "POINT(1 2)"},
	}
	var cases []Case
	for _, s := range shapes {
		var values []string
		for _, srid := range []int{0, 4326, 3857} {
			values = append(values, fmt.Sprintf("ST_GeomFromText('%s', %d)", s.text, srid))
		}
		if s.column == "GEOMETRY" {
			values = append(values, "ST_GeomFromText('POLYGON((0 0,0 10,10 10,10 0,0 0))', 4326)", "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY', 0)")
		}
		c := typed(space, s.column, values...)
		if s.column != "POINT" && s.column != "GEOMETRY" {
			c = c.but(avro+"|"+avroMaria, Wider, "Apicurio's converter describes what shapes consist of once a table, with the first one's column: the second is a GEOMETRY")
		}
		cases = append(cases, c)
	}
	narrow := "the event does not tell that a column is restricted to one SRID; the values' SRIDs are kept"
	return append(cases,
		typed(space, "POINT SRID 4326", "ST_GeomFromText('POINT(52.5 13.4)', 4326)", "ST_GeomFromText('POINT(-33.9 151.2)', 4326)").on(MySQL).but("main", Wider, narrow),
		typed(space, "VECTOR(3)", "STRING_TO_VECTOR('[1,2,-3.5]')", "STRING_TO_VECTOR('[0,1e30,-1e-30]')", "STRING_TO_VECTOR('[0.1,0.2,0.3]')").on(MySQL),
		typed(space, "VECTOR", "STRING_TO_VECTOR('[1]')", "STRING_TO_VECTOR('[0.1,0.2]')").on(MySQL),
	)
}

func columnCases() []Case {
	change := func(t string) []string {
		return []string{"UPDATE " + t + " SET a = a + 1", "DELETE FROM " + t + " WHERE id = 2"}
	}
	table := func(name, t, columns string, before, after string) Case {
		return shape(extra, name, t, []string{"CREATE TABLE " + t + " (" + columns + ")", "INSERT INTO " + t + " " + before},
			[]string{"INSERT INTO " + t + " " + after}, change(t))
	}
	return []Case{
		table("generated, stored", "t_stored", "id INT PRIMARY KEY, a INT, g INT GENERATED ALWAYS AS (a * 2) STORED, s VARCHAR(20) AS (CONCAT('x', a)) STORED",
			"(id, a) VALUES (1,1),(2,2),(3,NULL)", "(id, a) VALUES (101,1),(102,2),(103,NULL)"),
		table("generated, virtual", "t_virtual", "id INT PRIMARY KEY, a INT, g INT GENERATED ALWAYS AS (a * 2) VIRTUAL, b INT",
			"(id, a, b) VALUES (1,1,5),(2,2,6),(3,NULL,7)", "(id, a, b) VALUES (101,1,5),(102,2,6),(103,NULL,7)"),
		table("invisible column", "t_invisible", "id INT PRIMARY KEY, a INT, i INT INVISIBLE, b INT",
			"(id, a, i, b) VALUES (1,1,10,5),(2,2,20,6)", "(id, a, i, b) VALUES (101,1,10,5),(102,2,20,6)"),
		table("functional index", "t_functional", "id INT PRIMARY KEY, a INT, b VARCHAR(20), KEY f ((UPPER(b)))",
			"VALUES (1,1,'x'),(2,2,'y')", "VALUES (101,1,'x'),(102,2,'y')").on(MySQL),
		table("defaults, NULL kept", "t_defaults", `id INT PRIMARY KEY, a INT NULL DEFAULT 7, s VARCHAR(10) DEFAULT 'x''y', d DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3),
			t TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, n TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, c DECIMAL(5,2) DEFAULT 1.5,
			b BIT(3) DEFAULT b'101', e ENUM('p','q') DEFAULT 'q', y YEAR DEFAULT 2020, x DATE DEFAULT '2020-01-01', z TIME DEFAULT '-10:00:00', f BOOLEAN DEFAULT TRUE`,
			"(id) VALUES (1),(2),(3)", "(id) VALUES (101),(102)").also(1, "INSERT INTO t_defaults VALUES (110,NULL,NULL,NULL,NULL,NOW(),NULL,NULL,NULL,NULL,NULL,NULL,NULL)",
			"UPDATE t_defaults SET a=NULL, s=NULL, d=NULL, c=NULL, b=NULL, e=NULL, y=NULL, x=NULL, z=NULL, f=NULL WHERE id=3").but(avro+"|"+avroMaria, Warned, nullReplaced),
		table("defaults that are expressions", "t_expressions", "id INT PRIMARY KEY, a INT DEFAULT (1+1), u VARCHAR(36) DEFAULT (UUID()), j JSON DEFAULT (JSON_ARRAY(1,2)), x TEXT DEFAULT ('t')",
			"(id) VALUES (1),(2)", "(id) VALUES (101),(102)").on(MySQL),
		table("zero defaults", "t_zero_defaults", "id INT PRIMARY KEY, a INT, d DATE DEFAULT '0000-00-00', t TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00'",
			"(id,a,d,t) VALUES (1,1,'2020-01-01','2020-01-01'),(2,2,NULL,'2020-01-01')", "(id,a,d,t) VALUES (101,1,'2020-01-01','2020-01-01'),(102,2,NULL,'2020-01-01')").lax(),
		table("AUTO_INCREMENT, SERIAL", "t_serial", "id SERIAL PRIMARY KEY, a INT", "(id,a) VALUES (1,1),(2,2)", "(id,a) VALUES (18446744073709551614,1),(102,2)").
			but("plain long", Different, "bigint.unsigned.handling.mode=long wraps values beyond 2^63-1"),
		table("comments, checks, uniques, foreign keys", "t_decorated", "id INT PRIMARY KEY COMMENT 'it''s; -- \"odd\"', a INT UNIQUE CHECK (a < 1000), p INT, FOREIGN KEY (p) REFERENCES t_decorated (id)",
			"VALUES (1,10,NULL),(2,20,1),(3,40,1)", "VALUES (101,110,1),(102,120,101)"),
		typed(extra, "UUID", "'00112233-4455-6677-8899-aabbccddeeff'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'").on(MariaDB).but("", Wider, "MySQL has no UUID: CHAR(36)"),
		typed(extra, "INET6", "'::'", "'2001:db8::ff00:42:8329'", "'::ffff:192.0.2.1'").on(MariaDB).refused("Debezium's parser does not know the type, so that the connector cannot start: leave such tables out"),
		typed(extra, "INET4", "'0.0.0.0'", "'255.255.255.255'").on(MariaDB).refused("Debezium's parser does not know the type, so that the connector cannot start: leave such tables out"),
	}
}

// refused puts a table where it stops no other room's connector.
func (c Case) refused(why string) Case {
	c.Schema = refused
	return c.but("", Stopped, why)
}

// also adds statements to a step.
func (c Case) also(step int, statements ...string) Case {
	c.Steps[step] = append(c.Steps[step], statements...)
	return c
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// many lists quoted labels: 'l1','l2',…
func many(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("'l%d'", i+1)
	}
	return strings.Join(list, ",")
}

// replaceWord replaces a table's name and nothing that contains it.
func replaceWord(statement, from, to string) string {
	for _, before := range []string{"TABLE ", "INTO ", "UPDATE ", "FROM "} {
		statement = strings.Replace(statement, before+from+" ", before+to+" ", 1)
	}
	return statement
}
