package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Held is a partition that is held: its next event cannot be written, and none
// behind it is, until somebody has settled what the reason says.
type Held struct {
	Topic  string    `json:"topic"`
	Part   int32     `json:"partition"`
	Store  string    `json:"store"`
	Table  string    `json:"table"`
	Offset int64     `json:"offset"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
}

// maxReason keeps a reason within its column, whatever its characters.
const maxReason = 16 << 10

// Hold notes for people that a partition is held where the ledger stands. The
// note decides nothing and needs no clearing: it holds for as long as the
// partition stays there.
func (l *Ledger) Hold(ctx context.Context, p Partition, reason string) error {
	// Assignments are made from left to right: the time is the first of several
	// notes at one place.
	_, err := l.db.ExecContext(ctx, `UPDATE `+Table+`
	   SET held_time=IF(held_offset<=>next_offset, held_time, UTC_TIMESTAMP(6)), held_offset=next_offset, held_reason=?
	 WHERE grp=? AND topic=? AND part=?`, strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "\uFFFD"), l.group, p.Topic, p.ID)
	if err != nil {
		return fmt.Errorf("noting in the ledger that %s is held: %w", p, err)
	}
	return nil
}

// AllHeld returns the partitions of a group that are held, those held for
// longest first.
func AllHeld(ctx context.Context, db *sql.DB, group string) ([]Held, error) {
	rows, err := db.QueryContext(ctx, `SELECT topic, part, store_id, table_name, next_offset, CAST(held_time AS CHAR), held_reason FROM `+Table+`
	 WHERE grp=? AND held_offset=next_offset ORDER BY held_time, topic, part`, group)
	if err != nil {
		return nil, fmt.Errorf("reading what is held: %w", err)
	}
	defer func() { _ = rows.Close() }()
	list := []Held{}
	for rows.Next() {
		var h Held
		var since string // whatever parseTime says
		if err := rows.Scan(&h.Topic, &h.Part, &h.Store, &h.Table, &h.Offset, &since, &h.Reason); err != nil {
			return nil, fmt.Errorf("reading what is held: %w", err)
		}
		if h.Since, err = time.Parse("2006-01-02 15:04:05.999999", since); err != nil {
			return nil, fmt.Errorf("reading what is held: %w", err)
		}
		list = append(list, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading what is held: %w", err)
	}
	return list, nil
}
