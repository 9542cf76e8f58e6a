package connect

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGuard(t *testing.T) {
	fake, client := startFake(t)
	const debezium = "io.debezium.connector.mysql.MySqlConnector"
	fake.put("prod.0001", map[string]string{"connector.class": debezium})
	fake.put("sink", map[string]string{"connector.class": "org.example.Sink"})
	fail := func(name string) {
		fake.mu.Lock()
		defer fake.mu.Unlock()
		fake.connectors[name].tasks = []State{StateFailed}
		fake.connectors[name].trace = "boom"
	}
	now := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	guard := Guard{Client: client, Tries: 3, FirstPause: time.Minute, LongestPause: 3 * time.Minute, Calm: 10 * time.Minute}
	check := func(after time.Duration) []Treatment {
		now = now.Add(after)
		done, err := guard.Check(t.Context(), now)
		require.NoError(t, err)
		return done
	}

	require.Empty(t, check(0), "nothing has failed")
	fail("prod.0001")
	fail("sink")
	require.Equal(t, []Treatment{{Name: "prod.0001", Try: 1, Reason: "boom"}}, check(0), "others' connectors are not ours to restart")
	require.Empty(t, check(0), "it runs")

	fail("prod.0001")
	require.Empty(t, check(59*time.Second), "too early")
	require.Equal(t, 2, check(time.Second)[0].Try)
	fail("prod.0001")
	require.Empty(t, check(119*time.Second), "the pause doubles")
	require.Equal(t, 3, check(time.Second)[0].Try)
	fail("prod.0001")
	require.Empty(t, check(179*time.Second), "up to the longest")
	gone := check(time.Second)
	require.True(t, gone[0].GaveUp)
	require.Equal(t, "prod.0001 keeps failing after 3 restarts: boom", gone[0].String())
	require.Empty(t, check(time.Hour), "said once")

	guard.Forget("prod.0001")
	require.Equal(t, 1, check(0)[0].Try, "what it failed of was mended")
	fail("prod.0001")
	require.Empty(t, check(59*time.Second))

	require.NoError(t, client.Restart(t.Context(), "prod.0001", true))
	require.Empty(t, check(10*time.Minute), "a person restarted it")
	require.Empty(t, check(10*time.Minute), "and it has been well for long")
	fail("prod.0001")
	require.Equal(t, 1, check(0)[0].Try, "and the count begins anew")

	require.Empty(t, check(0))
	require.Empty(t, check(10*time.Minute), "calm for long enough")
	fail("prod.0001")
	require.Equal(t, 1, check(0)[0].Try)

	require.NoError(t, client.Delete(t.Context(), "prod.0001"))
	require.Empty(t, check(time.Hour))
	require.Empty(t, guard.patients, "a deleted connector is forgotten")
}
