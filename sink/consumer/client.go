package consumer

import (
	"context"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/sink/consumer/inbox"
	"tributary/sink/lane"
	"tributary/sink/ledger"
)

// Source is what a client uses of *kafka.Consumer.
type Source interface {
	SubscribeTopics(topics []string, rebalance kafka.RebalanceCb) error
	Poll(timeoutMs int) kafka.Event
	IncrementalAssign([]kafka.TopicPartition) error
	IncrementalUnassign([]kafka.TopicPartition) error
	SeekPartitions([]kafka.TopicPartition) ([]kafka.TopicPartition, error)
	Pause([]kafka.TopicPartition) error
	Resume([]kafka.TopicPartition) error
	StoreOffsets([]kafka.TopicPartition) ([]kafka.TopicPartition, error)
	AssignmentLost() bool
	Member() bool
	Assignment() ([]kafka.TopicPartition, error)
	Unsubscribe() error
	Close() error
}

// facts is what Kafka is asked.
type facts interface {
	ledger.Log
	// Ends returns the offsets behind the last records that can be read
	// now; a partition Kafka says nothing of is missing.
	Ends(context.Context, []ledger.Partition) (map[ledger.Partition]int64, error)
}

// client is one librdkafka consumer with its poll loop. All fields but those
// below mu belong to the poll loop's goroutine, in which the rebalance callback
// runs too.
type client struct {
	*shared
	source Source
	log    *zap.Logger
	facts  facts // Kafka's view, for starting partitions and for the watch

	topics map[string]*topic
	ports  map[*lane.Lane]*port
	parked map[ledger.Partition]parked // assigned, but paused until started again
	// awaiting are paused until the registry has told a schema.
	awaiting map[ledger.Partition]*seat
	// paused are all that librdkafka was told to pause. It remembers that when they
	// are given up, and does not read them when they come back.
	paused map[ledger.Partition]bool

	looks     chan look // what the watch found out, at most one
	looking   bool      // the watch is asking Kafka
	nextLook  time.Time // when it asks again
	turns     turns
	checks    chan check     // what the ledger answered, at most one
	checking  bool           // the ledger is being asked
	nextCheck time.Time      // when it is asked again
	aside     sync.WaitGroup // these questions

	waiting bool // some port has records that its lane was not given yet
	broken  bool // librdkafka refused what it asked for in a rebalance
	dead    bool // it had a fatal error
	crowded bool // it was said that the client has too many topics
	outside outside
	joining joining

	mu       sync.Mutex
	restarts []restart // asked for by lanes; guarded by mu
	closed   bool      // the source may not be used any more; guarded by mu

	gone chan struct{} // closed when the client has left or was abandoned
}

// topic is one topic the client has partitions of.
type topic struct {
	name         string
	port         *port
	values, keys *debezium.Reader
	seats        map[int32]*seat
}

// seat is one partition of a topic.
type seat struct {
	tenure *ledger.Tenure
	next   int64     // the offset behind the last record Kafka delivered in this tenure
	mark   int64     // next when it was last seen to move
	since  time.Time // when that was, or when there was a reason to stand still
	awaits [][]byte  // key and value of the record at next, while their schemas are not known
	rested int64     // next when the ledger was last asked
	turn   turn
	end    int64        // in a round: where the partition ended when the round began
	began  time.Time    // when its turn did
	other  ledger.LogID // of the topic when Kafka was last asked, if it is not the tenure's
}

func newSeat(t *ledger.Tenure) *seat {
	return &seat{tenure: t, next: t.Next, mark: t.Next, since: time.Now(), rested: -1}
}

// parked is a partition that waits to be started.
type parked struct {
	due    time.Time
	why    string
	failed int
}

// seat returns a partition's seat, nil if it is not the client's.
func (c *client) seat(p ledger.Partition) *seat {
	if t := c.topics[p.Topic]; t != nil {
		return t.seats[p.ID]
	}
	return nil
}

// restart is a lane's wish to have a partition read again.
type restart struct {
	tenure *ledger.Tenure
	due    time.Time
	why    string
}

// pollTimeout is how long a poll waits for a message. It is also how long a
// restart asked for by a lane may wait to be seen.
const pollTimeout = 100 * time.Millisecond

// run polls until the context ends, the client fails for good, or the watch
// gives it up with errStalled.
func (c *client) run(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	defer c.forgetAwaited()
	defer c.aside.Wait()
	defer end()
	next := time.Now().Add(housekeeping)
	for n := 0; ctx.Err() == nil; n++ {
		event := c.poll(ctx)
		if err := c.handle(ctx, event); err != nil {
			return err
		}
		if _, alone := event.(*kafka.Message); alone && n%handful != 0 { // the time is not worth asking for each time
			continue
		}
		if now := time.Now(); now.After(next) {
			if err := c.keepHouse(ctx, now); err != nil {
				return err
			}
			next = now.Add(housekeeping)
		}
	}
	return nil
}

// poll returns the next event. Lanes are given what waits for them before it
// waits for another.
func (c *client) poll(ctx context.Context) kafka.Event {
	if c.waiting {
		if event := c.source.Poll(0); event != nil {
			return event
		}
		c.handOverAll(ctx)
	}
	return c.source.Poll(int(pollTimeout / time.Millisecond))
}

// handle deals with what a poll returned.
func (c *client) handle(ctx context.Context, event kafka.Event) error {
	switch e := event.(type) {
	case *inbox.Messages:
		c.routeAll(ctx, e)
		if c.turns.over {
			c.passOn(time.Now())
		}
	case *kafka.Message:
		if reason := e.TopicPartition.Error; reason == nil {
			m := inbox.MessageOf(e)
			c.route(ctx, &m)
		} else {
			c.log.Warn("kafka reports an error on a partition", zap.String("topic", *e.TopicPartition.Topic),
				zap.Int32("partition", e.TopicPartition.Partition), zap.Error(reason))
		}
	case kafka.Error:
		if e.IsFatal() {
			return c.fatal(e)
		}
		c.metrics.kafkaErrors.Inc()
		c.log.Warn("kafka client reports an error; it keeps trying", zap.String("code", e.Code().String()), zap.Error(e))
	case kafka.OffsetsCommitted:
		if e.Error != nil {
			c.log.Debug("committing offsets to kafka failed; the ledger is ahead and decides", zap.Error(e.Error))
		}
	}
	return nil
}

// housekeeping is how often a client looks at what is paused or parked.
const housekeeping = 100 * time.Millisecond

func (c *client) keepHouse(ctx context.Context, now time.Time) error {
	c.parkAsked()
	c.startDue(ctx, now)
	c.goOn()
	c.reopenPorts()
	c.takeTurns(ctx, now)
	c.checkLedger(ctx, now)
	return c.watchOver(ctx, now)
}

// ask records a lane's wish; the poll loop fulfils it.
func (c *client) ask(r restart) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.restarts = append(c.restarts, r)
}

// startAgain gives a tenure up by the client's own decision: the partition is
// started from the ledger at once, and what lanes still hold of it is dropped.
func (c *client) startAgain(t *ledger.Tenure, why string) {
	t.End()
	c.ask(restart{tenure: t, why: why})
}

// parkAsked pauses the partitions that lanes have given up on.
func (c *client) parkAsked() {
	c.mu.Lock()
	asked := c.restarts
	c.restarts = nil
	c.mu.Unlock()
	var pause []kafka.TopicPartition
	for _, r := range asked {
		if s := c.seat(r.tenure.Partition); s == nil || s.tenure != r.tenure {
			continue // revoked or restarted meanwhile
		}
		c.parked[r.tenure.Partition] = parked{due: r.due, why: r.why}
		c.metrics.restarts.WithLabelValues(r.why).Inc()
		pause = append(pause, at(r.tenure.Partition, kafka.OffsetInvalid))
	}
	if len(pause) > 0 {
		c.pause(pause)
	}
}

// pause keeps partitions from being read.
func (c *client) pause(list []kafka.TopicPartition) {
	if err := c.pauseNow(list); err != nil {
		c.log.Warn("pausing partitions failed", zap.Error(err))
	}
}

func (c *client) pauseNow(list []kafka.TopicPartition) error {
	if c.paused == nil {
		c.paused = make(map[ledger.Partition]bool)
	}
	for _, p := range list {
		c.paused[partitionOf(p)] = true
	}
	return c.source.Pause(list)
}

// resume lets partitions be read again.
func (c *client) resume(list []kafka.TopicPartition) {
	if err := c.source.Resume(list); err != nil {
		c.log.Warn("resuming partitions failed", zap.Error(err))
		return
	}
	for _, p := range list {
		delete(c.paused, partitionOf(p))
	}
}

// store hands committed offsets to Kafka. It is called by lanes.
func (c *client) store(offsets []kafka.TopicPartition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	// A partition that was revoked meanwhile is refused by the client
	// itself: its new owner's offset is not ours to overwrite.
	if _, err := c.source.StoreOffsets(offsets); err != nil {
		c.log.Debug("storing offsets failed; the ledger is ahead and decides", zap.Error(err))
	}
}

// at makes librdkafka's form of a partition and an offset.
func at(p ledger.Partition, offset kafka.Offset) kafka.TopicPartition {
	name := p.Topic
	return kafka.TopicPartition{Topic: &name, Partition: p.ID, Offset: offset}
}

// partitionOf is the reverse of at.
func partitionOf(p kafka.TopicPartition) ledger.Partition {
	return ledger.Partition{Topic: *p.Topic, ID: p.Partition}
}
