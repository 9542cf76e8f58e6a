package connect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tributary/debezium/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestApply(t *testing.T) {
	fake, client := startFake(t)
	inv := parse(t, fleetOfMany)
	arrange(t, fake, inv)
	plan, _ := planText(t, client, inv)

	var steps []string
	applier := Applier{Client: client, Wave: 2, Report: func(s Step) {
		steps = append(steps, fmt.Sprintf("%s %s", s.Stage, s.Name))
	}}
	err := applier.Apply(t.Context(), plan)
	require.ErrorContains(t, err, "prod.taken: the connector by-hand already writes")
	require.ErrorContains(t, err, "prod.clash: the connector other-fleet reads the same server")
	require.Subset(t, steps, []string{
		"created prod.new", "updated prod.drifted", "updated prod.moved", "stopped prod.closing",
		"flowing prod.new", "flowing prod.unstarted",
	})
	require.Equal(t, StateRunning, fake.connectors["prod.new"].state)
	require.Equal(t, StateRunning, fake.connectors["prod.unstarted"].state)
	require.Equal(t, StateStopped, fake.connectors["prod.halted"].state, "what a person stopped stays stopped")
	require.Equal(t, StatePaused, fake.connectors["prod.paused"].state)
	require.Equal(t, "4096", fake.connectors["prod.drifted"].config["max.queue.size"])
	require.NotContains(t, fake.connectors["prod.drifted"].config, "transforms")
	require.NotNil(t, fake.connectors["prod.gone"], "nothing is ever deleted")

	// A second time there is nothing to do and nothing is written.
	again, _ := planText(t, client, inv)
	require.False(t, again.Pending())
	before := len(fake.writes())
	_ = applier.Apply(t.Context(), again)
	require.Len(t, fake.writes(), before)
}

func many(t *testing.T, n int) *fleet.Inventory {
	var text strings.Builder
	text.WriteString("environment: prod\ndefaults: {schemas: [shop], host: h, password: {env: P}}\nstores:\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&text, "  - {id: \"%04d\"}\n", i)
	}
	return parse(t, text.String())
}

func TestApplyReleasesInWaves(t *testing.T) {
	for _, wave := range []int{1, 3, 20} {
		fake, client := startFake(t)
		fake.looks = 3
		inv := many(t, 12)
		plan, _ := planText(t, client, inv)
		applier := Applier{Client: client, Wave: wave}
		require.NoError(t, applier.Apply(t.Context(), plan))
		require.LessOrEqual(t, fake.busy, wave)
		if wave == 3 {
			require.Equal(t, wave, fake.busy, "a wave is used in full")
		}
		for _, c := range fake.connectors {
			require.Equal(t, StateRunning, c.state)
		}
	}
}

func TestApplyGate(t *testing.T) {
	fake, client := startFake(t)
	plan, _ := planText(t, client, many(t, 3))
	applier := Applier{Client: client, Wave: 2, Gate: func(_ context.Context, s fleet.Store) error {
		if s.ID == "0002" {
			return errors.New("preflight: the binary log is off")
		}
		return nil
	}}
	err := applier.Apply(t.Context(), plan)
	require.EqualError(t, err, "prod.0002: preflight: the binary log is off")
	require.Len(t, fake.connectors, 2)
	require.NotContains(t, fake.connectors, "prod.0002")
}

// An apply that is cut short anywhere is finished by the next one.
func TestApplyResumesAfterInterruption(t *testing.T) {
	inv := many(t, 4)
	for cut := 1; cut <= 8; cut++ {
		fake, client := startFake(t)
		ctx, cancel := context.WithCancel(t.Context())
		writes := 0
		fake.refuse = func(r *http.Request) (int, string) {
			if r.Method != http.MethodGet {
				if writes++; writes == cut {
					cancel()
				}
			}
			return 0, ""
		}
		plan, _ := planText(t, client, inv)
		applier := Applier{Client: client, Wave: 2}
		_ = applier.Apply(ctx, plan)
		cancel()

		plan, _ = planText(t, client, inv)
		require.NoError(t, applier.Apply(t.Context(), plan), "cut after %d", cut)
		plan, _ = planText(t, client, inv)
		require.False(t, plan.Pending())
		for name, c := range fake.connectors {
			require.Equal(t, StateRunning, c.state, "%s, cut after %d", name, cut)
		}
		require.Len(t, fake.connectors, 4)
	}
}

func TestApplyGoesOnAfterAFailure(t *testing.T) {
	fake, client := startFake(t)
	fake.refuse = func(r *http.Request) (int, string) {
		if r.URL.Path == "/connectors/prod.0002/resume" {
			return 400, "no"
		}
		return 0, ""
	}
	plan, _ := planText(t, client, many(t, 3))
	applier := Applier{Client: client, Wave: 1}
	require.ErrorContains(t, applier.Apply(t.Context(), plan), "prod.0002")
	require.Equal(t, StateRunning, fake.connectors["prod.0003"].state)
}

func TestApplyGivesASnapshotItsTime(t *testing.T) {
	fake, client := startFake(t)
	fake.looks = 1 << 30
	plan, _ := planText(t, client, many(t, 1))
	applier := Applier{Client: client, Wave: 1, SnapshotTimeout: 20 * time.Millisecond}
	require.ErrorIs(t, applier.Apply(t.Context(), plan), context.DeadlineExceeded)
}

// A connector that was stopped with an empty position would fail at once, and
// for ever: the position goes before it is let go.
func TestApplyForgetsAnEmptyPosition(t *testing.T) {
	fake, client := startFake(t)
	inv := many(t, 1)
	applier := Applier{Client: client, Wave: 1}
	plan, _ := planText(t, client, inv)
	require.NoError(t, applier.Apply(t.Context(), plan))
	c := fake.connectors["prod.0001"]
	c.state, c.tasks, c.offsets = StateStopped, nil, `{"offsets":[{"partition":{"server":"prod.0001"},"offset":{}}]}`
	before := len(fake.writes())
	plan, text := planText(t, client, inv)
	require.True(t, plan.Pending(), text)
	require.NoError(t, applier.Apply(t.Context(), plan))
	require.Equal(t, []string{"DELETE /connectors/prod.0001/offsets", "PUT /connectors/prod.0001/resume"}, fake.writes()[before:])
}

// What an apply that was cut short has let go counts for the next one's wave.
func TestApplyCountsSnapshotsUnderWay(t *testing.T) {
	fake, client := startFake(t)
	inv := many(t, 6)
	plan, _ := planText(t, client, inv)
	fake.looks = 1 << 30
	applier := Applier{Client: client, Wave: 2, SnapshotTimeout: 20 * time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	applier.Report = func(s Step) {
		if s.Stage == StageReleased && fake.busyNow() == 2 {
			cancel()
		}
	}
	require.Error(t, applier.Apply(ctx, plan))
	require.Equal(t, 2, fake.busyNow())
	fake.mu.Lock()
	fake.looks, fake.busy = 3, 0
	for _, c := range fake.connectors {
		c.looks = min(c.looks, 30)
	}
	fake.mu.Unlock()
	plan, _ = planText(t, client, inv)
	applier.SnapshotTimeout, applier.Report = time.Minute, nil
	require.NoError(t, applier.Apply(t.Context(), plan))
	require.LessOrEqual(t, fake.busy, 2)
}

// One store whose snapshot takes hours does not keep a new one, nor the command.
func TestApplyLeavesALongSnapshotAlone(t *testing.T) {
	fake, client := startFake(t)
	plan, _ := planText(t, client, many(t, 1))
	fake.looks = 1 << 30
	applier := Applier{Client: client, Wave: 2, SnapshotTimeout: 20 * time.Millisecond}
	require.Error(t, applier.Apply(t.Context(), plan))
	fake.mu.Lock()
	fake.looks = 1
	fake.mu.Unlock()
	plan, _ = planText(t, client, many(t, 2))
	applier.SnapshotTimeout = time.Hour
	require.NoError(t, applier.Apply(t.Context(), plan))
	require.Equal(t, 1, fake.busyNow(), "the long one goes on")
}
