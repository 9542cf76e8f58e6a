package topics

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
)

// fakeKafka is a cluster in memory.
type fakeKafka struct {
	topics map[string]Actual
	writes int
	// blind is how many more listings leave out what was created.
	blind  int
	hidden map[string]bool
	refuse map[string]error
}

func (f *fakeKafka) Topics(context.Context) (map[string]Actual, error) {
	all := map[string]Actual{}
	if f.blind > 0 {
		f.blind--
	} else {
		f.hidden = nil
	}
	for name, topic := range f.topics {
		if f.hidden[name] {
			continue
		}
		topic.Config = nil // the real one does not tell them here either
		all[name] = topic
	}
	return all, nil
}

func (f *fakeKafka) Configs(_ context.Context, names []string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for _, name := range names {
		all[name] = maps.Clone(f.topics[name].Config)
	}
	return all, nil
}

func (f *fakeKafka) Create(_ context.Context, specs []Spec) (map[string]error, error) {
	failed := map[string]error{}
	for _, s := range specs {
		f.writes++
		if err := f.refuse[s.Name]; err != nil {
			failed[s.Name] = err
			continue
		}
		if f.blind > 0 {
			if f.hidden == nil {
				f.hidden = map[string]bool{}
			}
			f.hidden[s.Name] = true
		}
		f.topics[s.Name] = Actual{s.Partitions, s.Replication, maps.Clone(s.Config)}
	}
	return failed, nil
}

func (f *fakeKafka) Alter(_ context.Context, changes map[string]map[string]string) (map[string]error, error) {
	for name, settings := range changes {
		f.writes++
		maps.Copy(f.topics[name].Config, settings)
	}
	return nil, nil
}

const inventory = `
environment: prod
topics:
  replication: 3
  tables:
    - {table: shop.sales, partitions: 3, retention: forever}
defaults: {schemas: [shop], host: h, password: {env: P}}
stores:
  - {id: "0001", tables: [sales, "sto ck"]}
  - {id: "0002"}
  - {id: "0003", enabled: false, tables: [sales]}
  - {id: "0004", tables: [sales, "stock_*"], heartbeat_table: ops.beat}
`

func load(t *testing.T) *fleet.Inventory {
	t.Helper()
	inv, err := fleet.Parse("stores.yaml", []byte(strings.Replace(inventory, `"sto ck"`, `"sto#ck"`, 1)))
	require.NoError(t, err)
	return inv
}

func plan(t *testing.T, kafka *fakeKafka, inv *fleet.Inventory) (Plan, string) {
	t.Helper()
	desired, err := Want(inv, inv.Stores, nil)
	require.NoError(t, err)
	p, err := NewPlan(t.Context(), kafka, inv, desired, true)
	require.NoError(t, err)
	var out strings.Builder
	_, err = p.WriteTo(&out)
	require.NoError(t, err)
	return p, out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestPlan(t *testing.T) {
	kafka := &fakeKafka{topics: map[string]Actual{}}
	inv := load(t)
	first, text := plan(t, kafka, inv)
	golden(t, "empty.txt", text)
	require.NoError(t, first.Apply(t.Context(), kafka))

	again, text := plan(t, kafka, inv)
	require.False(t, again.Pending(), text)
	writes := kafka.writes
	require.NoError(t, again.Apply(t.Context(), kafka))
	require.Equal(t, writes, kafka.writes, "a second time nothing is written")

	// A year later.
	kafka.topics["prod.0001.shop.sales"] = Actual{1, 2, map[string]string{
		"retention.ms": "3600000", "cleanup.policy": "delete", "compression.type": "producer", "max.message.bytes": "4194304", "segment.bytes": "7",
	}}
	history := kafka.topics["__schema-history.prod.0001"]
	history.Config["retention.ms"] = "604800000"
	history.Partitions = 4
	kafka.topics["__schema-history.prod.0001"] = history
	clone := func(name string) { kafka.topics[name] = Actual{1, 3, maps.Clone(kafka.topics["prod.0001"].Config)} }
	clone("prod.0002.shop.anything")    // of a store with all tables
	clone("prod.0002.other.anything")   // but not in its schemas
	clone("prod.0004.shop.stock_bin")   // fits a pattern
	clone("prod.0001.shop.log")         // not captured
	clone("prod.0099.shop.sales")       // a store of the past
	clone("prod.0003.shop.sales")       // a disabled store keeps its topics
	clone("prod.not-a-topic.of-tables") // three parts
	clone("prod.0001.transaction")
	clone("__debezium-heartbeat.prod.0001")
	clone("test.0001.shop.sales") // another environment
	clone("__schema-history.prod.0099")
	kafka.topics["prod.0002.shop.anything"].Config["cleanup.policy"] = "compact"
	changes := kafka.topics["prod.0002"] // nothing can be done about it from here
	changes.Replication = 2
	kafka.topics["prod.0002"] = changes
	later, text := plan(t, kafka, inv)
	golden(t, "later.txt", text)
	require.NoError(t, later.Apply(t.Context(), kafka))
	require.Equal(t, "-1", kafka.topics["__schema-history.prod.0001"].Config["retention.ms"])
	require.Equal(t, "7", kafka.topics["prod.0001.shop.sales"].Config["segment.bytes"], "other settings are the operator's")
	require.Equal(t, 1, kafka.topics["prod.0001.shop.sales"].Partitions, "partitions are never added")
	rest, _ := plan(t, kafka, inv)
	require.False(t, rest.Pending())
}

// TestApplyWaitsForTheBrokers has a second plan find nothing right after apply,
// though the brokers learn of new topics later than the controller.
func TestApplyWaitsForTheBrokers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kafka := &fakeKafka{topics: map[string]Actual{}}
		first, _ := plan(t, kafka, load(t))
		kafka.blind = 3
		require.NoError(t, first.Apply(t.Context(), kafka))
		require.Zero(t, kafka.blind)
		again, text := plan(t, kafka, load(t))
		require.False(t, again.Pending(), text)

		kafka = &fakeKafka{topics: map[string]Actual{}, blind: 1 << 30}
		first, _ = plan(t, kafka, load(t))
		require.ErrorContains(t, first.Apply(t.Context(), kafka), "topics created are not to be seen yet")
	})
}

func TestApplyReportsEachTopic(t *testing.T) {
	kafka := &fakeKafka{topics: map[string]Actual{}, refuse: map[string]error{"prod.0001": errors.New("no room")}}
	p, _ := plan(t, kafka, load(t))
	require.EqualError(t, p.Apply(t.Context(), kafka), "prod.0001: no room")
	require.Contains(t, kafka.topics, "prod.0001.shop.sales")
}

func TestWantAsksTheStores(t *testing.T) {
	inv := load(t)
	desired, err := Want(inv, inv.Stores, func(s fleet.Store) ([]string, error) {
		return []string{"shop." + s.ID}, nil
	})
	require.NoError(t, err)
	require.Empty(t, desired.Open)
	var names []string
	for _, spec := range desired.Specs {
		names = append(names, spec.Name)
	}
	require.Contains(t, names, "prod.0002.shop.0002")
	require.NotContains(t, names, "prod.0001.shop.0001", "a store that names its tables is not asked")

	_, err = Want(inv, inv.Stores, func(fleet.Store) ([]string, error) { return nil, errors.New("no line") })
	require.ErrorContains(t, err, "asking store 0002 for its tables: no line")
}

func TestWantRefusesNames(t *testing.T) {
	inv := load(t)
	inv.Stores = inv.Stores[:1]
	inv.Stores[0].Tables = []string{"a#b", "a_b", strings.Repeat("x", 240)}
	desired, err := Want(inv, inv.Stores, nil)
	require.NoError(t, err)
	require.Len(t, desired.Refused, 2)
	require.Contains(t, desired.Refused[0], "two tables of the store have this topic")
	require.Contains(t, desired.Refused[1], "Kafka takes 249")
}
