package pos

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// till is where a store's changes are made, one after the other. It remembers
// just enough of the tables to pick rows that exist.
type till struct {
	store *Store
	dice  *rand.Rand

	open      bool      // what follows was read from the tables
	shelf     []product // what can be sold
	backroom  []string  // articles never sold, whose keys may change
	customers []uint64
	receipts  []receipt // the newest sales, oldest first
	customerN int       // numbers the cards, which must not repeat
	receiptN  int       // numbers the receipts
}

type product struct {
	sku   string
	cents int64
}

// receipt is a sale that can still be returned or corrected.
type receipt struct {
	id    uint64
	open  bool
	lines []line
}

type line struct {
	number   int
	sku      string
	quantity float64
}

// The most rows of each kind a till remembers.
const (
	rememberedReceipts  = 200
	rememberedCustomers = 500
)

func newTill(s *Store, seed uint64) *till {
	// The store's id keeps the stores of one seed from doing all the same.
	id := fnv.New64a()
	id.Write([]byte(s.ID))
	return &till{store: s, dice: rand.New(rand.NewPCG(seed, id.Sum64()))}
}

// books is one transaction under way and what it has changed so far.
type books struct {
	tx      *sql.Tx
	changed Counts
}

// transact runs one change in a transaction of its own and counts it when it
// has committed.
func (t *till) transact(ctx context.Context, change func(context.Context, *books) error) (Counts, error) {
	tx, err := t.store.DB.BeginTx(ctx, nil)
	if err != nil {
		return Counts{}, fmt.Errorf("beginning a transaction: %w", err)
	}
	b := &books{tx: tx}
	if err := change(ctx, b); err != nil {
		_ = tx.Rollback() // the change's own error says more
		return Counts{}, err
	}
	if err := tx.Commit(); err != nil {
		return Counts{}, fmt.Errorf("committing: %w", err)
	}
	b.changed.Transactions = 1
	b.changed.Last = time.Now()
	t.store.tally.add(b.changed)
	return b.changed, nil
}

func (b *books) insert(ctx context.Context, query string, args ...any) (id uint64, err error) {
	result, err := b.exec(ctx, &b.changed.Inserts, query, args...)
	if err != nil {
		return 0, err
	}
	last, err := result.LastInsertId()
	return uint64(last), err
}

func (b *books) update(ctx context.Context, query string, args ...any) error {
	_, err := b.exec(ctx, &b.changed.Updates, query, args...)
	return err
}

func (b *books) delete(ctx context.Context, query string, args ...any) error {
	_, err := b.exec(ctx, &b.changed.Deletes, query, args...)
	return err
}

func (b *books) exec(ctx context.Context, count *int64, query string, args ...any) (sql.Result, error) {
	result, err := b.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("running %.40q: %w", query, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return nil, err
	}
	*count += rows
	return result, nil
}
