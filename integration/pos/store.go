package pos

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

//go:embed tables.sql
var tablesSQL string

// Tables are the names of a store's tables, each after those it refers to.
func Tables() []string {
	return []string{"customers", "inventory", "pos_transactions", "transaction_items"}
}

// Schema returns the name of a store's database, "s0001" for store "0001", so
// that many stores can share one server.
func Schema(id string) string { return "s" + id }

// Store is one shop's database. It is safe for concurrent use, but its rows
// are changed by one [Store.Sell] at a time.
type Store struct {
	// ID is the store's id, "0001".
	ID string
	// DB is a handle on the store's own schema.
	DB *sql.DB

	server *mysql.Config
	tally  tally
}

// Open returns the store with the given id on the server that dsn names (in
// go-sql-driver/mysql's form; a database in it is ignored). It does not
// connect yet.
func Open(dsn, id string) (*Store, error) {
	server, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the address of store %s: %w", id, err)
	}
	// One round trip a statement: two hundred tills share the machine with
	// everything else.
	server.InterpolateParams = true
	// The driver would print what it also returns when a server is killed.
	server.Logger = &mysql.NopLogger{}
	server.DBName = ""

	shop := server.Clone()
	shop.DBName = Schema(id)
	connector, err := mysql.NewConnector(shop)
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", id, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(2)
	return &Store{ID: id, DB: db, server: server}, nil
}

// Close closes the store's connections. The database stays.
func (s *Store) Close() error { return s.DB.Close() }

// Schema returns the name of the store's database.
func (s *Store) Schema() string { return Schema(s.ID) }

// Counts returns what was committed in this store so far.
func (s *Store) Counts() Counts { return s.tally.read() }

// Create makes the store's database and its empty tables.
func (s *Store) Create(ctx context.Context) error {
	connector, err := mysql.NewConnector(s.server)
	if err != nil {
		return fmt.Errorf("opening the server of store %s: %w", s.ID, err)
	}
	server := sql.OpenDB(connector)
	defer server.Close()
	if _, err := server.ExecContext(ctx, "CREATE DATABASE "+s.Schema()+" CHARACTER SET utf8mb4"); err != nil {
		return fmt.Errorf("creating the database of store %s: %w", s.ID, err)
	}
	for _, statement := range strings.Split(strings.TrimSpace(tablesSQL), ";\n\n") {
		if _, err := s.DB.ExecContext(ctx, strings.TrimSuffix(statement, ";")); err != nil {
			return fmt.Errorf("creating the tables of store %s: %w", s.ID, err)
		}
	}
	return nil
}
