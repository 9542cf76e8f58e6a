package stack

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-sql-driver/mysql"

	"tributary/integration/stack/fetch"
)

// Flavor is whose server it is.
func (m *MySQL) Flavor() Flavor { return m.options.Flavor }

// Version is the Debian version of the server's package.
func (m *MySQL) Version() string { return m.version }

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

func (m *MySQL) closeDB() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.db != nil {
		_ = m.db.Close() // its connections are of no use any more, however it ends
		m.db = nil
	}
}

func (m *MySQL) ready(ctx context.Context) error {
	db, err := m.Open("")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.PingContext(ctx)
}

// CLI is the command line of a client logged in as root.
func (m *MySQL) CLI() []string { return slices.Clone(m.cli) }

func (m *MySQL) clientArgv(root fetch.Root) ([]string, error) {
	return root.Argv(m.options.Flavor.client(), "--no-defaults", "--host=127.0.0.1",
		fmt.Sprintf("--port=%d", m.port), "--user=root")
}

// Client is a script that opens that client: easier to type.
func (m *MySQL) Client() string { return filepath.Join(m.dir, "client") }

func (m *MySQL) writeClient() error {
	script := "#!/bin/sh\nexec " + shellQuote(m.cli...) + ` "$@"` + "\n"
	if err := os.WriteFile(m.Client(), []byte(script), 0o755); err != nil {
		return fmt.Errorf("writing the client's script: %w", err)
	}
	return nil
}
