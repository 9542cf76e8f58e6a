package tables

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/zap"

	"tributary/sink/migrate"
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

// Definition is the table of versions and how older versions of it become it.
func Definition() migrate.Table { return migrate.Table{Name: VersionsTable, Create: createVersions} }

func (k *Keeper) openVersions(ctx context.Context) error {
	err := migrate.Ensure(ctx, k.db, Definition())
	if err == nil {
		// Whether it may be written.
		_, err = k.db.ExecContext(ctx, "UPDATE "+VersionsTable+" SET changed_time=changed_time WHERE FALSE")
	}
	if err != nil {
		return fmt.Errorf("opening %s: %w", VersionsTable, err)
	}
	return nil
}
