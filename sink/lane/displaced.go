package lane

import (
	"go.uber.org/zap"

	"tributary/sink/ledger"
)

// Displaced are partitions that the ledger has elsewhere than their tenures.
// They are explained together: after a failover it may be all of them.
type Displaced struct{ ahead, behind, gone example }

// example is how many there are, and where the last of them stands.
type example struct {
	count int
	where []zap.Field
}

// Add takes a partition of which events below ours were written, and its row in
// the ledger, empty if there is none. It returns the reason for starting it
// again.
func (d *Displaced) Add(t *ledger.Tenure, ours int64, row ledger.Position) (reason string) {
	e, reason := &d.ahead, "ledger_moved"
	switch {
	case row.Topic == "":
		e, reason = &d.gone, "ledger_gone"
	case row.LogID == t.LogID && row.Next < ours:
		e, reason = &d.behind, "ledger_behind"
	}
	e.count++
	e.where = []zap.Field{
		zap.String("topic", t.Topic), zap.Int32("partition", t.ID),
		zap.Int64("ours", ours), zap.Int64("ledger", row.Next), zap.String("writer", row.Owner),
	}
	return reason
}

// Say writes one line for each way of being displaced that was met.
func (d *Displaced) Say(log *zap.Logger) {
	if d.ahead.count > 0 {
		log.Warn("another writer moved partitions; they are read again from where the ledger stands",
			append(d.ahead.where, zap.Int("partitions", d.ahead.count))...)
	}
	if d.behind.count > 0 {
		log.Error("the ledger is behind what was written: the central database was restored, or is a replica that lacks"+
			" the last transactions; what it lacks is read again, of quiet tables within a minute",
			append(d.behind.where, zap.Int("partitions", d.behind.count))...)
	}
	if d.gone.count > 0 {
		log.Error("the ledger has no row of partitions that were written: somebody deleted it, or the central database is another"+
			" one; a store's table that has no rows is read from the beginning of its topic, any other from Kafka's offset",
			append(d.gone.where, zap.Int("partitions", d.gone.count))...)
	}
}
