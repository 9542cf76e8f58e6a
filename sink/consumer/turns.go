package consumer

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"

	"tributary/sink/ledger"
)

// Turns. A fetch names every partition of its client that is not paused, and its
// answer is full after a few of them: with hundreds that are all behind, broker
// and client spend more on those that get nothing than on events. Whenever its
// queue is full, librdkafka looks at each of them again and again as well
// (rd_kafka_broker_consumer_serve in librdkafka 2.15.0). So a client that is far
// behind in many partitions reads a few at a time, in rounds:
//
//   - A round begins when Kafka has told where the partitions end. Those that are
//     at their end are in no round, and are read all the time.
//   - The others are paused and take turns, table by table.
//     A turn ends where the partition ended when the round began, so that little
//     which was fetched already is thrown away, or after turnLast.
//   - Who had its turn rests, until nobody waits any more. Then all are read, Kafka
//     is asked again, and the next round begins if there is still much to read.

const (
	// abreast is how many partitions of a client are read at once at least, so
	// that every broker has some of them; more, if they have fewer events than
	// atHand together: a fetch that is not worth its while makes the broker wait
	// for more (fetch.min.bytes).
	abreast, atHand = 16, 4000
	// turnLast ends a turn while others wait.
	turnLast = 5 * time.Second
	// farBehind is how many events make a round worth its while: some seconds'.
	farBehind = 20_000
	// busy is how many events since the last look make a client look where its
	// partitions end.
	busy = 2_000
	// lookAfter is how soon it looks, and notBehind how soon again after it was
	// found not to be far behind.
	lookAfter, notBehind = time.Second, 15 * time.Second
)

// turn says where a partition is in a round.
type turn int

const (
	free   turn = iota // in no round
	queued             // paused until its turn comes
	reads
	rests // paused until the round is over
)

// turns is a client's round.
type turns struct {
	waiting []*seat // in the order of their turns
	reading []*seat
	rested  []*seat
	behind  bool // a round was begun, and no look since has found little to read
	over    bool // a partition has reached its end

	routed   int // records since the last look
	nextLook time.Time
	asking   bool
	ends     chan map[ledger.Partition]int64 // Kafka's answer
}

// outOfTurn reports whether the partition is paused for the others' sake.
func (s *seat) outOfTurn() bool { return s.turn == queued || s.turn == rests }

// count notes a record that was routed.
func (r *turns) count(s *seat) {
	r.routed++
	if s.turn == reads && s.next >= s.end {
		r.over = true
	}
}

// takeTurns goes on with the round, or looks whether one should begin.
func (c *client) takeTurns(ctx context.Context, now time.Time) {
	select {
	case ends := <-c.turns.ends:
		c.turns.asking = false
		c.beginRound(ends, now)
	default:
	}
	if len(c.turns.reading) > 0 {
		c.passOn(now)
		return
	}
	if c.turns.asking || now.Before(c.turns.nextLook) {
		return
	}
	routed := c.turns.routed
	c.turns.routed, c.turns.nextLook = 0, now.Add(lookAfter)
	if routed >= busy {
		c.lookForEnds(ctx)
	}
}

// lookForEnds asks Kafka on the side where the partitions end.
func (c *client) lookForEnds(ctx context.Context) {
	var partitions []ledger.Partition
	for _, t := range c.topics {
		for id, s := range t.seats {
			if !s.tenure.Ended() {
				partitions = append(partitions, ledger.Partition{Topic: t.name, ID: id})
			}
		}
	}
	if len(partitions) <= 2*abreast {
		return
	}
	c.turns.asking = true
	c.aside.Go(func() {
		limited, cancel := context.WithTimeout(ctx, startBudget)
		defer cancel()
		ends, err := c.facts.Ends(limited, partitions)
		if err != nil {
			c.log.Debug("cannot ask kafka for its ends", zap.Error(err)) // asked again
		}
		c.turns.ends <- ends // buffered: one question at a time
	})
}

// beginRound has the partitions take turns that have much to read together.
func (c *client) beginRound(ends map[ledger.Partition]int64, now time.Time) {
	r := &c.turns
	var behind []*seat
	var events int64
	for p, end := range ends {
		if s := c.seat(p); s != nil && !s.tenure.Ended() && s.next < end {
			s.end = end
			behind = append(behind, s)
			events += end - s.next
		}
	}
	if events >= farBehind {
		c.inOrder(behind)
		r.waiting = behind
		c.admit(now)
	}
	if len(r.waiting) < abreast {
		c.endRound(now.Add(notBehind))
		if r.behind {
			r.behind = false
			c.log.Info("not far behind any more, reading all partitions at once")
		}
		return
	}
	if !r.behind {
		r.behind = true
		c.log.Info("far behind in many partitions, reading some at a time", zap.Int("partitions", len(behind)), zap.Int64("events", events))
	}
	for _, s := range r.waiting {
		s.turn = queued
	}
	c.pause(listOf(r.waiting))
}

// inOrder sorts partitions by their turns: table by table, so that few lanes fill
// large batches, and the tables with less to read first. Only the order of magnitude
// counts, so that all clients are at the same tables.
func (c *client) inOrder(seats []*seat) {
	table := func(s *seat) string { return c.topics[s.tenure.Topic].port.lane.Table() }
	events := make(map[string]int64)
	for _, s := range seats {
		events[table(s)] += s.end - s.next
	}
	slices.SortFunc(seats, func(a, b *seat) int {
		s, t := table(a), table(b)
		return cmp.Or(
			cmp.Compare(bits.Len64(uint64(events[s])), bits.Len64(uint64(events[t]))),
			strings.Compare(s, t), strings.Compare(a.tenure.Topic, b.tenure.Topic),
		)
	})
}

// admit begins turns, while there is room.
func (c *client) admit(now time.Time) (begun []*seat) {
	r := &c.turns
	var events int64
	for _, s := range r.reading {
		events += s.end - s.next
	}
	for len(r.waiting) > 0 && (len(r.reading) < abreast || events < atHand) {
		s := r.waiting[0]
		r.waiting = r.waiting[1:]
		if c.ours(s) {
			s.turn, s.began = reads, now
			begun, r.reading = append(begun, s), append(r.reading, s)
			events += s.end - s.next
		}
	}
	return begun
}

// passOn ends turns and begins others.
func (c *client) passOn(now time.Time) {
	r := &c.turns
	r.over = false
	var ended []*seat
	still := r.reading[:0]
	for _, s := range r.reading {
		switch {
		case !c.ours(s):
		case s.next < s.end && now.Sub(s.began) < turnLast:
			still = append(still, s)
		default:
			s.turn = rests
			ended = append(ended, s)
		}
	}
	clear(r.reading[len(still):])
	r.reading, r.rested = still, append(r.rested, ended...)
	begun := c.admit(now)
	if len(ended) > 0 {
		c.pause(listOf(ended))
	}
	c.letRead(begun)
	if len(r.waiting) == 0 {
		c.letRead(c.endRound(now))
	}
}

// endRound has nobody wait or rest any more, and returns those that are to be
// read again. Kafka is asked again when it is time.
func (c *client) endRound(look time.Time) []*seat {
	r := &c.turns
	all := append(r.rested, r.reading...)
	r.rested, r.reading, r.waiting, r.nextLook = nil, nil, nil, look
	for _, s := range all {
		s.turn = free
	}
	return slices.DeleteFunc(all, func(s *seat) bool { return !c.ours(s) })
}

// ours reports whether the client still reads a partition in the tenure it had
// when the round began. If it was started again, it is in no round.
func (c *client) ours(s *seat) bool { return c.seat(s.tenure.Partition) == s && !s.tenure.Ended() }

func listOf(seats []*seat) []kafka.TopicPartition {
	list := make([]kafka.TopicPartition, len(seats))
	for i, s := range seats {
		list[i] = at(s.tenure.Partition, kafka.OffsetInvalid)
	}
	return list
}
