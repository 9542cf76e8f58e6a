package compare

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Store is one store's side of the comparison.
type Store struct {
	// ID is the store's id as it stands in the central store column.
	ID string
	// DB reaches the store's server.
	DB *sql.DB
	// Schema is the store's database.
	Schema string
	// Tables are the tables to compare; empty means all of the schema's.
	Tables []string
}

// Central is the side of the copies.
type Central struct {
	DB     *sql.DB
	Schema string
}

// Options are what a comparison may do differently. The zero value is right
// for tables the sink made by its default rules.
type Options struct {
	// StoreColumn is the central column with the store's id; empty means
	// "store_id".
	StoreColumn string
	// CentralTable names the central table of a store's table; nil means
	// that it has the same name.
	CentralTable func(schema, table string) string
	// CentralColumn names the central column of a store's column; nil means
	// that it has the same name.
	CentralColumn func(column string) string
	// CentralRows is an SQL condition the central rows must meet to count,
	// such as "_deleted = 0" where deletes are soft.
	CentralRows string
	// Definitions compares the columns' types and the keys, too.
	Definitions bool
	// Limit is how many differences of a table are described (all are
	// counted); zero means 5.
	Limit int
	// Parallel is how many stores are read at a time; zero means 4.
	Parallel int
	// Progress, if set, is called by [Eventually] with the report of every
	// attempt that found differences.
	Progress func(*Report)
}

func (o Options) withDefaults() Options {
	if o.StoreColumn == "" {
		o.StoreColumn = "store_id"
	}
	if o.CentralTable == nil {
		o.CentralTable = func(_, table string) string { return table }
	}
	if o.CentralColumn == nil {
		o.CentralColumn = func(column string) string { return column }
	}
	if o.Limit == 0 {
		o.Limit = 5
	}
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	return o
}

// Stores compares every table of the stores with the central tables. Its error
// means that the comparison could not be made; differences are in the report.
func Stores(ctx context.Context, central Central, stores []Store, o Options) (*Report, error) {
	o = o.withDefaults()
	perStore := make([][]Table, len(stores))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Parallel)
	for i, store := range stores {
		group.Go(func() (err error) {
			if perStore[i], err = compareStore(ctx, central, store, o); err != nil {
				return fmt.Errorf("comparing store %s: %w", store.ID, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &Report{Stores: len(stores), Tables: slices.Concat(perStore...)}, nil
}

func compareStore(ctx context.Context, central Central, store Store, o Options) (tables []Table, err error) {
	here, err := open(ctx, store.DB, store.Schema)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	defer func() { err = errors.Join(err, here.close()) }()
	there, err := open(ctx, central.DB, central.Schema)
	if err != nil {
		return nil, fmt.Errorf("opening the central database: %w", err)
	}
	defer func() { err = errors.Join(err, there.close()) }()

	names := store.Tables
	if len(names) == 0 {
		names = here.tableNames()
	}
	for _, name := range names {
		pair := pairing{
			store: store, here: here, there: there, options: o,
			result: Table{Store: store.ID, Name: name},
		}
		if err := pair.compare(ctx, name); err != nil {
			return nil, fmt.Errorf("table %s: %w", name, err)
		}
		tables = append(tables, pair.result)
	}
	return tables, nil
}
