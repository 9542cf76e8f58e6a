package sweep

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/writer"
)

// centralRows are a store's rows in a central table.
type centralRows struct {
	table *schema.Table
	store string
	// before is the central server's time when the sink had written all there
	// was: rows written later are nobody's ghosts.
	before string
}

// softly says whether deleted rows are kept and marked.
func (t *Table) softly(s *Sweeper) bool {
	topic, _ := debezium.ParseTopic(s.Environment, t.Topic)
	return s.Rules.For(topic).SoftDelete && t.rows.table.Column(schema.DeletedColumn) != nil
}

// of is the condition of a store's rows that are not marked as deleted.
func (t *Table) of() (condition string, args []any) {
	condition = schema.Quote(schema.StoreColumn) + "=?"
	if t.Soft {
		condition += " AND " + schema.Quote(schema.DeletedColumn) + " IS NOT TRUE"
	}
	return condition, []any{t.rows.store}
}

// older is the condition that a row was written before the boundary, and not since
// it was looked at.
func (t *Table) older() (condition string, args []any) {
	condition, args = schema.Quote(schema.OffsetColumn)+"<?", []any{t.Boundary}
	if t.rows.table.Column(schema.AppliedColumn) != nil {
		applied := schema.Quote(schema.AppliedColumn)
		condition = "(" + condition + " AND (" + applied + " IS NULL OR " + applied + "<?))"
		args = append(args, t.rows.before)
	}
	return condition, args
}

// count counts the rows.
func (s *Sweeper) count(ctx context.Context, t *Table) error {
	of, store := t.of()
	older, olderArgs := t.older()
	offset := schema.Quote(schema.OffsetColumn)
	strays, strayArgs := "FALSE", []any(nil)
	if t.rows.table.Column(schema.AppliedColumn) != nil {
		strays = offset + ">=? AND " + schema.Quote(schema.AppliedColumn) + "<?"
		strayArgs = []any{t.Boundary, t.StrayTime().Format("2006-01-02 15:04:05")}
	}
	query := "SELECT COUNT(*), COALESCE(SUM(" + older + "),0), COALESCE(SUM(" + offset + " IS NULL),0), COALESCE(SUM(" + strays + "),0) FROM " +
		schema.Quote(t.Name) + " WHERE " + of
	err := s.DB.QueryRowContext(ctx, query, slices.Concat(olderArgs, strayArgs, store)...).Scan(&t.Rows, &t.Older, &t.Unplaced, &t.Strays)
	if err != nil {
		return fmt.Errorf("counting the rows of store %s in %s: %w", t.Store, t.Name, err)
	}
	t.Counted = true
	return nil
}

// StrayTime is when rows were written, at the latest, that cannot come from an event
// behind the boundary.
func (t *Table) StrayTime() time.Time { return t.Beginning.At.Add(-skew) }

// chunk is how many rows one transaction deletes.
const chunk = 2000

// Apply deletes the older rows of a table that [Sweeper.Look] found, or marks them
// where deletes are soft, and returns how many. It is never more than were shown.
// Dead letters that ask for it are settled.
//
// A sink may be running: what it writes has an offset from behind the boundary,
// and the condition is looked at again under each row's lock.
func (s *Sweeper) Apply(ctx context.Context, t *Table) (done int64, err error) {
	if t.Refusal != "" {
		return 0, nil
	}
	if t.Older > 0 {
		if done, err = s.remove(ctx, t); err != nil {
			return done, err
		}
	}
	return done, s.settle(ctx, t)
}

// remove deletes or marks the rows.
func (s *Sweeper) remove(ctx context.Context, t *Table) (done int64, err error) {
	conn, err := s.DB.Conn(ctx)
	if err != nil {
		return 0, fmt.Errorf("connecting to the central database: %w", err)
	}
	defer func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }) }() // closes it: its settings are the sweep's own
	for _, set := range []string{
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", // or rows that stay would be locked, and the gaps between them
		"SET SESSION innodb_lock_wait_timeout=2",
	} {
		if _, err := conn.ExecContext(ctx, set); err != nil {
			return 0, fmt.Errorf("preparing the session: %w", err)
		}
	}
	statement, args := t.statement()
	for tries := 0; done < t.Older; {
		limit := min(chunk, t.Older-done)
		result, err := conn.ExecContext(ctx, statement, append(slices.Clip(args), limit)...)
		var n int64
		if err == nil {
			n, err = result.RowsAffected()
		}
		if class := writer.Classify(err); err != nil && class == writer.Locked && tries < patience {
			tries++ // the sink holds a row; it never does for long
			if err := wait(ctx, time.Second); err != nil {
				return done, err
			}
			continue
		}
		if err != nil {
			return done, fmt.Errorf("deleting from %s: %w", t.Name, err)
		}
		tries, done = 0, done+n
		if n < limit {
			break // the sink has written some of them meanwhile
		}
	}
	return done, nil
}

// patience is how often a chunk may meet a lock.
const patience = 30

// statement is the statement of one chunk, in the order of the key so that every
// replica of the server deletes the same rows.
func (t *Table) statement() (statement string, args []any) {
	of, store := t.of()
	older, olderArgs := t.older()
	name := schema.Quote(t.Name)
	statement = "DELETE FROM " + name
	if t.Soft {
		statement = "UPDATE " + name + " SET " + schema.Quote(schema.DeletedColumn) + "=1"
		if t.rows.table.Column(schema.AppliedColumn) != nil {
			statement += ", " + schema.Quote(schema.AppliedColumn) + "=UTC_TIMESTAMP(6)"
		}
	}
	statement += " WHERE " + of + " AND " + older
	if key := t.rows.key(); len(key) > 0 {
		statement += " ORDER BY " + strings.Join(key, ", ")
	}
	return statement + " LIMIT ?", slices.Concat(store, olderArgs)
}

// key is the primary key, or a unique one, quoted.
func (r centralRows) key() (quoted []string) {
	key := r.table.Key
	if len(key) == 0 && len(r.table.Uniques) > 0 {
		key = r.table.Uniques[0].Columns
	}
	for _, name := range key {
		quoted = append(quoted, schema.Quote(name))
	}
	return quoted
}
