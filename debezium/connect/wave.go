package connect

import (
	"context"
	"fmt"
	"time"
)

// release starts connectors so that at most Wave of them take their snapshot
// at a time: the next one begins when one has finished. It returns what
// failed.
func (a *Applier) release(ctx context.Context, changes []Change) []error {
	errs := make([]error, len(changes))
	forEach(ctx, a.Wave, len(changes), func(i int) { errs[i] = a.releaseOne(ctx, changes[i]) })
	var failures []error
	for _, err := range errs {
		if err != nil {
			failures = append(failures, err)
		}
	}
	return failures
}

func (a *Applier) releaseOne(ctx context.Context, change Change) error {
	name := change.Name
	timeout := a.SnapshotTimeout
	if timeout <= 0 {
		timeout = 30 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
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
