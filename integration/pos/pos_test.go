package pos_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/integration/pos"
)

// newStore makes a store of the test's own, stocked.
func newStore(t *testing.T, id string, opening pos.Opening) *pos.Store {
	t.Helper()
	store, err := pos.Open(server.DSN(""), id)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := store.DB.Exec("DROP DATABASE IF EXISTS " + store.Schema())
		require.NoError(t, err)
		require.NoError(t, store.Close())
	})
	require.NoError(t, store.Create(t.Context()))
	require.NoError(t, store.Stock(t.Context(), opening))
	return store
}

func number[T any](t *testing.T, db *sql.DB, query string) (value T) {
	t.Helper()
	require.NoError(t, db.QueryRow(query).Scan(&value))
	return value
}

// rowsIn counts what the tables hold.
func rowsIn(t *testing.T, s *pos.Store) (rows int64) {
	t.Helper()
	for _, table := range pos.Tables() {
		rows += number[int64](t, s.DB, "SELECT COUNT(*) FROM "+table)
	}
	return rows
}

func TestOpeningFillsEveryTable(t *testing.T) {
	store := newStore(t, "p001", pos.Opening{Products: 30, Customers: 7, Sales: 12, Seed: 1})
	require.Equal(t, int64(30), number[int64](t, store.DB, "SELECT COUNT(*) FROM inventory"))
	require.Equal(t, int64(7), number[int64](t, store.DB, "SELECT COUNT(*) FROM customers"))
	require.Equal(t, int64(12), number[int64](t, store.DB, "SELECT COUNT(*) FROM pos_transactions"))
	require.GreaterOrEqual(t, number[int64](t, store.DB, "SELECT COUNT(*) FROM transaction_items"), int64(12))
	require.Equal(t, int64(1), number[int64](t, store.DB, "SELECT MIN(id) FROM pos_transactions"), "every store numbers from 1")
}

func TestCountsAreWhatTheTablesShow(t *testing.T) {
	store := newStore(t, "p002", pos.Opening{Seed: 2, Sales: 10})
	require.NoError(t, store.Sell(t.Context(), pos.Day{Seed: 2, Transactions: 600}))

	counts := store.Counts()
	require.Equal(t, rowsIn(t, store), counts.Inserts-counts.Deletes)
	require.Equal(t, int64(1+20+10+600), counts.Transactions)
	require.Positive(t, counts.Updates)
	require.Positive(t, counts.Deletes)
	require.Positive(t, counts.KeyChanges)
	require.Zero(t, counts.Failures)
	require.WithinDuration(t, time.Now(), counts.Last, time.Minute)
	require.Positive(t, number[int64](t, store.DB, "SELECT COUNT(*) FROM inventory WHERE sku LIKE 'Z%' AND sku NOT LIKE 'Z00000-%'"),
		"a text key was changed")
}

func TestOneSeedSellsTheSame(t *testing.T) {
	sum := func(round int) string {
		store := newStore(t, "p003", pos.Opening{Seed: 3})
		require.NoError(t, store.Sell(t.Context(), pos.Day{Seed: 3, Transactions: 200}))
		text := number[string](t, store.DB, `SELECT CONCAT_WS(' ', COUNT(*), SUM(id), SUM(total), SUM(took), SUM(CRC32(payment))) FROM pos_transactions`)
		counts := store.Counts()
		counts.Last = time.Time{}
		_, err := store.DB.Exec("DROP DATABASE " + store.Schema())
		require.NoError(t, err)
		return fmt.Sprint(text, counts)
	}
	require.Equal(t, sum(1), sum(2))
}

func TestStoresOfOneSeedDiffer(t *testing.T) {
	a, b := newStore(t, "p004", pos.Opening{Seed: 4}), newStore(t, "p005", pos.Opening{Seed: 4})
	const prices = "SELECT GROUP_CONCAT(price ORDER BY sku) FROM inventory"
	require.NotEqual(t, number[string](t, a.DB, prices), number[string](t, b.DB, prices))
}

func TestRateHolds(t *testing.T) {
	store := newStore(t, "p006", pos.Opening{Seed: 5})
	before := store.Counts().Rows()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	require.NoError(t, store.Sell(ctx, pos.Day{Seed: 5, Rate: 100}))
	require.InDelta(t, 200, store.Counts().Rows()-before, 60)
}

func TestFailureEndsTheDayUnlessPatient(t *testing.T) {
	store := newStore(t, "p007", pos.Opening{Seed: 6})
	_, err := store.DB.Exec("RENAME TABLE inventory TO elsewhere")
	require.NoError(t, err)
	require.ErrorContains(t, store.Sell(t.Context(), pos.Day{Seed: 6}), "selling in store p007")

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- store.Sell(ctx, pos.Day{Seed: 6, Patience: time.Millisecond}) }()
	require.Eventually(t, func() bool { return store.Counts().Failures > 0 }, 10*time.Second, time.Millisecond)
	_, err = store.DB.Exec("RENAME TABLE elsewhere TO inventory")
	require.NoError(t, err)
	before := store.Counts().Rows()
	require.Eventually(t, func() bool { return store.Counts().Rows() > before }, 10*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}

func TestChainOpensStoresWhileOthersSell(t *testing.T) {
	chain := pos.NewChain(t.Context(), pos.Day{Seed: 7, Rate: 200})
	first := newStore(t, "p008", pos.Opening{Seed: 7})
	chain.Open(first)
	second := newStore(t, "p009", pos.Opening{Seed: 7})
	opened := second.Counts().Rows()
	chain.Open(second)
	require.Eventually(t, func() bool { return second.Counts().Rows() > opened }, 10*time.Second, time.Millisecond)
	require.NoError(t, chain.Close())
	require.Len(t, chain.Stores(), 2)
	require.Equal(t, first.Counts().Rows()+second.Counts().Rows(), chain.Counts().Rows())
	require.Equal(t, rowsIn(t, first)+rowsIn(t, second), chain.Counts().Inserts-chain.Counts().Deletes)
}

func TestChainEndsWithItsFirstFailure(t *testing.T) {
	store, err := pos.Open(server.DSN(""), "none")
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	chain := pos.NewChain(t.Context(), pos.Day{})
	chain.Open(store)
	<-chain.Done()
	require.ErrorContains(t, chain.Close(), "opening the till of store none")
}
