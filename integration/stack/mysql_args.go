package stack

import (
	"fmt"
	"path/filepath"

	"tributary/integration/stack/fetch"
)

// args are the server's options: where it is, who it is, and how much it takes.
func (m *MySQL) args(root fetch.Root) []string {
	o := m.options
	id := o.ServerID
	if id == 0 {
		id = uint32(m.port)
	}
	args := append(placeArgs(root, m.data()),
		"--socket="+m.Socket(),
		"--pid-file="+filepath.Join(m.dir, "mysqld.pid"),
		fmt.Sprintf("--port=%d", m.port),
		"--bind-address=127.0.0.1",
		"--skip-name-resolve",
		fmt.Sprintf("--server-id=%d", id),
		"--character-set-server=utf8mb4",
		// A connector holds up to five connections, and 50 may share a server.
		"--max-connections=1000",
		"--max-allowed-packet=64M",
		"--performance-schema=OFF", // saves 100 MB and more
	)
	args = append(args, m.storageArgs()...)
	args = append(args, m.binlogArgs()...)
	if o.Flavor == FlavorMySQL {
		args = append(args, "--mysqlx=OFF", "--secure-file-priv=NULL", "--log-error-verbosity=2")
	}
	return append(args, o.Args...)
}

func (m *MySQL) storageArgs() []string {
	pool, redo, flush := 64, 64, 2
	if m.options.Central {
		pool, redo, flush = 1024, 1024, 1
	}
	if m.options.BufferPoolMB > 0 {
		pool = m.options.BufferPoolMB
	}
	redoOption := "--innodb-redo-log-capacity"
	if m.options.Flavor == FlavorMariaDB {
		redoOption = "--innodb-log-file-size"
	}
	return []string{
		fmt.Sprintf("--innodb-buffer-pool-size=%dM", pool),
		fmt.Sprintf("%s=%dM", redoOption, redo),
		fmt.Sprintf("--innodb-flush-log-at-trx-commit=%d", flush),
	}
}

func (m *MySQL) binlogArgs() []string {
	if !m.options.Binlog {
		return []string{"--skip-log-bin"}
	}
	sync := 0
	if m.options.Central {
		sync = 1
	}
	args := []string{
		"--log-bin=binlog",
		"--binlog-row-image=FULL",
		fmt.Sprintf("--sync-binlog=%d", sync),
	}
	// MySQL's format is ROW unless told otherwise, and saying so is deprecated.
	// MariaDB always has transaction ids of its own kind.
	if m.options.Flavor == FlavorMariaDB {
		return append(args, "--binlog-format=ROW")
	}
	return append(args, "--gtid-mode=ON", "--enforce-gtid-consistency=ON")
}
