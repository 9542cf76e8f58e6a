package connect

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSnapshotForgetsEverything(t *testing.T) {
	fake, client := startFake(t)
	fake.put("prod.0001", map[string]string{})
	forgot := 0
	require.NoError(t, client.Snapshot(t.Context(), "prod.0001", func(context.Context) error {
		forgot++
		require.Equal(t, StateStopped, fake.connectors["prod.0001"].state, "the history must not be deleted under a running connector")
		require.JSONEq(t, `{"offsets":[]}`, fake.connectors["prod.0001"].offsets)
		return nil
	}))
	require.Equal(t, 1, forgot)
	require.Equal(t, StateRunning, fake.connectors["prod.0001"].state)

	err := client.Snapshot(t.Context(), "prod.0001", func(context.Context) error { return errors.New("no Kafka") })
	require.ErrorContains(t, err, "stays stopped")
	require.Equal(t, StateStopped, fake.connectors["prod.0001"].state)
}

// A connector that has failed is the one that most needs a new snapshot, and
// Connect calls it failed for a while after it was told to stop.
func TestSnapshotOfFailed(t *testing.T) {
	fake, client := startFake(t)
	c := fake.put("prod.0001", map[string]string{})
	c.tasks, c.trace, c.stale = []State{StateFailed}, "boom", 3
	require.NoError(t, client.Snapshot(t.Context(), "prod.0001", func(context.Context) error { return nil }))
	require.Zero(t, c.stale)
	require.Equal(t, StateRunning, c.state)

	synctest.Test(t, func(t *testing.T) { // one that never stops is told of
		client := New("http://connect", Options{HTTP: &http.Client{Transport: alwaysFailed{}}})
		begin := time.Now()
		var failed *FailedError
		require.ErrorAs(t, client.WaitStopped(t.Context(), "prod.0001"), &failed)
		require.GreaterOrEqual(t, time.Since(begin), stopPatience)
	})
}

// alwaysFailed answers every request with a connector whose task has failed.
type alwaysFailed struct{}

func (alwaysFailed) RoundTrip(*http.Request) (*http.Response, error) {
	body := `{"connector":{"state":"RUNNING"},"tasks":[{"id":0,"state":"FAILED","trace":"boom"}]}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
}

func TestRemove(t *testing.T) {
	fake, client := startFake(t)
	fake.put("prod.0001", map[string]string{})
	require.NoError(t, client.Remove(t.Context(), "prod.0001", nil))
	require.Empty(t, fake.connectors)
	require.NoError(t, client.Remove(t.Context(), "prod.0001", nil), "run again")

	fake.put("prod.0001", map[string]string{})
	forgot := false
	require.NoError(t, client.Remove(t.Context(), "prod.0001", func(context.Context) error { forgot = true; return nil }))
	require.True(t, forgot)
	require.Empty(t, fake.connectors)
	require.Contains(t, fake.writes(), "DELETE /connectors/prod.0001/offsets")

	inv := parse(t, fleetOfMany)
	require.ErrorContains(t, CheckRemoval(inv, "same"), "is still in stores.yaml:10")
	require.NoError(t, CheckRemoval(inv, "closed"))
	require.NoError(t, CheckRemoval(inv, "gone"))
}

func TestStatuses(t *testing.T) {
	fake, client := startFake(t)
	inv := parse(t, fleetOfMany)
	arrange(t, fake, inv)
	broken := fake.connectors["prod.drifted"]
	broken.tasks, broken.trace = []State{StateFailed}, "boom\nCaused by: no line"
	all, err := Statuses(t.Context(), client, inv, inv.Stores)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, WriteStatuses(&out, all))
	golden(t, "status.txt", out.String())
	out.Reset()
	require.NoError(t, WriteStatusesJSON(&out, all))
	golden(t, "status.json", out.String())
	require.Equal(t, 11, Unhealthy(all))
}

func TestStepText(t *testing.T) {
	require.Equal(t, "flowing   a, its snapshot took 1.2s", Step{Stage: StageFlowing, Name: "a", Took: 1234 * time.Millisecond}.String())
	require.Equal(t, "refused   a: no", Step{Stage: StageRefused, Name: "a", Err: errors.New("a: no")}.String())
	require.Equal(t, "created   a", Step{Stage: StageCreated, Name: "a"}.String())
}
