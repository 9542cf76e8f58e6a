package stack

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

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
	version string
	cli     []string

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
	m, err := startMySQL(ctx, &site{cache: cache, dir: folder.path, record: &record{}}, o)
	if err != nil {
		return nil, errors.Join(err, folder.remove())
	}
	m.folder = folder
	return m, nil
}

// startMySQL starts a server in a folder of its name.
func startMySQL(ctx context.Context, site *site, o MySQLOptions) (*MySQL, error) {
	o.Name = cmp.Or(o.Name, "mysql")
	m := &MySQL{options: o, dir: site.folder(o.Name)}
	root, err := m.prepare(ctx, site.cache)
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", o.Name, err)
	}
	m.version = root.Version
	var wanted []int
	if o.Port != 0 {
		wanted = []int{o.Port}
	}
	written := &mysqlPart{Options: o, Version: root.Version}
	part := part{Kind: kindMySQL, Name: o.Name, MySQL: written}
	m.Process, err = site.start(ctx, part, wanted, 1, func(ports []int) (process.Command, error) {
		m.port = ports[0]
		if m.cli, err = m.clientArgv(root); err != nil {
			return process.Command{}, err
		}
		if err := m.writeClient(); err != nil {
			return process.Command{}, err
		}
		written.CLI = m.cli
		argv, err := root.Argv(o.Flavor.server(), m.args(root)...)
		return process.Command{Argv: argv, Dir: m.dir, Log: filepath.Join(m.dir, "mysqld.log"), Ready: m.ready}, err
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// prepare fetches the server and gives it a data folder.
func (m *MySQL) prepare(ctx context.Context, cache *fetch.Cache) (fetch.Root, error) {
	root, err := cache.Debian(ctx, m.options.Flavor.packages())
	if err != nil {
		return fetch.Root{}, err
	}
	template, err := templateOf(ctx, cache, m.options.Flavor, root)
	if err != nil {
		return fetch.Root{}, err
	}
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return fetch.Root{}, fmt.Errorf("making its folder: %w", err)
	}
	if _, err := os.Stat(m.data()); err == nil {
		return root, nil
	}
	return root, copyTree(template, m.data())
}

func (m *MySQL) data() string { return filepath.Join(m.dir, "data") }

// Backup copies the data of a server that was stopped to a folder that is not
// there yet.
func (m *MySQL) Backup(dir string) error { return copyTree(m.data(), dir) }

// Restore gives a server that does not run the data of a backup in place of its
// own.
func (m *MySQL) Restore(dir string) error {
	if err := os.RemoveAll(m.data()); err != nil {
		return fmt.Errorf("removing the data: %w", err)
	}
	return copyTree(dir, m.data())
}

// Stop shuts the server down in an orderly way. The temporary folder of a server
// that StartMySQL started without a folder is removed, so it cannot be started
// again; any other can.
func (m *MySQL) Stop(ctx context.Context) error {
	m.closeDB()
	if m.folder == nil || m.folder.lock == nil {
		return m.Process.Stop(ctx)
	}
	// Nobody will read the data again: no need to flush it.
	return errors.Join(m.Kill(), m.folder.remove())
}
