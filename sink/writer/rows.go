package writer

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"tributary/sink/batch"
)

// targetStatement is how much SQL one statement holds at most, some 500 rows of
// a dozen columns. The server parses a statement as a whole before it writes the
// first row; statements of 1 MB cost it more time for each row than these did.
const targetStatement = 128 << 10

// ErrTooLarge says that one row exceeds what the server takes in a statement.
var ErrTooLarge = errors.New("the row is larger than the central database's max_allowed_packet")

// write sends a group's rows in as many statements as the packet limit asks
// for, usually one.
func (t *transaction) write(ctx context.Context, group []*batch.Row, packet int) error {
	for len(group) > 0 {
		n, size := 0, 0
		for n < len(group) && (n == 0 || size+group[n].TextSize() <= t.most) {
			size += group[n].TextSize()
			n++
		}
		if size > packet-packet/16 {
			if err := t.refuse(&group[0].Record, tooLargeFor(packet, size)); err != nil {
				return err
			}
		} else if err := t.upsert(ctx, group[:n]); err != nil {
			return err
		}
		group = group[n:]
	}
	return nil
}

func tooLargeFor(packet, size int) error {
	return fmt.Errorf("%w (%d bytes; raise max_allowed_packet, now %d)", ErrTooLarge, size, packet)
}

// upsert sends rows in one statement. If the server refuses one of them it
// has undone the statement, not the transaction: the halves are sent by
// themselves until the row stands alone.
func (t *transaction) upsert(ctx context.Context, rows []*batch.Row) error {
	t.s.buf = batch.AppendStatement(t.s.buf[:0], rows)
	_, err := t.exec(ctx, t.s.buf)
	switch {
	case err == nil:
		t.out.Rows += len(rows)
		return nil
	case tooLarge(err):
		return fmt.Errorf("writing rows: %w", err) // the limit was lowered: the next session asks again
	case Classify(err) != Data:
		return fmt.Errorf("writing rows: %w", err)
	case len(rows) == 1:
		return t.refuse(&rows[0].Record, err)
	}
	half := len(rows) / 2
	if err := t.upsert(ctx, rows[:half]); err != nil {
		return err
	}
	return t.upsert(ctx, rows[half:])
}

// ErrNoMatch says that no row of a table without a key equals the image that an
// event says was there.
var ErrNoMatch = errors.New("no row equals the event's before image")

// erase removes the rows of tables without a key.
func (t *transaction) erase(ctx context.Context, b *batch.Batch, packet int) error {
	for i := range b.Erasures() {
		e := &b.Erasures()[i]
		err := t.eraseOne(ctx, b, e, packet)
		switch {
		case err == nil:
			t.out.Rows++
		case !tooLarge(err) && Classify(err) == Data, errors.Is(err, ErrNoMatch), errors.Is(err, ErrTooLarge):
			if err := t.refuse(&e.Record, err); err != nil {
				return err
			}
		default:
			return fmt.Errorf("removing a row by its image: %w", err)
		}
	}
	return nil
}

// eraseOne removes one row. A server hangs up on who sends more than it takes:
// that is not tried, or it would be again and again.
func (t *transaction) eraseOne(ctx context.Context, b *batch.Batch, e *batch.Erasure, packet int) error {
	t.s.buf = b.AppendErasure(t.s.buf[:0], e)
	if size := len(t.s.buf); size > packet-packet/16 {
		return tooLargeFor(packet, size)
	}
	n, err := t.exec(ctx, t.s.buf)
	if err == nil && n == 0 {
		return ErrNoMatch
	}
	return err
}

// refuse sets an event aside. The error is a [*FloodError].
func (t *transaction) refuse(r *batch.Record, reason error) error {
	t.dead = append(t.dead, batch.DeadLetter{Record: *r, Reason: reason})
	return t.tally.add(&t.dead[len(t.dead)-1])
}

// tooLarge recognises a statement beyond max_allowed_packet, told by the
// server (1153) or by the driver before it sends.
func tooLarge(err error) bool {
	var server *mysql.MySQLError
	return errors.Is(err, mysql.ErrPktTooLarge) || errors.As(err, &server) && server.Number == 1153
}
