package lane

import (
	"context"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"

	"tributary/sink/batch"
	"tributary/sink/writer"
)

// lockedPause is how long a partition waits whose rows somebody else has
// locked; a random part of the same length is added.
const lockedPause = 3 * time.Second

// isolate writes a batch that met a locked row partition by partition, so that
// only the store with the locked row waits. That store's partition is read
// again later, from where the ledger stands: meanwhile the lane goes on and
// holds no memory for it. Partitions that fail in another way stay in the
// batch.
func (l *Lane) isolate(ctx, grace context.Context, b *batch.Batch) {
	for _, part := range b.Split() {
		if ctx.Err() != nil {
			return
		}
		t := part.Moves()[0].Tenure
		if t.Ended() {
			b.Drop(t)
			continue
		}
		out, err := l.attempt(grace, part)
		switch {
		case err == nil:
			l.meters.committed(part, out)
			b.Drop(t)
		case writer.Classify(err) == writer.Locked:
			l.log.Warn("a row is locked in the central database; this store waits, the others go on",
				zap.String("topic", t.Topic), zap.Uint16("mysql_error", number(err)))
			b.Drop(t)
			l.restart(t, lockedPause+rand.N(lockedPause), "row_locked")
		case writer.Classify(err) == writer.Flooded:
			l.quarantine(ctx, b, err)
		}
	}
}
