package compare_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/integration/compare"
)

// world is a store and a central database on one server, with one table "t" in
// the store and its exact copy, which tests then spoil.
type world struct {
	t       *testing.T
	db      *sql.DB
	store   compare.Store
	central compare.Central
}

// copies says how a central table is made of the store's.
type copies struct {
	ddl string // of the store's table t, without its name
	key string // of the store's table, empty for none
}

func newWorld(t *testing.T, c copies, rows ...string) *world {
	t.Helper()
	db := openServer(t)
	name := strings.ToLower(strings.NewReplacer("/", "_", "'", "").Replace(t.Name()))
	name = name[max(0, len(name)-50):]
	w := &world{
		t: t, db: db,
		store:   compare.Store{ID: "0007", DB: db, Schema: "s_" + name},
		central: compare.Central{DB: db, Schema: "c_" + name},
	}
	for _, schema := range []string{w.store.Schema, w.central.Schema} {
		w.exec("DROP DATABASE IF EXISTS " + schema)
		w.exec("CREATE DATABASE " + schema)
		t.Cleanup(func() { w.exec("DROP DATABASE IF EXISTS " + schema) })
	}
	w.exec("CREATE TABLE S.t " + c.ddl)
	for _, row := range rows {
		w.exec("INSERT INTO S.t VALUES " + row)
	}
	w.exec("CREATE TABLE C.t LIKE S.t")
	w.exec("ALTER TABLE C.t ADD COLUMN store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL FIRST, ADD COLUMN _offset BIGINT UNSIGNED NULL")
	if c.key != "" {
		w.exec("ALTER TABLE C.t DROP PRIMARY KEY, ADD PRIMARY KEY (store_id, " + c.key + ")")
	}
	w.exec("INSERT INTO C.t SELECT '0007', t.*, 1 FROM S.t")
	return w
}

// exec runs a statement in which S and C stand for the two schemas.
func (w *world) exec(statement string) {
	w.t.Helper()
	statement = strings.NewReplacer(" S.", " "+w.store.Schema+".", " C.", " "+w.central.Schema+".").Replace(statement)
	_, err := w.db.Exec(statement)
	require.NoError(w.t, err, statement)
}

func (w *world) compare(o compare.Options) *compare.Report {
	w.t.Helper()
	report, err := compare.Stores(w.t.Context(), w.central, []compare.Store{w.store}, o)
	require.NoError(w.t, err)
	return report
}

// described prints a report's differences, one a line.
func described(t *testing.T, report *compare.Report) string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, report.Print(&text))
	return strings.TrimSuffix(text.String(), "\n")
}

var simple = copies{ddl: "(id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(10,2))", key: "id"}

func simpleWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, simple, "(1,'one',1.00), (2,'two',NULL), (10,'ten',10.50), (11,'',0)")
}

func TestEqual(t *testing.T) {
	w := simpleWorld(t)
	w.exec("INSERT INTO C.t VALUES ('0009', 1, 'another store''s', 5, 1)")
	report := w.compare(compare.Options{Definitions: true})
	require.True(t, report.Equal())
	require.Equal(t, "1 store, 1 table, 4 rows: equal", report.Verdict())
	require.Empty(t, described(t, report))
}

func TestSeesEachKindOfDifference(t *testing.T) {
	for name, c := range map[string]struct{ plant, want, verdict string }{
		"first row missing":  {"DELETE FROM C.t WHERE id = 1", `missing id=1`, "1 missing, 0 extra, 0 different"},
		"middle row missing": {"DELETE FROM C.t WHERE id = 2", `missing id=2`, "1 missing, 0 extra, 0 different"},
		"last row missing":   {"DELETE FROM C.t WHERE id = 11", `missing id=11`, "1 missing, 0 extra, 0 different"},
		"first row extra":    {"INSERT INTO C.t VALUES ('0007',-5,'x',1,1)", `extra id=-5`, "0 missing, 1 extra, 0 different"},
		"middle row extra":   {"INSERT INTO C.t VALUES ('0007',3,'x',1,1)", `extra id=3`, "0 missing, 1 extra, 0 different"},
		"last row extra":     {"INSERT INTO C.t VALUES ('0007',12,'x',1,1)", `extra id=12`, "0 missing, 1 extra, 0 different"},
		"value":              {"UPDATE C.t SET name = 'TWO' WHERE id = 2", `different id=2: name store "two" central "TWO"`, "0 missing, 0 extra, 1 different"},
		"value to null":      {"UPDATE C.t SET name = NULL WHERE id = 2", `different id=2: name store "two" central NULL`, "0 missing, 0 extra, 1 different"},
		"null to value":      {"UPDATE C.t SET price = 0 WHERE id = 2", `different id=2: price store NULL central 0.00`, "0 missing, 0 extra, 1 different"},
		"trailing space":     {"UPDATE C.t SET name = 'two ' WHERE id = 2", `different id=2: name store "two" central "two "`, "0 missing, 0 extra, 1 different"},
		"empty to null":      {"UPDATE C.t SET name = NULL WHERE id = 11", `different id=11: name store "" central NULL`, "0 missing, 0 extra, 1 different"},
		"two columns": {
			"UPDATE C.t SET name = '', price = 9 WHERE id = 1",
			`different id=1: name store "one" central "", price store 1.00 central 9.00`, "0 missing, 0 extra, 1 different",
		},
		"key moved":     {"UPDATE C.t SET id = 4 WHERE id = 2", "missing id=2\nextra id=4", "1 missing, 1 extra, 0 different"},
		"other store's": {"UPDATE C.t SET store_id = '0009' WHERE id = 2", `missing id=2`, "1 missing, 0 extra, 0 different"},
	} {
		t.Run(name, func(t *testing.T) {
			w := simpleWorld(t)
			w.exec(c.plant)
			report := w.compare(compare.Options{Definitions: true})
			require.False(t, report.Equal())
			require.Equal(t, c.want, strings.ReplaceAll(described(t, report), "store 0007, t: ", ""))
			require.Contains(t, report.Verdict(), c.verdict)
		})
	}
}

func TestSeesEachKindOfDefinition(t *testing.T) {
	for name, c := range map[string]struct{ plant, want string }{
		"type":     {"ALTER TABLE C.t MODIFY name VARCHAR(21)", `type name: store varchar(20) central varchar(21)`},
		"sign":     {"ALTER TABLE C.t DROP PRIMARY KEY, MODIFY id INT UNSIGNED, ADD PRIMARY KEY (store_id, id)", `type id: store int central int unsigned`},
		"scale":    {"ALTER TABLE C.t MODIFY price DECIMAL(12,4)", `type price: store decimal(10,2) central decimal(12,4)`},
		"not null": {"ALTER TABLE C.t MODIFY price DECIMAL(10,2) NOT NULL DEFAULT 0", `type price: store NULL central NOT NULL`},
		"key":      {"ALTER TABLE C.t DROP PRIMARY KEY, ADD PRIMARY KEY (id, store_id)", `key: key store store_id, id central id, store_id`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simple, "(1,'one',1.00)")
			w.exec(c.plant)
			report := w.compare(compare.Options{Definitions: true})
			require.Equal(t, "store 0007, t: "+c.want, described(t, report))
			require.Contains(t, report.Verdict(), "1 store, 1 table, 1 row: 1 difference in 1 table (rows: 0 missing, 0 extra, 0 different; definitions: 1)")
			require.True(t, w.compare(compare.Options{}).Equal(), "definitions are compared when asked for")
		})
	}
}

func TestMissingTablesAndColumns(t *testing.T) {
	w := simpleWorld(t)
	w.exec("ALTER TABLE C.t DROP COLUMN price")
	require.Equal(t, "store 0007, t: no central column price", described(t, w.compare(compare.Options{})))
	w.exec("ALTER TABLE C.t RENAME COLUMN id TO other")
	require.Equal(t, "store 0007, t: no central column id\nstore 0007, t: no central column price\nstore 0007, t: and 4 more",
		described(t, w.compare(compare.Options{})))
	w.exec("DROP TABLE C.t")
	report := w.compare(compare.Options{})
	require.Equal(t, "store 0007, t: no central table\nstore 0007, t: and 4 more", described(t, report))
	require.Equal(t, "1 store, 1 table, 4 rows: 5 differences in 1 table (rows: 4 missing, 0 extra, 0 different; definitions: 1)", report.Verdict())
	w.exec("DELETE FROM S.t")
	require.True(t, w.compare(compare.Options{}).Equal(), "no event, no table")
}

func TestDescribesUpToTheLimitAndCountsAll(t *testing.T) {
	w := simpleWorld(t)
	w.exec("DELETE FROM C.t")
	report := w.compare(compare.Options{Limit: 2})
	require.Equal(t, "store 0007, t: missing id=1\nstore 0007, t: missing id=2\nstore 0007, t: and 2 more", described(t, report))
	require.Equal(t, int64(4), report.Tables[0].Missing)
}

func TestKeylessTablesAreMultisets(t *testing.T) {
	keyless := copies{ddl: "(a INT NULL, b VARCHAR(10), j JSON)"}
	for name, c := range map[string]struct{ plant, want string }{
		"equal":           {"UPDATE C.t SET _offset = 9", ``},
		"one too few":     {"DELETE FROM C.t WHERE a = 1 LIMIT 1", `missing a=1, b="x", j="{\"k\":\"n1\"}"`},
		"one too many":    {"INSERT INTO C.t VALUES ('0007',1,'x','{\"k\":1}',5)", `extra a=1, b="x", j="{\"k\":\"n1\"}"`},
		"changed":         {"UPDATE C.t SET b = NULL WHERE a IS NULL", "missing a=NULL, b=\"\", j=NULL\nextra a=NULL, b=NULL, j=NULL"},
		"another store's": {"INSERT INTO C.t VALUES ('0008',1,'x','{}',5)", ``},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, keyless, `(1,'x','{"k":1}'), (1,'x','{"k":1}'), (NULL,'',NULL)`)
			w.exec(c.plant)
			got := described(t, w.compare(compare.Options{Definitions: true}))
			wanted := strings.Split(c.want, "\n")
			require.ElementsMatch(t, wanted, strings.Split(strings.ReplaceAll(got, "store 0007, t: ", ""), "\n"))
		})
	}
}

func TestUniqueIndexServesAsKey(t *testing.T) {
	w := newWorld(t, copies{ddl: "(a INT NULL, b INT NOT NULL, UNIQUE KEY x (a), UNIQUE KEY y (b))"}, "(NULL,1), (NULL,2)")
	w.exec("ALTER TABLE C.t DROP INDEX x, DROP INDEX y, ADD PRIMARY KEY (store_id, b)")
	require.True(t, w.compare(compare.Options{Definitions: true}).Equal())
	w.exec("UPDATE C.t SET a = 5 WHERE b = 2")
	require.Equal(t, "store 0007, t: different b=2: a store NULL central 5", described(t, w.compare(compare.Options{})))
}

func TestOptionsNameTheCentralSide(t *testing.T) {
	w := simpleWorld(t)
	w.exec("ALTER TABLE C.t RENAME COLUMN store_id TO branch, ADD COLUMN _deleted BOOLEAN DEFAULT 0")
	w.exec("UPDATE C.t SET _deleted = 1 WHERE id = 2")
	w.exec("DELETE FROM S.t WHERE id = 2")
	w.exec("RENAME TABLE C.t TO C.all_t")
	report := w.compare(compare.Options{
		StoreColumn: "branch", CentralRows: "_deleted = 0",
		CentralTable: func(_, table string) string { return "all_" + table },
	})
	require.Equal(t, "1 store, 1 table, 3 rows: equal", report.Verdict())
}

func TestErrorsSayWhere(t *testing.T) {
	w := simpleWorld(t)
	w.store.Tables = []string{"nowhere"}
	_, err := compare.Stores(t.Context(), w.central, []compare.Store{w.store}, compare.Options{})
	require.EqualError(t, err, "comparing store 0007: table nowhere: the store has no such table")
}

func TestEventuallyWaitsForTheCopy(t *testing.T) {
	w := simpleWorld(t)
	w.exec("DELETE FROM C.t WHERE id = 10")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	attempts := 0
	report, err := compare.Eventually(ctx, w.central, []compare.Store{w.store}, compare.Options{Progress: func(r *compare.Report) {
		require.False(t, r.Equal())
		if attempts++; attempts == 2 {
			w.exec("INSERT INTO C.t SELECT '0007', t.*, 1 FROM S.t WHERE id = 10")
		}
	}})
	require.NoError(t, err)
	require.True(t, report.Equal())
	require.Equal(t, 2, attempts)
}

func TestEventuallyReportsAtTheDeadline(t *testing.T) {
	w := simpleWorld(t)
	w.exec("DELETE FROM C.t WHERE id = 10")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	report, err := compare.Eventually(ctx, w.central, []compare.Store{w.store}, compare.Options{})
	require.NoError(t, err)
	require.Equal(t, "store 0007, t: missing id=10", described(t, report))

	w.store.Schema = "gone"
	w.store.Tables = []string{"t"}
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = compare.Eventually(ctx, w.central, []compare.Store{w.store}, compare.Options{})
	require.ErrorContains(t, err, "the store has no such table")
}

func TestSessionsAreNotGivenBack(t *testing.T) {
	w := simpleWorld(t)
	w.db.SetMaxOpenConns(2)
	w.compare(compare.Options{})
	var mode, zone string
	require.NoError(t, w.db.QueryRow("SELECT @@sql_mode, @@time_zone").Scan(&mode, &zone))
	require.NotEmpty(t, mode)
	require.Equal(t, "SYSTEM", zone)
}

func TestManyRowsInAnyOrder(t *testing.T) {
	// Text keys in a collation that sorts unlike bytes.
	w := newWorld(t, copies{ddl: "(k VARCHAR(30) COLLATE utf8mb4_0900_ai_ci, n INT, PRIMARY KEY (k, n))", key: "k, n"})
	var rows []string
	for i := range 3000 {
		rows = append(rows, fmt.Sprintf("('%s', %d)", []string{"a", "B", "ä", "_", "Z", "ß", "é", "10", "9", " "}[i%10]+fmt.Sprint(i%7), i-1500))
	}
	w.exec("INSERT INTO S.t VALUES " + strings.Join(rows, ","))
	w.exec("ALTER TABLE C.t MODIFY k VARCHAR(30) COLLATE utf8mb4_0900_bin NOT NULL")
	w.exec("INSERT INTO C.t SELECT '0007', t.*, 1 FROM S.t")
	require.Equal(t, "1 store, 1 table, 3,000 rows: equal", w.compare(compare.Options{}).Verdict())
	w.exec("DELETE FROM C.t WHERE n IN (-1500, 77, 1499)")
	require.Equal(t, int64(3), w.compare(compare.Options{}).Tables[0].Missing)
}
