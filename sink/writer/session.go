package writer

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unsafe"

	"github.com/go-sql-driver/mysql"

	"tributary/schema/literal"
)

// session is one connection to the central database, set up the way the
// literals and the ledger need it.
type session struct {
	conn   driver.Conn
	buf    []byte // statement text, reused
	touch  time.Time
	packet int // max_allowed_packet, 0 until it was asked for
}

// Limits bound what a session waits for.
type Limits struct {
	// Statement is how long the server may take to answer one statement.
	// Behind it the connection is cut.
	Statement time.Duration
	// LockWait is innodb_lock_wait_timeout, in whole seconds.
	LockWait time.Duration
	// Idle is the session's wait_timeout, in whole seconds: how long the
	// server waits for our next word before it rolls back and hangs up.
	// It is part of the ledger's protocol: without it, a process that froze
	// within a transaction would hold its ledger rows locked for ever.
	Idle time.Duration
}

// DefaultLimits suit a central database in the same region.
func DefaultLimits() Limits {
	return Limits{Statement: 60 * time.Second, LockWait: 2 * time.Second, Idle: 10 * time.Second}
}

// dial opens a session. Every setting is the session's own, so that neither the
// server's defaults nor a pooled connection's past can change what is written.
func dial(ctx context.Context, connector driver.Connector, limits Limits) (*session, error) {
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the central database: %w", err)
	}
	s := &session{conn: conn, touch: time.Now()}
	for _, statement := range []string{
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
		"SET SESSION sql_mode='" + literal.SQLMode + "', time_zone='+00:00'," +
			" foreign_key_checks=0," + // events of two tables arrive in no order
			" unique_checks=1," +
			" innodb_lock_wait_timeout=" + seconds(limits.LockWait) + "," +
			" lock_wait_timeout=" + seconds(limits.LockWait) + "," + // metadata locks: somebody alters the table
			" wait_timeout=" + seconds(limits.Idle),
		"SET NAMES utf8mb4 COLLATE utf8mb4_bin", // the ledger's names compare byte by byte
	} {
		if _, err := s.exec(ctx, []byte(statement)); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("setting up a session: %w", err)
		}
	}
	return s, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(max(1, int(d/time.Second))) }

// exec sends one statement and returns the rows it affected. The text is read
// while the call lasts and not kept.
func (s *session) exec(ctx context.Context, statement []byte) (affected int64, err error) {
	text := unsafe.String(unsafe.SliceData(statement), len(statement))
	result, err := s.conn.(driver.ExecerContext).ExecContext(ctx, text, nil)
	s.touch = time.Now()
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// maxAllowedPacket asks the server for the largest statement it takes.
func (s *session) maxAllowedPacket(ctx context.Context) (int, error) {
	rows, err := s.conn.(driver.QueryerContext).QueryContext(ctx, "SELECT @@max_allowed_packet", nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return 0, err
	}
	switch v := row[0].(type) {
	case int64:
		return int(v), nil
	case uint64:
		return int(v), nil
	case []byte:
		return strconv.Atoi(string(v))
	default:
		return 0, fmt.Errorf("max_allowed_packet is a %T", v)
	}
}

// usable reports whether the connection may be used after this error: an
// answer of the server leaves it whole, anything else leaves it in the middle
// of something.
func usable(err error) bool {
	if Classify(err) == Flooded {
		return true
	}
	var server *mysql.MySQLError
	if errors.Is(err, io.EOF) || !errors.As(err, &server) {
		return err == nil || errors.Is(err, ErrMoved)
	}
	class := Classify(err)
	// A session keeps the privileges it began with: what is granted on the
	// database holds for sessions that begin later (manual, "When Privilege
	// Changes Take Effect").
	return class != ReadOnly && class != Environment && server.Number != 1053
}
