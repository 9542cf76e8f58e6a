package consumer

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics of the consumer group's members in this process.
type Metrics struct {
	assigned    prometheus.Gauge
	paused      prometheus.Gauge
	rebalances  *prometheus.CounterVec
	restarts    *prometheus.CounterVec
	starts      *prometheus.CounterVec
	renewed     prometheus.Counter
	kafkaErrors prometheus.Counter
}

// NewMetrics registers the consumer's metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	f := promauto.With(r)
	return &Metrics{
		assigned: f.NewGauge(prometheus.GaugeOpts{
			Name: "tributary_assigned_partitions", Help: "Partitions this replica holds.",
		}),
		paused: f.NewGauge(prometheus.GaugeOpts{
			Name: "tributary_paused_lanes", Help: "Lanes whose partitions are paused since they hold their share of the memory budget.",
		}),
		rebalances: f.NewCounterVec(prometheus.CounterOpts{
			Name: "tributary_rebalances_total", Help: "Rebalance callbacks, by kind (assigned, revoked).",
		}, []string{"kind"}),
		restarts: f.NewCounterVec(prometheus.CounterOpts{
			Name: "tributary_partition_restarts_total", Help: "Partitions read again from the ledger, by reason.",
		}, []string{"reason"}),
		starts: f.NewCounterVec(prometheus.CounterOpts{
			Name: "tributary_partition_starts_total", Help: "Partitions started, by what the ledger said.",
		}, []string{"reason"}),
		renewed: f.NewCounter(prometheus.CounterOpts{
			Name: "tributary_kafka_clients_renewed_total", Help: "Kafka clients made anew since they did not deliver what Kafka had.",
		}),
		kafkaErrors: f.NewCounter(prometheus.CounterOpts{
			Name: "tributary_kafka_errors_total", Help: "Errors reported by the Kafka client; it keeps trying by itself.",
		}),
	}
}
