package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/integration/stack"
	"tributary/schema"
	centraldb "tributary/schema/central"
)

// TestCatalogReadsWhatItMade derives a table of every type a real connector
// sent, makes it, and reads it back: nothing is left to change.
func TestCatalogReadsWhatItMade(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		c := catalog(t, open())
		columns, _ := everyType(t)
		want, err := schema.Derive("every type`s", columns, []string{"id"}, schema.Options{Dialect: c.Dialect(), SoftDelete: true})
		require.NoError(t, err)

		none, err := c.Table(t.Context(), want.Name)
		require.NoError(t, err)
		require.Nil(t, none)
		have, changes, err := c.Ensure(t.Context(), want, centraldb.Evolve)
		require.NoError(t, err)
		require.Len(t, changes, 1)
		require.True(t, changes[0].Creates)
		require.Equal(t, want.Key, have.Key)
		require.Empty(t, have.Uniques)
		require.Equal(t, "InnoDB", have.Engine)
		require.Len(t, have.Columns, len(want.Columns))
		for i, w := range want.Columns {
			h := have.Columns[i]
			require.Equal(t, w.Name, h.Name)
			require.Equal(t, w.Nullable, h.Nullable, w.Name)
			if w.Type.Base == schema.JSON && !c.Dialect().NativeJSON() {
				require.Equal(t, "longtext", h.Type.String())
				continue
			}
			require.True(t, w.Type.Equal(h.Type), "%s: made %s, read %s", w.Name, w.Type.SQL(c.Dialect()), h.Type.SQL(c.Dialect()))
		}
		_, changes, err = c.Ensure(t.Context(), want, centraldb.CheckOnly)
		require.NoError(t, err)
		require.Empty(t, changes)
	})
}

// TestServersPrintTypesAsWeDo: COLUMN_TYPE is parsed and printed back exactly.
func TestServersPrintTypesAsWeDo(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		execute(t, db, `CREATE TABLE printed (id INT PRIMARY KEY, a INT(5) UNSIGNED ZEROFILL, b TINYINT(1), c BOOL, d INT(11), e TINYINT(1) UNSIGNED,
			f TINYINT(4), g BIGINT ZEROFILL, h YEAR(4), i GEOMETRYCOLLECTION, j POINT, k REAL, l FLOAT(30), m DOUBLE(7,2) UNSIGNED, n NCHAR(3),
			o LONG VARCHAR, p DEC(5), q VARCHAR(10) CHARACTER SET latin1, r TEXT(100), s BLOB(70000), t NATIONAL VARCHAR(5), u CHAR(0), v VARBINARY(0),
			w ENUM('a','b''c','d\\e','f,g','','ü','	tab'), x SET('x','y z'), y BIT, z BIT(64), aa TIME(6), ab DATETIME, ac TIMESTAMP(3) NULL, ad DECIMAL(65,30),
			ae MEDIUMINT UNSIGNED, af JSON, ag LINESTRING, ah MULTIPOLYGON, ai LONGBLOB, aj BINARY(255), ak MEDIUMTEXT, al DATE, am FLOAT UNSIGNED, an TINYINT ZEROFILL)`)
		for _, text := range firstColumn(t, db, "SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'printed'") {
			parsed, err := schema.ParseType(text)
			require.NoError(t, err, text)
			if parsed.Base == schema.GeometryCollection || parsed.Base == schema.Year {
				continue // MariaDB prints geometrycollection and year(4)
			}
			require.Equal(t, text, parsed.String())
		}
		table, err := catalog(t, db).Table(t.Context(), "printed")
		require.NoError(t, err)
		require.Equal(t, "latin1", table.Column("q").Type.Charset)
		require.Equal(t, []string{"a", "b'c", `d\e`, "f,g", "", "ü", "\ttab"}, table.Column("w").Type.Labels)
	})
}

// TestCatalogRaces lets four replicas, each with another version of the store's
// table, make one central table at once.
func TestCatalogRaces(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		const replicas = 4
		var wg sync.WaitGroup
		made := make([]int, replicas)
		errs := make([]error, replicas)
		for i := range replicas {
			c := catalog(t, open())
			columns := []debezium.Field{
				column("id", debezium.Int32, "", "INT"),
				column("shared", debezium.String, "", fmt.Sprintf("VARCHAR(%d)", 10+i*100)),
				column("state", debezium.String, "io.debezium.data.Enum", "ENUM", "allowed", fmt.Sprintf("new,state%d", i)),
				column("amount", debezium.Bytes, "org.apache.kafka.connect.data.Decimal", fmt.Sprintf("DECIMAL(%d,%d)", 10+i, i), "scale", fmt.Sprint(i)),
				column(fmt.Sprintf("own%d", i), debezium.Int64, "", "BIGINT"),
			}
			want, err := schema.Derive("raced", columns, []string{"id"}, schema.Options{Dialect: c.Dialect()})
			require.NoError(t, err)
			wg.Go(func() {
				for range 3 {
					_, changes, err := c.Ensure(t.Context(), want, centraldb.Evolve)
					errs[i] = errors.Join(errs[i], err)
					for _, change := range changes {
						made[i] += len(change.Added)
					}
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		db := open()
		table, err := catalog(t, db).Table(t.Context(), "raced")
		require.NoError(t, err)
		require.Equal(t, "varchar(310)", table.Column("shared").Type.String())
		require.Equal(t, "decimal(13,3)", table.Column("amount").Type.String())
		require.Len(t, table.Column("state").Type.Labels, 1+replicas)
		added := 0
		for i := range replicas {
			require.NotNil(t, table.Column(fmt.Sprintf("own%d", i)))
			added += made[i]
		}
		require.Equal(t, replicas-1, added, "each column is added once; one came with the table")
	})
}

// TestCatalogWidensWithoutHarm puts values into columns of one type, widens the
// columns to hold another, and finds the values as they were.
func TestCatalogWidensWithoutHarm(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		c := catalog(t, db)
		for i, w := range []struct{ from, value, to, is, back string }{
			{"INT", "-2147483648", "INT UNSIGNED", "bigint", ""},
			{"BIGINT", "-9223372036854775808", "BIGINT UNSIGNED", "decimal(20,0)", ""},
			{"BIT(64)", "18446744073709551615", "BIGINT", "decimal(20,0)", ""},
			{"BIT(1)", "1", "TINYINT(1)", "tinyint(1)", ""},
			{"YEAR", "2024", "SMALLINT", "smallint", ""},
			{"DECIMAL(10,2)", "-12345678.90", "DECIMAL(20,15)", "decimal(23,15)", "-12345678.900000000000000"},
			{"INT UNSIGNED", "4294967295", "DECIMAL(4,2)", "decimal(12,2)", "4294967295.00"},
			{"SMALLINT", "-32768", "FLOAT", "float", ""},
			{"INT UNSIGNED", "4294967295", "FLOAT", "double", "4.294967295e+09"},
			{"CHAR(5)", "'ab'", "VARCHAR(3)", "varchar(5)", "ab"},
			{"VARCHAR(20)", "'grüße 😀 '", "TEXT", "text", "grüße 😀 "},
			{"TINYTEXT", "'x '", "VARCHAR(300)", "text", "x "},
			{"BINARY(4)", "x'00ff0000'", "BINARY(8)", "varbinary(8)", "\x00\xff\x00\x00"},
			{"VARBINARY(4)", "x'00ff00'", "TINYBLOB", "tinyblob", "\x00\xff\x00"},
			{"ENUM('b','a')", "'a'", "VARCHAR(3)", "varchar(3)", "a"},
			{"SET('x','y')", "'x,y'", "TEXT", "text", "x,y"},
			{"DATE", "'0000-00-00'", "DATETIME(3)", "datetime(3)", "0000-00-00 00:00:00.000"},
			{"DATE", "'2026-02-31'", "DATETIME", "datetime", "2026-02-31 00:00:00"},
			{"TIME", "'-838:59:59'", "TIME(6)", "time(6)", "-838:59:59.000000"},
			{"TIMESTAMP", "'2038-01-19 03:14:07'", "TIMESTAMP(3)", "timestamp(3)", "2038-01-19 03:14:07.000"},
		} {
			name := fmt.Sprintf("widened%d", i)
			execute(t, db, "CREATE TABLE "+name+" (store_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE "+c.Dialect().BinaryCollation()+
				", id INT, v "+w.from+" NULL, PRIMARY KEY (store_id, id)) DEFAULT CHARSET utf8mb4",
				"INSERT INTO "+name+" VALUES ('s', 1, "+w.value+"), ('s', 2, NULL)")
			to, err := schema.ParseType(w.to)
			require.NoError(t, err)
			want, err := schema.Derive(name, []debezium.Field{column("id", debezium.Int32, "", "INT")}, []string{"id"}, schema.Options{Dialect: c.Dialect()})
			require.NoError(t, err)
			want.Columns = append(want.Columns, schema.Column{Name: "v", Field: "v", Type: to, Nullable: true})
			have, changes, err := c.Ensure(t.Context(), want, centraldb.Evolve)
			require.NoError(t, err, "%s to %s", w.from, w.to)
			require.Len(t, changes, 1)
			requireType(t, w.is, have.Column("v"))
			if w.back == "" {
				w.back = w.value
			}
			require.Equal(t, []string{w.back, "NULL"}, firstColumn(t, db, "SELECT v FROM "+name+" ORDER BY id"), "%s to %s", w.from, w.to)
		}
	})
}

// requireType compares types but for the widths that MariaDB gives integers.
func requireType(t *testing.T, want string, c *schema.Column) {
	t.Helper()
	parsed, err := schema.ParseType(want)
	require.NoError(t, err)
	require.True(t, parsed.Equal(c.Type), "column %s should be %s and is %s", c.Name, want, c.Type)
}

// TestCatalogKeepsWhatPeopleMade widens every column of a table made by hand:
// defaults, comments and ON UPDATE stay.
func TestCatalogKeepsWhatPeopleMade(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		c := catalog(t, db)
		bin := c.Dialect().BinaryCollation()
		execute(t, db, `CREATE TABLE kept (store_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE `+bin+`, id INT,
			a VARCHAR(10) DEFAULT 'it''s \\ x' COMMENT 'it''s \\ "c"', b SMALLINT DEFAULT 5, c BIT(3) DEFAULT b'101',
			d DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), f VARCHAR(40) DEFAULT (CONCAT('a\\b','c''d')),
			g INT GENERATED ALWAYS AS (b+1) STORED, h DECIMAL(5,2) DEFAULT 1.50, i ENUM('x','y') DEFAULT 'y', j VARBINARY(4) DEFAULT x'0aff',
			k VARCHAR(3) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT '', l INT NOT NULL, m INT NOT NULL DEFAULT 7,
			PRIMARY KEY (store_id, id)) DEFAULT CHARSET utf8mb4`)
		columns := []debezium.Field{
			column("id", debezium.Int32, "", "INT"), column("a", debezium.String, "", "VARCHAR(300)"), column("b", debezium.Int64, "", "BIGINT"),
			column("c", debezium.Bytes, "io.debezium.data.Bits", "BIT(9)"), column("d", debezium.Int64, "io.debezium.time.MicroTimestamp", "DATETIME(6)"),
			column("f", debezium.String, "", "VARCHAR(300)"), column("g", debezium.Int64, "", "BIGINT"),
			column("h", debezium.Bytes, "org.apache.kafka.connect.data.Decimal", "DECIMAL(9,4)", "scale", "4"),
			column("i", debezium.String, "io.debezium.data.Enum", "ENUM", "allowed", "x,z"), column("j", debezium.Bytes, "", "VARBINARY(9)"),
			column("k", debezium.String, "", "VARCHAR(9)"),
		}
		want, err := schema.Derive("kept", columns, []string{"id"}, schema.Options{Dialect: c.Dialect()})
		require.NoError(t, err)
		before := definitions(t, db, "kept")
		have, changes, err := c.Ensure(t.Context(), want, centraldb.Evolve)
		require.NoError(t, err)
		require.NotEmpty(t, changes)
		after := definitions(t, db, "kept")
		delete(before, "l") // it was NOT NULL and the stores do not have it
		require.True(t, have.Column("l").Nullable)
		require.False(t, have.Column("m").Nullable, "it has a default")
		for name, definition := range before {
			require.Equal(t, definition, after[name], name)
		}
		for name, is := range map[string]string{
			"a": "varchar(300)", "b": "bigint", "c": "bit(9)", "d": "datetime(6)", "f": "varchar(300)",
			"h": "decimal(9,4)", "i": "enum('x','y','z')", "j": "varbinary(9)", "k": "varchar(9)",
		} {
			requireType(t, is, have.Column(name))
		}
		require.Equal(t, "latin1", have.Column("k").Type.Charset)
		execute(t, db, "INSERT INTO kept (store_id, id) VALUES ('s', 1)")
		require.Equal(t, []string{`it's \ x`}, firstColumn(t, db, "SELECT a FROM kept"))
		require.Equal(t, []string{`a\bc'd`}, firstColumn(t, db, "SELECT f FROM kept"))
		require.Equal(t, []string{"0AFF"}, firstColumn(t, db, "SELECT HEX(j) FROM kept"))
		require.Equal(t, []string{"5"}, firstColumn(t, db, "SELECT c+0 FROM kept"))
	})
}

// definitions is what stays of a table's columns: nullability, comment, and
// default, but for digits that follow from the type.
func definitions(t *testing.T, db *sql.DB, table string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, line := range firstColumn(t, db, `SELECT CONCAT(COLUMN_NAME, ': ', CONCAT_WS('|', IS_NULLABLE,
		REPLACE(REPLACE(REPLACE(COALESCE(COLUMN_DEFAULT, 'NULL'), '(3)', ''), '(6)', ''), '1.5000', '1.50'),
		REPLACE(REPLACE(EXTRA, '(3)', ''), '(6)', ''), COLUMN_COMMENT))
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?`, table) {
		var name string
		_, err := fmt.Sscanf(line, "%s", &name)
		require.NoError(t, err)
		all[name[:len(name)-1]] = line
	}
	return all
}

func TestCatalogModes(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		c := catalog(t, db)
		derive := func(name string, more ...debezium.Field) schema.Table {
			columns := append([]debezium.Field{column("id", debezium.Int32, "", "INT"), column("v", debezium.String, "", "VARCHAR(10)")}, more...)
			want, err := schema.Derive(name, columns, []string{"id"}, schema.Options{Dialect: c.Dialect()})
			require.NoError(t, err)
			return want
		}
		var difference *centraldb.DifferenceError

		have, _, err := c.Ensure(t.Context(), derive("moded"), centraldb.CheckOnly)
		require.ErrorAs(t, err, &difference)
		require.ErrorContains(t, err, "CREATE TABLE IF NOT EXISTS `moded`", "what a person would run")
		require.Nil(t, have)
		require.Empty(t, firstColumn(t, db, "SHOW TABLES"), "nothing was changed")

		_, changes, err := c.Ensure(t.Context(), derive("moded"), centraldb.CreateOnly)
		require.NoError(t, err)
		require.Len(t, changes, 1)

		more := derive("moded", column("w", debezium.Int32, "", "INT"))
		for _, mode := range []centraldb.Mode{centraldb.CreateOnly, centraldb.CheckOnly} {
			have, _, err = c.Ensure(t.Context(), more, mode)
			require.ErrorAs(t, err, &difference)
			require.ErrorContains(t, err, "ALTER TABLE `moded` ADD COLUMN `w` int NULL")
			require.NotNil(t, have)
		}
		more.Column("v").Type.Length = 20
		_, _, err = c.Ensure(t.Context(), more, centraldb.CreateOnly)
		require.ErrorAs(t, err, &difference)
		require.Len(t, difference.Changes, 2)

		// What the error says to run settles it.
		for _, change := range difference.Changes {
			execute(t, db, change.SQL())
		}
		_, changes, err = c.Ensure(t.Context(), more, centraldb.CheckOnly)
		require.NoError(t, err)
		require.Empty(t, changes)

		execute(t, db, "ALTER TABLE moded ADD UNIQUE KEY by_v (v(5))")
		_, _, err = c.Ensure(t.Context(), more, centraldb.Evolve)
		var key *schema.KeyError
		require.ErrorAs(t, err, &key)
		require.Equal(t, "by_v", key.Index)
		execute(t, db, key.SQL)
		_, _, err = c.Ensure(t.Context(), more, centraldb.Evolve)
		require.NoError(t, err)

		execute(t, db, "CREATE VIEW seen AS SELECT 1 AS id")
		_, err = c.Table(t.Context(), "seen")
		require.ErrorContains(t, err, `"seen" is a view, not a table`)
	})
}

// TestCatalogWaitsForNobody: a change that an open transaction holds up gives
// up soon, as everybody else waits behind it, and can be tried again.
func TestCatalogWaitsForNobody(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		c := catalog(t, db)
		execute(t, db, "CREATE TABLE busy (store_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE "+c.Dialect().BinaryCollation()+", id INT, PRIMARY KEY (store_id, id))")
		want, err := schema.Derive("busy", []debezium.Field{column("id", debezium.Int32, "", "INT"), column("v", debezium.Int32, "", "INT")},
			[]string{"id"}, schema.Options{Dialect: c.Dialect()})
		require.NoError(t, err)
		tx, err := db.Begin()
		require.NoError(t, err)
		_, err = tx.Exec("SELECT * FROM busy")
		require.NoError(t, err)

		_, _, err = c.Ensure(t.Context(), want, centraldb.Evolve)
		var server *mysql.MySQLError
		require.ErrorAs(t, err, &server)
		require.Equal(t, uint16(1205), server.Number, "which is tried again")

		require.NoError(t, tx.Rollback())
		_, changes, err := c.Ensure(t.Context(), want, centraldb.Evolve)
		require.NoError(t, err)
		require.Len(t, changes, 1)
		require.Equal(t, []string{"0"}, firstColumn(t, db, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER%'"))
	})
}

// TestCatalogIsCancelled: a caller that gives up leaves no lock behind.
func TestCatalogIsCancelled(t *testing.T) {
	eachCentral(t, func(t *testing.T, open func() *sql.DB) {
		db := open()
		c, err := centraldb.Open(t.Context(), db, centraldb.Options{})
		require.NoError(t, err)
		execute(t, db, "CREATE TABLE busy (store_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE "+c.Dialect().BinaryCollation()+", id INT, PRIMARY KEY (store_id, id))")
		want, err := schema.Derive("busy", []debezium.Field{column("id", debezium.Int32, "", "INT"), column("v", debezium.Int32, "", "INT")},
			[]string{"id"}, schema.Options{Dialect: c.Dialect()})
		require.NoError(t, err)
		tx, err := db.Begin()
		require.NoError(t, err)
		_, err = tx.Exec("SELECT * FROM busy")
		require.NoError(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, _, err := c.Ensure(ctx, want, centraldb.Evolve)
			failed <- err
		}()
		require.Eventually(t, func() bool {
			return firstColumn(t, db, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE '%metadata lock%'")[0] != "0"
		}, 10*time.Second, 20*time.Millisecond, "the change waits for the transaction")
		cancel()
		require.ErrorIs(t, <-failed, context.Canceled)
		require.NoError(t, tx.Rollback())
		_, _, err = c.Ensure(t.Context(), want, centraldb.Evolve)
		require.NoError(t, err, "the lock is free")
	})
}

func TestCatalogWithoutPrivileges(t *testing.T) {
	for _, flavor := range []stack.Flavor{stack.FlavorMySQL, stack.FlavorMariaDB} {
		t.Run(flavor.String(), func(t *testing.T) {
			server := centralOf(t, flavor)
			dsn, db := ownDatabase(t, server)
			config, err := mysql.ParseDSN(dsn)
			require.NoError(t, err)
			execute(t, db, "CREATE USER reader IDENTIFIED BY 'secret'", "GRANT SELECT, INSERT ON `"+config.DBName+"`.* TO reader")
			t.Cleanup(func() {
				_, err := db.Exec("DROP USER reader")
				require.NoError(t, err)
			})
			config.User, config.Passwd = "reader", "secret"
			reader := session(t, config.FormatDSN())
			c := catalog(t, reader)
			want, err := schema.Derive("denied", []debezium.Field{column("id", debezium.Int32, "", "INT")}, []string{"id"}, schema.Options{Dialect: c.Dialect()})
			require.NoError(t, err)
			_, _, err = c.Ensure(t.Context(), want, centraldb.Evolve)
			var denied *centraldb.PrivilegeError
			require.ErrorAs(t, err, &denied)
			require.ErrorContains(t, err, "grant CREATE and ALTER on the database to the account, or run: CREATE TABLE IF NOT EXISTS `denied`")
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestCatalogNeedsADatabase(t *testing.T) {
	db := session(t, central(t).DSN(""))
	_, err := centraldb.Open(t.Context(), db, centraldb.Options{})
	require.ErrorContains(t, err, "names no database")
}
