package sink

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/debezium/registry"
)

// schemaRegistry returns a client of the registry the settings name, nil if they
// name none.
func (c *Config) schemaRegistry(log *zap.Logger) (*registry.Client, error) {
	if len(c.RegistryURL) == 0 {
		return nil, nil
	}
	return registry.New(registry.Config{
		URLs: c.RegistryURL, User: c.RegistryUser, Password: c.RegistryPassword, Token: c.RegistryToken,
		CA: []byte(c.RegistryCA), IDBytes: c.RegistryIDBytes, IDKind: registry.IDKind(c.RegistryIDKind), Log: log,
	})
}

// asRegistry keeps a client that is not there from looking like one that is.
func asRegistry(client *registry.Client) debezium.Registry {
	if client == nil {
		return nil
	}
	return client
}

// checkRegistry looks at the registry's settings.
func (c *Config) checkRegistry() error {
	if len(c.RegistryURL) == 0 {
		if c.RegistryUser+c.RegistryPassword+c.RegistryToken+c.RegistryCA != "" {
			return &SettingError{Name: Prefix + "REGISTRY_URL", Err: errors.New("must be set where other settings of the registry are")}
		}
		return nil
	}
	if _, err := c.schemaRegistry(nil); err != nil {
		return &SettingError{Name: Prefix + "REGISTRY_URL", Err: err}
	}
	return nil
}

// registryMetrics are read from the client when they are asked for.
type registryMetrics struct {
	client                                   *registry.Client
	awaiting                                 func() int
	up, known, wanted, partitions, requested *prometheus.Desc
}

func newRegistryMetrics(client *registry.Client, awaiting func() int) *registryMetrics {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &registryMetrics{
		client: client, awaiting: awaiting,
		up:         describe("tributary_registry_up", "1 if the schema registry answered the last request, or was not asked yet; else 0."),
		known:      describe("tributary_registry_schemas", "Schemas of the registry this replica remembers."),
		wanted:     describe("tributary_registry_schemas_wanted", "Schemas the registry is being asked for."),
		partitions: describe("tributary_partitions_awaiting_schema", "Partitions that wait for the registry to tell a schema; all others flow."),
		requested:  describe("tributary_registry_requests_total", "Requests for schemas, by outcome (found, unreadable, unknown, refused, unreachable).", "outcome"),
	}
}

// Describe implements [prometheus.Collector].
func (m *registryMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.up, m.known, m.wanted, m.partitions, m.requested} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (m *registryMetrics) Collect(to chan<- prometheus.Metric) {
	state := m.client.State()
	up := 1.0
	if state.Trouble != nil {
		up = 0
	}
	for d, value := range map[*prometheus.Desc]float64{
		m.up: up, m.known: float64(state.Known), m.wanted: float64(state.Wanted), m.partitions: float64(m.awaiting()),
	} {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	for outcome, n := range state.Requests {
		to <- prometheus.MustNewConstMetric(m.requested, prometheus.CounterValue, float64(n), string(outcome))
	}
}

// registryTrouble says what the registry's absence holds up, nil if nothing.
func registryTrouble(client *registry.Client, awaiting int) error {
	state := client.State()
	if state.Trouble == nil || awaiting == 0 {
		return nil
	}
	return fmt.Errorf("%d partitions wait for the schema registry, which has not answered for %s (%w); all others flow",
		awaiting, time.Since(state.AwaySince).Round(time.Second), state.Trouble)
}
