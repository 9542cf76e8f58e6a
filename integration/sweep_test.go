package integration

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"tributary/debezium/connect"
	"tributary/debezium/topics"
	"tributary/integration/compare"
	"tributary/sink"
	"tributary/sink/sweep"
)

// swept is a store whose rows are swept: with a real connector, a running sink and
// the command.
type swept struct {
	*watched
	db, copies *sql.DB
	environ    []string
	binary     string
	replica    *replica
}

func startSwept(t *testing.T) *swept {
	w, center := watch(t, "swept")
	s := &swept{watched: w}
	dsn := strings.TrimPrefix(w.environ[1], "TRIBUTARY_CENTRAL_DSN=")
	var err error
	s.db, err = w.store.Open("pos")
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.db.Close() })
	s.copies, err = center.Open(dsn[strings.LastIndexByte(dsn, '/')+1:])
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.copies.Close() })
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(rules, []byte("tables:\n  - {match: member, name: members, deletes: soft}\n"), 0o600))
	s.environ = []string{
		"TRIBUTARY_KAFKA_BROKERS=" + w.inventory.Kafka.Brokers, "TRIBUTARY_ENVIRONMENT=swept", "TRIBUTARY_GROUP=swept",
		"TRIBUTARY_CENTRAL_DSN=" + dsn, "TRIBUTARY_RULES=" + rules,
	}
	s.binary = filepath.Join(t.TempDir(), "tributary")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.binary, "../cmd/tributary").CombinedOutput()
	require.NoError(t, err, "%s", out)

	execAll(t, s.db,
		"CREATE TABLE goods (code VARCHAR(20), size INT, price DECIMAL(9,2), PRIMARY KEY (code, size))",
		"INSERT INTO goods VALUES ('a',1,1.5), ('a',2,2.5), ('b',1,3.5), ('c',1,4.5), ('d',1,5.5), ('e',1,6.5), ('f',1,7.5)",
		"CREATE TABLE bare (id INT PRIMARY KEY)", "INSERT INTO bare VALUES (1), (2), (3)",
		"CREATE TABLE lone (id INT PRIMARY KEY)", "INSERT INTO lone VALUES (1), (2)",
		"CREATE TABLE never (id INT PRIMARY KEY)",
		"CREATE TABLE journal (line VARCHAR(20))", "INSERT INTO journal VALUES ('x'), ('x'), ('y')",
		"CREATE TABLE member (id INT PRIMARY KEY, name VARCHAR(20))", "INSERT INTO member VALUES (1,'Ann'), (2,'Bob'), (3,'Cid')",
		"CREATE TABLE promo (id INT PRIMARY KEY, label VARCHAR(20))", "INSERT INTO promo VALUES (1,'old'), (2,'old'), (3,'old')")
	store, _ := w.inventory.Store("47")
	require.NoError(t, w.connect.Create(t.Context(), w.connector, connect.Config(store, connect.DefaultsOf(w.inventory)), connect.Started))
	require.NoError(t, w.connect.WaitSnapshot(t.Context(), w.connector))
	s.sink()
	s.same("goods", "bare", "lone", "promo", "sale")
	return s
}

// sink runs a replica.
func (s *swept) sink() {
	s.replica = startReplica(s.t, s.inventory.Kafka.Brokers, strings.TrimPrefix(s.environ[3], "TRIBUTARY_CENTRAL_DSN="),
		"ENVIRONMENT=swept", "GROUP=swept", strings.TrimPrefix(s.environ[4], "TRIBUTARY_"))
}

// same waits until the copies equal the store's tables.
func (s *swept) same(tables ...string) { s.t.Helper(); same(s.t, s.copies, s.db, "47", tables...) }

// again captures the store again, and does something in between.
func (s *swept) again(meanwhile ...string) {
	s.t.Helper()
	ctx := s.t.Context()
	admin, err := topics.Dial(s.inventory.Kafka.Brokers, nil)
	require.NoError(s.t, err)
	defer admin.Close()
	require.NoError(s.t, s.connect.Snapshot(ctx, s.connector, func(ctx context.Context) error {
		execAll(s.t, s.db, meanwhile...)
		return admin.Delete(ctx, []string{connect.DefaultsOf(s.inventory).HistoryTopic("47")})
	}))
	require.NoError(s.t, s.connect.WaitSnapshot(ctx, s.connector))
}

// tributary runs `tributary sweep 47`.
func (s *swept) tributary(args ...string) (said string, code int) {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), s.binary, append([]string{"sweep", "47"}, args...)...)
	command.Env = append(os.Environ(), s.environ...)
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(s.t, err)
	}
	s.t.Logf("tributary sweep 47 %s\n%s", strings.Join(args, " "), out)
	return string(out), command.ProcessState.ExitCode()
}

// look opens a sweep and looks at all tables, by their names.
func (s *swept) look(patience time.Duration) (*sink.Sweep, map[string]*sweep.Table) {
	s.t.Helper()
	config, err := sink.LoadConfig(s.environ)
	require.NoError(s.t, err)
	open, err := sink.OpenSweep(s.t.Context(), config, zaptest.NewLogger(s.t))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, open.Close()) })
	open.Patience = patience
	found, err := open.Look(s.t.Context(), "47", "")
	require.NoError(s.t, err)
	tables := make(map[string]*sweep.Table)
	for i := range found {
		tables[found[i].Name] = &found[i]
	}
	return open, tables
}

// TestSweep removes what a store deleted while nobody read its binary log, and what
// a table had that was dropped, on the real chain; and nothing else.
func TestSweep(t *testing.T) {
	s := startSwept(t)
	ctx := t.Context()
	said, code := s.tributary()
	require.Equal(t, 0, code)
	require.Contains(t, said, "nothing to sweep")

	s.again("DELETE FROM goods WHERE code='a' OR code='b'", "DELETE FROM bare", "DELETE FROM lone WHERE id=1",
		"DELETE FROM journal WHERE line='x' LIMIT 1", "DELETE FROM member WHERE id=2", "UPDATE goods SET price=9 WHERE code='c'")
	execAll(t, s.db, "UPDATE goods SET price=10 WHERE code='d'", "INSERT INTO goods VALUES ('g',1,8.5)")
	eventually(t, s.copies, "SELECT price FROM goods WHERE code IN ('c','d','g') ORDER BY code", "9.00", "10.00", "8.50")

	open, tables := s.look(15 * time.Second)
	for name, want := range map[string][2]int64{ // rows, and those older
		"goods": {8, 3}, "bare": {3, 3}, "lone": {2, 1}, "journal": {5, 3}, "members": {3, 1}, "promo": {3, 0}, "sale": {2, 0},
	} {
		table := tables[name]
		require.NotNil(t, table, name)
		require.Empty(t, table.Refusal, name)
		require.Equal(t, want, [2]int64{table.Rows, table.Older}, name)
		require.Zero(t, table.Strays+table.Unplaced, name)
	}
	require.NotContains(t, tables, "never", "the sink knows nothing of it")

	// The store writes a row anew that was to go: it stays.
	execAll(t, s.db, "INSERT INTO goods VALUES ('a',1,77)")
	eventually(t, s.copies, "SELECT price FROM goods WHERE code='a' AND size=1", "77.00")
	n, err := open.Apply(ctx, tables["goods"])
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	s.same("goods")

	said, code = s.tributary("--apply")
	require.Equal(t, 1, code, "more than half of two tables is left")
	require.Contains(t, said, "members: 1 marked as deleted")
	require.Contains(t, said, "lone: 1 deleted")
	require.Equal(t, []string{"3"}, rows(t, s.copies, "SELECT COUNT(*) FROM bare"))
	said, code = s.tributary("bare", "--apply", "--even-most")
	require.Equal(t, 0, code)
	require.Contains(t, said, "bare: 3 deleted")
	_, code = s.tributary("--apply", "--even-most")
	require.Equal(t, 0, code)
	s.same("goods", "bare", "lone", "journal", "promo", "sale")
	report, err := compare.Eventually(ctx, compare.Central{DB: s.copies, Schema: rows(t, s.copies, "SELECT DATABASE()")[0]},
		[]compare.Store{{ID: "47", DB: s.db, Schema: "pos", Tables: []string{"member"}}},
		compare.Options{CentralTable: func(string, string) string { return "members" }, CentralRows: "_deleted IS NOT TRUE"})
	require.NoError(t, err)
	require.True(t, report.Equal(), report.Verdict())
	require.Equal(t, []string{"2"}, rows(t, s.copies, "SELECT id FROM members WHERE _deleted"))

	s.dropped()

	said, code = s.tributary()
	require.Equal(t, 0, code)
	require.Contains(t, said, "nothing to sweep")
	said, code = s.tributary("nonsense")
	require.Equal(t, 1, code)
	require.Contains(t, said, `central table "nonsense"`)
}

// dropped drops tables while everything runs, and while the sink is away.
func (s *swept) dropped() {
	t := s.t
	execAll(t, s.db, "DROP TABLE promo", "CREATE TABLE promo (id INT PRIMARY KEY, label VARCHAR(20))", "INSERT INTO promo VALUES (3,'new'), (4,'new'), (5,'new')")
	eventually(t, s.copies, "SELECT id, label FROM promo ORDER BY id", "1 old", "2 old", "3 new", "4 new", "5 new")
	letters := "SELECT state FROM tributary_dead_letters WHERE table_name='promo'"
	eventually(t, s.copies, letters, "open") // the sink has reported the drop
	said, code := s.tributary("promo", "--apply")
	require.Equal(t, 0, code)
	require.Contains(t, said, "promo: 2 deleted")
	require.Equal(t, []string{"superseded"}, rows(t, s.copies, letters), "what asked for the sweep")
	s.same("promo")

	s.replica.end()
	execAll(t, s.db, "DROP TABLE promo", "CREATE TABLE promo (id INT PRIMARY KEY, label VARCHAR(20))", "INSERT INTO promo VALUES (3,'newest')")
	require.Eventually(t, func() bool {
		_, tables := s.look(0)
		return strings.Contains(tables["promo"].Refusal, "not yet: the sink has written")
	}, 30*time.Second, 500*time.Millisecond)
	s.sink()
	eventually(t, s.copies, "SELECT label FROM promo WHERE id=3", "newest")
	_, code = s.tributary("promo", "--apply", "--even-most")
	require.Equal(t, 0, code)
	s.same("promo")

	// A table that is gone: all of its rows are.
	execAll(t, s.db, "INSERT INTO lone VALUES (9)")
	s.same("lone")
	execAll(t, s.db, "RENAME TABLE lone TO alone", "DROP TABLE bare")
	require.Eventually(t, func() bool {
		_, tables := s.look(15 * time.Second)
		return tables["lone"].Older == 2 && tables["lone"].Beginning.Kind == sweep.Renamed
	}, 30*time.Second, 500*time.Millisecond)
	_, code = s.tributary("lone", "--apply", "--even-most")
	require.Equal(t, 0, code)
	require.Equal(t, []string{"0"}, rows(t, s.copies, "SELECT COUNT(*) FROM lone"))
}
