package lane

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is the pause between attempts: it doubles up to a cap, with full
// jitter, so that lanes and replicas which failed together do not come back
// together.
type backoff struct {
	base, cap time.Duration
	attempt   int
}

// next returns the next pause.
func (b *backoff) next() time.Duration {
	ceiling := min(b.base<<min(b.attempt, 20), b.cap)
	b.attempt++
	return ceiling/2 + rand.N(ceiling/2+1)
}

// wait pauses; it returns early when the context ends.
func (b *backoff) wait(ctx context.Context) error {
	timer := time.NewTimer(b.next())
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
