package lane

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/writer"
)

// floodWindow is about how many of a partition's last events its share of dead
// letters is taken of. Few events cannot flood: what is allowed is a share of at
// least so many.
const floodWindow = 1000

// floods knows the recent dead letters of partitions that have any. It belongs
// to the writing goroutine. A replica that takes a partition over begins to
// count anew.
type floods struct {
	percent int // of a partition's events; 100 or more sets no bound
	recent  map[ledger.Partition]*window
}

// window is the last events of one partition and how many of them were set
// aside.
type window struct{ events, dead int }

// quota is the [writer.Quota].
func (f *floods) quota(m *ledger.Move) int {
	var w window
	if known := f.recent[m.Tenure.Partition]; known != nil {
		w = *known
	}
	return max(0, f.percent*max(w.events+m.Events, floodWindow)/100-w.dead)
}

// bound returns the quota, nil where there is no bound.
func (f *floods) bound() writer.Quota {
	if f.percent >= 100 {
		return nil
	}
	return f.quota
}

// committed counts a batch's events, of which so many were set aside, reports
// included.
func (f *floods) committed(b *batch.Batch, dead map[*ledger.Tenure]int) {
	reports := make(map[*ledger.Tenure]int)
	for i := range b.Dead() {
		if d := &b.Dead()[i]; d.Reported {
			reports[d.Tenure]++
		}
	}
	for i := range b.Moves() {
		m := &b.Moves()[i]
		refused := dead[m.Tenure] - reports[m.Tenure]
		w := f.recent[m.Tenure.Partition]
		if w == nil {
			if refused == 0 {
				continue
			}
			w = &window{}
			f.recent[m.Tenure.Partition] = w
		}
		w.events += m.Events
		w.dead += refused
		if w.events > floodWindow { // older events count less and less
			w.dead = w.dead * floodWindow / w.events
			w.events = floodWindow
		}
		if w.dead == 0 {
			delete(f.recent, m.Tenure.Partition)
		}
	}
}

// quarantine takes a store's table out of a batch, since more of its events are
// poison than may be set aside. The table is held where the ledger stands and
// tried again later; meanwhile the others of the batch go on.
func (l *Lane) quarantine(ctx context.Context, b *batch.Batch, err error) {
	var flood *writer.FloodError
	if !errors.As(err, &flood) {
		return
	}
	t := flood.Tenure
	l.meters.held.WithLabelValues("flood").Inc()
	l.log.Error("too many of this store's events cannot be written: its table is held; other stores go on",
		zap.String("topic", t.Topic), zap.Int32("partition", t.ID), zap.Int("refused", flood.Dead), zap.Int("of", flood.Events),
		zap.Duration("look_again", l.HoldPause), zap.Uint16("mysql_error", number(flood.Reason)),
		zap.String("remedy", "mend the cause (`tributary deadletters held` has the reason), or let the events become dead letters: TRIBUTARY_FLOOD_PERCENT=100"))
	l.note(ctx, t, fmt.Sprintf("too many events cannot be written: %v. Mend the cause, or let them become dead letters with TRIBUTARY_FLOOD_PERCENT=100", flood))
	b.Drop(t)
	l.restart(t, l.HoldPause, "flood")
}

// noteBudget bounds the wait for a note that decides nothing.
const noteBudget = 5 * time.Second

// note tells people, by way of the ledger, that a partition is held and why.
func (l *Lane) note(ctx context.Context, t *ledger.Tenure, reason string) {
	ctx, cancel := context.WithTimeout(ctx, noteBudget)
	defer cancel()
	if err := l.Ledger.Hold(ctx, t.Partition, reason); err != nil {
		l.log.Warn("cannot note that a table is held", zap.String("topic", t.Topic), zap.Error(hideRows(err)))
	}
}
