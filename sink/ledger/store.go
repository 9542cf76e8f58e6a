package ledger

import (
	"context"
	"fmt"
)

// Written is how far a partition of a store is written, and into which central
// table.
type Written struct {
	Position
	Table string
}

// OfStore returns all partitions of a store, in the order of their central tables.
func (l *Ledger) OfStore(ctx context.Context, store string) ([]Written, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT topic, part, log_id, next_offset, owner, table_name FROM "+Table+
		" WHERE grp=? AND store_id=? ORDER BY table_name, topic, part", l.group, store)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger of store %s: %w", store, err)
	}
	defer func() { _ = rows.Close() }()
	var list []Written
	for rows.Next() {
		var w Written
		var id []byte
		if err := rows.Scan(&w.Topic, &w.ID, &id, &w.Next, &w.Owner, &w.Table); err != nil {
			return nil, fmt.Errorf("reading the ledger of store %s: %w", store, err)
		}
		copy(w.LogID[:], id)
		list = append(list, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the ledger of store %s: %w", store, err)
	}
	return list, nil
}
