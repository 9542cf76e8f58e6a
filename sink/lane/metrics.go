package lane

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"tributary/sink/batch"
	"tributary/sink/writer"
)

// Metrics of all lanes. Series are by central table; a replica has as many as
// there are tables, not topics.
type Metrics struct {
	rows, events, bytes, dead *prometheus.CounterVec
	batches                   *prometheus.CounterVec
	retries                   *prometheus.CounterVec
	held                      *prometheus.CounterVec
	doubtful                  *prometheus.CounterVec
	batchRows                 *prometheus.HistogramVec
	commitSeconds             *prometheus.HistogramVec
	waitSeconds               *prometheus.HistogramVec
	latency                   *prometheus.HistogramVec
	queued                    *prometheus.GaugeVec
	lastCommit                *prometheus.GaugeVec
	busy                      *prometheus.CounterVec
}

// NewMetrics registers the lanes' metrics.
func NewMetrics(r prometheus.Registerer) *Metrics {
	f := promauto.With(r)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append([]string{"table"}, labels...))
	}
	histogram := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		return f.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, []string{"table"})
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return f.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"table", "lane"})
	}
	return &Metrics{
		rows:     counter("tributary_rows_written_total", "Rows upserted or deleted in the central database."),
		events:   counter("tributary_events_committed_total", "Events whose effect is committed, superseded ones included."),
		bytes:    counter("tributary_sql_bytes_total", "SQL text sent, in bytes."),
		dead:     counter("tributary_dead_letters_total", "Events set aside as dead letters."),
		batches:  counter("tributary_batches_total", "Transactions committed, by what made the batch due.", "reason"),
		retries:  counter("tributary_retries_total", "Failed attempts at a transaction, by class of error.", "class"),
		held:     counter("tributary_tables_held_total", "Times a store's table was held, and every half minute again: it cannot be reconciled with the central one (schema), or too many of its events cannot be written (flood).", "reason"),
		doubtful: counter("tributary_doubtful_values_total", "Values written as they came that may stand for others of the store: the epoch for a zero date, ? for an emoji in a label, a negative number for a BIGINT UNSIGNED of unknown sign, a column's default for NULL in Avro, U+FFFD for a character Debezium cannot decode."),
		batchRows: histogram("tributary_batch_rows", "Rows in a transaction.",
			prometheus.ExponentialBuckets(1, 4, 8)),
		commitSeconds: histogram("tributary_transaction_seconds", "From BEGIN to the answer of COMMIT, in seconds.",
			prometheus.ExponentialBuckets(0.001, 2.5, 12)),
		waitSeconds: histogram("tributary_session_wait_seconds", "Waiting for a session to the central database, in seconds.",
			prometheus.ExponentialBuckets(0.0001, 4, 10)),
		latency: histogram("tributary_latency_seconds", "From a record's Kafka timestamp to its commit, the oldest record of each batch, in seconds.",
			prometheus.ExponentialBuckets(0.01, 2, 16)),
		queued:     gauge("tributary_lane_queued_bytes", "Bytes of records a lane holds: queued, decoded or being written."),
		lastCommit: gauge("tributary_lane_last_commit_seconds", "When a lane last committed, in seconds since the epoch."),
		busy: f.NewCounterVec(prometheus.CounterOpts{
			Name: "tributary_lane_busy_seconds_total", Help: "Time a lane spent in transactions, in seconds; its rate is the lane's busy ratio.",
		}, []string{"table", "lane"}),
	}
}

// meters are one lane's metrics, looked up once.
type meters struct {
	m                                *Metrics
	rows, events, bytes, dead        prometheus.Counter
	batches, retries, held           *prometheus.CounterVec
	batchRows, commit, wait, latency prometheus.Observer
	queued, lastCommit               prometheus.Gauge
	busy                             prometheus.Counter
}

func (m *Metrics) lane(table string, number int) meters {
	lane := strconv.Itoa(number)
	by := prometheus.Labels{"table": table}
	batches := m.batches.MustCurryWith(by)
	return meters{
		m:    m,
		rows: m.rows.With(by), events: m.events.With(by), bytes: m.bytes.With(by), dead: m.dead.With(by),
		batches: batches, retries: m.retries.MustCurryWith(by), held: m.held.MustCurryWith(by),
		batchRows: m.batchRows.With(by), commit: m.commitSeconds.With(by), wait: m.waitSeconds.With(by),
		latency: m.latency.With(by),
		queued:  m.queued.WithLabelValues(table, lane), lastCommit: m.lastCommit.WithLabelValues(table, lane),
		busy: m.busy.WithLabelValues(table, lane),
	}
}

// committed records a committed batch.
func (m *meters) committed(b *batch.Batch, out writer.Outcome) {
	now := time.Now()
	m.rows.Add(float64(out.Rows))
	m.events.Add(float64(b.Events()))
	m.bytes.Add(float64(out.Bytes))
	m.dead.Add(float64(out.Letters()))
	m.batchRows.Observe(float64(out.Rows))
	m.commit.Observe(out.Elapsed.Seconds())
	m.wait.Observe(out.Waited.Seconds())
	m.busy.Add(out.Elapsed.Seconds())
	m.lastCommit.Set(float64(now.UnixMilli()) / 1000)
	if oldest := b.Oldest(); oldest > 0 {
		m.latency.Observe(max(0, float64(now.UnixMilli()-oldest)/1000))
	}
}
