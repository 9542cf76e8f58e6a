package deadletter

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"tributary/schema"
	"tributary/sink/ledger"
)

// State is what became of a letter.
type State string

// The states. Superseded means that a later event of the same row was written,
// so that writing the letter would undo it.
const (
	Open       State = "open"
	Replayed   State = "replayed"
	Superseded State = "superseded"
	Discarded  State = "discarded"
)

// Entry is a stored letter.
type Entry struct {
	ID        int64            `json:"id"`
	Partition ledger.Partition `json:"-"`
	LogID     ledger.LogID     `json:"-"`
	Topic     string           `json:"topic"`
	Part      int32            `json:"partition"`
	Offset    int64            `json:"offset"`
	Store     string           `json:"store"`
	Table     string           `json:"table"`
	Refused   time.Time        `json:"refused"`
	Code      int              `json:"mysql_error,omitempty"`
	Reason    string           `json:"reason"`
	State     State            `json:"state"`
	Size      int64            `json:"value_size"`
	// Key and Value are as consumed; filled by Get alone. A nil Value with a
	// Size was too large to keep.
	Key   []byte `json:"key,omitempty"`
	Value []byte `json:"value,omitempty"`
}

// Filter chooses letters. Empty fields choose all.
type Filter struct {
	IDs          []int64
	Store, Table string
	State        State
	Limit        int
}

// where returns the filter as a condition. Letters of other groups are another
// sink's.
func (f Filter) where(group string) (condition string, args []any) {
	parts := []string{"grp=?"}
	args = append(args, group)
	add := func(column, value string) {
		if value != "" {
			parts, args = append(parts, column+"=?"), append(args, value)
		}
	}
	add("store_id", f.Store)
	add("table_name", f.Table)
	add("state", string(f.State))
	if len(f.IDs) > 0 {
		parts = append(parts, "id IN ("+schema.Marks(len(f.IDs))+")")
		for _, id := range f.IDs {
			args = append(args, id)
		}
	}
	return strings.Join(parts, " AND "), args
}

const entryColumns = "id, topic, part, log_id, kafka_offset, store_id, table_name, refused_time, error_code, reason, state, value_size"

// List returns letters without their content, oldest first.
func List(ctx context.Context, db *sql.DB, group string, f Filter) ([]Entry, error) {
	condition, args := f.where(group)
	query := "SELECT " + entryColumns + " FROM " + Table + " WHERE " + condition + " ORDER BY id"
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading dead letters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []Entry
	for rows.Next() {
		var e Entry
		if err := e.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("reading dead letters: %w", err)
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading dead letters: %w", err)
	}
	return list, nil
}

// Said says whether a topic has a letter about a central table that ends in these
// words, in whatever state.
func Said(ctx context.Context, db *sql.DB, group, topic, table, words string) (bool, error) {
	var one int
	err := db.QueryRowContext(ctx, "SELECT 1 FROM "+Table+" WHERE grp=? AND topic=? AND table_name=? AND RIGHT(reason, CHAR_LENGTH(?))=? LIMIT 1",
		group, topic, table, words, words).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// ErrNotFound says that there is no such letter.
var ErrNotFound = errors.New("no such dead letter")

// Get returns one letter with its content.
func Get(ctx context.Context, db *sql.DB, group string, id int64) (Entry, error) {
	var e Entry
	row := db.QueryRowContext(ctx, "SELECT "+entryColumns+", record_key, record_value FROM "+Table+" WHERE grp=? AND id=?", group, id)
	err := e.scan(row.Scan, &e.Key, &e.Value)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return e, fmt.Errorf("%w: %d", ErrNotFound, id)
	case err != nil:
		return e, fmt.Errorf("reading dead letter %d: %w", id, err)
	}
	return e, nil
}

func (e *Entry) scan(scan func(...any) error, more ...any) error {
	var id, refused []byte
	targets := []any{
		&e.ID, &e.Topic, &e.Part, &id, &e.Offset, &e.Store, &e.Table, &refused, &e.Code, &e.Reason, &e.State, &e.Size,
	}
	if err := scan(append(targets, more...)...); err != nil {
		return err
	}
	copy(e.LogID[:], id)
	e.Partition = ledger.Partition{Topic: e.Topic, ID: e.Part}
	e.Refused, _ = time.Parse("2006-01-02 15:04:05.999999", string(refused)) // zero if parseTime is set otherwise
	return nil
}

// Settle gives open letters another state and returns how many there were.
func Settle(ctx context.Context, db *sql.DB, group string, f Filter, state State) (int64, error) {
	f.State = Open
	condition, args := f.where(group)
	result, err := db.ExecContext(ctx, "UPDATE "+Table+" SET state=?, settled_time=UTC_TIMESTAMP(6) WHERE "+condition,
		append([]any{string(state)}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("settling dead letters: %w", err)
	}
	return result.RowsAffected()
}

// AppendReplayed appends the statement that marks an open letter as replayed;
// it affects one row, or none if somebody else was first.
func AppendReplayed(dst []byte, id int64) []byte {
	return fmt.Appendf(dst, "UPDATE %s SET state='replayed', settled_time=UTC_TIMESTAMP(6) WHERE id=%d AND state='open'", Table, id)
}
