package writer

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/puddle/v2"

	"tributary/sink/batch"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
)

// Writer writes batches. It is safe for concurrent use.
type Writer struct {
	pool    *pool
	ledger  *ledger.Ledger
	letters *deadletter.Store
	remake  func(ctx context.Context) error
	limits  Limits
}

// Config is what a Writer needs.
type Config struct {
	Connector driver.Connector
	// Sessions is how many transactions may run at once.
	Sessions int
	Limits   Limits
	Ledger   *ledger.Ledger
	Letters  *deadletter.Store
	// Remake makes the dead letters' table again, when it is gone.
	Remake func(ctx context.Context) error
}

// New returns a Writer. It connects when there is something to write.
func New(c Config) (*Writer, error) {
	p, err := newPool(c.Connector, c.Sessions, c.Limits)
	if err != nil {
		return nil, err
	}
	return &Writer{pool: p, ledger: c.Ledger, letters: c.Letters, remake: c.Remake, limits: c.Limits}, nil
}

// Close ends the writer's sessions. Nothing may be written afterwards.
func (w *Writer) Close() { w.pool.close() }

// Outcome tells what a committed transaction did.
type Outcome struct {
	Rows    int                    // rows upserted or deleted
	Dead    map[*ledger.Tenure]int // events set aside; nil if none were
	Bytes   int                    // SQL text sent
	Waited  time.Duration
	Elapsed time.Duration // from BEGIN to the answer of COMMIT
}

// Letters is how many events were set aside.
func (o *Outcome) Letters() (n int) {
	for _, dead := range o.Dead {
		n += dead
	}
	return n
}

// Write writes the batch in one transaction, or nothing of it. A batch may be
// written again after any error: if the error hid a successful commit, the
// ledger has moved and the repetition returns [ErrMoved]. Where the quota is
// exceeded the error is a [*FloodError].
func (w *Writer) Write(ctx context.Context, b *batch.Batch, quota Quota) (Outcome, error) {
	counts := newTally(b, quota)
	for i := range b.Dead() {
		if err := counts.add(&b.Dead()[i]); err != nil {
			return Outcome{}, err
		}
	}
	start := time.Now()
	held, err := w.pool.acquire(ctx)
	if err != nil {
		return Outcome{}, err
	}
	t := transaction{w: w, s: held.Value(), tally: counts, out: Outcome{Waited: time.Since(start)}}
	begun := time.Now()
	err = t.run(ctx, b)
	t.out.Elapsed = time.Since(begun)
	w.release(ctx, held, err)
	return t.out, err
}

// release gives a session back, rolled back if the transaction failed, or ends
// it if its state is not known.
func (w *Writer) release(ctx context.Context, held *puddle.Resource[*session], err error) {
	if err == nil {
		held.Release()
		return
	}
	if usable(err) {
		rollback, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.limits.LockWait)
		defer cancel()
		if _, failed := held.Value().exec(rollback, []byte("ROLLBACK")); failed == nil {
			held.Release()
			return
		}
	}
	held.Destroy()
}

// transaction is one attempt.
type transaction struct {
	w     *Writer
	s     *session
	out   Outcome
	dead  []batch.DeadLetter // refused by the server in this attempt
	tally tally
	most  int // bytes of SQL in one statement
}

func (t *transaction) run(ctx context.Context, b *batch.Batch) error {
	if _, err := t.exec(ctx, []byte("BEGIN")); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := t.move(ctx, b); err != nil {
		return err
	}
	if err := t.rows(ctx, b); err != nil {
		return err
	}
	if err := t.bury(ctx, b.Dead()); err != nil {
		return err
	}
	if err := t.bury(ctx, t.dead); err != nil {
		return err
	}
	if _, err := t.exec(ctx, []byte("COMMIT")); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// rows writes everything a batch changes in its table.
func (t *transaction) rows(ctx context.Context, b *batch.Batch) error {
	packet, err := t.packet(ctx)
	if err != nil {
		return err
	}
	t.most = min(packet-packet/16, targetStatement)
	for _, store := range b.Wiped() {
		if err := t.wipe(ctx, b, store); err != nil {
			return err
		}
	}
	if err := t.erase(ctx, b, packet); err != nil {
		return err
	}
	for group := range b.Groups() {
		if err := t.write(ctx, group, packet); err != nil {
			return err
		}
	}
	return nil
}

// wipeRows is how many rows one statement of a truncate removes: some tenths of a
// second's work. All of a store's at once may take longer than any statement may,
// and would each time. (Each statement passes over what those before have marked, so
// that small ones take longer together.)
const wipeRows = 50_000

// wipe removes all rows of a store.
func (t *transaction) wipe(ctx context.Context, b *batch.Batch, store string) error {
	for {
		t.s.buf = b.AppendWipe(t.s.buf[:0], store, wipeRows)
		n, err := t.exec(ctx, t.s.buf)
		if err != nil {
			return fmt.Errorf("truncating: %w", err)
		}
		if n < wipeRows {
			return nil
		}
	}
}

// move takes the fence. COMMIT is only ever sent after this count was read.
func (t *transaction) move(ctx context.Context, b *batch.Batch) error {
	t.s.buf = t.w.ledger.AppendMove(t.s.buf[:0], b.Moves())
	moved, err := t.exec(ctx, t.s.buf)
	if err != nil {
		return fmt.Errorf("moving the ledger: %w", err)
	}
	if moved != int64(len(b.Moves())) {
		return ErrMoved
	}
	return nil
}

func (t *transaction) bury(ctx context.Context, dead []batch.DeadLetter) error {
	if len(dead) == 0 {
		return nil
	}
	packet, err := t.packet(ctx)
	if err != nil {
		return err
	}
	for i := range dead {
		d := &dead[i]
		key, value := d.Original()
		t.s.buf = t.w.letters.AppendInsert(t.s.buf[:0], deadletter.Letter{
			Tenure: d.Tenure, Offset: d.Offset, Timestamp: d.Timestamp, Key: key, Value: value, Reason: d.Reason, Table: d.Table,
		}, packet)
		if _, err := t.exec(ctx, t.s.buf); err != nil {
			if ledger.IsMissing(err) && t.w.remake != nil {
				err = errors.Join(err, t.w.remake(ctx)) // for the next attempt
			}
			return fmt.Errorf("storing a dead letter: %w", err)
		}
		if t.out.Dead == nil {
			t.out.Dead = make(map[*ledger.Tenure]int)
		}
		t.out.Dead[d.Tenure]++
	}
	return nil
}

// packet returns the server's limit for one statement, which a session keeps for
// as long as it lasts. It is asked once: behind another limit is another session,
// of a server that was restarted or of another one.
func (t *transaction) packet(ctx context.Context) (int, error) {
	if t.s.packet > 0 {
		return t.s.packet, nil
	}
	n, err := t.s.maxAllowedPacket(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking for max_allowed_packet: %w", err)
	}
	t.s.packet = n
	return n, nil
}

// exec runs one statement under the writer's deadline.
func (t *transaction) exec(ctx context.Context, statement []byte) (int64, error) {
	limited, cancel := context.WithTimeoutCause(ctx, t.w.limits.Statement, errSlow)
	defer cancel()
	t.out.Bytes += len(statement)
	affected, err := t.s.exec(limited, statement)
	if err != nil && errors.Is(context.Cause(limited), errSlow) {
		return 0, fmt.Errorf("%w after %s: %w", errSlow, t.w.limits.Statement, err)
	}
	return affected, err
}

var errSlow = errors.New("the central database did not answer")
