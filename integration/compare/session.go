package compare

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// side is one database's session: what its tables look like, and one
// consistent view of their rows.
type side struct {
	conn    *sql.Conn
	schema  string
	mariadb bool
	tables  map[string]*definition
}

// settings make both sides print the same value as the same text.
var settings = []string{
	"SET NAMES utf8mb4",
	"SET SESSION time_zone = '+00:00', sql_mode = ''",
	// Keys are sorted as bytes; the longest is 3072 of them (InnoDB).
	"SET SESSION max_sort_length = 8192",
	"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
}

func open(ctx context.Context, db *sql.DB, schema string) (*side, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &side{conn: conn, schema: schema}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *side) prepare(ctx context.Context) error {
	var version string
	if err := s.conn.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return err
	}
	s.mariadb = strings.Contains(strings.ToLower(version), "mariadb")
	for _, statement := range settings {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("running %q: %w", statement, err)
		}
	}
	if err := s.readDefinitions(ctx); err != nil {
		return fmt.Errorf("reading the definitions of %s: %w", s.schema, err)
	}
	_, err := s.conn.ExecContext(ctx, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
	return err
}

// close ends the session for good: with its settings it must not go back to
// the pool.
func (s *side) close() error {
	err := s.conn.Raw(func(any) error { return driver.ErrBadConn })
	if err != nil && !errors.Is(err, driver.ErrBadConn) && !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	return nil
}

func (s *side) tableNames() []string { return slices.Sorted(maps.Keys(s.tables)) }

// table returns the definition of a table, nil if there is none of that name.
// Servers differ in whether they keep the case of table names.
func (s *side) table(name string) *definition {
	if d, ok := s.tables[name]; ok {
		return d
	}
	for other, d := range s.tables {
		if strings.EqualFold(other, name) {
			return d
		}
	}
	return nil
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
