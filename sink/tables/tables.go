package tables

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/schema/central"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
)

// Keeper fits tables. It is safe for concurrent use: racing lanes and replicas
// are sorted out under a lock on the server.
type Keeper struct {
	catalog *central.Catalog
	mode    central.Mode
	log     *zap.Logger
	db      *sql.DB

	mu        sync.Mutex
	remembers *bool           // whether versions are; guarded by mu, nil before anybody asked
	looks     map[string]look // by table; guarded by mu
}

// ErrBusy says that another replica is changing a table, which may take long.
var ErrBusy = central.ErrBusy

// own are the tables of the sink's own, in which no rows of stores are.
var own = []string{ledger.Table, deadletter.Table, VersionsTable}

// Open returns a keeper of the connection's database. Mode is "evolve",
// "create" or "check".
func Open(ctx context.Context, db *sql.DB, mode string, log *zap.Logger) (*Keeper, error) {
	catalog, err := central.Open(ctx, db, central.Options{})
	if err != nil {
		return nil, fmt.Errorf("opening the central database's catalog: %w", err)
	}
	modes := map[string]central.Mode{"evolve": central.Evolve, "create": central.CreateOnly, "check": central.CheckOnly}
	m, ok := modes[mode]
	if !ok {
		return nil, fmt.Errorf("schema mode %q is none of evolve, create, check", mode)
	}
	return &Keeper{catalog: catalog, mode: m, log: log, db: db}, nil
}

// Dialect is the central server's.
func (k *Keeper) Dialect() schema.Dialect { return k.catalog.Dialect() }

// Fit makes the central table hold rows with these columns under this key and,
// with soft, a mark for those that are deleted. It returns what it asked for, in which every column knows its field, and
// the table as it is.
func (k *Keeper) Fit(ctx context.Context, name string, columns []debezium.Field, key []string, soft bool) (want, have *schema.Table, err error) {
	if slices.Contains(own, name) {
		return nil, nil, fmt.Errorf("central table %q is the sink's own: give the store's another one by a rule (name: \"{schema}_{table}\")", name)
	}
	derived, err := schema.Derive(name, columns, key, schema.Options{Dialect: k.Dialect(), SoftDelete: soft})
	if err != nil {
		return nil, nil, err
	}
	have, err = k.ensure(ctx, derived)
	return &derived, have, err
}

// Widen makes one column of a table hold values of another type too.
func (k *Keeper) Widen(ctx context.Context, want *schema.Table, field string, need schema.Type) (have *schema.Table, err error) {
	wider := *want // which is others' too
	wider.Columns = slices.Clone(want.Columns)
	column := wider.ForField(field)
	if column == nil {
		return nil, fmt.Errorf("table %q has no column for field %q", want.Name, field)
	}
	union, err := schema.Union(column.Type, need)
	if err != nil {
		return nil, err
	}
	column.Type = union
	return k.ensure(ctx, wider)
}

func (k *Keeper) ensure(ctx context.Context, want schema.Table) (*schema.Table, error) {
	if have := k.recall(&want); have != nil {
		return have, nil
	}
	at := time.Now()
	have, changes, err := k.catalog.Ensure(ctx, want, k.mode)
	for _, c := range changes {
		k.log.Info("central table changed", zap.String("table", c.Table), zap.Strings("columns", c.Columns),
			zap.Strings("why", c.Why), zap.Stringer("cost", c.Cost))
	}
	if err != nil {
		return nil, err
	}
	k.remember(have, at)
	return have, nil
}

// Table returns a table as it is, nil if there is none.
func (k *Keeper) Table(ctx context.Context, name string) (*schema.Table, error) {
	return k.catalog.Table(ctx, name)
}
