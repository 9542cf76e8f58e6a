package migrate

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/go-sql-driver/mysql"
)

// Table is one of the tables that the sink keeps for itself.
type Table struct {
	Name string
	// Create makes the table at its newest version if it is not there.
	Create string
	// Steps are one ALTER TABLE for each version behind the first, in order.
	// Each sets the COMMENT of the version it leads to, and says
	// ALGORITHM=INPLACE, LOCK=NONE if it can, as sinks are running. (INSTANT
	// does not go with a COMMENT.)
	Steps []string
}

// Version is the newest version that this program knows.
func (t Table) Version() int { return len(t.Steps) + 1 }

// mark is what a COMMENT begins with.
var mark = regexp.MustCompile(`^tributary [a-z ]+ v([1-9][0-9]{0,8})(?: from v([1-9][0-9]{0,8}))?:`)

// state is what a COMMENT says.
type state struct {
	exists          bool
	version, oldest int
}

// Ensure makes the table, or brings it to the version this program knows. A
// table of a newer version is left as it is: that is no error if the version
// allows for this program, else a [*NewerError]. Without the privilege for a
// change the error is a [*PrivilegeError].
//
// Several processes may call it at the same time: changes are made under
// GET_LOCK. It waits for the lock for as long as the context lasts, since
// another process may be rebuilding a large table. The server's error 1205
// means that a transaction kept the table busy, and is to be tried again.
func Ensure(ctx context.Context, db *sql.DB, t Table) error {
	// Without a lock first: nearly always there is nothing to do, and an
	// account that may change nothing can still start.
	s, err := read(ctx, db, t)
	if err != nil || s.exists && s.version >= t.Version() {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to make %s: %w", t.Name, err)
	}
	// Closing the connection is the one sure way to give the lock back.
	defer func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }()
	if err := lock(ctx, conn, t.Name); err != nil {
		return err
	}
	// While an ALTER waits for somebody's open transaction, everybody else waits
	// behind it: rather give way, and try again.
	if _, err := conn.ExecContext(ctx, "SET SESSION lock_wait_timeout = 5"); err != nil {
		return fmt.Errorf("preparing a session to change %s: %w", t.Name, err)
	}
	if s, err = read(ctx, conn, t); err != nil {
		return err
	}
	if !s.exists {
		return change(ctx, conn, t.Name, t.Create)
	}
	for v := s.version; v < t.Version(); v++ {
		if err := change(ctx, conn, t.Name, t.Steps[v-1]); err != nil {
			return err
		}
	}
	return nil
}

// querier is a database or one connection to it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read returns what a table's COMMENT says, and an error if this program must
// not use the table.
func read(ctx context.Context, q querier, t Table) (state, error) {
	var comment string
	err := q.QueryRowContext(ctx, "SELECT TABLE_COMMENT FROM information_schema.TABLES"+
		" WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=?", t.Name).Scan(&comment)
	if errors.Is(err, sql.ErrNoRows) {
		return state{}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("reading the version of %s: %w", t.Name, err)
	}
	s, ok := parse(comment)
	switch {
	case !ok:
		return s, &UnmarkedError{Table: t.Name, Comment: comment}
	case s.oldest > t.Version():
		return s, &NewerError{Table: t.Name, Version: s.version, Oldest: s.oldest, Known: t.Version()}
	}
	return s, nil
}

func parse(comment string) (state, bool) {
	m := mark.FindStringSubmatch(comment)
	if m == nil {
		return state{}, false
	}
	s := state{exists: true}
	s.version, _ = strconv.Atoi(m[1]) // the pattern has digits only
	s.oldest = s.version
	if m[2] != "" {
		s.oldest, _ = strconv.Atoi(m[2])
	}
	return s, true
}

// lockWait is how long one GET_LOCK waits, in seconds: less than any deadline
// a connection has.
const lockWait = 5

func lock(ctx context.Context, conn *sql.Conn, table string) error {
	for {
		var got sql.NullInt64
		// A lock's name holds for the whole server: it has the database in it.
		err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT(?, LEFT(SHA2(DATABASE(), 256), 32)), ?)",
			"tributary.migrate.", lockWait).Scan(&got)
		if err != nil {
			return fmt.Errorf("waiting for the lock to make or change %s: %w", table, err)
		}
		if !got.Valid {
			return fmt.Errorf("locking to make or change %s: the server gives no lock (is no database selected?)", table)
		}
		if got.Int64 == 1 {
			return nil
		}
	}
}

func change(ctx context.Context, conn *sql.Conn, table, statement string) error {
	_, err := conn.ExecContext(ctx, statement)
	var server *mysql.MySQLError
	if errors.As(err, &server) && denied(server.Number) {
		return &PrivilegeError{Table: table, SQL: statement, Err: err}
	}
	if err != nil {
		return fmt.Errorf("making or changing %s: %w", table, err)
	}
	return nil
}
