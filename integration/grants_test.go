package integration

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"tributary/integration/stack"
	"tributary/sink"
)

const centralFiles = "../deploy/central/"

// shipped is a server with deploy's own settings and SQL, of which only the
// database's name and the account's password are the test's.
type shipped struct {
	t      *testing.T
	server *stack.MySQL
	root   *sql.DB
	name   string // of the database, and of the sink's account
}

// settings turns deploy's my.cnf into options, sized for a test.
func settings(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(centralFiles + "my.cnf")
	require.NoError(t, err)
	var args []string
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' || line[0] == '[' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		require.True(t, ok, line)
		args = append(args, "--"+strings.TrimSpace(name)+"="+strings.TrimSpace(value))
	}
	require.NotEmpty(t, args)
	return append(args, "--innodb_buffer_pool_size=64M", "--innodb_redo_log_capacity=64M")
}

func shippedServer(t *testing.T) *stack.MySQL {
	t.Helper()
	server, err := stack.StartMySQL(t.Context(), filepath.Join(run.dir, t.Name()),
		stack.MySQLOptions{Name: "shipped", Binlog: true, Args: settings(t)}, os.Stderr)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, server.Stop(ctx))
	})
	return server
}

func ship(t *testing.T, server *stack.MySQL, name string) *shipped {
	t.Helper()
	s := &shipped{t: t, server: server, name: name}
	var err error
	s.root, err = server.Open("")
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.root.Close() })
	return s
}

var (
	comments = regexp.MustCompile(`(?m)^--.*$`)
	account  = regexp.MustCompile(`'tributary'@`)
)

// run runs a file of deploy's as root.
func (s *shipped) run(file string) {
	s.t.Helper()
	content, err := os.ReadFile(centralFiles + file)
	require.NoError(s.t, err)
	text := regexp.MustCompile(`\bretail\b`).ReplaceAllString(comments.ReplaceAllString(string(content), ""), s.name)
	text = account.ReplaceAllString(text, "'"+s.name+"'@")
	conn, err := s.root.Conn(s.t.Context()) // USE holds for what follows
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, conn.Close()) }()
	for _, statement := range strings.Split(text, ";\n") {
		if statement = strings.TrimSpace(statement); statement == "" {
			continue
		}
		_, err := conn.ExecContext(s.t.Context(), statement)
		require.NoError(s.t, err, statement)
	}
}

// all runs every file, the grants being the ones named.
func (s *shipped) all(grants string) {
	s.t.Helper()
	for _, file := range []string{"1-database.sql", "2-users.sql", grants, "4-freshness.sql"} {
		s.run(file)
	}
	for _, user := range []string{s.name, "tributary_monitor", "reports"} {
		s.exec("ALTER USER '" + user + "'@'%' IDENTIFIED BY 'pass'")
	}
}

func (s *shipped) exec(statement string) {
	s.t.Helper()
	_, err := s.root.ExecContext(s.t.Context(), statement)
	require.NoError(s.t, err, statement)
}

// dsn is the database as an account sees it.
func (s *shipped) dsn(user string) string {
	dsn := s.server.DSN(s.name)
	return user + ":pass" + dsn[strings.IndexByte(dsn, '@'):]
}

func (s *shipped) open(user string) *sql.DB {
	s.t.Helper()
	db, err := sql.Open("mysql", s.dsn(user))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestCentralAsShipped sets a server up as deploy/central says and carries
// events as the account made there: into tables the sink makes, and widens.
func TestCentralAsShipped(t *testing.T) {
	server := shippedServer(t)
	s := ship(t, server, "retail_whole")
	s.all("3-grants.sql")
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("9"))
	p.create("7", 1, "seven", 10)
	p.create("9", 1, "nine", 20)
	p.send(saleTopic("9"), saleKey(2), []byte(`{"schema":`)) // a dead letter
	p.create("9", 3, "gone soon", 1)
	p.remove("9", 3)
	startReplica(t, brokers, s.dsn(s.name))
	reports := s.open("reports")
	eventually(t, reports, sales, "7 1 seven 10", "9 1 nine 20")
	p.truncate("7")
	eventually(t, reports, sales, "9 1 nine 20")
	p.create("7", 4, "seven", 10)
	eventually(t, reports, "SELECT s.store_id, s.id, f.complete_to IS NOT NULL, f.applied_at IS NOT NULL, f.dead_letters"+
		" FROM sale s JOIN tributary_freshness f ON f.store_id=s.store_id AND f.table_name='sale' ORDER BY 1",
		"7 4 1 1 0", "9 1 1 1 1")
	require.Equal(t, []string{"2026-11-22 15:39:59.000123"},
		rows(t, reports, "SELECT complete_to FROM tributary_freshness WHERE store_id='7'"))

	t.Run("reports read only", func(t *testing.T) {
		_, err := reports.Exec("DELETE FROM sale")
		require.ErrorContains(t, err, "denied")
	})
	t.Run("the monitor reads the ledger only", func(t *testing.T) {
		db := s.open("tributary_monitor")
		require.Equal(t, []string{"2"}, rows(t, db, "SELECT COUNT(*) FROM tributary_ledger"))
		require.Equal(t, []string{"1"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
		_, err := db.Exec("SELECT 1 FROM sale")
		require.ErrorContains(t, err, "denied")
	})
	t.Run("tables are as the code makes them", func(t *testing.T) {
		dsn, made := ownDatabase(t, server)
		first := startReplica(t, brokers, dsn, "GROUP=second")
		eventually(t, made, sales, "7 4 seven 10", "9 1 nine 20")
		first.end()
		for _, table := range []string{"tributary_ledger", "tributary_dead_letters", "tributary_versions"} {
			show := func(db *sql.DB) string {
				return regexp.MustCompile(` AUTO_INCREMENT=\d+`).ReplaceAllString(rows(t, db, "SHOW CREATE TABLE "+table)[0], "")
			}
			require.Equal(t, show(made), show(reports))
		}
	})
	t.Run("a partition that brought nothing makes it unknown", func(t *testing.T) {
		s.exec("INSERT INTO " + s.name + ".tributary_ledger (grp, topic, part, log_id, next_offset, store_id, table_name, seeded_time)" +
			" VALUES ('other','test.7.pos.sale',1,'',0,'7','sale',UTC_TIMESTAMP())")
		require.Equal(t, []string{"NULL other"}, rows(t, reports, "SELECT complete_to, consumer_group FROM tributary_freshness WHERE consumer_group='other'"))
	})
}

// TestStrictGrants runs the sink where it may change no table: it goes on as
// soon as somebody has run what it asked for.
func TestStrictGrants(t *testing.T) {
	s := ship(t, central(t), "retail_strict")
	s.t.Cleanup(func() { s.forget() })
	s.all("3-grants.sql")
	s.exec("REVOKE ALL PRIVILEGES, GRANT OPTION FROM '" + s.name + "'@'%'")
	s.run("3-grants-strict.sql")
	s.exec("CREATE TABLE " + s.name + ".sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(20), amount INT, PRIMARY KEY (store_id, id))")
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "a", 1)
	p.remove("7", 1)
	p.create("7", 2, "b", 2)
	startReplica(t, brokers, s.dsn(s.name), "SCHEMA_MODE=check")
	eventually(t, s.open("reports"), sales, "7 2 b 2")
}

func (s *shipped) forget() {
	for _, statement := range []string{"DROP DATABASE " + s.name, "DROP USER '" + s.name + "'@'%'", "DROP USER 'reports'@'%'", "DROP USER 'tributary_monitor'@'%'"} {
		_, err := s.root.ExecContext(context.Background(), statement)
		require.NoError(s.t, err)
	}
}

// TestMissingPrivilege takes the sink's privileges away, one at a time. It must
// say which, and go on by itself when it is given, or be refused at the start.
func TestMissingPrivilege(t *testing.T) {
	server := central(t)
	for _, test := range []struct {
		privilege string
		started   bool // or it ends at once, as the start needs the privilege
	}{
		{"SELECT", true},
		{"INSERT", true},
		{"UPDATE", true},
		{"DELETE", true},
		{"CREATE", true},
		{"ALTER", true},
	} {
		t.Run(test.privilege, func(t *testing.T) {
			s := ship(t, server, "retail_no_"+strings.ToLower(test.privilege))
			t.Cleanup(s.forget)
			s.all("3-grants.sql")
			s.exec("REVOKE " + test.privilege + " ON " + s.name + ".* FROM '" + s.name + "'@'%'")
			brokers, p, _ := fakeKafka(t, saleTopic("7"))
			p.create("7", 1, "a", 1)
			p.remove("7", 1)
			p.create("7", 2, "b", 2)
			if test.privilege == "ALTER" {
				s.exec("CREATE TABLE " + s.name + ".sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(2), PRIMARY KEY (store_id, id))")
			}
			said := &spoken{}
			ended := s.sink(brokers, said)
			if !test.started {
				select {
				case err := <-ended:
					require.ErrorContains(t, err, test.privilege+" command denied")
				case <-time.After(30 * time.Second):
					require.FailNow(t, "the sink still runs", said.String())
				}
				return
			}
			require.Eventually(t, func() bool { return strings.Contains(said.String(), test.privilege+" command denied") },
				30*time.Second, 20*time.Millisecond, "the sink said %s", said)
			require.Equal(t, []string{"0"}, rows(t, s.root, "SELECT COUNT(*) FROM "+s.name+".tributary_dead_letters"))
			s.exec("GRANT " + test.privilege + " ON " + s.name + ".* TO '" + s.name + "'@'%'")
			reports := s.open("reports")
			require.Eventually(t, func() bool {
				got, err := tryRows(reports, sales)
				return err == nil && slices.Equal(got, []string{"7 2 b 2"})
			}, 30*time.Second, 50*time.Millisecond, "it goes on by itself, but said %s", said)
		})
	}
}

// sink runs a sink with the shipped account, whose log can be read.
func (s *shipped) sink(brokers string, said *spoken) (ended <-chan error) {
	s.t.Helper()
	config, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + brokers, "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + s.dsn(s.name),
		"TRIBUTARY_HTTP_ADDR=127.0.0.1:0", "TRIBUTARY_LINGER=5ms", "TRIBUTARY_HOLD_RETRY=1s",
	})
	require.NoError(s.t, err)
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), said, zapcore.InfoLevel))
	ctx, stop := context.WithCancel(context.Background())
	done, result := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(done)
		result <- sink.Run(ctx, config, log)
	}()
	s.t.Cleanup(func() {
		stop()
		<-done
	})
	return result
}

// spoken is a log that can be read while it is written.
type spoken struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (s *spoken) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.Write(line)
}

func (s *spoken) Sync() error { return nil }

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.String()
}
