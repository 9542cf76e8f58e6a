package pos

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Opening is what a store holds before its first day.
type Opening struct {
	// Products, Customers and Sales are the rows to begin with; zero means
	// 40 products, 20 customers, no sales.
	Products, Customers, Sales int
	// Seed is what the goods and people are drawn from.
	Seed uint64
}

// never marks the keys of articles that are never sold.
const never = "Z"

// Stock fills the empty tables of a new store.
func (s *Store) Stock(ctx context.Context, o Opening) error {
	if o.Products == 0 {
		o.Products = 40
	}
	if o.Customers == 0 {
		o.Customers = 20
	}
	t := newTill(s, o.Seed)
	if _, err := t.transact(ctx, func(ctx context.Context, b *books) error {
		return t.fillShelves(ctx, b, max(o.Products, 10))
	}); err != nil {
		return fmt.Errorf("filling the shelves of store %s: %w", s.ID, err)
	}
	for range o.Customers {
		if _, err := t.transact(ctx, t.enrol); err != nil {
			return fmt.Errorf("enrolling the customers of store %s: %w", s.ID, err)
		}
	}
	for range o.Sales {
		if _, err := t.transact(ctx, t.sell); err != nil {
			return fmt.Errorf("selling in store %s before its opening: %w", s.ID, err)
		}
	}
	return nil
}

// fillShelves inserts the products, one in ten of them never to be sold.
func (t *till) fillShelves(ctx context.Context, b *books, products int) error {
	var values []string
	var args []any
	for n := range products {
		article := product{sku: fmt.Sprintf("A%05d", n+1), cents: t.price()}
		if n%10 == 9 {
			article.sku = fmt.Sprintf("%s00000-%04d", never, n%10_000)
			t.backroom = append(t.backroom, article.sku)
		} else {
			t.shelf = append(t.shelf, article)
		}
		fingerprint := make([]byte, 16)
		for i := range fingerprint {
			fingerprint[i] = byte(t.dice.IntN(256))
		}
		values = append(values, "(?,?,?,?,?,?,?,?,?,?,?,?,?)")
		args = append(args, article.sku, t.pick(goods), t.pick(categories), money(article.cents), t.dice.IntN(500), t.dice.IntN(50),
			[]byte{byte(t.dice.IntN(256))}, t.dice.NormFloat64(), fingerprint, t.attributes(), t.remark(), t.birthday(), 1990+t.dice.IntN(40))
	}
	_, err := b.insert(ctx, `INSERT INTO inventory (sku, name, category, price, stock, reorder_level, storage, weight, fingerprint,
		attributes, description, best_before, first_sold) VALUES `+strings.Join(values, ","), args...)
	return err
}

// recall reads what a till must know of a store that is already open.
func (t *till) recall(ctx context.Context) error {
	t.shelf, t.backroom, t.customers, t.receipts = nil, nil, nil, nil
	db := t.store.DB
	err := each(ctx, db, "SELECT sku, CAST(price*100 AS SIGNED) FROM inventory ORDER BY sku", func(scan func(...any) error) error {
		var article product
		if err := scan(&article.sku, &article.cents); err != nil {
			return err
		}
		if strings.HasPrefix(article.sku, never) {
			t.backroom = append(t.backroom, article.sku)
		} else {
			t.shelf = append(t.shelf, article)
		}
		return nil
	})
	if err == nil {
		err = t.recallCustomers(ctx)
	}
	if err == nil {
		err = t.recallReceipts(ctx)
	}
	if err == nil && (len(t.shelf) == 0 || len(t.backroom) == 0) {
		err = fmt.Errorf("its shelves are empty: call Stock first")
	}
	if err != nil {
		return fmt.Errorf("opening the till of store %s: %w", t.store.ID, err)
	}
	return nil
}

func (t *till) recallCustomers(ctx context.Context) error {
	if err := t.store.DB.QueryRowContext(ctx,
		"SELECT COALESCE(MAX(CAST(SUBSTRING(card_number, 2) AS SIGNED)), 0) FROM customers").Scan(&t.customerN); err != nil {
		return err
	}
	return each(ctx, t.store.DB, fmt.Sprintf("SELECT id FROM customers ORDER BY id DESC LIMIT %d", rememberedCustomers),
		func(scan func(...any) error) error {
			var id uint64
			err := scan(&id)
			t.customers = append(t.customers, id)
			return err
		})
}

func (t *till) recallReceipts(ctx context.Context) error {
	if err := t.store.DB.QueryRowContext(ctx,
		"SELECT COALESCE(MAX(CAST(SUBSTRING_INDEX(receipt, '-', -1) AS SIGNED)), 0) FROM pos_transactions").Scan(&t.receiptN); err != nil {
		return err
	}
	return each(ctx, t.store.DB, fmt.Sprintf(`SELECT t.id, t.status = 'open', i.line, i.sku, i.quantity
		FROM (SELECT id, status FROM pos_transactions ORDER BY id DESC LIMIT %d) t JOIN transaction_items i ON i.transaction_id = t.id
		ORDER BY t.id, i.line`, rememberedReceipts),
		func(scan func(...any) error) error {
			var sale receipt
			var item line
			if err := scan(&sale.id, &sale.open, &item.number, &item.sku, &item.quantity); err != nil {
				return err
			}
			if n := len(t.receipts); n == 0 || t.receipts[n-1].id != sale.id {
				t.receipts = append(t.receipts, sale)
			}
			last := &t.receipts[len(t.receipts)-1]
			last.lines = append(last.lines, item)
			return nil
		})
}

// each calls row for every row of a query.
func each(ctx context.Context, db *sql.DB, query string, row func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
