package monitor

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"tributary/debezium/connect"
	"tributary/debezium/preflight"
	"tributary/sink/monitor/gather"
	"tributary/sink/monitor/ladder"
)

// metrics makes the monitor's metrics from the state of the last round, at the
// moment they are asked for. Nothing is kept, so a store that has left the
// inventory leaves no series behind. There are some ten series a store and four
// a table; those of every partition only if asked for.
type metrics struct{ m *Monitor }

// gauge and counter describe a metric.
func gauge(name, help string, labels ...string) series {
	return series{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) series {
	return series{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

type series struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// The metrics. Those that begin with kafka_ have the names and meanings of
// kafka_exporter, for dashboards that exist already.
type meters struct {
	healthy, rung, open, freshness, lagEvents, lagSeconds, events, letters, heartbeat, purge, asked, findings,
	connectors, restarts, gaveUp, members, ledger, letterSum,
	round, lastRound, up, notices,
	lagSum, groupMembers, lag, current, end, oldest series
}

func newMeters() meters {
	return meters{
		healthy: gauge("tributary_store_healthy", "1 if no rung of the store's ladder is broken, else 0. Stores switched off are left out.", "store"),
		rung: gauge("tributary_store_broken_rung",
			"1 for the first broken rung of a store's ladder: reach, login, binlog, connector, task, snapshot, heartbeat, topic, lag, sink or row.", "store", "rung"),
		open:       gauge("tributary_store_open", "1 while the store's opening hours say that it is open.", "store"),
		freshness:  gauge("tributary_store_freshness_seconds", "Age of the newest change of a table that is written centrally, by the store's clock, in seconds. Grows while nothing is sold.", "store", "table"),
		lagEvents:  gauge("tributary_store_lag_events", "Events of a table in Kafka that are not written centrally, by the ledger.", "store", "table"),
		lagSeconds: gauge("tributary_store_lag_seconds", "How long the store's oldest event not yet written has been in Kafka, in seconds; 0 if all are written.", "store"),
		events:     counter("tributary_store_events_total", "Events a table's topic has received since it was made.", "store", "table"),
		letters:    gauge("tributary_store_dead_letters", "Open dead letters of a store.", "store"),
		heartbeat:  gauge("tributary_store_heartbeat_age_seconds", "Age of the newest heartbeat of the store's connector, in seconds.", "store"),
		purge:      gauge("tributary_store_purge_seconds", "How long the binary log that the store's connector reads is still kept, in seconds, as far as it is known.", "store"),
		asked:      gauge("tributary_store_reachable", "1 if the store's server answered and let the account in when it was last asked.", "store"),
		findings:   gauge("tributary_store_preflight_findings", "Findings of the store's last preflight, by verdict: warn, fail.", "store", "verdict"),
		connectors: gauge("tributary_connectors", "Connectors in Kafka Connect, by folded state of connector and task.", "state"),
		restarts:   counter("tributary_connector_restarts_total", "Restarts of a failed connector by the monitor.", "connector"),
		gaveUp:     gauge("tributary_connectors_given_up", "Connectors that have failed and are not restarted any more."),
		members:    gauge("tributary_sink_members", "Members of the sink's consumer group; a replica may be several."),
		ledger:     gauge("tributary_ledger_last_applied_seconds", "When any row was last written centrally by the ledger, in seconds since the epoch."),
		letterSum:  gauge("tributary_dead_letters_open", "Open dead letters of all stores."),
		round:      gauge("tributary_monitor_round_seconds", "How long the last round of questions took, in seconds."),
		lastRound:  gauge("tributary_monitor_last_round_seconds", "When the last round ended, in seconds since the epoch."),
		up:         gauge("tributary_monitor_source_up", "1 if the source answered in the last round: connect, kafka, central.", "source"),
		notices:    counter("tributary_monitor_notices_total", "Notices to the webhook, by outcome: delivered, failed.", "outcome"),

		lagSum:       gauge("kafka_consumergroup_lag_sum", "Events behind the group's committed offsets, all partitions together.", "consumergroup"),
		groupMembers: gauge("kafka_consumergroup_members", "Members of the consumer group.", "consumergroup"),
		lag:          gauge("kafka_consumergroup_lag", "Events behind the group's committed offset. Only with TRIBUTARY_MONITOR_PARTITION_METRICS.", "consumergroup", "topic", "partition"),
		current:      gauge("kafka_consumergroup_current_offset", "The group's committed offset. Only with TRIBUTARY_MONITOR_PARTITION_METRICS.", "consumergroup", "topic", "partition"),
		end:          gauge("kafka_topic_partition_current_offset", "End of the partition. Only with TRIBUTARY_MONITOR_PARTITION_METRICS.", "topic", "partition"),
		oldest:       gauge("kafka_topic_partition_oldest_offset", "Begin of the partition. Only with TRIBUTARY_MONITOR_PARTITION_METRICS.", "topic", "partition"),
	}
}

func (s meters) all() []series {
	return []series{
		s.healthy, s.rung, s.open, s.freshness, s.lagEvents, s.lagSeconds, s.events, s.letters, s.heartbeat, s.purge, s.asked, s.findings,
		s.connectors, s.restarts, s.gaveUp, s.members, s.ledger, s.letterSum, s.round, s.lastRound, s.up, s.notices,
		s.lagSum, s.groupMembers, s.lag, s.current, s.end, s.oldest,
	}
}

// Describe implements [prometheus.Collector].
func (metrics) Describe(out chan<- *prometheus.Desc) {
	for _, s := range newMeters().all() {
		out <- s.desc
	}
}

// Collect implements [prometheus.Collector].
func (c metrics) Collect(out chan<- prometheus.Metric) {
	s := newMeters()
	set := func(to series, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(to.desc, to.kind, value, labels...)
	}
	set(s.notices, float64(c.m.webhooks.Load()), "delivered")
	set(s.notices, float64(c.m.refused.Load()), "failed")
	for name, n := range c.m.doctor.counts() {
		set(s.restarts, float64(n), name)
	}
	for id, report := range c.m.checks.all() {
		set(s.findings, float64(report.Count(preflight.Warn)), id, string(preflight.Warn))
		set(s.findings, float64(report.Count(preflight.Fail)), id, string(preflight.Fail))
	}
	state := c.m.state.Load()
	if state == nil {
		return
	}
	c.fleet(s, set, state)
	for i := range state.Stores {
		c.store(s, set, &state.Stores[i])
	}
	c.kafka(s, set, state.picture)
}

func (c metrics) fleet(s meters, set func(series, float64, ...string), state *State) {
	p := state.picture
	set(s.round, state.took.Seconds())
	set(s.lastRound, float64(state.At.Unix()))
	set(s.up, one(p.ConnectError == ""), "connect")
	set(s.up, one(p.KafkaError == ""), "kafka")
	set(s.up, one(p.CentralRead()), "central")
	if p.ConnectError == "" {
		for _, known := range []connect.State{
			connect.StateRunning, connect.StateFailed, connect.StatePaused,
			connect.StateStopped, connect.StateUnassigned, connect.StateRestarting,
		} {
			set(s.connectors, float64(state.Connectors[string(known)]), string(known))
		}
	}
	gaveUp := 0
	for _, store := range state.Stores {
		if store.facts.Connector.GaveUp {
			gaveUp++
		}
	}
	set(s.gaveUp, float64(gaveUp))
	if !p.CentralRead() {
		return
	}
	var letters int64
	for _, l := range state.Letters {
		letters += l.Count
	}
	set(s.letterSum, float64(letters))
	newest := int64(0)
	for _, e := range p.Book.Entries {
		if e.Table != "" { // else no rows
			newest = max(newest, e.AppliedAt.Unix())
		}
	}
	if newest > 0 {
		set(s.ledger, float64(newest))
	}
}

func (c metrics) store(s meters, set func(series, float64, ...string), store *StoreState) {
	f := &store.facts
	id := store.Store
	if f.Inventory.Disabled {
		return
	}
	set(s.healthy, one(store.State != ladder.Broken), id)
	if store.Rung != "" {
		set(s.rung, 1, id, string(store.Rung))
	}
	set(s.open, one(store.Open), id)
	if store.Lag >= 0 {
		set(s.lagSeconds, store.Lag, id)
	}
	if !f.Heartbeat.At.IsZero() {
		set(s.heartbeat, f.Now.Sub(f.Heartbeat.At).Seconds(), id)
	}
	if f.Server.Margin {
		set(s.purge, f.Server.UntilPurge.Seconds(), id)
	}
	if f.Server.Unknown == "" {
		set(s.asked, one(f.Server.ReachError == "" && f.Server.LoginError == ""), id)
	}
	if f.Central.Error == "" && f.Central.Unknown == "" {
		set(s.letters, float64(f.Central.Letters), id)
	}
	for table, t := range byTable(f.Topics) {
		set(s.lagEvents, float64(t.Lag), id, table)
		set(s.events, float64(t.End), id, table)
		if !t.SourceAt.IsZero() {
			set(s.freshness, max(0, f.Now.Sub(t.SourceAt).Seconds()), id, table)
		}
	}
}

// byTable unites the topics of one table in several of a store's schemas.
func byTable(topics []ladder.Topic) map[string]ladder.Topic {
	tables := make(map[string]ladder.Topic, len(topics))
	for _, t := range topics {
		if other, ok := tables[t.Table]; ok {
			t.Lag += other.Lag
			t.End += other.End
			if other.SourceAt.After(t.SourceAt) {
				t.SourceAt = other.SourceAt
			}
		}
		tables[t.Table] = t
	}
	return tables
}

func (c metrics) kafka(s meters, set func(series, float64, ...string), p *gather.Picture) {
	if p.KafkaError != "" {
		return
	}
	var sum int64
	for partition, o := range p.Cluster.Partitions {
		lag := o.End - o.Start // nothing committed: all of it
		if o.Committed >= 0 {
			lag = max(0, o.End-o.Committed)
		}
		sum += lag
		if !c.m.config.PartitionMetrics {
			continue
		}
		id := strconv.Itoa(int(partition.ID))
		set(s.lag, float64(lag), p.Group, partition.Topic, id)
		set(s.end, float64(o.End), partition.Topic, id)
		set(s.oldest, float64(o.Start), partition.Topic, id)
		if o.Committed >= 0 {
			set(s.current, float64(o.Committed), p.Group, partition.Topic, id)
		}
	}
	set(s.lagSum, float64(sum), p.Group)
	set(s.groupMembers, float64(p.Cluster.Members), p.Group)
	set(s.members, float64(p.Cluster.Members))
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
