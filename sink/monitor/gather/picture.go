package gather

import (
	"cmp"
	"time"

	"tributary/debezium"
	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/sink/ledger"
)

// Picture is everything that was found out in one round, about all stores.
// What could not be asked has its error set and the last answer dropped: an old
// answer would be taken for a new one.
type Picture struct {
	At        time.Time
	Inventory *fleet.Inventory

	// Connectors are by their names.
	Connectors   map[string]connect.Connector
	ConnectError string
	// Progress is what connectors have saved, by store; only of those asked.
	Progress map[string]Progress

	Cluster    Cluster
	KafkaError string
	Beats      Beats
	BeatsError string
	// RegistryError is why the schema registry does not answer.
	RegistryError string
	// Waiting are the timestamps of the first records not written.
	Waiting map[ledger.Partition]time.Time

	Book         Book
	CentralError string
	// CentralUnknown is why the central database is not asked.
	CentralUnknown string
	// CentralDenied says that it answers and does not let the account read.
	CentralDenied string

	// Servers are by store.
	Servers map[string]Server
	// ServersUnknown is why they are not asked.
	ServersUnknown string

	// Habits are by topic.
	Habits map[string]Habit

	Group string
}

// CentralRead says that the central database was asked and answered.
func (p *Picture) CentralRead() bool {
	return p.CentralError == "" && p.CentralUnknown == "" && p.CentralDenied == ""
}

// Progress is what a connector has saved.
type Progress struct {
	Error  string
	Offset connect.Offset
	Saved  bool
}

// Habit compares a topic's last full hour with what is usual.
type Habit struct{ Expected, Got float64 }

// Flow is one row topic of a store, all partitions together.
type Flow struct {
	Topic debezium.Topic
	// Table is the central table: the ledger's word, for a rule may give it
	// another name than the source table's, which it has until then.
	Table    string
	Start    int64
	End      int64
	NewestAt time.Time
	// Next is the first event not written, summed like the others.
	Next          int64
	Lag, Lost     int64
	OldestWaiting time.Time
	Unread        bool
	SourceAt      time.Time
	AppliedAt     time.Time
	// Gone says that the ledger knows the topic and Kafka has it no more.
	Gone bool
}

// Flows returns the row topics of a store by what Kafka and the ledger say.
func (p *Picture) Flows() map[string][]Flow {
	byTopic := map[string]*Flow{}
	for partition, o := range p.Cluster.Partitions {
		f := byTopic[partition.Topic]
		if f == nil {
			topic, _ := debezium.ParseTopic(p.Inventory.Environment, partition.Topic)
			f = &Flow{Topic: topic, Table: topic.Table, Unread: true}
			byTopic[partition.Topic] = f
		}
		f.add(o, p.Book.Entries, partition, p.Waiting[partition])
	}
	if p.KafkaError == "" {
		for partition, e := range p.Book.Entries {
			p.addGone(byTopic, partition, e)
		}
	}
	flows := map[string][]Flow{}
	for _, f := range byTopic {
		flows[f.Topic.Store] = append(flows[f.Topic.Store], *f)
	}
	return flows
}

// addGone takes in a partition that events were written from, if its topic is
// not there any more.
func (p *Picture) addGone(byTopic map[string]*Flow, partition ledger.Partition, e Entry) {
	topic, kind := debezium.ParseTopic(p.Inventory.Environment, partition.Topic)
	if _, there := p.Cluster.Topics[partition.Topic]; there || kind != debezium.RowTopic || e.Next == 0 || e.AppliedAt.IsZero() {
		return
	}
	f := byTopic[partition.Topic]
	switch {
	case f == nil:
		f = &Flow{Topic: topic, Table: cmp.Or(e.Table, topic.Table), Gone: true}
		byTopic[partition.Topic] = f
	case !f.Gone:
		return
	}
	f.Next += e.Next
	if e.AppliedAt.After(f.AppliedAt) {
		f.AppliedAt = e.AppliedAt
	}
}

// add takes a partition in. The ledger decides where the sink is; while it
// cannot be read, the offset committed behind it does.
func (f *Flow) add(o Offsets, entries map[ledger.Partition]Entry, p ledger.Partition, waiting time.Time) {
	f.Start += o.Start
	f.End += o.End
	if o.NewestAt.After(f.NewestAt) {
		f.NewestAt = o.NewestAt
	}
	next, read := NextOffset(o, entries, p)
	f.Next += next
	f.Lag += max(0, o.End-max(next, o.Start))
	if read {
		f.Unread = false
		f.Lost += max(0, min(o.Start, o.End)-next)
	}
	if !waiting.IsZero() && (f.OldestWaiting.IsZero() || waiting.Before(f.OldestWaiting)) {
		f.OldestWaiting = waiting
	}
	e := entries[p]
	if e.AppliedAt.After(f.AppliedAt) {
		f.AppliedAt = e.AppliedAt
	}
	if e.SourceAt.After(f.SourceAt) {
		f.SourceAt = e.SourceAt
	}
	if e.Table != "" {
		f.Table = e.Table
	}
}

// NextOffset returns the first event of a partition that is not written, and
// whether anybody has read the partition at all.
func NextOffset(o Offsets, entries map[ledger.Partition]Entry, p ledger.Partition) (next int64, read bool) {
	if e, ok := entries[p]; ok {
		return e.Next, true
	}
	if o.Committed >= 0 {
		return o.Committed, true
	}
	return o.Start, false
}
