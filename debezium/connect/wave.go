package connect

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// release starts connectors so that at most Wave of them take their snapshot
// at a time: the next one begins when one has finished. Those that an earlier
// apply has let go and that are still at it are of the first wave. It returns
// what failed.
func (a *Applier) release(ctx context.Context, running []string, changes []Change) []error {
	if len(changes) == 0 {
		return nil
	}
	busy := a.underway(ctx, running)
	errs := make([]error, len(changes))
	// They only take a place: nobody waits for them when all others are done.
	occupied, leave := context.WithCancel(ctx)
	defer leave()
	var left atomic.Int64
	left.Store(int64(len(changes)))
	forEach(ctx, a.Wave, len(busy)+len(changes), func(i int) {
		if i < len(busy) {
			a.awaitOne(occupied, busy[i])
			return
		}
		errs[i-len(busy)] = a.releaseOne(ctx, changes[i-len(busy)])
		if left.Add(-1) == 0 {
			leave()
		}
	})
	var failures []error
	for _, err := range errs {
		if err != nil {
			failures = append(failures, err)
		}
	}
	return failures
}

// underway returns which connectors take their first snapshot. One whose
// position cannot be read is taken for done: it must not hold up the others.
func (a *Applier) underway(ctx context.Context, running []string) []string {
	is := make([]bool, len(running))
	forEach(ctx, 8, len(running), func(i int) {
		offsets, err := a.Client.Offsets(ctx, running[i])
		is[i] = err == nil && (len(offsets) == 0 || offsets[0].Snapshot)
	})
	var names []string
	for i, name := range running {
		if is[i] {
			names = append(names, name)
		}
	}
	return names
}

// awaitOne waits for a snapshot that is under way already. What becomes of it
// shows at the next plan; here it only takes its place.
func (a *Applier) awaitOne(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, a.snapshotTimeout())
	defer cancel()
	begin := time.Now()
	if a.Client.WaitSnapshot(ctx, name) == nil {
		a.report(Step{Stage: StageFlowing, Name: name, Took: time.Since(begin)})
	}
}

func (a *Applier) snapshotTimeout() time.Duration {
	if a.SnapshotTimeout > 0 {
		return a.SnapshotTimeout
	}
	return 30 * time.Minute
}

func (a *Applier) releaseOne(ctx context.Context, change Change) error {
	name := change.Name
	ctx, cancel := context.WithTimeout(ctx, a.snapshotTimeout())
	defer cancel()
	begin := time.Now()
	err := error(nil)
	if change.Forget {
		err = a.Client.DeleteOffsets(ctx, name)
	}
	if err == nil {
		err = a.Client.Resume(ctx, name)
	}
	if err == nil {
		a.report(Step{Stage: StageReleased, Name: name, Took: time.Since(begin)})
		err = a.Client.WaitSnapshot(ctx, name)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
		a.report(Step{Stage: StageFailed, Name: name, Err: err})
		return err
	}
	a.report(Step{Stage: StageFlowing, Name: name, Took: time.Since(begin)})
	return nil
}
