package pos

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// wallClock is a DATETIME(3) as a shop writes it.
const wallClock = "2006-01-02 15:04:05.000"

// sell is a customer at the till: a receipt with its items, and the stock
// that leaves the shelf.
func (t *till) sell(ctx context.Context, b *books) error {
	t.receiptN++
	sale := receipt{open: t.dice.IntN(4) == 0}
	var values []string
	var args []any
	var cents int64
	for number := 1; number <= 1+t.dice.IntN(5); number++ {
		article := t.shelf[t.dice.IntN(len(t.shelf))]
		sold := line{number: number, sku: article.sku, quantity: t.quantity()}
		sale.lines = append(sale.lines, sold)
		cents += int64(float64(article.cents)*sold.quantity + 0.5)
		values = append(values, "(?,?,?,?,?,?,?)")
		args = append(args, nil, number, sold.sku, decimal3(sold.quantity), money(article.cents), t.dice.IntN(8) == 0, t.remark())
	}

	id, err := b.insert(ctx, `INSERT INTO pos_transactions
		(receipt, customer_id, till, cashier, status, net, tax, total, payment, flags, took, sold_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
		fmt.Sprintf("R-%s-%08d", t.store.ID, t.receiptN), t.someCustomer(), 1+t.dice.IntN(6), t.pick(cashiers),
		status(sale.open), money(cents-cents/6), money(cents/6), money(cents), t.payment(cents),
		[]byte{byte(t.dice.IntN(64))}, fmt.Sprintf("00:%02d:%02d.%03d", t.dice.IntN(20), t.dice.IntN(60), t.dice.IntN(1000)),
		time.Now().Format(wallClock))
	if err != nil {
		return err
	}
	for i := 0; i < len(args); i += 7 {
		args[i] = id
	}
	if _, err := b.insert(ctx, "INSERT INTO transaction_items (transaction_id, line, sku, quantity, unit_price, discounted, note) VALUES "+
		strings.Join(values, ","), args...); err != nil {
		return err
	}
	if err := t.move(ctx, b, sale.lines, -1); err != nil {
		return err
	}
	sale.id = id
	t.remember(sale)
	return nil
}

// takeBack is a return: the sale and its items are deleted, the goods go back
// to the shelf.
func (t *till) takeBack(ctx context.Context, b *books) error {
	if len(t.receipts) == 0 {
		return nil
	}
	i := t.dice.IntN(len(t.receipts))
	sale := t.receipts[i]
	if err := b.delete(ctx, "DELETE FROM transaction_items WHERE transaction_id = ?", sale.id); err != nil {
		return err
	}
	if err := b.delete(ctx, "DELETE FROM pos_transactions WHERE id = ?", sale.id); err != nil {
		return err
	}
	t.receipts = slices.Delete(t.receipts, i, i+1)
	return t.move(ctx, b, sale.lines, +1)
}

// settle moves a sale to its next status.
func (t *till) settle(ctx context.Context, b *books) error {
	if len(t.receipts) == 0 {
		return nil
	}
	sale := &t.receipts[t.dice.IntN(len(t.receipts))]
	next := "paid"
	if !sale.open {
		next = t.pick([]string{"refunded", "void", "paid"})
	}
	sale.open = false
	return b.update(ctx, "UPDATE pos_transactions SET status = ?, took = IF(?, NULL, took) WHERE id = ?",
		next, next == "void", sale.id)
}

// renumber gives a sale's last line another number: half of a compound primary
// key changes.
func (t *till) renumber(ctx context.Context, b *books) error {
	if len(t.receipts) == 0 {
		return nil
	}
	sale := &t.receipts[t.dice.IntN(len(t.receipts))]
	last := &sale.lines[len(sale.lines)-1]
	if last.number > 60_000 { // SMALLINT UNSIGNED
		return nil
	}
	before := last.number
	last.number += 1 + t.dice.IntN(5)
	return b.changeKey(ctx, "UPDATE transaction_items SET line = ? WHERE transaction_id = ? AND line = ?",
		last.number, sale.id, before)
}

// move takes the lines' goods from the shelf (-1) or puts them back (+1), in
// the order of their keys so that two tills would never wait for each other.
func (t *till) move(ctx context.Context, b *books, lines []line, sign float64) error {
	ordered := slices.SortedFunc(slices.Values(lines), func(a, b line) int { return strings.Compare(a.sku, b.sku) })
	for _, l := range ordered {
		if err := b.update(ctx, "UPDATE inventory SET stock = stock + ? WHERE sku = ?", decimal3(sign*l.quantity), l.sku); err != nil {
			return err
		}
	}
	return nil
}

func (t *till) remember(sale receipt) {
	if len(t.receipts) == rememberedReceipts {
		t.receipts = slices.Delete(t.receipts, 0, 1)
	}
	t.receipts = append(t.receipts, sale)
}

// someCustomer is a known customer's id, or nil for most: who pays cash is
// nobody.
func (t *till) someCustomer() any {
	if len(t.customers) == 0 || t.dice.IntN(3) > 0 {
		return nil
	}
	return t.customers[t.dice.IntN(len(t.customers))]
}

// payment is the JSON a payment terminal leaves behind; cash leaves none.
func (t *till) payment(cents int64) any {
	if t.dice.IntN(3) == 0 {
		return nil
	}
	text, _ := json.Marshal(map[string]any{ // strings, numbers and slices always marshal
		"method":   t.pick([]string{"card", "mobile", "voucher"}),
		"terminal": t.dice.IntN(1 << 40),
		"amount":   float64(cents) / 100,
		"parts":    []int{t.dice.IntN(100), t.dice.IntN(100)},
		"slip":     map[string]any{"signed": t.dice.IntN(2) == 0, "text": t.pick(remarks)},
	})
	return string(text)
}

func status(open bool) string {
	if open {
		return "open"
	}
	return "paid"
}
