package connect

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
)

const fleetOfMany = `
environment: prod
kafka: {brokers: "kafka:9092"}
connect: {url: "http://connect:8083", heap: 1g, workers: 1}
defaults:
  schemas: [shop]
  host: "store-{id}"
  password: {env: STORE_PASSWORD}
stores:
  - {id: same}
  - {id: new}
  - {id: drifted}
  - {id: unstarted}
  - {id: halted}
  - {id: paused}
  - {id: closed, enabled: false}
  - {id: closing, enabled: false}
  - {id: moved}
  - {id: taken}
  - {id: clash, host: shared, server_id: 7}
  - {id: empty}
  - {id: stuck}
  - {id: failed}
`

// arrange puts the fleet's connectors into the fake as a year of operations
// might have left them.
func arrange(t *testing.T, fake *fakeConnect, inv *fleet.Inventory) {
	t.Helper()
	d := DefaultsOf(inv)
	for _, id := range []string{"same", "drifted", "unstarted", "halted", "paused", "closing", "moved", "empty", "stuck", "failed"} {
		store, ok := inv.Store(id)
		require.True(t, ok)
		fake.put(d.Name(id), Config(store, d))
	}
	state := func(id string, state State, offsets string) {
		c := fake.connectors[d.Name(id)]
		c.state = state
		c.settle()
		if offsets != "" {
			c.offsets = offsets
		}
	}
	state("unstarted", StateStopped, `{"offsets":[]}`)
	state("halted", StateStopped, "")
	state("empty", StateStopped, `{"offsets":[{"partition":{"server":"prod.empty"},"offset":{}}]}`)
	state("stuck", StateFailed, "")
	fake.connectors["prod.stuck"].trace = "org.apache.kafka.connect.errors.ConnectException: Source offset 'file' parameter is missing\n\tat x"
	state("failed", StateFailed, "")
	fake.connectors["prod.failed"].trace = "java.lang.IllegalStateException: something new"
	state("paused", StatePaused, "")
	drifted := fake.connectors["prod.drifted"].config
	drifted["max.queue.size"] = "8192"
	drifted["database.password"] = "hunter2"
	drifted["transforms"] = "mask"
	delete(drifted, "heartbeat.interval.ms")
	fake.connectors["prod.moved"].config["database.hostname"] = "old-server"
	fake.put("prod.gone", map[string]string{"connector.class": "io.debezium.connector.mysql.MySqlConnector", "topic.prefix": "prod.gone"})
	fake.put("prod.sink", map[string]string{"connector.class": "org.example.Sink"})
	fake.put("by-hand", map[string]string{"topic.prefix": "prod.taken"})
	fake.put("other-fleet", map[string]string{"topic.prefix": "test.1", "database.hostname": "SHARED", "database.port": "3306", "database.server.id": "7"})
}

func planText(t *testing.T, client *Client, inv *fleet.Inventory) (Plan, string) {
	t.Helper()
	plan, err := NewPlan(t.Context(), client, inv, inv.Stores)
	require.NoError(t, err)
	var out strings.Builder
	_, err = plan.WriteTo(&out)
	require.NoError(t, err)
	return plan, out.String()
}

func TestPlan(t *testing.T) {
	fake, client := startFake(t)
	inv := parse(t, fleetOfMany)
	arrange(t, fake, inv)
	plan, text := planText(t, client, inv)
	require.True(t, plan.Pending())
	require.NotContains(t, text, "hunter2")
	require.Empty(t, fake.writes(), "a plan only reads")
	golden(t, "plan.txt", text)
}

func TestPlanOfOneStoreReportsNoStrays(t *testing.T) {
	fake, client := startFake(t)
	inv := parse(t, fleetOfMany)
	arrange(t, fake, inv)
	stores, err := inv.Select([]string{"same"})
	require.NoError(t, err)
	plan, err := NewPlan(t.Context(), client, inv, stores)
	require.NoError(t, err)
	require.Empty(t, plan.Changes)
	require.Equal(t, 1, plan.Unchanged)
	require.False(t, plan.Pending())
}

// A change of format is said to be one for all readers of the topics.
func TestPlanOfAnotherFormat(t *testing.T) {
	_, client := startFake(t)
	inv := parse(t, twoStores)
	for i := range inv.Stores {
		was := inv.Stores[i]
		was.Format = fleet.JSON
		require.NoError(t, client.Put(t.Context(), DefaultsOf(inv).Name(was.ID), Config(was, DefaultsOf(inv))))
	}
	plan, err := NewPlan(t.Context(), client, inv, inv.Stores)
	require.NoError(t, err)
	require.Len(t, plan.Changes, 1)
	require.Contains(t, plan.Changes[0].Reason, "TRIBUTARY_REGISTRY_URL")
}

func TestMask(t *testing.T) {
	f := func(property, value, want string) {
		t.Helper()
		require.Equal(t, want, Mask(property, value))
	}
	f("database.password", "hunter2", "****")
	f("database.password", "${file:/a:b}", "${file:/a:b}")
	f("database.password", "${file:/a:b}x", "****")
	f("database.password", "", "")
	f("database.ssl.truststore.password", "x", "****")
	f("schema.history.internal.producer.sasl.jaas.config", "x", "****")
	f("value.converter.apicurio.auth.client.secret", "x", "****")
	f("value.converter.schema.registry.url", "http://u:pw@host/x", "http://u:****@host/x")
	f("database.hostname", "db", "db")
}

func TestAdvice(t *testing.T) {
	of := func(stores, heap, workers int) Advice {
		inv := &fleet.Inventory{Environment: "prod", Topics: fleet.Topics{TopicPolicy: fleet.TopicPolicy{MaxMessageBytes: 4 << 20}}}
		for range stores {
			inv.Stores = append(inv.Stores, fleet.Store{ID: "x"})
		}
		inv.Connect = fleet.Connect{HeapMB: heap, Workers: workers}
		return Advise(inv, nil)
	}
	two := of(200, 3072, 1)
	require.Equal(t, 2000, two.LiveMB)
	require.Equal(t, 4400, two.PeakMB)
	require.Equal(t, 4, two.Workers)
	require.Contains(t, two.Note, "add a worker")
	require.Contains(t, of(200, 1024, 1).Note, "too little even for an idle fleet")
	require.Contains(t, of(200, 2048, 4).Note, "is enough")
	require.Contains(t, of(200, 32768, 1).Note, "one failing worker")
	require.Contains(t, of(5, 0, 0).Note, "write connect:")
	require.Empty(t, of(0, 0, 0).String())
	for n := 1; n < 500; n += 7 {
		a := of(n, 0, 0)
		require.Contains(t, of(n, a.HeapMB, a.Workers).Note, "is enough", "following the advice must satisfy it: %d", n)
	}
}
