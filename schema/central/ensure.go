package central

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"tributary/schema"
)

// Mode says what a Catalog may do to tables.
type Mode uint8

// The modes.
const (
	// Evolve creates tables and changes them.
	Evolve Mode = iota
	// CreateOnly creates tables and leaves those that exist as they are.
	CreateOnly
	// CheckOnly changes nothing.
	CheckOnly
)

// allows says whether the mode lets a change be made.
func (m Mode) allows(c schema.Change) bool {
	return m == Evolve || m == CreateOnly && c.Creates
}

// Ensure makes the table hold what want holds, as far as mode allows, and
// returns it as it is then, with the changes that were made. In a mode that
// forbids what it needs, the error is a [*DifferenceError] and the table is
// returned as it is, nil if there is none.
//
// Other errors are a [*PrivilegeError] where the account may not change tables,
// schema's own where no change would help, and the server's (*mysql.MySQLError)
// wrapped: of those 1205 means that somebody kept the table busy, as [ErrBusy] does,
// and is to be tried again.
func (c *Catalog) Ensure(ctx context.Context, want schema.Table, mode Mode) (*schema.Table, []schema.Change, error) {
	have, err := c.read(ctx, c.db, want.Name)
	if err != nil {
		return nil, nil, err
	}
	changes, err := c.plan(have, want, mode)
	if err != nil || len(changes) == 0 {
		return have, nil, err
	}
	// Only now is it worth a lock.
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("connecting to change table %q: %w", want.Name, err)
	}
	defer func() { _ = conn.Close() }() // closed by unlock, or not worth an error
	unlock, err := c.lock(ctx, conn, want.Name)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	return c.evolve(ctx, conn, want, mode)
}

// plan plans and asks the mode.
func (c *Catalog) plan(have *schema.Table, want schema.Table, mode Mode) ([]schema.Change, error) {
	changes, err := schema.Plan(have, want, c.dialect)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if !mode.allows(change) {
			return nil, &DifferenceError{Table: want.Name, Changes: changes}
		}
	}
	return changes, nil
}

// rounds is how often to read and plan again. One is needed to make the
// changes and one to see them made; the rest is for others who change the same
// table beyond our lock's reach.
const rounds = 5

func (c *Catalog) evolve(ctx context.Context, conn *sql.Conn, want schema.Table, mode Mode) (*schema.Table, []schema.Change, error) {
	var made, changes []schema.Change
	for range rounds {
		have, err := c.read(ctx, conn, want.Name)
		if err != nil {
			return nil, made, err
		}
		if changes, err = c.plan(have, want, mode); err != nil || len(changes) == 0 {
			return have, made, err
		}
		done, err := c.apply(ctx, conn, changes)
		made = append(made, changes[:done]...)
		if err != nil && !overtaken(err) {
			return nil, made, err
		}
	}
	return nil, made, fmt.Errorf("table %q still needs changes after %d rounds, the next would be: %s",
		want.Name, rounds, changes[0].SQL())
}

// apply makes changes and returns how many it made.
func (c *Catalog) apply(ctx context.Context, conn *sql.Conn, changes []schema.Change) (int, error) {
	for i, change := range changes {
		if _, err := conn.ExecContext(ctx, change.SQL()); err != nil {
			var server *mysql.MySQLError
			if errors.As(err, &server) && denied(server.Number) {
				return i, &PrivilegeError{Table: change.Table, SQL: change.SQL(), Err: err}
			}
			return i, fmt.Errorf("changing table %q (%s): %w", change.Table, change.SQL(), err)
		}
	}
	return len(changes), nil
}

// lock takes the table's lock on the server for one connection and prepares
// the session for DDL.
func (c *Catalog) lock(ctx context.Context, conn *sql.Conn, table string) (unlock func(), err error) {
	name := lockName(c.database, table)
	var got sql.NullInt64
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", name, c.options.LockTimeout.Seconds()).Scan(&got)
	if err != nil {
		return nil, fmt.Errorf("locking the definition of table %q: %w", table, err)
	}
	if got.Int64 != 1 {
		return nil, fmt.Errorf("locking the definition of table %q for %s: %w", table, c.options.LockTimeout, ErrBusy)
	}
	// The connection is not given back to its pool: closing it is the one
	// sure way to leave neither the lock nor the session's settings behind,
	// whatever has become of the caller's context.
	unlock = func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }
	seconds := max(int(c.options.MetadataTimeout.Seconds()), 1)
	_, err = conn.ExecContext(ctx, fmt.Sprintf("SET SESSION lock_wait_timeout = %d, sql_mode = '%s'", seconds, schema.SQLMode))
	if err != nil {
		unlock()
		return nil, fmt.Errorf("preparing a session to change table %q: %w", table, err)
	}
	return unlock, nil
}

// lockName fits any table's name into the 64 characters of a lock's.
func lockName(database, table string) string {
	sum := sha256.Sum256([]byte(database + "\x00" + table))
	return "tributary.ddl." + hex.EncodeToString(sum[:16])
}
