package connect

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// refuseTimes answers the first n requests with the status.
func refuseTimes(n, status int, message string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) {
		if n--; n >= 0 {
			return status, message
		}
		return 0, ""
	}
}

func TestClientRepeatsWhatPasses(t *testing.T) {
	const rebalance = "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)"
	for _, test := range []struct {
		name    string
		status  int
		message string
		times   int
		want    error
	}{
		{"rebalance", 409, rebalance, 10, nil},
		{"time-out of Connect", 500, "Request timed out", 3, nil},
		{"missing plugin", 500, "Failed to find any class that implements Connector", 99, new(Error)},
		{"bad gateway", 502, "", 3, nil},
		{"starting", 503, "", 3, nil},
		{"invalid", 400, "Connector configuration is invalid and contains the following 1 error(s):\nUnable to connect\nYou can also find the above list of errors at the endpoint `/x`", 1, ErrInvalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake, client := startFake(t)
			retries := 0
			client.options.OnRetry = func(error, time.Duration) { retries++ }
			fake.refuse = refuseTimes(test.times, test.status, test.message)
			err := client.Put(t.Context(), "prod.0001", map[string]string{"a": "1"})
			if test.want == nil {
				require.NoError(t, err)
				require.Equal(t, test.times, retries)
				return
			}
			var refused *Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, test.status, refused.Status)
			require.NotContains(t, refused.Message, "endpoint")
			if test.status == 400 {
				require.ErrorIs(t, err, test.want)
				require.Zero(t, retries, "what is wrong stays wrong")
			}
		})
	}
}

func TestClientGivesUp(t *testing.T) {
	fake, client := startFake(t)
	client.options.Patience = 20 * time.Millisecond
	fake.refuse = refuseTimes(1e6, 409, "rebalance")
	err := client.Put(t.Context(), "prod.0001", map[string]string{})
	require.ErrorContains(t, err, "rebalance")
	require.ErrorContains(t, err, "gave up after")
}

func TestClientRepeatsASlowAnswer(t *testing.T) {
	var tries int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries == 1 {
			<-r.Context().Done() // until the client hangs up
			return
		}
		answer(w, 200, map[string]any{"version": "4.3.0"})
	}))
	defer server.Close()
	client := New(server.URL, Options{Timeout: 50 * time.Millisecond, FirstPause: time.Millisecond})
	version, err := client.Version(t.Context())
	require.NoError(t, err)
	require.Equal(t, "4.3.0", version)
}

func TestClientTurnsToAnotherWorker(t *testing.T) {
	_, alive := startFake(t)
	dead := httptest.NewServer(nil)
	dead.Close()
	client := New(dead.URL+","+alive.workers[0], Options{FirstPause: time.Millisecond})
	_, err := client.Fleet(t.Context())
	require.NoError(t, err)
}

func TestClientStopsWithItsCaller(t *testing.T) {
	dead := httptest.NewServer(nil)
	dead.Close()
	ctx, cancel := context.WithCancel(t.Context())
	client := New(dead.URL, Options{OnRetry: func(error, time.Duration) { cancel() }, FirstPause: time.Hour, LongestPause: time.Hour})
	_, err := client.Fleet(ctx)
	require.ErrorContains(t, err, "does not answer")
}

// A create whose answer was lost must not be reported as a conflict with
// itself; one that meets a different connector must.
func TestCreateAfterALostAnswer(t *testing.T) {
	for _, test := range []struct {
		name     string
		existing map[string]string
		want     error
	}{
		{"ours", map[string]string{"a": "1"}, nil},
		{"another", map[string]string{"a": "2"}, ErrExists},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake, client := startFake(t)
			first := true
			fake.refuse = func(*http.Request) (int, string) {
				if first {
					first = false
					fake.put("prod.0001", test.existing)
					return 500, "Request timed out"
				}
				return 0, ""
			}
			err := client.Create(t.Context(), "prod.0001", map[string]string{"a": "1"}, Stopped)
			require.ErrorIs(t, err, test.want)
		})
	}
	t.Run("without a lost answer", func(t *testing.T) {
		fake, client := startFake(t)
		fake.put("prod.0001", map[string]string{"a": "1"})
		require.ErrorIs(t, client.Create(t.Context(), "prod.0001", map[string]string{"a": "1"}, Stopped), ErrExists)
	})
}

func TestFleetFoldsStates(t *testing.T) {
	for _, test := range []struct {
		name      string
		connector State
		tasks     []State
		want      State
	}{
		{"healthy", StateRunning, []State{StateRunning}, StateRunning},
		{"failed task", StateRunning, []State{StateFailed}, StateFailed},
		{"no task", StateRunning, nil, StateUnassigned},
		{"task not placed", StateRunning, []State{StateUnassigned}, StateUnassigned},
		{"one of two", StateRunning, []State{StateRunning, StateFailed}, StateFailed},
		{"restarting", StateRunning, []State{StateRestarting}, StateRestarting},
		{"failed connector", StateFailed, nil, StateFailed},
		{"stopped", StateStopped, nil, StateStopped},
		{"paused", StatePaused, []State{StatePaused}, StatePaused},
		{"no status yet", "", nil, StateUnassigned},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake, client := startFake(t)
			fake.put("prod.0001", map[string]string{"a": "1"})
			fake.connectors["prod.0001"].state = test.connector
			fake.connectors["prod.0001"].tasks = test.tasks
			fake.connectors["prod.0001"].trace = "org.apache.X: boom\n\tat y\nCaused by: java.io.EOFException: gone\n\tat z"
			all, err := client.Fleet(t.Context())
			require.NoError(t, err)
			got := all["prod.0001"]
			require.Equal(t, test.want, got.State)
			require.Equal(t, "1", got.Config["a"])
			if test.want == StateFailed && len(test.tasks) > 0 {
				require.Equal(t, "org.apache.X: boom / java.io.EOFException: gone", got.Reason())
			}
		})
	}
}

func TestWaitRunningReportsTheFailure(t *testing.T) {
	fake, client := startFake(t)
	fake.put("prod.0001", map[string]string{})
	fake.connectors["prod.0001"].tasks = []State{StateFailed}
	fake.connectors["prod.0001"].trace = "boom"
	var failed *FailedError
	require.ErrorAs(t, client.WaitRunning(t.Context(), "prod.0001"), &failed)
	require.Equal(t, "boom", failed.Reason)
}

func TestOffsets(t *testing.T) {
	for _, test := range []struct {
		offset   string
		snapshot bool
	}{
		{`{"file":"b.1","pos":7}`, false},
		{`{"file":"b.1","pos":7,"snapshot":true}`, true},
		{`{"file":"b.1","pos":7,"snapshot":"INITIAL","snapshot_completed":false}`, true},
		{`{"file":"b.1","pos":7,"snapshot":"INITIAL","snapshot_completed":true}`, false},
		{`{"file":"b.1","pos":7,"snapshot":"INITIAL"}`, true},
		{`{"file":"b.1","pos":7,"snapshot":"INCREMENTAL"}`, false},
	} {
		fake, client := startFake(t)
		fake.put("prod.0001", map[string]string{})
		fake.connectors["prod.0001"].offsets = `{"offsets":[{"partition":{"server":"prod.0001"},"offset":` + test.offset + `}]}`
		offsets, err := client.Offsets(t.Context(), "prod.0001")
		require.NoError(t, err)
		require.Equal(t, []Offset{{Prefix: "prod.0001", File: "b.1", Position: 7, Snapshot: test.snapshot}}, offsets, test.offset)
	}
	fake, client := startFake(t)
	fake.put("prod.0001", map[string]string{})
	fake.connectors["prod.0001"].offsets = `{"offsets":[{"partition":{"server":"prod.0001"},"offset":{}}]}`
	offsets, err := client.Offsets(t.Context(), "prod.0001")
	require.NoError(t, err)
	require.Equal(t, []Offset{{Prefix: "prod.0001", Snapshot: true}}, offsets, "only definitions are written yet")
}

// The offsets of a snapshot as they follow one another on Debezium 3.6: none,
// an empty one, one with the mark, one without.
func TestWaitSnapshotIsNotHasty(t *testing.T) {
	fake, client := startFake(t)
	fake.put("prod.0001", map[string]string{})
	wrap := func(offset string) string {
		return `{"offsets":[{"partition":{"server":"prod.0001"},"offset":` + offset + `}]}`
	}
	answers := []string{`{"offsets":[]}`, wrap(`{}`), wrap(`{"file":"b.1","pos":7,"snapshot":"INITIAL"}`), wrap(`{"file":"b.1","pos":7}`)}
	reads := 0
	fake.refuse = func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, "/offsets") {
			fake.connectors["prod.0001"].offsets = answers[min(reads, len(answers)-1)]
			reads++
		}
		return 0, ""
	}
	require.NoError(t, client.WaitSnapshot(t.Context(), "prod.0001"))
	require.Equal(t, len(answers), reads)
}

func TestDeleteOffsetsNeedsAStoppedConnector(t *testing.T) {
	fake, client := startFake(t)
	fake.put("prod.0001", map[string]string{})
	require.ErrorIs(t, client.DeleteOffsets(t.Context(), "prod.0001"), ErrNotStopped)
	require.NoError(t, client.Stop(t.Context(), "prod.0001"))
	require.NoError(t, client.WaitStopped(t.Context(), "prod.0001"))
	require.NoError(t, client.DeleteOffsets(t.Context(), "prod.0001"))
}

func TestDeleteWhatIsGone(t *testing.T) {
	_, client := startFake(t)
	require.NoError(t, client.Delete(t.Context(), "prod.0001"))
}
