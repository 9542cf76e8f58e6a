package gather

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"

	"tributary/sink/deadletter"
	"tributary/sink/ledger"
)

// Central asks the central database.
type Central struct {
	db    *sql.DB
	group string
}

// NewCentral returns a Central for the driver's DSN. It keeps one connection.
func NewCentral(dsn, group string) (*Central, error) {
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, errors.New("the central DSN is not of the form user:password@tcp(host:port)/database") // the error may quote the password
	}
	config.ParseTime, config.Loc = true, time.UTC
	config.Timeout, config.ReadTimeout, config.WriteTimeout = 5*time.Second, 15*time.Second, 15*time.Second
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("preparing the connection to the central database: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(2)
	db.SetMaxIdleConns(1)
	return &Central{db: db, group: group}, nil
}

// Close ends the connection.
func (c *Central) Close() error { return c.db.Close() }

// Entry is a row of the ledger.
type Entry struct {
	Store, Table string
	Next         int64
	// SourceAt and AppliedAt are zero if nothing was written yet.
	SourceAt, AppliedAt time.Time
}

// Letters are the open dead letters of one store's table.
type Letters struct {
	Store  string    `json:"store"`
	Table  string    `json:"table"`
	Count  int64     `json:"count"`
	Reason string    `json:"reason"`
	Last   time.Time `json:"last"`
}

// Book is what the central database keeps.
type Book struct {
	Entries map[ledger.Partition]Entry
	Letters []Letters
	// Held are the tables that are held, those held for longest first.
	Held []ledger.Held
}

// Errors of the server: ER_NO_SUCH_TABLE says that the sink has not been started
// yet, ER_BAD_FIELD_ERROR that it is of an earlier version, the others that the
// account may not read (ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR,
// ER_TABLEACCESS_DENIED_ERROR).
const (
	noSuchTable      = 1146
	noSuchColumn     = 1054
	databaseDenied   = 1044
	accountDenied    = 1045
	tableReadsDenied = 1142
)

// ErrDenied says that the central database answers, and that the monitor's
// account may not read what it must.
var ErrDenied = errors.New("the monitor's account may not read the central database; correct its password in TRIBUTARY_CENTRAL_DSN, or grant it SELECT on tributary_ledger and tributary_dead_letters (deploy/central/3-grants.sql)")

// Read reads the ledger of the group and the open dead letters.
func (c *Central) Read(ctx context.Context) (Book, error) {
	book := Book{Entries: map[ledger.Partition]Entry{}}
	if err := c.entries(ctx, &book); err != nil && !isServer(err, noSuchTable) {
		return book, fmt.Errorf("reading the ledger: %w", denied(err))
	}
	var err error
	if book.Held, err = ledger.AllHeld(ctx, c.db, c.group); err != nil && !isServer(err, noSuchTable, noSuchColumn) {
		return book, denied(err)
	}
	if err := c.letters(ctx, &book); err != nil && !isServer(err, noSuchTable) {
		return book, fmt.Errorf("reading the dead letters: %w", denied(err))
	}
	return book, nil
}

// denied marks an error that a grant or another password mends.
func denied(err error) error {
	if isServer(err, databaseDenied, accountDenied, tableReadsDenied) {
		return fmt.Errorf("%w: %w", ErrDenied, err)
	}
	return err
}

func isServer(err error, numbers ...uint16) bool {
	var server *mysql.MySQLError
	return errors.As(err, &server) && slices.Contains(numbers, server.Number)
}

func (c *Central) entries(ctx context.Context, book *Book) error {
	rows, err := c.db.QueryContext(ctx, "SELECT topic, part, next_offset, store_id, table_name, source_time, applied_time FROM "+
		ledger.Table+" WHERE grp=?", c.group)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p ledger.Partition
		var e Entry
		var source, applied sql.NullTime
		if err := rows.Scan(&p.Topic, &p.ID, &e.Next, &e.Store, &e.Table, &source, &applied); err != nil {
			return err
		}
		e.SourceAt, e.AppliedAt = source.Time, applied.Time
		book.Entries[p] = e
	}
	return rows.Err()
}

func (c *Central) letters(ctx context.Context, book *Book) error {
	rows, err := c.db.QueryContext(ctx, `SELECT d.store_id, d.table_name, n.letters, d.refused_time, LEFT(d.reason, 500)
	  FROM `+deadletter.Table+` d JOIN (
	    SELECT MAX(id) AS id, COUNT(*) AS letters FROM `+deadletter.Table+` WHERE state='open' AND grp=? GROUP BY store_id, table_name
	  ) n ON n.id=d.id ORDER BY d.id DESC`, c.group)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l Letters
		if err := rows.Scan(&l.Store, &l.Table, &l.Count, &l.Last, &l.Reason); err != nil {
			return err
		}
		book.Letters = append(book.Letters, l)
	}
	return rows.Err()
}
