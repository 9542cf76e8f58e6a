package connect

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tributary/debezium/fleet"
)

// Stage is a step of applying a plan to one connector.
type Stage string

// The stages, as they are reported. Failed and Refused end a connector's way.
const (
	StageCreated  Stage = "created"
	StageUpdated  Stage = "updated"
	StageHalted   Stage = "stopped"
	StageReleased Stage = "released"
	StageFlowing  Stage = "flowing"
	StageRefused  Stage = "refused"
	StageFailed   Stage = "failed"
)

// Step reports a stage that one connector has reached.
type Step struct {
	Stage Stage
	Name  string
	Err   error
	// Took is how long the stage took; for StageFlowing the snapshot.
	Took time.Duration
}

// Applier carries out plans.
type Applier struct {
	Client *Client
	// Gate decides whether a store may get a connector or have one
	// released: its preflight. Nil lets all pass.
	Gate func(ctx context.Context, store fleet.Store) error
	// Wave is how many connectors take their snapshot at the same time.
	Wave int
	// SnapshotTimeout limits one store's snapshot; then the next one gets
	// its turn and this one goes on by itself. Default 30 min.
	SnapshotTimeout time.Duration
	// Report is told of every step. It is not called concurrently. Nil
	// reports nothing.
	Report func(Step)

	mu sync.Mutex
}

// Apply carries out a plan. What fails for one store does not keep the others:
// the error joins what failed. It may be run again at any time, also after it
// was cut short, and then does what is left. Nothing is ever deleted.
func (a *Applier) Apply(ctx context.Context, plan Plan) error {
	defaults := DefaultsOf(plan.inventory)
	var failures []error
	for _, change := range plan.Changes {
		if change.Action == ActionRefuse {
			failures = append(failures, fmt.Errorf("%s: %s", change.Name, change.Reason))
		}
	}
	allowed, refused := a.gate(ctx, plan.Changes)
	failures = append(failures, refused...)
	var release []Change
	for _, change := range allowed {
		if ctx.Err() != nil {
			break
		}
		if err := a.write(ctx, change, defaults); err != nil {
			failures = append(failures, err)
			continue
		}
		if change.Release {
			release = append(release, change)
		}
	}
	failures = append(failures, a.release(ctx, plan.running, release)...)
	if ctx.Err() != nil {
		failures = append(failures, fmt.Errorf("stopped before the end, run it again: %w", context.Cause(ctx)))
	}
	return errors.Join(failures...)
}

// gate asks for every store that would begin to flow, several at a time, and
// returns the changes to carry out.
func (a *Applier) gate(ctx context.Context, changes []Change) (allowed []Change, refused []error) {
	verdicts := make([]error, len(changes))
	if a.Gate != nil {
		forEach(ctx, 8, len(changes), func(i int) {
			if changes[i].Release {
				verdicts[i] = a.Gate(ctx, changes[i].Store)
			}
		})
	}
	for i, change := range changes {
		if err := verdicts[i]; err != nil {
			err = fmt.Errorf("%s: %w", change.Name, err)
			a.report(Step{Stage: StageRefused, Name: change.Name, Err: err})
			refused = append(refused, err)
			continue
		}
		allowed = append(allowed, change)
	}
	return allowed, refused
}

// write brings one connector's configuration and its being stopped about.
func (a *Applier) write(ctx context.Context, change Change, d Defaults) error {
	begin := time.Now()
	stage, err := Stage(""), error(nil)
	switch change.Action {
	case ActionCreate:
		stage = StageCreated
		err = a.Client.Create(ctx, change.Name, Config(change.Store, d), Stopped)
		if errors.Is(err, ErrExists) {
			err = fmt.Errorf("somebody else has created it meanwhile; look at the plan again: %w", err)
		}
	case ActionUpdate, ActionStop:
		if len(change.Differences) > 0 {
			stage = StageUpdated
			err = a.Client.Put(ctx, change.Name, Config(change.Store, d))
		}
		if change.Action == ActionStop && err == nil {
			stage = StageHalted
			err = a.Client.Stop(ctx, change.Name)
		}
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", change.Name, err)
		a.report(Step{Stage: StageFailed, Name: change.Name, Err: err})
		return err
	}
	if stage != "" {
		a.report(Step{Stage: stage, Name: change.Name, Took: time.Since(begin)})
	}
	return nil
}

func (a *Applier) report(step Step) {
	if a.Report == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Report(step)
}

// forEach calls f for 0 to n-1 from at most limit goroutines and waits for all
// of them. It starts no more once ctx has ended.
func forEach(ctx context.Context, limit, n int, f func(int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(limit, 1))
	for i := range n {
		select {
		case <-ctx.Done():
		case slots <- struct{}{}:
		}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	wg.Wait()
}
