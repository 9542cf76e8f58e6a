package consumer

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"tributary/sink/ledger"
)

// The watch looks for partitions that stand still although Kafka has records
// for them. librdkafka is known to end up so, without an error, when brokers
// and group members fail at once: assigned, connected, and never fetching
// again. The remedies are, one after the other:
//
//  1. the partition is started again from the ledger, which seeks it;
//  2. the client is closed and made anew, which no state survives;
//  3. when even a new client gets nothing and Kafka has nothing new, the
//     records there are not for consumers: the markers that end transactions
//     take offsets too. The partition is left alone until more arrive.
//
// A client that has lost its membership, and does not join again though Kafka
// answers, is made anew as well; see outside.go.

// errStalled ends a client that does not deliver what Kafka has.
var errStalled = errors.New("the kafka client does not deliver records that are there")

const (
	// atOnce bounds the partitions of one look that are started again.
	atOnce = 100
	// busyPatience is how many times more patient the watch is with a
	// partition of a client that delivers others.
	busyPatience = 10
	// between is the shortest time from one client made anew to the next:
	// each is a rebalance.
	between = 5 * time.Minute
)

// stalls is what was tried for which partition. The clients of a process share
// it, since a partition that was given up comes back to another.
type stalls struct {
	mu      sync.Mutex
	of      map[ledger.Partition]stall // guarded by mu
	markers map[string]bool            // topics whose last record may be a marker; guarded by mu
	last    time.Time                  // when a client was last made anew; guarded by mu
}

// stall is one partition's.
type stall struct {
	end   int64 // Kafka's end when it was last tried
	tried remedy
}

type remedy int

const (
	restarted remedy = iota + 1
	renewed
	leftAlone
)

// suspect is a partition that stands still, as the poll loop saw it.
type suspect struct {
	tenure *ledger.Tenure
	next   int64
}

// look is what Kafka answered about the suspects.
type look struct {
	suspects map[ledger.Partition]suspect
	ends     map[ledger.Partition]int64 // without those Kafka said nothing of
}

// watchOver starts a look every half of the patience and judges what the last
// one found. Kafka is asked on the side: the poll loop does not wait for it.
func (c *client) watchOver(ctx context.Context, now time.Time) error {
	if c.ignored(ctx, now) {
		return errRefused
	}
	if c.patience <= 0 {
		return nil
	}
	if c.broken && c.stalls.mayRenew(now) {
		c.metrics.renewed.Inc()
		return errStalled
	}
	select {
	case l := <-c.looks:
		c.looking = false
		return c.judge(l, now)
	default:
	}
	if c.looking || now.Before(c.nextLook) {
		return nil
	}
	c.nextLook = now.Add(c.patience / 2)
	if n := c.missing(); n > 0 && c.stalls.mayRenew(now) {
		c.metrics.renewed.Inc()
		c.log.Error("the kafka client has lost partitions it was given, making it anew", zap.Int("partitions", n))
		return errStalled
	}
	if c.leftOut(ctx, now) && c.stalls.mayRenew(now) {
		c.metrics.renewed.Inc()
		c.log.Warn("the kafka client does not join the group again, making it anew", zap.Duration("outside", now.Sub(c.outside.since)))
		return errStalled
	}
	suspects := c.suspects(now)
	if len(suspects) == 0 {
		return nil
	}
	c.looking = true
	c.aside.Go(func() {
		limited, cancel := context.WithTimeout(ctx, startBudget)
		defer cancel()
		partitions := make([]ledger.Partition, 0, len(suspects))
		for p := range suspects {
			partitions = append(partitions, p)
		}
		ends, err := c.facts.Ends(limited, partitions)
		if err != nil {
			c.log.Debug("cannot ask kafka for its ends", zap.Error(err)) // asked again at the next look
		}
		c.looks <- look{suspects, ends} // buffered: one look at a time
	})
	return nil
}

// suspects lists the partitions that should move and have not for as long as
// patience lasts. Most of them have simply nothing to read. While others of the
// client move it is more patient: fetches take turns, and with thousands of
// partitions to catch up over a slow line a turn may be long in coming.
func (c *client) suspects(now time.Time) map[ledger.Partition]suspect {
	found := make(map[ledger.Partition]suspect)
	patience := c.patience
	for _, t := range c.topics {
		for id, s := range t.seats {
			if s.next == s.mark {
				continue
			}
			patience = busyPatience * c.patience
			s.mark, s.since = s.next, now
			c.stalls.clear(ledger.Partition{Topic: t.name, ID: id})
		}
	}
	for _, t := range c.topics {
		for id, s := range t.seats {
			if c.heldBack(s) || t.port.shut || s.tenure.Ended() {
				s.since = now
			} else if now.Sub(s.since) >= patience {
				found[ledger.Partition{Topic: t.name, ID: id}] = suspect{tenure: s.tenure, next: s.next}
			}
		}
	}
	return found
}

// judge finds the stalled among the suspects and deals with them.
func (c *client) judge(l look, now time.Time) error {
	count := 0
	for p, was := range l.suspects {
		s, end := c.seat(p), l.ends[p]
		if s == nil || s.tenure != was.tenure || s.next != was.next || end <= was.next {
			continue // it has moved, is not ours any more, or has nothing to read
		}
		fields := []zap.Field{zap.String("topic", p.Topic), zap.Int32("partition", p.ID), zap.Int64("next", was.next), zap.Int64("end", end)}
		switch c.stalls.next(p, end, end-was.next, now) {
		case restarted:
			if count++; count > atOnce {
				c.stalls.clear(p) // its turn comes
				continue
			}
			c.log.Warn("a partition stands still although kafka has records for it, starting it again", fields...)
			c.startAgain(was.tenure, "stalled")
		case renewed:
			c.metrics.renewed.Inc()
			c.log.Error("starting a partition again did not help, making the kafka client anew", fields...)
			return errStalled
		case leftAlone:
		}
	}
	return nil
}

// next chooses the remedy for a partition that stands still gap offsets before
// Kafka's end.
func (s *stalls) next(p ledger.Partition, end, gap int64, now time.Time) remedy {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.of[p]
	switch {
	case !known && gap == 1 && s.markers[p.Topic]:
		return leftAlone
	case !known:
		s.of[p] = stall{end, restarted}
		return restarted
	case last.tried == restarted && gap == 1:
		s.markers[p.Topic] = true
		s.of[p] = stall{end, leftAlone}
		return leftAlone
	case last.tried != restarted && last.end == end, !s.renewable(now):
		return leftAlone
	}
	s.of[p] = stall{end, renewed}
	return renewed
}

// mayRenew asks for leave to make a client anew.
func (s *stalls) mayRenew(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renewable(now)
}

// renewable takes the leave if there is one; mu is held.
func (s *stalls) renewable(now time.Time) bool {
	if now.Sub(s.last) < between {
		return false
	}
	s.last = now
	return true
}

// clear forgets a partition that has moved.
func (s *stalls) clear(p ledger.Partition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, p)
}

// missing counts the partitions that the poll loop believes it holds and that
// librdkafka does not.
func (c *client) missing() int {
	held, err := c.source.Assignment()
	if err != nil {
		return 0 // asked again at the next look
	}
	n := 0
	for _, t := range c.topics {
		n += len(t.seats)
	}
	for _, p := range held {
		if c.seat(partitionOf(p)) != nil {
			n--
		}
	}
	return n
}
