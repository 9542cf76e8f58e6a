package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tributary/schema"
)

// Catalog reads and changes the tables of one database. It is safe for
// concurrent use.
type Catalog struct {
	db       *sql.DB
	dialect  schema.Dialect
	database string
	options  Options
}

// Options of a Catalog; the zero Options are good.
type Options struct {
	// LockTimeout is how long to wait for another replica that is changing
	// the same table; 0 is 10 seconds. The error is [ErrBusy].
	LockTimeout time.Duration
	// MetadataTimeout is how long a change waits for statements and open
	// transactions that use the table; 0 is 10 seconds. While a change
	// waits, everybody else waits behind it, so that this should be short:
	// the error is one to try again after.
	MetadataTimeout time.Duration
}

// Open reads the server's version and the database of the connections, which
// must have one.
func Open(ctx context.Context, db *sql.DB, o Options) (*Catalog, error) {
	if o.LockTimeout == 0 {
		o.LockTimeout = 10 * time.Second
	}
	if o.MetadataTimeout == 0 {
		o.MetadataTimeout = 10 * time.Second
	}
	var version string
	var database sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT VERSION(), DATABASE()").Scan(&version, &database); err != nil {
		return nil, fmt.Errorf("asking the central server for its version: %w", err)
	}
	if !database.Valid {
		return nil, errors.New("the central connection names no database; put one into its DSN")
	}
	dialect, err := schema.ParseDialect(version)
	if err != nil {
		return nil, err
	}
	return &Catalog{db: db, dialect: dialect, database: database.String, options: o}, nil
}

// Dialect is the server's.
func (c *Catalog) Dialect() schema.Dialect { return c.dialect }

// Database is the name of the database whose tables these are.
func (c *Catalog) Database() string { return c.database }

// Table reads a table, nil if there is none. A view is an error.
func (c *Catalog) Table(ctx context.Context, name string) (*schema.Table, error) {
	return c.read(ctx, c.db, name)
}
