package consumer

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"tributary/sink/lane"
	"tributary/sink/ledger"
)

// The check asks whether the ledger still stands where this process has moved
// it. A central database that was set back (a promoted replica that lacks the
// last transactions, a restored backup) is noticed by a partition's next
// transaction. A quiet partition has none: what the database has lost of it
// would stay lost for as long as its store is closed.
//
// Only partitions at rest are compared. All that Kafka had delivered of them was
// committed when the ledger was asked, and nothing has been delivered when the
// answer is judged. The poll loop sees both, and it alone hands records to
// lanes: so no transaction of the tenure was under way in between, and what it
// has written is where the ledger has to stand. They must have been at rest at
// the check before, too: for the moments of a failover in which this question
// still leads to the old server, or to a replica that is seconds behind, what is
// compared is old enough.

// checkEvery is how often the ledger is asked. What was lost is noticed after
// twice that at most.
const checkEvery = 30 * time.Second

// check is what the ledger answered about partitions at rest.
type check struct {
	resting map[ledger.Partition]suspect
	rows    map[ledger.Partition]ledger.Position
	err     error
}

// checkLedger judges what was answered, or asks when it is time. The poll loop
// does not wait for the answer.
func (c *client) checkLedger(ctx context.Context, now time.Time) {
	select {
	case answer := <-c.checks:
		c.checking = false
		c.compare(answer)
	default:
	}
	if c.checking || now.Before(c.nextCheck) {
		return
	}
	c.nextCheck = now.Add(checkEvery)
	resting := c.resting()
	if len(resting) == 0 {
		return
	}
	partitions := slices.SortedFunc(maps.Keys(resting), func(a, b ledger.Partition) int { // as the primary key is
		return cmp.Or(strings.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	c.checking = true
	c.aside.Go(func() {
		limited, cancel := context.WithTimeout(ctx, startBudget)
		defer cancel()
		rows, err := c.ledger.Read(limited, partitions)
		c.checks <- check{resting, rows, err} // buffered: one question at a time
	})
}

// resting lists the partitions of which nothing is under way, now and when this
// was last asked.
func (c *client) resting() map[ledger.Partition]suspect {
	found := make(map[ledger.Partition]suspect)
	for _, t := range c.topics {
		for id, s := range t.seats {
			p := ledger.Partition{Topic: t.name, ID: id}
			before := s.rested
			s.rested = s.next
			if _, waits := c.parked[p]; waits || s.tenure.Ended() || s.next != before || s.next != s.tenure.Written() {
				continue
			}
			found[p] = suspect{tenure: s.tenure, next: s.next}
		}
	}
	return found
}

// compare starts the partitions again whose rows in the ledger are elsewhere.
func (c *client) compare(answer check) {
	if answer.err != nil && !ledger.IsMissing(answer.err) {
		c.log.Debug("cannot read the ledger to check it", zap.Error(answer.err)) // asked again
		return
	}
	var elsewhere lane.Displaced // all of them, if the ledger's table is missing
	for p, was := range answer.resting {
		s, row := c.seat(p), answer.rows[p]
		if s == nil || s.tenure != was.tenure || s.tenure.Ended() || s.next != was.next {
			continue // records have come, it was started again, or is not ours any more
		}
		if row.LogID != was.tenure.LogID || row.Next != was.next {
			c.startAgain(was.tenure, elsewhere.Add(was.tenure, was.next, row))
		}
	}
	elsewhere.Say(c.log)
}
