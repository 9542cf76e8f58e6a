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
			reason := fmt.Errorf("%w (%d bytes; raise max_allowed_packet, now %d)", ErrTooLarge, size, packet)
			if err := t.refuse(&group[0].Record, reason); err != nil {
				return err
			}
		} else if err := t.upsert(ctx, group[:n]); err != nil {
			return err
		}
		group = group[n:]
	}
	return nil
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
		t.w.packet.Store(0) // the limit was lowered: ask again
		return fmt.Errorf("writing rows: %w", err)
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
func (t *transaction) erase(ctx context.Context, b *batch.Batch) error {
	for i := range b.Erasures() {
		e := &b.Erasures()[i]
		t.s.buf = b.AppendErasure(t.s.buf[:0], e)
		n, err := t.exec(ctx, t.s.buf)
		if err == nil && n == 0 {
			err = ErrNoMatch
		}
		switch {
		case err == nil:
			t.out.Rows++
		case errors.Is(err, ErrNoMatch) || Classify(err) == Data:
			if err := t.refuse(&e.Record, err); err != nil {
				return err
			}
		default:
			return fmt.Errorf("removing a row by its image: %w", err)
		}
	}
	return nil
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
