package consumer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"

	"tributary/sink/ledger"
)

// startBudget bounds how long an assignment waits for the ledger. The rebalance
// callback blocks polling, and the other members of a classic group with it.
const startBudget = 15 * time.Second

// crowd is from how many topics on a client should not be alone: librdkafka looks
// topics up in lists, and of 2,400 in one client a third of a CPU does nothing else.
const crowd = 1500

// settleBudget bounds how long a revocation waits for transactions that are
// under way, so that the next owner finds the ledger where it will stay.
const settleBudget = 3 * time.Second

// rebalance is librdkafka's callback; it runs in the poll loop's goroutine,
// within Poll or Close. Nobody hears of its error: librdkafka goes on waiting for
// what it asked, and takes part in the group no more.
func (c *client) rebalance(_ *kafka.Consumer, event kafka.Event) (err error) {
	if c.dead {
		return nil // what was on its way when it died
	}
	switch e := event.(type) {
	case kafka.AssignedPartitions:
		c.metrics.rebalances.WithLabelValues("assigned").Inc()
		c.given.Store(true)
		err = c.assigned(e.Partitions)
	case kafka.RevokedPartitions:
		c.metrics.rebalances.WithLabelValues("revoked").Inc()
		err = c.revoked(e.Partitions)
	}
	if err != nil {
		c.broken = true
		c.log.Warn("a rebalance failed, making the kafka client anew", zap.Error(err))
	}
	return err
}

// assigned starts partitions at absolute offsets. When the ledger cannot be
// read now, they are taken over paused and started as soon as it can: the
// group's membership does not wait for the central database. (They get an
// absolute offset all the same: one that librdkafka would have to look up
// leaves stuck partitions behind when the next rebalance comes meanwhile.)
func (c *client) assigned(partitions []kafka.TopicPartition) error {
	var ours []ledger.Partition
	for _, p := range partitions {
		if c.wanted(*p.Topic) {
			ours = append(ours, partitionOf(p))
		}
	}
	ctx, cancel := context.WithTimeout(c.life, startBudget)
	defer cancel()
	started, err := c.ledger.Start(ctx, ours, c.facts)
	if err != nil {
		c.log.Warn("cannot read the ledger; the partitions wait until it can be read",
			zap.Int("partitions", len(ours)), zap.Error(err))
		started = nil
	}
	assign := make([]kafka.TopicPartition, 0, len(ours))
	var waiting []kafka.TopicPartition
	for _, p := range ours {
		s, known := started[p]
		switch {
		case !known:
			waiting = append(waiting, c.park(p, "ledger_unreachable"))
		case !s.Ready():
			waiting = append(waiting, c.park(p, string(s.Reason)))
		default:
			c.begin(s.Position)
			assign = append(assign, at(p, kafka.Offset(s.Next)))
		}
	}
	c.explain(started)
	c.log.Info("partitions assigned", zap.Int("partitions", len(assign)), zap.Int("topics_known", len(c.topics)))
	if len(c.topics) > crowd && !c.crowded {
		c.crowded = true
		c.log.Warn("a kafka client has more topics than it looks up quickly; start the replicas again, they choose how many clients they run by the topics they see",
			zap.Int("topics", len(c.topics)))
	}
	if err := c.takeOver(assign, waiting); err != nil {
		return err
	}
	// An owner that was killed may not have told Kafka what it wrote last: of a
	// table that is quiet since, lag would be shown for as long as it stays so.
	c.store(assign)
	return c.pauseShut(ours)
}

// begin makes a tenure of a started partition.
func (c *client) begin(position ledger.Position) {
	t := c.topic(position.Topic)
	t.seats[position.ID] = newSeat(ledger.NewTenure(position))
	c.owners.set(position.Partition, c)
	c.outside.topic, c.outside.since = position.Topic, time.Now()
	c.metrics.assigned.Inc()
}

// park makes a place for a partition that cannot be started yet.
func (c *client) park(p ledger.Partition, why string) kafka.TopicPartition {
	c.begin(ledger.Position{Partition: p})
	c.seat(p).tenure.End()
	c.parked[p] = parked{due: time.Now().Add(time.Second), why: why}
	return at(p, 0)
}

// takeOver tells librdkafka of new partitions, those that wait paused, and none of
// the others, as it may be since the client had it the last time.
func (c *client) takeOver(started, waiting []kafka.TopicPartition) error {
	if err := c.source.IncrementalAssign(slices.Concat(started, waiting)); err != nil {
		return fmt.Errorf("taking over partitions: %w", err)
	}
	var former []kafka.TopicPartition
	for _, p := range started {
		if c.paused[partitionOf(p)] {
			former = append(former, at(partitionOf(p), kafka.OffsetInvalid))
		}
	}
	if len(former) > 0 {
		c.resume(former)
	}
	if len(waiting) == 0 {
		return nil
	}
	if err := c.pauseNow(waiting); err != nil {
		return fmt.Errorf("pausing partitions: %w", err)
	}
	return nil
}

// pauseShut pauses new partitions of lanes that are full already.
func (c *client) pauseShut(partitions []ledger.Partition) error {
	var list []kafka.TopicPartition
	for _, p := range partitions {
		if t := c.topics[p.Topic]; t != nil && t.port.shut && t.seats[p.ID] != nil {
			list = append(list, at(p, kafka.OffsetInvalid))
		}
	}
	if len(list) == 0 {
		return nil
	}
	if err := c.pauseNow(list); err != nil {
		return fmt.Errorf("pausing partitions: %w", err)
	}
	return nil
}

// startDue starts parked partitions whose time has come.
func (c *client) startDue(ctx context.Context, now time.Time) {
	var due []ledger.Partition
	for p, w := range c.parked {
		if !now.Before(w.due) {
			due = append(due, p)
		}
	}
	if len(due) == 0 {
		return
	}
	limited, cancel := context.WithTimeout(ctx, startBudget)
	defer cancel()
	started, err := c.ledger.Start(limited, due, c.facts)
	if err != nil {
		for _, p := range due {
			c.putOff(p, now)
		}
		c.log.Warn("cannot read the ledger; the partitions go on waiting", zap.Int("partitions", len(due)), zap.Error(err))
		return
	}
	c.resumeAt(due, started)
}

// putOff lets a parked partition wait for longer than the last time.
func (c *client) putOff(p ledger.Partition, now time.Time) {
	w := c.parked[p]
	w.failed++
	w.due = now.Add(min(time.Second<<min(w.failed, 5), 30*time.Second))
	c.parked[p] = w
}

// resumeAt lets parked partitions go on from where the ledger stands.
func (c *client) resumeAt(due []ledger.Partition, started map[ledger.Partition]ledger.Started) {
	c.explain(started)
	var seek []kafka.TopicPartition
	for _, p := range due {
		s := started[p]
		if !s.Ready() {
			c.putOff(p, time.Now()) // until Kafka answers, or it is made again, or revoked
			continue
		}
		delete(c.parked, p)
		t := c.topic(p.Topic)
		t.seats[p.ID] = newSeat(ledger.NewTenure(s.Position))
		seek = append(seek, at(p, kafka.Offset(s.Next)))
	}
	if len(seek) == 0 {
		return
	}
	c.log.Info("partitions started from the ledger", zap.Int("partitions", len(seek)))
	if err := c.readFrom(seek); err != nil {
		c.log.Warn("seeking failed, trying again", zap.Error(err))
		for _, p := range seek {
			c.parked[partitionOf(p)] = parked{due: time.Now().Add(time.Second), why: "seek_failed"}
		}
	}
}

// readFrom moves paused partitions and lets them be read.
func (c *client) readFrom(list []kafka.TopicPartition) error {
	if err := c.seek(list); err != nil {
		return err
	}
	seats := make([]*seat, len(list))
	for i, p := range list {
		seats[i] = c.seat(partitionOf(p))
	}
	c.letRead(seats)
	return nil
}

// seek moves partitions and looks at each one's own result.
func (c *client) seek(list []kafka.TopicPartition) error {
	results, err := c.source.SeekPartitions(list)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Error != nil {
			return fmt.Errorf("%s[%d]: %w", *r.Topic, r.Partition, r.Error)
		}
	}
	return nil
}

// revoked gives partitions up. Their tenures end first, so that lanes drop
// what is buffered; transactions that are under way are given a moment, so that
// their offsets still reach Kafka and the next owner starts behind them. When
// the assignment is lost the next owner is at work already, and nothing is
// waited for.
func (c *client) revoked(partitions []kafka.TopicPartition) error {
	ports := make(map[*port]struct{})
	ours := 0
	for _, p := range partitions {
		if left := c.letGo(partitionOf(p)); left != nil {
			ports[left] = struct{}{}
			ours++
		}
	}
	if !c.source.AssignmentLost() {
		ctx, cancel := context.WithTimeout(context.Background(), settleBudget)
		defer cancel()
		for p := range ports {
			p.lane.Settle(ctx)
		}
	}
	c.log.Info("partitions revoked", zap.Int("partitions", ours), zap.Bool("lost", c.source.AssignmentLost()))
	if err := c.source.IncrementalUnassign(partitions); err != nil {
		return fmt.Errorf("giving partitions up: %w", err)
	}
	return nil
}

// letGo ends the tenure of a partition and returns its port; nil if it is not ours.
func (c *client) letGo(p ledger.Partition) *port {
	t := c.topics[p.Topic]
	if t == nil || t.seats[p.ID] == nil {
		return nil
	}
	t.seats[p.ID].tenure.End()
	delete(t.seats, p.ID)
	delete(c.parked, p)
	c.owners.remove(p, c)
	c.metrics.assigned.Dec()
	if len(t.seats) == 0 {
		delete(c.topics, t.name)
	}
	return t.port
}

// letAllGo ends all tenures.
func (c *client) letAllGo() {
	for _, t := range c.topics {
		for id := range t.seats {
			c.letGo(ledger.Partition{Topic: t.name, ID: id})
		}
	}
}

// explain says why partitions do not simply go on: in a line each, but for
// those of which Kafka says nothing, which may be all of a broker.
func (c *client) explain(started map[ledger.Partition]ledger.Started) {
	silent := 0
	var one ledger.Partition
	for p, s := range started {
		c.metrics.starts.WithLabelValues(string(s.Reason)).Inc()
		if s.Reason == ledger.Silent {
			silent, one = silent+1, p
		}
		c.explainOne(s)
	}
	if silent > 0 {
		c.log.Warn("kafka cannot say what there is to read of some partitions; they wait, the others go on",
			zap.Int("partitions", silent), zap.String("topic", one.Topic), zap.Int32("partition", one.ID))
	}
}

func (c *client) explainOne(s ledger.Started) {
	fields := []zap.Field{
		zap.String("topic", s.Topic), zap.Int32("partition", s.ID), zap.String("reason", string(s.Reason)),
		zap.Int64("ledger_was", s.Was), zap.Int64("start", s.Next),
	}
	switch s.Reason {
	case ledger.Resumed, ledger.Seeded, ledger.Silent:
	case ledger.Recreated:
		c.log.Warn("the topic was deleted and made again: reading it from its beginning", fields...)
	case ledger.Expired:
		c.log.Error("kafka has deleted events before they were written: snapshot this table again", fields...)
	case ledger.Shrunk:
		c.log.Error("kafka has lost events the ledger has seen: reading the topic again from its beginning", fields...)
	case ledger.Missing:
		c.log.Warn("the topic does not exist any more", fields...)
	}
}
