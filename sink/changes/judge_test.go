package changes

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/sink/rules"
)

// store is what the central database and Kafka know of a store.
type store struct {
	rows      []string         // central tables with rows from before the change
	newRows   []string         // and such with later ones
	unwritten map[string]int64 // by topic, of 100 events; negative: Kafka is away
	since     int64            // events that have come to all topics since
	said      []string
	former    []string
	asked     int64 // up to when rows were asked for
	err       error
}

func (s *store) OldRows(_ context.Context, table, _ string, micros int64) (bool, error) {
	s.asked = micros
	return slices.Contains(s.rows, table) || micros > at+1_000_000 && slices.Contains(s.newRows, table), s.err
}

func (s *store) Progress(_ context.Context, topic string) (written, end int64, err error) {
	n := s.unwritten[topic]
	if n < 0 {
		return 0, 0, errors.New("kafka is away")
	}
	return 100 - n, 100 + s.since, nil
}

// verdictOf is what a judge says once a change has settled.
func verdictOf(t *testing.T, j *Judge, offset int64, c *debezium.SchemaChange) (report *Report, err error) {
	synctest.Test(t, func(t *testing.T) {
		report, err = j.Judge(t.Context(), "prod.47", offset, c)
		for errors.Is(err, ErrNotYet) {
			<-time.After(settling)
			report, err = j.Judge(t.Context(), "prod.47", offset, c)
		}
	})
	return report, err
}

func (s *store) Sources(context.Context, string) ([]string, error) {
	return []string{"prod.47.gone.b", "prod.47.gone.c", "prod.47.other.d", "prod.47.pos.sale"}, s.err
}

func (s *store) Former(context.Context, string, string) ([]string, error) { return s.former, s.err }

func (s *store) Said(_ context.Context, topic, table, words string) (bool, error) {
	return slices.Contains(s.said, topic+" "+table+" "+words), s.err
}

func (s *store) judge(t *testing.T) *Judge {
	r, err := rules.Parse([]byte("tables: [{match: pos.odd, name: strange}]"))
	require.NoError(t, err)
	return &Judge{Environment: "prod", Rules: r, Wanted: func(t debezium.Topic) bool { return t.Table != "unwanted" }, Facts: s}
}

// at is 2026-11-27 10:32:11.123 UTC in µs.
const at = 1795775531123000

// streamed is a schema change of MySQL that streams. The columns are name:charset.
func streamed(statement, changed string, columns ...string) *debezium.SchemaChange {
	c := &debezium.SchemaChange{
		Source:   debezium.ChangeSource{Connector: "mysql", Database: "pos", Tables: []string{changed}, Micros: at},
		Database: "pos", DDL: statement,
	}
	change := debezium.TableChange{Type: "ALTER", ID: debezium.TableID{Database: "pos", Table: changed}}
	for _, column := range columns {
		name, charset, _ := strings.Cut(column, ":")
		change.Columns = append(change.Columns, debezium.ChangedColumn{Name: name, Type: "VARCHAR", Charset: charset})
	}
	c.Tables = append(c.Tables, change)
	return c
}

func TestJudge(t *testing.T) {
	const again = "capture the table again (`tributary connectors restart --snapshot 47`)"
	with := func(c *debezium.SchemaChange, change func(*debezium.SchemaChange)) *debezium.SchemaChange {
		change(c)
		return c
	}
	snapshot := func(c *debezium.SchemaChange) { c.Source.Snapshot = "true" }
	tables := func(names ...string) func(*debezium.SchemaChange) {
		return func(c *debezium.SchemaChange) { c.Source.Tables = names }
	}
	mariadb := func(c *debezium.SchemaChange) { c.Source.Connector = "mariadb" }
	for _, c := range []struct {
		name   string
		change *debezium.SchemaChange
		rows   []string
		table  string
		want   string // empty for no report
	}{
		{
			"a table dropped with its rows", streamed("DROP TABLE `pos`.`sale`", "sale"),
			[]string{"sale"},
			"sale",
			"DROP TABLE pos.sale at 2026-11-27 10:32:11 UTC: the rows it had stay in central table \"sale\", among those of a table that was made in its place; `tributary sweep 47 sale` shows and deletes them",
		},
		{"under another name centrally", streamed("DROP TABLE odd", "odd"), []string{"strange"}, "strange", `central table "strange"`},
		{"a table dropped without rows", streamed("DROP TABLE `pos`.`sale`", "sale"), []string{"other"}, "", ""},
		{"a table that is not carried", streamed("DROP TABLE `pos`.`unwanted`", "unwanted"), []string{"unwanted"}, "", ""},
		{"a snapshot's own DROP", with(streamed("DROP TABLE IF EXISTS `pos`.`sale`", "sale"), snapshot), []string{"sale"}, "", ""},
		{"a copy that a tool has dropped", streamed("DROP TABLE `pos`.`_sale_gho`", "_sale_gho"), []string{"_sale_gho"}, "", ""},
		{"a table that is called like a copy of none", streamed("DROP TABLE `pos`.`_menu_old`", "_menu_old"), []string{"_menu_old"}, "_menu_old", "DROP TABLE pos._menu_old"},
		{"another case than the store keeps", streamed("ALTER TABLE SALE DROP PARTITION p", "sale"), []string{"sale"}, "sale", "ALTER TABLE pos.sale DROP"},
		{
			"partitions dropped", streamed("ALTER TABLE sale DROP PARTITION a, b", "sale"),
			[]string{"sale"},
			"sale",
			"ALTER TABLE pos.sale DROP PARTITION a, b at 2026-11-27 10:32:11 UTC: the rows they had stay in central table \"sale\": " + again + ", then `tributary sweep 47 sale` shows and deletes them",
		},
		{"a partition truncated", streamed("ALTER TABLE sale TRUNCATE PARTITION a", "sale"), []string{"sale"}, "sale", "TRUNCATE PARTITION a"},
		{"a partition of a table without rows", streamed("ALTER TABLE sale TRUNCATE PARTITION a", "sale"), nil, "", ""},
		{
			"a partition exchanged", streamed("ALTER TABLE sale EXCHANGE PARTITION a WITH TABLE x.old", "sale"), nil, "sale",
			"EXCHANGE PARTITION a WITH TABLE x.old at 2026-11-27 10:32:11 UTC: central table \"sale\" keeps rows that the store's has no more, and lacks those it was given",
		},
		{"a partition made a table", streamed("ALTER TABLE sale CONVERT PARTITION a TO TABLE old", "sale"), nil, "sale", "CONVERT PARTITION a, table pos.old,"},
		{"a file imported", streamed("ALTER TABLE sale IMPORT TABLESPACE", "sale"), nil, "sale", "IMPORT TABLESPACE at"},
		{
			"a table renamed", streamed("RENAME TABLE sale TO sale_2025", "sale_2025"),
			[]string{"sale"},
			"sale",
			"RENAME TABLE pos.sale TO pos.sale_2025 at 2026-11-27 10:32:11 UTC: its rows stay in central table \"sale\", and \"sale_2025\" begins without them: " + again + ", then `tributary sweep 47 sale`",
		},
		{"a table renamed by ALTER", streamed("ALTER TABLE sale RENAME TO sale_2025", "sale_2025"), []string{"sale"}, "sale", "its rows stay in central table \"sale\""},
		{"a table renamed without rows", streamed("RENAME TABLE sale TO sale_2025", "sale_2025"), nil, "", ""},
		{
			"a table renamed to one there was", streamed("RENAME TABLE sale_new TO sale", "sale"),
			[]string{"sale", "sale_new"},
			"sale",
			"RENAME TABLE pos.sale_new TO pos.sale at 2026-11-27 10:32:11 UTC: central table \"sale\" keeps the rows of a table that had the name before, and lacks those this one brings",
		},
		{"a table that was not captured before", with(streamed("RENAME TABLE x.sale TO sale", ""), func(c *debezium.SchemaChange) { c.Tables = nil }), nil, "sale", "RENAME TABLE x.sale TO pos.sale"},
		{"the original of a swap", with(streamed("RENAME TABLE sale TO _sale_old", "_sale_old"), tables("_sale_old", "sale")), []string{"sale"}, "", ""},
		{"two tables change their names, the first", with(streamed("RENAME TABLE a TO t", "t"), tables("t", "a", "b")), []string{"a", "b"}, "", ""},
		{"two tables change their names, the second", with(streamed("RENAME TABLE b TO a", "a"), tables("t", "a", "b")), []string{"a", "b"}, "a", "central table \"a\" keeps the rows of a table that had the name before"},
		{"two tables change their names, the third", with(streamed("RENAME TABLE t TO b", "b"), tables("t", "a", "b")), []string{"a", "b"}, "b", "central table \"b\" keeps"},
		{"a table that makes room for one of another name", with(streamed("RENAME TABLE sale TO sale_old", "sale_old"), tables("sale_old", "sale")), []string{"sale"}, "", ""},
		{"a view renamed", with(streamed("RENAME TABLE v TO w", ""), func(c *debezium.SchemaChange) { c.Tables = nil }), nil, "", ""},
		{"a table that was left out takes a name", with(streamed("RENAME TABLE v TO sale", ""), func(c *debezium.SchemaChange) { c.Tables = nil }), nil, "sale", "lacks those this one brings"},
		{"the copy of a swap", streamed("RENAME TABLE _sale_new TO sale", "sale"), []string{"sale", "_sale_new"}, "", ""},
		{"the original put away for good", streamed("RENAME TABLE sale TO _sale_old", "_sale_old"), []string{"sale"}, "sale", "its rows stay"},
		{"a rename and an old character set", streamed("RENAME TABLE a TO b", "b", "v:hp8"), []string{"a"}, "", "begins without them: " + again + ", then `tributary sweep 47 a` shows and deletes them; besides, columns of pos.b"},
		{
			"a database dropped", with(streamed("DROP DATABASE gone", ""), func(c *debezium.SchemaChange) { c.Tables, c.Database = nil, "gone" }),
			[]string{"b", "c", "d"},
			"",
			"DROP DATABASE gone at 2026-11-27 10:32:11 UTC: the rows its tables had stay in the central ones, \"b\", \"c\"; `tributary sweep 47` shows and deletes them",
		},
		{"a database with one table of rows", with(streamed("DROP DATABASE gone", ""), func(c *debezium.SchemaChange) { c.Tables = nil }), []string{"c", "d"}, "c", `central ones, "c"`},
		{
			"an old character set", streamed("CREATE TABLE t (…)", "t", "id:", "v:koi8u", "w:utf8mb4", "x:hp8", "y:koi8u"), nil, "t",
			"columns of pos.t have a character set that Debezium takes for another when it reads the binary log (koi8u, hp8: v, x, y), so that letters beyond ASCII arrive changed: ALTER TABLE pos.t CONVERT TO CHARACTER SET utf8mb4, then " + again,
		},
		{"an old character set in a snapshot", with(streamed("CREATE TABLE t (…)", "t", "v:swe7"), snapshot), nil, "t", "(swe7: v)"},
		{"one that MySQL's connector knows", streamed("CREATE TABLE t (…)", "t", "v:cp932"), nil, "", ""},
		{"and MariaDB's does not", with(streamed("CREATE TABLE t (…)", "t", "v:cp932"), mariadb), nil, "t", "(cp932: v)"},
		{"of a copy it is said with the rename", streamed("CREATE TABLE _sale_new (…)", "_sale_new", "v:koi8u"), nil, "", ""},
		{"the rename", streamed("RENAME TABLE _sale_new TO sale", "sale", "v:koi8u"), []string{"sale"}, "sale", "columns of pos.sale have a character set"},
		{"of a table that is not carried", streamed("CREATE TABLE unwanted (…)", "unwanted", "v:koi8u"), nil, "", ""},
		{
			"bytes", streamed("CREATE TABLE t (v CHAR(10) BYTE, w TEXT BYTE)", "t", "v:utf8mb4"), nil, "t",
			"columns of pos.t are bytes by the name of a text type (v, w), and Debezium changes them when it reads the binary log: make them BINARY, VARBINARY or BLOB, then " + again,
		},
		{"bytes by their character set", streamed("ALTER TABLE t ADD v VARCHAR(9) CHARACTER SET binary", "t", "v:binary"), nil, "t", "are bytes by the name of a text type (v)"},
		{
			"a foreign key that acts", with(streamed("CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE SET NULL)", "c"), mariadb), nil, "c",
			"a foreign key of pos.c changes its rows with those of pos.parent (ON DELETE CASCADE, ON UPDATE SET NULL), of which MariaDB's binary log has no event: let the application change them in place of the key, then " + again,
		},
		{"of MySQL preflight tells", streamed("CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)", "c"), nil, "", ""},
		{"of no interest", streamed("ALTER TABLE sale ADD c INT", "sale", "c:"), []string{"sale"}, "", ""},
		{"truncated, which has an event", streamed("TRUNCATE TABLE sale", "sale"), []string{"sale"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := verdictOf(t, (&store{rows: c.rows}).judge(t), 7, c.change)
			require.NoError(t, err)
			if c.want == "" {
				require.Nil(t, report)
				return
			}
			require.NotNil(t, report)
			require.ErrorContains(t, report.Reason, c.want)
			if c.table != "" {
				require.Equal(t, c.table, report.Table)
			}
		})
	}
}

// TestSaidOnce: what lasts is said once, what happens each time.
func TestSaidOnce(t *testing.T) {
	s := &store{}
	change := streamed("CREATE TABLE t (…)", "t", "v:koi8u")
	report, err := verdictOf(t, s.judge(t), 7, change)
	require.NoError(t, err)
	s.said = []string{"prod.47 t " + report.Reason.Error()}
	again, err := verdictOf(t, s.judge(t), 8, change)
	require.NoError(t, err)
	require.Nil(t, again)
	more, err := verdictOf(t, s.judge(t), 9, streamed("ALTER TABLE t ADD …", "t", "v:koi8u", "w:koi8u"))
	require.NoError(t, err)
	require.NotNil(t, more)
}

// TestRenamedAndMadeAgain: a table that is made again writes the rows it had anew, and
// those of the table that was renamed are missing all the same.
func TestRenamedAndMadeAgain(t *testing.T) {
	s := &store{newRows: []string{"sale"}}
	report, err := verdictOf(t, s.judge(t), 7, streamed("RENAME TABLE sale TO sale_2025", "sale_2025"))
	require.NoError(t, err)
	require.NotNil(t, report)
	report, err = verdictOf(t, s.judge(t), 7, streamed("DROP TABLE sale", "sale"))
	require.NoError(t, err)
	require.Nil(t, report, "new rows are the new table's")
}

// TestWaits: rows are looked for when all is written that Kafka had a moment after
// the change, and for a minute at most.
func TestWaits(t *testing.T) {
	const sale = "prod.47.pos.sale"
	waits := func(name string, do func(t *testing.T, s *store, ask func() (*Report, error))) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &store{unwritten: map[string]int64{}}
				j := s.judge(t)
				do(t, s, func() (*Report, error) {
					return j.Judge(t.Context(), "prod.47", 7, streamed("DROP TABLE sale", "sale"))
				})
			})
		})
	}
	notYet := func(t *testing.T, ask func() (*Report, error)) {
		t.Helper()
		_, err := ask()
		require.ErrorIs(t, err, ErrNotYet)
	}
	waits("a delete that is still to come", func(t *testing.T, s *store, ask func() (*Report, error)) {
		s.rows = []string{"sale"}
		notYet(t, ask)
		<-time.After(settling - 1)
		s.unwritten[sale] = 1 // now it is seen
		notYet(t, ask)
		<-time.After(1)
		notYet(t, ask)
		s.rows, s.unwritten[sale] = nil, 0
		report, err := ask()
		require.NoError(t, err)
		require.Nil(t, report)
		require.EqualValues(t, at+999, s.asked, "rows of the same millisecond count")
	})
	waits("a table that is sold from all the time", func(t *testing.T, s *store, ask func() (*Report, error)) {
		s.rows, s.unwritten[sale] = []string{"sale"}, 3
		notYet(t, ask)
		<-time.After(settling)
		notYet(t, ask)
		s.since, s.unwritten[sale] = 5, 0 // behind what there was, and behind again
		report, err := ask()
		require.NoError(t, err)
		require.NotNil(t, report)
	})
	waits("a table that is held", func(t *testing.T, s *store, ask func() (*Report, error)) {
		s.unwritten[sale] = 3
		notYet(t, ask)
		<-time.After(patience / 2)
		s.unwritten[sale] = 2 // it moves
		notYet(t, ask)
		<-time.After(patience)
		notYet(t, ask)
		<-time.After(1)
		report, err := ask()
		require.NoError(t, err)
		require.NotNil(t, report, "in doubt there are rows")
	})
	waits("others that are away", func(t *testing.T, s *store, ask func() (*Report, error)) {
		s.unwritten[sale] = -1
		_, err := ask()
		require.ErrorIs(t, err, ErrNotYet)
		require.ErrorContains(t, err, "kafka is away")
		s.unwritten[sale] = 0
		notYet(t, ask)
		<-time.After(settling)
		s.err = errors.New("the database is away")
		_, err = ask()
		require.ErrorIs(t, err, s.err)
	})
}

func TestOriginal(t *testing.T) {
	for table, want := range map[string]string{
		"_sale_new": "sale", "__sale_new": "sale", "_sale_old": "sale", "_sale_gho": "sale", "_sale_ghc": "sale", "_sale_del": "sale",
		"_sale_20261127103211_del": "sale", "__osc_new_sale": "sale", "__osc_old_sale": "sale", "__osc_chg_sale": "sale",
		"sale_new": "", "_sale": "", "sale": "", "_": "", "__osc_sale": "", "_new": "", "__old": "", "_2026_del": "2026", "_sale_2026112710321x_del": "sale_2026112710321x",
	} {
		require.Equal(t, want, Original(table), table)
	}
}
