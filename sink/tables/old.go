package tables

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"tributary/schema"
)

// OldRows says whether a central table has rows of a store, not marked as
// deleted, that were written by events of up to that time at the store, in µs
// since the epoch. Where rows do not say of when they are, any counts.
func (k *Keeper) OldRows(ctx context.Context, table, store string, micros int64) (bool, error) {
	have, err := k.catalog.Table(ctx, table)
	if have == nil || err != nil {
		return false, err
	}
	query := "SELECT 1 FROM " + schema.Quote(table) + " WHERE " + schema.StoreColumn + "=?"
	if have.Column(schema.SourceTimeColumn) != nil {
		at := schema.AppendDatetime(nil, micros)
		query += " AND (" + schema.SourceTimeColumn + "<='" + string(at) + "' OR " + schema.SourceTimeColumn + " IS NULL)"
	}
	if have.Column(schema.DeletedColumn) != nil {
		query += " AND NOT COALESCE(" + schema.DeletedColumn + ",0)"
	}
	var one int
	err = k.db.QueryRowContext(ctx, query+" LIMIT 1", store).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for old rows of store %s in %s: %w", store, table, err)
	}
	return true, nil
}

// Former are the columns that the rows of a topic once had in a central table, and
// had no more when a later event came.
func (k *Keeper) Former(ctx context.Context, topic, table string) ([]string, error) {
	if ok, err := k.versions(ctx); err != nil || !ok {
		return nil, err
	}
	var text string
	err := k.db.QueryRowContext(ctx, "SELECT definition FROM "+VersionsTable+" WHERE topic=? AND table_name=?", topic, table).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, wrapVersions(err)
	}
	var last version
	if err := json.Unmarshal([]byte(text), &last); err != nil {
		return nil, fmt.Errorf("reading the definition of %s in %s: %w", topic, VersionsTable, err)
	}
	return last.Former, nil
}
