package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/zap"

	"tributary/sink/writer"
)

// versions says whether versions are remembered, and makes their table if need
// be. An account that may not make it, or not use it, does without.
func (k *Keeper) versions(ctx context.Context) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.remembers != nil {
		return *k.remembers, nil
	}
	err := k.openVersions(ctx)
	var server *mysql.MySQLError
	switch {
	case err == nil:
	case errors.As(err, &server) && writer.Classify(err) == writer.Environment:
		k.log.Warn("the account may not keep "+VersionsTable+": when a store adds or renames a column, rows it does not write again stay as they are",
			zap.Error(err))
	default:
		return false, err
	}
	ok := err == nil
	k.remembers = &ok
	return ok, nil
}

func (k *Keeper) openVersions(ctx context.Context) error {
	var one int
	err := k.db.QueryRowContext(ctx, "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=?", VersionsTable).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = k.db.ExecContext(ctx, createVersions)
		var server *mysql.MySQLError
		if errors.As(err, &server) && server.Number == 1050 { // ER_TABLE_EXISTS_ERROR: another replica was faster
			err = nil
		}
	}
	if err == nil {
		// Whether it may be written.
		_, err = k.db.ExecContext(ctx, "UPDATE "+VersionsTable+" SET changed_time=changed_time WHERE FALSE")
	}
	if err != nil {
		return fmt.Errorf("opening %s: %w", VersionsTable, err)
	}
	return nil
}
