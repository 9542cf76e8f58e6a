package stack

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-sql-driver/mysql"

	"tributary/integration/stack/fetch"
	"tributary/integration/stack/process"
)

// MySQLOptions says what a server is for. The zero value is a small server
// without a binary log.
type MySQLOptions struct {
	Name   string // names its folder and messages; "mysql" if empty
	Flavor Flavor

	// Binlog writes the binary log that Debezium reads: by row, with full
	// images and global transaction ids.
	Binlog bool

	// Central makes the server flush every commit to disk, as production does,
	// and gives it 1 GB of buffer pool instead of 64 MB. Other servers lose
	// nothing when they are killed, but may with the machine.
	Central bool

	BufferPoolMB int      // other than what Central says
	ServerID     uint32   // its port if 0
	Port         int      // a free one if 0
	Args         []string // further options, "--name=value"; they win over all others
}

// A MySQL is a running server with a data folder of its own. Its root user has
// no password.
type MySQL struct {
	*process.Process
	options MySQLOptions
	folder  *folder // of a server alone; nil in a Stack
	dir     string
	port    int
	root    fetch.Root

	mu sync.Mutex
	db *sql.DB // what DB returns
}

// StartMySQL starts a server alone, with data and log under dir, and returns
// when it answers. Data already there is used. An empty dir stands for a
// temporary folder that Stop removes. What takes long is told to progress.
func StartMySQL(ctx context.Context, dir string, o MySQLOptions, progress io.Writer) (*MySQL, error) {
	cache, err := fetch.Open(progress)
	if err != nil {
		return nil, err
	}
	folder, err := newFolder(dir)
	if err != nil {
		return nil, err
	}
	m, err := startMySQL(ctx, cache, folder.path, o, false)
	if err != nil {
		return nil, errors.Join(err, folder.remove())
	}
	m.folder = folder
	return m, nil
}

// startMySQL starts a server in a folder of its name under dir.
func startMySQL(ctx context.Context, cache *fetch.Cache, dir string, o MySQLOptions, detach bool) (*MySQL, error) {
	if o.Name == "" {
		o.Name = "mysql"
	}
	m := &MySQL{options: o, dir: filepath.Join(dir, o.Name)}
	if err := m.prepare(ctx, cache); err != nil {
		return nil, fmt.Errorf("preparing %s: %w", o.Name, err)
	}
	var wanted []int
	if o.Port != 0 {
		wanted = []int{o.Port}
	}
	err := onFreePorts(ctx, wanted, 1, func(ports []int) error {
		m.port = ports[0]
		command, err := m.command(detach)
		if err != nil {
			return err
		}
		m.Process = process.New(command)
		return m.Process.Start(ctx)
	})
	if err != nil {
		return nil, err
	}
	return m, m.writeClient()
}

// prepare fetches the server and gives it a data folder.
func (m *MySQL) prepare(ctx context.Context, cache *fetch.Cache) error {
	root, err := cache.Debian(ctx, m.options.Flavor.packages())
	if err != nil {
		return err
	}
	m.root = root
	template, err := templateOf(ctx, cache, m.options.Flavor, root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return fmt.Errorf("making its folder: %w", err)
	}
	if _, err := os.Stat(m.data()); err == nil {
		return nil
	}
	return copyTree(template, m.data())
}

func (m *MySQL) command(detach bool) (process.Command, error) {
	argv, err := m.root.Argv(m.options.Flavor.server(), m.args()...)
	return process.Command{
		Name:   m.options.Name,
		Argv:   argv,
		Dir:    m.dir,
		Log:    filepath.Join(m.dir, "mysqld.log"),
		Detach: detach,
		Ready:  m.ready,
	}, err
}

func (m *MySQL) data() string { return filepath.Join(m.dir, "data") }

// Flavor is whose server it is.
func (m *MySQL) Flavor() Flavor { return m.options.Flavor }

// Version is the Debian version of the server's package.
func (m *MySQL) Version() string { return m.root.Version }

// Addr is where the server listens: "127.0.0.1:port".
func (m *MySQL) Addr() string { return address(m.port) }

// Port is the port of Addr.
func (m *MySQL) Port() int { return m.port }

// maxSocketPath is what sockaddr_un(7) has room for, and a little less.
const maxSocketPath = 100

// Socket is the path of the server's Unix socket.
func (m *MySQL) Socket() string {
	path := filepath.Join(m.dir, "mysqld.sock")
	if len(path) <= maxSocketPath {
		return path
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("tributary-%d-%d.sock", os.Getuid(), m.port))
}

// DSN is the data source name of the root user in a database, which may be
// empty, for github.com/go-sql-driver/mysql.
func (m *MySQL) DSN(database string) string { return m.config(database).FormatDSN() }

func (m *MySQL) config(database string) *mysql.Config {
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.DBName = "root", "tcp", m.Addr(), database
	return config
}

// Open returns a pool of the root user's connections to a database, which may
// be empty. The caller closes it.
func (m *MySQL) Open(database string) (*sql.DB, error) {
	config := m.config(database)
	// The driver would print every connection that a killed server drops, on
	// top of returning the error.
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", m.options.Name, err)
	}
	return sql.OpenDB(connector), nil
}

// DB is a pool of the root user's connections to no database in particular. It
// is closed by Stop.
func (m *MySQL) DB() (*sql.DB, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.db == nil {
		db, err := m.Open("")
		if err != nil {
			return nil, err
		}
		m.db = db
	}
	return m.db, nil
}

func (m *MySQL) ready(ctx context.Context) error {
	db, err := m.Open("")
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// Stop shuts the server down in an orderly way. The temporary folder of a server
// that StartMySQL started without a folder is removed, so it cannot be started
// again; any other can.
func (m *MySQL) Stop(ctx context.Context) error {
	m.mu.Lock()
	if m.db != nil {
		m.db.Close()
		m.db = nil
	}
	m.mu.Unlock()
	if m.folder == nil || m.folder.lock == nil {
		return m.Process.Stop(ctx)
	}
	// Nobody will read the data again: no need to flush it.
	return errors.Join(m.Process.Kill(), m.folder.remove())
}

// CLI is the command line of a client logged in as root.
func (m *MySQL) CLI() []string {
	argv, err := m.root.Argv(m.options.Flavor.client(), "--no-defaults", "--host=127.0.0.1",
		fmt.Sprintf("--port=%d", m.port), "--user=root")
	if err != nil { // the server would not have started
		return nil
	}
	return argv
}

// Client is a script that opens that client: easier to type.
func (m *MySQL) Client() string { return filepath.Join(m.dir, "client") }

func (m *MySQL) writeClient() error {
	script := "#!/bin/sh\nexec " + shellQuote(m.CLI()) + ` "$@"` + "\n"
	if err := os.WriteFile(m.Client(), []byte(script), 0o755); err != nil {
		return fmt.Errorf("writing the client's script: %w", err)
	}
	return nil
}

func shellQuote(argv []string) string {
	quoted := make([]string, len(argv))
	for i, arg := range argv {
		quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}
