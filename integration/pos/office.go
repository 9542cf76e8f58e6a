package pos

import (
	"context"
	"fmt"
	"slices"
)

// reprice changes an article's price.
func (t *till) reprice(ctx context.Context, b *books) error {
	article := &t.shelf[t.dice.IntN(len(t.shelf))]
	article.cents = t.price()
	return b.update(ctx, "UPDATE inventory SET price = ?, attributes = ? WHERE sku = ?",
		money(article.cents), t.attributes(), article.sku)
}

// restock is a delivery: several articles of one category at once.
func (t *till) restock(ctx context.Context, b *books) error {
	return b.update(ctx, `UPDATE inventory SET stock = stock + ?, counted_at = NOW(3), best_before = CURDATE() + INTERVAL ? DAY
		WHERE category = ? ORDER BY sku LIMIT 5`, 10+t.dice.IntN(90), t.dice.IntN(400), t.pick(categories))
}

// relabel gives an article that was never sold another key. (One that was
// sold is held by its foreign key.)
func (t *till) relabel(ctx context.Context, b *books) error {
	i := t.dice.IntN(len(t.backroom))
	before := t.backroom[i]
	after := fmt.Sprintf("Z%05d-%s", t.dice.IntN(100_000), before[len(before)-4:])
	t.backroom[i] = after
	return b.changeKey(ctx, "UPDATE inventory SET sku = ? WHERE sku = ?", after, before)
}

// enrol adds a customer.
func (t *till) enrol(ctx context.Context, b *books) error {
	t.customerN++
	id, err := b.insert(ctx, `INSERT INTO customers
		(card_number, name, email, birthday, newsletter, segments, preferred_time, credit, preferences, notes)
		VALUES (?,?,?,?,?,?,?,?,?,?)`,
		fmt.Sprintf("C%011d", t.customerN), t.pick(firstNames)+" "+t.pick(lastNames), t.email(), t.birthday(),
		t.dice.IntN(2) == 0, t.segments(), t.hour(), money(t.price()), t.preferences(), t.remark())
	if err != nil {
		return err
	}
	if len(t.customers) == rememberedCustomers {
		t.customers = slices.Delete(t.customers, 0, 1)
	}
	t.customers = append(t.customers, id)
	return nil
}

// amend changes a customer, now and then to NULLs.
func (t *till) amend(ctx context.Context, b *books) error {
	if len(t.customers) == 0 {
		return nil
	}
	return b.update(ctx, `UPDATE customers SET email = ?, newsletter = ?, segments = ?, preferred_time = ?, credit = credit - ?,
		preferences = ?, notes = ? WHERE id = ?`,
		t.email(), t.dice.IntN(2) == 0, t.segments(), t.hour(), money(t.price()), t.preferences(), t.remark(),
		t.customers[t.dice.IntN(len(t.customers))])
}

// forget deletes a customer; the sales stay, without the name.
func (t *till) forget(ctx context.Context, b *books) error {
	if len(t.customers) < 5 {
		return nil
	}
	i := t.dice.IntN(len(t.customers))
	id := t.customers[i]
	if err := b.update(ctx, "UPDATE pos_transactions SET customer_id = NULL WHERE customer_id = ?", id); err != nil {
		return err
	}
	t.customers = slices.Delete(t.customers, i, i+1)
	return b.delete(ctx, "DELETE FROM customers WHERE id = ?", id)
}

// changeKey runs an update of a primary key.
func (b *books) changeKey(ctx context.Context, query string, args ...any) error {
	before := b.changed.Updates
	if err := b.update(ctx, query, args...); err != nil {
		return err
	}
	b.changed.KeyChanges += b.changed.Updates - before
	return nil
}
