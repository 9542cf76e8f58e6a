package stack

import (
	"os"
	"path/filepath"

	"tributary/integration/stack/fetch"
)

// Flavor is whose server a [MySQL] is.
type Flavor uint8

const (
	// FlavorMySQL is MySQL 9.7 or newer, from Debian's moving suite.
	FlavorMySQL Flavor = iota
	// FlavorMariaDB is MariaDB 10.11, from Debian 12.
	FlavorMariaDB
)

func (f Flavor) String() string { return f.packages().Name }

func (f Flavor) packages() fetch.Packages {
	if f == FlavorMariaDB {
		return fetch.Packages{
			Name: "MariaDB", Suites: []string{"bookworm"}, Minimum: "10.11",
			Lead: "mariadb-server-core", Others: []string{"mariadb-client-core"},
		}
	}
	return fetch.Packages{
		Name: "MySQL", Suites: []string{"sid", "testing"}, Minimum: "9.7",
		Lead: "mysql-server-core", Others: []string{"mysql-client-core"},
	}
}

// server and client are the programs' places in the unpacked packages.
func (f Flavor) server() string {
	if f == FlavorMariaDB {
		return "usr/sbin/mariadbd"
	}
	return "usr/sbin/mysqld"
}

func (f Flavor) client() string {
	if f == FlavorMariaDB {
		return "usr/bin/mariadb"
	}
	return "usr/bin/mysql"
}

// placeArgs tell a server where it was unpacked: it was built for /usr. The
// host's own option files must not be read.
func placeArgs(root fetch.Root, data string) []string {
	args := []string{
		"--no-defaults",
		"--basedir=" + filepath.Join(root.Dir, "usr"),
		"--lc-messages-dir=" + filepath.Join(root.Dir, "usr/share/mysql"),
		"--plugin-dir=" + filepath.Join(root.Dir, "usr/lib/mysql/plugin"),
		"--datadir=" + data,
	}
	if os.Getuid() == 0 {
		args = append(args, "--user=root") // refused unless said
	}
	return args
}
