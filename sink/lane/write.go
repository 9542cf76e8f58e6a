package lane

import (
	"context"
	"errors"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/zap"

	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/writer"
)

// write is the writing goroutine.
func (l *Lane) write(ctx, grace context.Context) {
	for b := range l.full {
		l.commit(ctx, grace, b)
		l.queue.release(b.Memory())
		b.Reset()
		l.free <- b
	}
}

// Pauses between attempts. A rebalance that made two replicas meet on one
// partition settles within the rejoin pause.
const (
	retryBase       = 50 * time.Millisecond
	retryCap        = 10 * time.Second
	environmentCap  = 30 * time.Second
	rejoinPause     = time.Second
	loudAfter       = 5 // failed attempts before an error is logged as one
	reconcileBudget = 30 * time.Second
)

// lockWaitTimeout is ER_LOCK_WAIT_TIMEOUT: unlike a deadlock, which is over when
// it is reported, the lock is still there.
const lockWaitTimeout = 1205

// commit writes a batch for as long as it takes. When the context ends, the
// attempt that is under way goes on until grace ends, and no other follows.
func (l *Lane) commit(ctx, grace context.Context, b *batch.Batch) {
	pause := backoff{base: retryBase, cap: retryCap}
	for {
		l.dropEnded(b)
		if b.Empty() || ctx.Err() != nil {
			return
		}
		out, err := l.attempt(grace, b)
		if err == nil {
			l.meters.committed(b, out)
			return
		}
		if ctx.Err() != nil {
			return
		}
		if writer.Classify(err) == writer.Locked && number(err) == lockWaitTimeout {
			l.meters.retries.WithLabelValues(writer.Locked.String()).Inc()
			l.isolate(ctx, grace, b)
			continue
		}
		if again := l.recover(ctx, b, err, &pause); !again {
			return
		}
	}
}

// recover deals with a failed attempt; false gives the batch up, its
// partitions being read again from where the ledger stands.
func (l *Lane) recover(ctx context.Context, b *batch.Batch, err error, pause *backoff) bool {
	class := writer.Classify(err)
	l.meters.retries.WithLabelValues(class.String()).Inc()
	switch class {
	case writer.Moved:
		// Where nothing has moved after all, the ledger is read from a copy that
		// lags behind what the batch met.
		return l.reconcile(ctx, b) || pause.wait(ctx) == nil
	case writer.Flooded:
		l.quarantine(ctx, b, err)
		return true
	case writer.Stale:
		l.refit(b, err)
		return false
	case writer.Data, writer.Environment:
		// Rows are judged one by one inside the transaction; a data error
		// that surfaces here is about our own statements.
		pause.cap = environmentCap
		l.refused(class, err)
	default:
		log := l.log.Debug
		if pause.attempt >= loudAfter {
			log = l.log.Warn
		}
		log("transaction failed, retrying", zap.Stringer("class", class), zap.Int("attempt", pause.attempt+1),
			zap.Uint16("mysql_error", number(err)), zap.Error(hideRows(err)))
	}
	return pause.wait(ctx) == nil
}

func (l *Lane) refused(class writer.Class, err error) {
	l.log.Error("the central database refuses this table's transactions; retrying",
		zap.Stringer("class", class), zap.Uint16("mysql_error", number(err)), zap.Error(hideRows(err)))
}

// refitCalm is how long a table must have been taken as it is before the next
// refusal counts as the first.
const refitCalm = time.Minute

// refit has the table looked at again, and the batch's partitions read again:
// somebody has changed it. Where a look does not help, as with a trigger that
// names a column there is not, the partitions wait ever longer.
func (l *Lane) refit(b *batch.Batch, err error) {
	if time.Since(l.refitted) > refitCalm {
		l.refits.attempt = 0
	}
	l.refitted = time.Now()
	if l.refits.attempt >= loudAfter {
		l.refused(writer.Stale, err)
	} else {
		l.log.Info("central table changed, reading its definition again", zap.Uint16("mysql_error", number(err)))
	}
	l.stale.Store(true)
	after := l.refits.next()
	for _, m := range b.Moves() {
		l.restart(m.Tenure, after, "table_changed")
	}
}

// reconcile looks up where the partitions of a batch stand after the ledger
// did not match. Those that stand where the batch begins stay in it. Those that
// stand where it ends were written by these very events, perhaps by our own
// commit whose answer was lost. All others were moved by somebody else or by a
// restored backup, and are read again from where they stand now. It returns
// whether there was any but the first kind.
func (l *Lane) reconcile(ctx context.Context, b *batch.Batch) (settled bool) {
	partitions := make([]ledger.Partition, 0, len(b.Moves()))
	for _, m := range b.Moves() {
		partitions = append(partitions, m.Tenure.Partition)
	}
	var at map[ledger.Partition]ledger.Position
	for pause := (backoff{base: retryBase, cap: retryCap}); ; {
		limited, cancel := context.WithTimeout(ctx, reconcileBudget)
		rows, err := l.Ledger.Read(limited, partitions)
		cancel()
		if err == nil {
			at = rows
			break
		}
		l.log.Warn("cannot read the ledger, retrying", zap.Error(err))
		if pause.wait(ctx) != nil {
			return false
		}
	}
	var written []ledger.Move
	var elsewhere Displaced
	for _, m := range append([]ledger.Move(nil), b.Moves()...) {
		row, known := at[m.Tenure.Partition]
		sameLog := known && row.LogID == m.Tenure.LogID
		switch {
		case sameLog && row.Next == m.From:
			continue
		case sameLog && row.Next == m.Next:
			written = append(written, m)
			b.Drop(m.Tenure)
		default:
			b.Drop(m.Tenure)
			l.restart(m.Tenure, rejoinPause, elsewhere.Add(m.Tenure, m.From, row))
		}
		settled = true
	}
	if len(written) > 0 {
		l.committed(written)
	}
	elsewhere.Say(l.log)
	return settled
}

func (l *Lane) restart(t *ledger.Tenure, after time.Duration, why string) {
	t.End()
	l.Partitions.Restart(t, after, why)
}

// dropEnded takes out what was revoked while the batch was filling or failing.
func (l *Lane) dropEnded(b *batch.Batch) {
	for _, m := range append([]ledger.Move(nil), b.Moves()...) {
		if m.Tenure.Ended() {
			b.Drop(m.Tenure)
		}
	}
}

// number is the server's error number, 0 if there is none.
func number(err error) uint16 {
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		return server.Number
	}
	return 0
}

// hideRows keeps a server's words out of the log: they quote the values it
// refused. Those about the environment and about definitions do not, and they
// name what is missing: the privilege, the table, the column.
func hideRows(err error) error {
	class := writer.Classify(err)
	if n := number(err); n != 0 && class != writer.Environment && class != writer.Stale {
		return errors.New("the server's message is withheld since it may quote rows; see mysql_error")
	}
	return err
}
