package consumer

import (
	"github.com/prometheus/client_golang/prometheus"

	"tributary/debezium/registry"
)

// registryMetrics are read from the client when they are asked for.
type registryMetrics struct {
	client                                   *registry.Client
	awaiting                                 func() int
	up, known, wanted, partitions, requested *prometheus.Desc
}

// NewRegistryMetrics returns the metrics of a schema registry and of the partitions
// that wait for it.
func NewRegistryMetrics(client *registry.Client, awaiting func() int) prometheus.Collector {
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
