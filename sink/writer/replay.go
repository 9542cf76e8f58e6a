package writer

import (
	"context"
	"errors"
	"fmt"

	"tributary/sink/batch"
)

// ErrRefused says that the server still refuses an event.
var ErrRefused = errors.New("the central database still refuses it")

// Replay writes a batch that is behind the ledger already. The fence must
// affect a row, or nothing is written and the error is [ErrMoved]; so must the
// statement that settles the letter.
func (w *Writer) Replay(ctx context.Context, b *batch.Batch, fence, settle []byte) error {
	held, err := w.pool.acquire(ctx)
	if err != nil {
		return err
	}
	t := transaction{w: w, s: held.Value()}
	err = t.replay(ctx, b, fence, settle)
	w.release(ctx, held, err)
	return err
}

func (t *transaction) replay(ctx context.Context, b *batch.Batch, fence, settle []byte) error {
	if _, err := t.exec(ctx, []byte("BEGIN")); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := t.one(ctx, fence); err != nil {
		return err
	}
	if err := t.rows(ctx, b); err != nil {
		return err
	}
	if len(t.dead) > 0 {
		return fmt.Errorf("%w: %w", ErrRefused, t.dead[0].Reason)
	}
	if err := t.one(ctx, settle); err != nil {
		return err
	}
	if _, err := t.exec(ctx, []byte("COMMIT")); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// one runs a statement that must affect one row.
func (t *transaction) one(ctx context.Context, statement []byte) error {
	n, err := t.exec(ctx, statement)
	if err != nil {
		return fmt.Errorf("taking the fence: %w", err)
	}
	if n != 1 {
		return ErrMoved
	}
	return nil
}
