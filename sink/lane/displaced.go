package lane

import (
	"go.uber.org/zap"

	"tributary/sink/ledger"
)

// displaced are the partitions of a batch that the ledger has elsewhere. They
// are explained together: after a failover it may be all of them.
type displaced struct{ ahead, behind example }

// example is how many there are, and where the last of them stands.
type example struct {
	count int
	where []zap.Field
}

func (d *displaced) add(m ledger.Move, row ledger.Position) {
	e := &d.ahead
	if row.LogID == m.Tenure.LogID && row.Next < m.From || row.Topic == "" {
		e = &d.behind
	}
	e.count++
	e.where = []zap.Field{
		zap.String("topic", m.Tenure.Topic), zap.Int32("partition", m.Tenure.ID),
		zap.Int64("ours", m.From), zap.Int64("ledger", row.Next), zap.String("writer", row.Owner),
	}
}

func (d *displaced) say(log *zap.Logger) {
	if d.ahead.count > 0 {
		log.Warn("another writer moved partitions; they are read again from where the ledger stands",
			append(d.ahead.where, zap.Int("partitions", d.ahead.count))...)
	}
	if d.behind.count > 0 {
		log.Error("the ledger is behind what was written: the central database was restored, or is a replica that lacks"+
			" the last transactions; what it lacks is read again, of a quiet table when its next event comes: restart the sinks to have it at once", append(d.behind.where, zap.Int("partitions", d.behind.count))...)
	}
}
