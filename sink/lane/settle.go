package lane

import (
	"context"

	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/writer"
)

// attempt makes one attempt at a batch and, if it commits, tells the consumer.
// Settle can wait for its end.
func (l *Lane) attempt(ctx context.Context, b *batch.Batch) (writer.Outcome, error) {
	l.writing <- struct{}{}
	defer func() { <-l.writing }()
	out, err := l.Writer.Write(ctx, b, l.floods.bound())
	if err == nil {
		l.floods.committed(b, out.Dead)
		l.committed(b.Moves())
	}
	return out, err
}

// committed notes moves that the database has made, and tells the consumer.
func (l *Lane) committed(moves []ledger.Move) {
	for _, m := range moves {
		m.Tenure.SetWritten(m.Next)
	}
	l.Partitions.Committed(moves)
}

// Settle waits until the transaction that is under way, if any, has ended. It
// is called when partitions are revoked, after their tenures have ended: no
// later transaction holds their events.
func (l *Lane) Settle(ctx context.Context) {
	select {
	case l.writing <- struct{}{}:
		<-l.writing
	case <-ctx.Done():
	}
}
