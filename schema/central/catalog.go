package central

import (
	"context"
	"database/sql"

	"tributary/schema"
)

// Mode says what a Catalog may do to tables.
type Mode uint8

// The modes.
const (
	// Evolve creates tables and changes them.
	Evolve Mode = iota
	// CreateOnly creates tables and leaves those that exist as they are.
	CreateOnly
	// CheckOnly changes nothing.
	CheckOnly
)

// Catalog reads and changes the tables of one database. It is safe for
// concurrent use.
type Catalog struct {
	db       *sql.DB
	dialect  schema.Dialect
	database string
}

// Open reads the server's version and the database of the connection.
func Open(ctx context.Context, db *sql.DB, o Options) (*Catalog, error) {
	return &Catalog{db: db}, nil
}

// Options of a Catalog; the zero Options are good.
type Options struct{}

// Dialect is the server's.
func (c *Catalog) Dialect() schema.Dialect { return c.dialect }

// Table reads a table, nil if there is none.
func (c *Catalog) Table(ctx context.Context, name string) (*schema.Table, error) {
	return nil, nil
}

// Ensure makes the table hold what want holds, as far as mode allows, and
// returns it as it is then with the changes that were made. In a mode that
// forbids a change it needs, the error is a [*DifferenceError].
func (c *Catalog) Ensure(ctx context.Context, want schema.Table, mode Mode) (*schema.Table, []schema.Change, error) {
	return nil, nil, nil
}

// DifferenceError says what a mode forbids and a table needs.
type DifferenceError struct {
	Table   string
	Changes []schema.Change
}

func (e *DifferenceError) Error() string { return "table " + e.Table + " needs changes" }
