package sink

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-sql-driver/mysql"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/deadletter"
	"tributary/sink/lane"
	"tributary/sink/ledger"
	"tributary/sink/tables"
	"tributary/sink/writer"
)

// base is the central database's side of a sink: what both a replica and a
// replay of dead letters need.
type base struct {
	name    string // of this process, in the ledger and to Kafka
	control *sql.DB
	// definitions are for the stores' tables alone. A change waits for whoever
	// uses its table, and several at a time may take all connections there are:
	// the ledger must not wait with them.
	definitions *sql.DB
	dialect     schema.Dialect
	tables      *tables.Keeper
	ledger      *ledger.Ledger
	writer      *writer.Writer
}

// openBase connects to the central database, waiting for it if need be, and
// makes the tables the sink keeps for itself.
func openBase(ctx context.Context, c Config, log *zap.Logger) (*base, error) {
	data, control := c.connectors()
	connector, err := mysql.NewConnector(data)
	if err != nil {
		return nil, &SettingError{Name: Prefix + "CENTRAL_DSN", Err: err}
	}
	controller, err := mysql.NewConnector(control)
	if err != nil {
		return nil, &SettingError{Name: Prefix + "CENTRAL_DSN", Err: err}
	}
	b := &base{name: replicaName(), control: openControl(controller, 4), definitions: openControl(controller, 8)}
	if err := b.open(ctx, c, log); err != nil {
		return nil, errors.Join(err, b.closeControl())
	}
	b.writer, err = writer.New(writer.Config{
		Connector: connector, Sessions: c.Sessions,
		Limits:  writer.Limits{Statement: c.StatementTimeout, LockWait: c.LockTimeout, Idle: c.SessionTimeout},
		Ledger:  b.ledger,
		Letters: deadletter.NewStore(c.Group, c.label),
		Remake:  b.ledger.Remake,
	})
	if err != nil {
		return nil, errors.Join(err, b.closeControl())
	}
	return b, nil
}

// openControl returns a pool of so many control connections at most.
func openControl(connector driver.Connector, most int) *sql.DB {
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(most)
	db.SetConnMaxIdleTime(30 * time.Second)
	db.SetConnMaxLifetime(controlLife)
	return db
}

// errWaited ends the wait of a command that somebody sits before.
var errWaited = errors.New("given up after 15 s")

// openBaseNow is openBase for a command that somebody waits for.
func openBaseNow(ctx context.Context, c Config) (*base, error) {
	limited, cancel := context.WithTimeoutCause(ctx, 15*time.Second, errWaited)
	defer cancel()
	b, err := openBase(limited, c, zap.NewNop())
	if err != nil && limited.Err() != nil {
		return nil, fmt.Errorf("the central database cannot be reached (%sCENTRAL_DSN): %w", Prefix, err)
	}
	return b, err
}

// open asks what the server is and makes the tables, for as long as that takes:
// a server in the middle of a failover answers questions and refuses changes.
func (b *base) open(ctx context.Context, c Config, log *zap.Logger) (err error) {
	for pause := time.Second; ; pause = min(2*pause, 15*time.Second) {
		if b.dialect, err = waitForCentral(ctx, b.control, log); err != nil {
			return err
		}
		if err = b.prepare(ctx, c, log); err == nil || !passes(err) {
			return err
		}
		log.Warn("the central database takes no changes, waiting for it", zap.Error(err), zap.Duration("next_try", pause))
		if ended := wait(ctx, pause); ended != nil {
			return fmt.Errorf("%w (%w)", err, ended)
		}
	}
}

func (b *base) prepare(ctx context.Context, c Config, log *zap.Logger) (err error) {
	if b.tables, err = tables.Open(ctx, b.definitions, c.SchemaMode, log); err != nil {
		return err
	}
	b.ledger = ledger.New(b.control, b.dialect, c.Group, b.name, c.label)
	b.ledger.Remake = func(ctx context.Context) error { return b.remake(ctx, log) }
	return b.create(ctx)
}

// create makes the tables the sink keeps for itself, where they are missing.
func (b *base) create(ctx context.Context) error {
	if err := b.ledger.Create(ctx); err != nil {
		return err
	}
	return deadletter.Create(ctx, b.control)
}

// remake makes them again in the middle of a run.
func (b *base) remake(ctx context.Context, log *zap.Logger) error {
	log.Error("the sink's own tables are gone: the central database is another one, or was restored without them." +
		" They are made again; a store's table that has no rows is read from the beginning of its topic, any other from Kafka's offset," +
		" quiet ones within a minute")
	b.tables.ForgetAll()
	return b.create(ctx)
}

func (b *base) close() {
	b.writer.Close()
	_ = b.closeControl()
}

func (b *base) closeControl() error { return errors.Join(b.control.Close(), b.definitions.Close()) }

// controlLife is how long a control connection is used. A connection keeps the
// privileges on the database that it began with (MySQL manual, "When Privilege
// Changes Take Effect"), and after a failover it may still lead to the server
// that was the primary.
const controlLife = 2 * time.Second

// maxText bounds the SQL of one transaction, in bytes.
const maxText = 8 << 20

// laneConfig is what lanes need of the central database; where their records
// come from is the caller's to add.
func (b *base) laneConfig(c Config, log *zap.Logger, registry prometheus.Registerer) lane.Config {
	return lane.Config{
		Writer: b.writer, Ledger: b.ledger, Tables: b.tables, Environment: c.Environment, Rules: c.rules,
		Log: log, Metrics: lane.NewMetrics(registry),
		MaxRows: c.MaxRows, MaxText: maxText, Linger: c.Linger, FloodPercent: c.Flood, HoldPause: c.HoldRetry,
	}
}

// label says which store and central table a topic belongs to, as the sink's own
// tables take it. Schema changes belong to no table.
func (c *Config) label(topic string) (store, table string) {
	t, kind := debezium.ParseTopic(c.Environment, topic)
	if kind == debezium.RowTopic {
		table = c.rules.For(t).Name
	}
	return cut(t.Store), cut(table)
}

// cut shortens a name to what its column takes. No store's and no table's is
// longer, but a topic of somebody else's that begins with the environment may be
// called anything, and its row in the ledger is written with all others'.
func cut(name string) string {
	const most = 64
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	return string([]rune(name)[:most])
}
