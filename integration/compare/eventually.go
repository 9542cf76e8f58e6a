package compare

import (
	"context"
	"fmt"
	"time"
)

// Pauses between two attempts. Each is longer than the one before, and never
// shorter than the attempt took, so that the comparison takes half of the
// machine at most while the copy still catches up.
const (
	firstPause  = 100 * time.Millisecond
	longestStep = 3 * time.Second
)

// Eventually compares until all is equal or the context's deadline comes, and
// returns the last complete report. The stores must be at rest. It returns an
// error only when no comparison could be completed: servers that come back in
// time do no harm.
func Eventually(ctx context.Context, central Central, stores []Store, o Options) (*Report, error) {
	var last *Report
	var lastErr error
	for pause := firstPause; ; pause = min(pause*3/2, longestStep) {
		began := time.Now()
		report, err := Stores(ctx, central, stores, o)
		switch {
		case err == nil && report.Equal():
			return report, nil
		case err == nil:
			last = report
			if o.Progress != nil {
				o.Progress(report)
			}
		case ctx.Err() == nil || lastErr == nil:
			lastErr = err
		}
		if !sleep(ctx, max(pause, time.Since(began))) {
			break
		}
	}
	if last == nil {
		return nil, fmt.Errorf("comparing until the deadline: %w", lastErr)
	}
	return last, nil
}

// sleep returns false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
