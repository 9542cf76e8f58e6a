package lane

import (
	"context"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/tables"
)

// Tables keeps the central tables fit for what the stores send.
type Tables interface {
	Dialect() schema.Dialect
	// Fit makes a table hold rows with these columns under this key and, with
	// soft, a mark for those that are deleted. Want is
	// what was asked for, its columns knowing their fields; have is the table
	// as it is.
	Fit(ctx context.Context, name string, columns []debezium.Field, key []string, soft bool) (want, have *schema.Table, err error)
	// Widen makes a field's column hold values of another type too.
	Widen(ctx context.Context, want *schema.Table, field string, need schema.Type) (have *schema.Table, err error)
	// Table returns a table as it is, nil if there is none.
	Table(ctx context.Context, name string) (*schema.Table, error)
	// Forget has a table looked at again: the server has refused what Fit
	// found it to hold.
	Forget(name string)
}

// Versions is what Tables may do besides: bring the rows that are there to a new
// version of the store's table, of which no event tells.
type Versions interface {
	// Last returns what is known of topics' rows in a table, by topic.
	Last(ctx context.Context, table string, topics []string) (map[string]tables.Version, error)
	// Next returns what is to be done, nil for nothing.
	Next(ctx context.Context, last tables.Version, r tables.Rows) (*tables.Step, error)
	// Do does it, when all earlier events of the topic are committed and no
	// later one is.
	Do(ctx context.Context, s *tables.Step) error
}
