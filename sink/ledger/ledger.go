package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"tributary/schema"
	"tributary/sink/migrate"
)

// Table is the ledger's name in the central database.
const Table = "tributary_ledger"

// Ledger reads and moves the rows of one consumer group.
type Ledger struct {
	db      *sql.DB
	dialect schema.Dialect
	group   string
	owner   string
	label   Labeller
	// Remake, if set, is called when the ledger's table is gone in the middle
	// of a run. It makes that and whatever else the sink keeps there.
	Remake func(ctx context.Context) error
}

// Labeller says which store and which central table a topic belongs to, for
// the ledger's freshness columns.
type Labeller func(topic string) (store, table string)

// New returns the ledger of a consumer group. Owner names this process in the
// rows it writes.
func New(db *sql.DB, dialect schema.Dialect, group, owner string, label Labeller) *Ledger {
	return &Ledger{db: db, dialect: dialect, group: group, owner: owner, label: label}
}

// createTable is the ledger's definition. Names and values are compared byte by
// byte, as Kafka compares them. Whoever changes it adds a step to Definition.
const createTable = `CREATE TABLE IF NOT EXISTS ` + Table + ` (
  grp          VARCHAR(255) NOT NULL COMMENT 'consumer group',
  topic        VARCHAR(249) NOT NULL,
  part         INT          NOT NULL,
  log_id       BINARY(16)   NOT NULL COMMENT 'Kafka topic id: a topic made anew has another one',
  next_offset  BIGINT       NOT NULL COMMENT 'first event not yet written',
  store_id     VARCHAR(64)  NOT NULL DEFAULT '',
  table_name   VARCHAR(64)  NOT NULL DEFAULT '' COMMENT 'central table',
  source_time  DATETIME(6)  NULL COMMENT 'UTC: newest change written, as committed at the store',
  applied_time DATETIME(6)  NULL COMMENT 'UTC: when rows were last written',
  owner        VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'who wrote last; information only',
  seeded_time  DATETIME(6)  NOT NULL COMMENT 'UTC: first sight; the first topic of a store owns a central table',
  held_offset  BIGINT       NULL COMMENT 'held, and no further than this, while it equals next_offset',
  held_time    DATETIME(6)  NULL COMMENT 'UTC: since when it is held there',
  held_reason  TEXT         NULL COMMENT 'why, and what to do',
  PRIMARY KEY (grp, topic, part),
  KEY by_store (store_id, table_name)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT='tributary ledger v1: offsets written together with the rows they produced'`

// Definition is the ledger's table and how older versions of it become it.
func Definition() migrate.Table { return migrate.Table{Name: Table, Create: createTable} }

// Create makes the ledger's table, or brings it to this program's version.
func (l *Ledger) Create(ctx context.Context) error { return migrate.Ensure(ctx, l.db, Definition()) }

// Owners returns the topics that stores' rows in a central table come from, by
// store: of each store the one seen first. Stores without one are missing.
func (l *Ledger) Owners(ctx context.Context, table string, stores []string) (map[string]string, error) {
	args := []any{l.group, table}
	for _, store := range stores {
		args = append(args, store)
	}
	rows, err := l.db.QueryContext(ctx, "SELECT store_id, topic FROM "+Table+" WHERE grp=? AND table_name=? AND store_id IN ("+
		schema.Marks(len(stores))+") ORDER BY seeded_time, topic", args...)
	if err != nil {
		return nil, fmt.Errorf("asking the ledger whose table %s is: %w", table, err)
	}
	defer func() { _ = rows.Close() }()
	owners := make(map[string]string, len(stores))
	for rows.Next() {
		var store, topic string
		if err := rows.Scan(&store, &topic); err != nil {
			return nil, fmt.Errorf("asking the ledger whose table %s is: %w", table, err)
		}
		if owners[store] == "" {
			owners[store] = topic
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("asking the ledger whose table %s is: %w", table, err)
	}
	return owners, nil
}

// Sources returns the topics that a store's rows come from.
func (l *Ledger) Sources(ctx context.Context, store string) ([]string, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT DISTINCT topic FROM "+Table+
		" WHERE grp=? AND store_id=? AND table_name<>'' ORDER BY topic", l.group, store)
	if err != nil {
		return nil, fmt.Errorf("asking the ledger for a store's topics: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var topics []string
	for rows.Next() {
		var topic string
		if err := rows.Scan(&topic); err != nil {
			return nil, fmt.Errorf("asking the ledger for a store's topics: %w", err)
		}
		topics = append(topics, topic)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("asking the ledger for a store's topics: %w", err)
	}
	return topics, nil
}

// IsMissing reports whether the server says that a table is not there
// (ER_NO_SUCH_TABLE).
func IsMissing(err error) bool {
	var server *mysql.MySQLError
	return errors.As(err, &server) && server.Number == 1146
}

// errVanished says that rows are missing between two reads of the ledger.
var errVanished = errors.New("a ledger row vanished after it was seeded: is somebody deleting from " + Table + "?")
