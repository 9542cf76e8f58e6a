package stack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tributary/integration/stack/fetch"
	"tributary/integration/stack/process"
)

// adminSQL lets root in over TCP. Servers look up no names, so that 127.0.0.1 is
// not localhost for them, and listen on nothing but the loopback.
const adminSQL = `FLUSH PRIVILEGES;
CREATE USER 'root'@'%' IDENTIFIED BY '';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;
`

// templateOf returns the data folder of a fresh server, made once and copied
// from then on: initializing takes seconds, copying a tenth of one.
func templateOf(ctx context.Context, cache *fetch.Cache, flavor Flavor, root fetch.Root) (string, error) {
	version := strings.NewReplacer(":", "-", "/", "-").Replace(root.Version)
	name := strings.ToLower(flavor.String()) + "-" + version + "-data"
	return cache.Entry(ctx, name, func(ctx context.Context, dir string) error {
		if flavor == FlavorMariaDB {
			return bootstrapMariaDB(ctx, root, dir)
		}
		return initializeMySQL(ctx, root, dir)
	})
}

func initializeMySQL(ctx context.Context, root fetch.Root, dir string) error {
	sql := filepath.Join(filepath.Dir(dir), filepath.Base(dir)+".sql") // the data folder must be empty
	if err := os.WriteFile(sql, []byte(adminSQL), 0o644); err != nil {
		return fmt.Errorf("writing the first statements: %w", err)
	}
	defer func() { _ = os.Remove(sql) }()
	args := append(placeArgs(root, dir), "--initialize-insecure", "--init-file="+sql,
		"--innodb-redo-log-capacity=8M", "--skip-log-bin")
	if err := runServer(ctx, root, FlavorMySQL, nil, args); err != nil {
		return err
	}
	// Every server makes its own UUID.
	return os.Remove(filepath.Join(dir, "auto.cnf"))
}

// bootstrapMariaDB feeds the server the scripts that mariadb-install-db does;
// that program itself cannot run servers through another loader.
func bootstrapMariaDB(ctx context.Context, root fetch.Root, dir string) error {
	sql := bytes.NewBufferString("CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n")
	for _, script := range []string{
		"mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql",
		"fill_help_tables.sql", "maria_add_gis_sp_bootstrap.sql", "mysql_sys_schema.sql",
	} {
		text, err := os.ReadFile(filepath.Join(root.Dir, "usr/share/mysql", script))
		if err != nil {
			return fmt.Errorf("reading MariaDB's own tables: %w", err)
		}
		sql.Write(text)
	}
	sql.WriteString(adminSQL)
	args := append(placeArgs(root, dir), "--bootstrap", "--log-warnings=0", "--enforce-storage-engine=",
		"--max-allowed-packet=8M", "--net-buffer-length=16K", "--innodb-log-file-size=8M")
	return runServer(ctx, root, FlavorMariaDB, sql, args)
}

// runServer runs a server that ends by itself.
func runServer(ctx context.Context, root fetch.Root, flavor Flavor, input io.Reader, args []string) error {
	argv, err := root.Argv(flavor.server(), args...)
	if err != nil {
		return err
	}
	if err := (process.Task{Argv: argv, Input: input}).Run(ctx); err != nil {
		return fmt.Errorf("initializing %s: %w", flavor, err)
	}
	return nil
}
