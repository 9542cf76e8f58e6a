package stack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"tributary/integration/stack/fetch"
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
	defer os.Remove(sql)
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
	// It dies with the thread that started it, see process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin = input
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initializing %s: %w\n%s", flavor, err, output[max(0, len(output)-4000):])
	}
	return nil
}

// copyTree copies a folder of plain files and folders with their permissions.
// What exists at the destination is never half of it.
func copyTree(from, to string) error {
	temporary := to + ".copying"
	if err := os.RemoveAll(temporary); err != nil {
		return fmt.Errorf("clearing the way for a copy: %w", err)
	}
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(temporary, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o750)
		}
		return copyFile(path, target)
	})
	if err != nil {
		return fmt.Errorf("copying %s: %w", from, err)
	}
	return os.Rename(temporary, to)
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}
