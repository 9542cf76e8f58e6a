package sweep

import (
	"cmp"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/debezium/ddl"
	"tributary/sink/changes"
)

// Kind says how a table began anew.
type Kind string

// The kinds. Filled is no beginning that can be swept behind: the table was given
// rows without events (another table took its name, a partition was exchanged),
// and nothing tells which.
const (
	Captured Kind = "captured"
	Dropped  Kind = "dropped"
	Renamed  Kind = "renamed"
	Filled   Kind = "filled without events"
)

// Beginning is a moment before which no row of a store's table was written that
// the store still has.
type Beginning struct {
	place
	Kind Kind `json:"kind"`
	// At is when Kafka was told.
	At time.Time `json:"at"`

	millis int64
	// message is the offset of what told it.
	message int64
	// first says that the table had no beginning before, as far as the schema
	// change topic reaches back.
	first bool
}

// history is what a store's schema change topic tells: the last beginning of
// every table, by the name of its topic.
type history struct {
	prefix string // of the store's topics
	// whole says that the topic reaches back to its first message.
	whole bool
	last  map[string]Beginning
	// before are the beginnings that the last ones have replaced.
	before map[string]Beginning
	known  map[string]bool // topics of tables that were ever spoken of
	// names are the tables' own, of which shared topics have two: their names
	// differ only in characters Kafka does not allow.
	names  map[string]debezium.TableID
	shared map[string]bool

	// snapshot is where the snapshot stands whose definitions are being read,
	// and described are the tables it has described.
	snapshot  *place
	described map[string]bool

	// message and millis are of the message that is being read.
	message, millis int64
}

func newHistory(prefix string, whole bool) *history {
	return &history{
		prefix: prefix, whole: whole, last: make(map[string]Beginning), before: make(map[string]Beginning),
		known: make(map[string]bool),
		names: make(map[string]debezium.TableID), shared: make(map[string]bool),
	}
}

// add reads the next message: its offset, its timestamp and what it says.
func (h *history) add(offset, millis int64, c *debezium.SchemaChange) {
	h.message, h.millis = offset, millis
	p := place{c.Source.File, c.Source.Position}
	if !streamed(c.Source.Snapshot) {
		h.describe(c, p)
		return
	}
	h.snapshot = nil
	for _, t := range c.Tables {
		h.known[h.topic(t.ID)] = true
	}
	for _, e := range ddl.Read(c.DDL, c.Source.Connector == "mariadb") {
		table, other := h.topic(identify(c, e.Table)), h.topic(identify(c, e.Other))
		switch e.Kind {
		case ddl.TableDropped:
			h.begin(table, Dropped, p)
		case ddl.DatabaseDropped:
			for topic := range h.known {
				if strings.HasPrefix(topic, table) {
					h.begin(topic, Dropped, p)
				}
			}
		case ddl.TableRenamed:
			h.begin(table, Renamed, p)
			if from, to := identify(c, e.Table), identify(c, e.Other); changes.Original(from.Table) == to.Table && from.Database == to.Database {
				h.copied(other, p)
			} else {
				h.begin(other, Filled, p)
			}
		case ddl.PartitionExchanged, ddl.PartitionConverted, ddl.TablespaceReplaced:
			h.begin(table, Filled, p)
			h.begin(other, Filled, p)
		}
	}
}

// identify returns a table as the connector names it, where it does: the store may
// write names in another case than it keeps them in.
func identify(c *debezium.SchemaChange, n ddl.Name) debezium.TableID {
	if len(c.Tables) == 1 && strings.EqualFold(n.Table, c.Tables[0].ID.Table) {
		return c.Tables[0].ID
	}
	return debezium.TableID{Database: cmp.Or(n.Database, c.Database), Table: n.Table}
}

// describe reads a definition from a snapshot. One that reads all tables anew
// begins with the server's variables (SET …), for which no table is asked; what a
// signal asks for describes its tables alone, and is no beginning: it may have read
// some rows only (BinlogSnapshotChangeEventSource.readTableStructure).
func (h *history) describe(c *debezium.SchemaChange, p place) {
	if len(c.Tables) == 0 && c.Database == "" && strings.HasPrefix(c.DDL, "SET ") {
		h.snapshot, h.described = &p, make(map[string]bool)
	}
	if h.snapshot == nil || *h.snapshot != p {
		return
	}
	for _, t := range c.Tables {
		topic := h.topic(t.ID)
		if t.Type == "CREATE" && !h.described[topic] {
			h.described[topic] = true
			h.begin(topic, Captured, p)
		}
	}
}

func (h *history) begin(topic string, kind Kind, p place) {
	if b, ok := h.last[topic]; ok {
		h.before[topic] = b
	}
	h.last[topic] = Beginning{
		place: p, Kind: kind, At: time.UnixMilli(h.millis).UTC(), millis: h.millis, message: h.message,
		first: kind == Captured && h.whole && !h.known[topic],
	}
	h.known[topic] = true
}

// copied says that an online schema change has put a copy of a table in its place,
// with the same rows. In one statement, that takes back the original's renaming,
// of which nothing is told where its new name is not captured. Of an original that
// had gone before, the rows are back.
func (h *history) copied(topic string, p place) {
	b, ok := h.last[topic]
	switch before, again := h.before[topic]; {
	case b.Kind == Renamed && b.place == p && again:
		h.last[topic] = before
	case b.Kind == Renamed && b.place == p:
		delete(h.last, topic)
	case ok && b.Kind != Captured:
		h.begin(topic, Filled, p)
	}
}

// topic is the name of a table's topic, or what the names of a database's topics
// begin with.
func (h *history) topic(id debezium.TableID) string {
	topic := debezium.TopicName(h.prefix + "." + id.Database + "." + id.Table)
	if other, ok := h.names[topic]; ok && other != id {
		h.shared[topic] = true
	}
	h.names[topic] = id
	return topic
}
