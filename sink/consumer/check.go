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
//
// Kafka is asked whether the topics are still the same. One that was deleted and
// made again between two looks of librdkafka at its metadata is read on by its
// name, from an offset that belongs to the old log.

// checkEvery is how often both are asked. What happened is noticed after twice
// that at most.
const checkEvery = 30 * time.Second

// check is what the ledger answered about partitions at rest, and Kafka about
// all topics.
type check struct {
	resting map[ledger.Partition]suspect
	rows    map[ledger.Partition]ledger.Position
	err     error
	logs    map[string]ledger.LogID
}

// checkLedger judges what was answered, or asks when it is time. The poll loop
// does not wait for the answer.
func (c *client) checkLedger(ctx context.Context, now time.Time) {
	select {
	case answer := <-c.checks:
		c.checking = false
		c.compare(answer)
		c.compareLogs(answer.logs)
	default:
	}
	if c.checking || now.Before(c.nextCheck) {
		return
	}
	c.nextCheck = now.Add(checkEvery)
	if len(c.topics) == 0 {
		return
	}
	resting, topics := c.resting(), slices.Collect(maps.Keys(c.topics))
	partitions := slices.SortedFunc(maps.Keys(resting), func(a, b ledger.Partition) int { // as the primary key is
		return cmp.Or(strings.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	c.checking = true
	c.aside.Go(func() {
		limited, cancel := context.WithTimeout(ctx, startBudget)
		defer cancel()
		answer := check{resting: resting}
		if len(partitions) > 0 {
			answer.rows, answer.err = c.ledger.Read(limited, partitions)
		}
		var err error
		if answer.logs, _, err = c.facts.IDs(limited, topics); err != nil {
			c.log.Debug("cannot ask kafka for the topics' ids", zap.Error(err)) // asked again
		}
		c.checks <- answer // buffered: one question at a time
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

// compareLogs starts the partitions again whose topic is another one than when
// their tenures began. It believes what it hears twice: a broker that was away
// may not have heard of the new topic yet.
func (c *client) compareLogs(logs map[string]ledger.LogID) {
	for _, t := range c.topics {
		now, known := logs[t.name]
		for _, s := range t.seats {
			switch {
			case !known || s.tenure.Ended() || s.tenure.LogID == now:
				s.other = ledger.LogID{}
			case s.other != now:
				s.other = now
			default:
				c.startAgain(s.tenure, string(ledger.Recreated))
			}
		}
	}
}
