package compare_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/integration/compare"
	"tributary/integration/pos"
	"tributary/integration/stack"
)

// keys of the point-of-sale tables.
var keys = map[string]string{"customers": "id", "inventory": "sku", "pos_transactions": "id", "transaction_items": "transaction_id, line"}

// copier stands in for the sink.
func copyStore(t *testing.T, w *world, store *pos.Store) {
	t.Helper()
	for _, table := range pos.Tables() {
		var exists int
		require.NoError(t, w.db.QueryRow("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
			w.central.Schema, table).Scan(&exists))
		if exists == 0 {
			w.exec(fmt.Sprintf("CREATE TABLE C.%s LIKE %s.%s", table, store.Schema(), table))
			w.exec(fmt.Sprintf("ALTER TABLE C.%s ADD COLUMN store_id VARCHAR(64) NOT NULL FIRST, ADD KEY (%s), DROP PRIMARY KEY, ADD PRIMARY KEY (store_id, %s)",
				table, keys[table], keys[table]))
			for index, of := range map[string]string{"card": "customers", "by_receipt": "pos_transactions"} {
				if of == table {
					w.exec(fmt.Sprintf("ALTER TABLE C.%s DROP INDEX %s", table, index))
				}
			}
		}
		w.exec(fmt.Sprintf("DELETE FROM C.%s WHERE store_id = '%s'", table, store.ID))
		w.exec(fmt.Sprintf("INSERT INTO C.%s SELECT '%s', t.* FROM %s.%s t", table, store.ID, store.Schema(), table))
	}
}

func TestStoresThatShareTheirKeys(t *testing.T) {
	w := simpleWorld(t)
	var stores []*pos.Store
	var sides []compare.Store
	for n := range 3 {
		store, err := pos.Open(server.DSN(""), fmt.Sprintf("c%03d", n))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		require.NoError(t, store.Create(t.Context()))
		require.NoError(t, store.Stock(t.Context(), pos.Opening{Seed: 1, Sales: 50}))
		copyStore(t, w, store)
		stores = append(stores, store)
		sides = append(sides, compare.Store{ID: store.ID, DB: store.DB, Schema: store.Schema()})
	}
	o := compare.Options{Definitions: true}
	report, err := compare.Stores(t.Context(), w.central, sides, o)
	require.NoError(t, err)
	require.Empty(t, described(t, report))
	require.True(t, strings.HasPrefix(report.Verdict(), "3 stores, 12 tables, ") && strings.HasSuffix(report.Verdict(), " rows: equal"), report.Verdict())

	// Selling goes on and nothing is copied: every table of that store shows it.
	require.NoError(t, stores[1].Sell(t.Context(), pos.Day{Seed: 1, Transactions: 200}))
	report, err = compare.Stores(t.Context(), w.central, sides, o)
	require.NoError(t, err)
	for _, table := range report.Tables {
		require.Equal(t, table.Store != "c001", table.Equal(), "%s of store %s", table.Name, table.Store)
	}
	copyStore(t, w, stores[1])
	report, err = compare.Stores(t.Context(), w.central, sides, o)
	require.NoError(t, err)
	require.True(t, report.Equal())

	// One store's rows under another's id.
	w.exec("UPDATE C.customers SET store_id = 'c009' WHERE store_id = 'c002' AND id = 3")
	report, err = compare.Stores(t.Context(), w.central, sides, o)
	require.NoError(t, err)
	require.Equal(t, "store c002, customers: missing id=3", described(t, report))
}

func TestMariaDBStore(t *testing.T) {
	maria, err := stack.StartMySQL(t.Context(), "", stack.MySQLOptions{Flavor: stack.FlavorMariaDB}, os.Stderr)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, maria.Stop(t.Context())) })
	db, err := maria.Open("")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })

	w := newWorld(t, copies{ddl: `(id INT PRIMARY KEY, n TINYINT, j JSON, g GEOMETRY, f FLOAT, at TIMESTAMP(3) NULL, b BIT(12))`, key: "id"},
		`(1, -1, '{"a": 1}', ST_GeomFromText('POINT(13.4 52.5)', 0), 0.1, '2026-01-01 10:00:00.5', b'101')`)
	w.exec(`UPDATE C.t SET g = ST_GeomFromText('POINT(13.4 52.5)', 4326, 'axis-order=long-lat')`)
	for _, statement := range []string{
		"CREATE DATABASE shop",
		"CREATE TABLE shop.t (id INT PRIMARY KEY, n TINYINT, j JSON, g GEOMETRY, f FLOAT, at TIMESTAMP(3) NULL, b BIT(12))",
		"SET time_zone = '+00:00'",
		`INSERT INTO shop.t VALUES (1, -1, '{"a":1}', ST_GeomFromText('POINT(13.4 52.5)', 4326), 0.1, FROM_UNIXTIME(1767261600.5), b'101')`,
	} {
		_, err := db.Exec(statement)
		require.NoError(t, err, statement)
	}
	w.exec("UPDATE C.t SET at = FROM_UNIXTIME(1767261600.5)")
	w.store = compare.Store{ID: "0007", DB: db, Schema: "shop"}
	require.Empty(t, described(t, w.compare(compare.Options{})))
	require.Equal(t, "store 0007, t: type j: store longtext central json",
		described(t, w.compare(compare.Options{Definitions: true})), "MariaDB's JSON is a text")

	w.exec(`UPDATE C.t SET g = ST_GeomFromText('POINT(13.4 52.5)', 4326), f = 0.10000001, b = b'111', at = at + INTERVAL 1 SECOND, n = 1, j = '{"a": 2}'`)
	report := w.compare(compare.Options{})
	require.Len(t, report.Tables[0].Differences[0].Values, 6, described(t, report))
}
