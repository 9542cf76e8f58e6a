package consumer

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/sink/batch"
	"tributary/sink/consumer/inbox"
	"tributary/sink/lane"
	"tributary/sink/ledger"
)

// port is a client's side of a lane.
type port struct {
	lane *lane.Lane
	// chunk is where cut payloads are kept. Each lane has its own, so that
	// a lane that does not move pins no other lane's memory.
	chunk []byte
	// waiting are records on their way to the lane. They are handed over many
	// at a time, so that a lane is woken once for all of them.
	waiting []batch.Record
	// shut says that the lane's partitions are paused since it refused a
	// record for too long.
	shut bool
}

// patience is how long the poll loop waits for a lane that refuses records
// before it pauses the lane's partitions. Pausing throws the prefetched records
// away and fetches them again later, so it is for lanes that are stuck, not for
// those that are merely the slowest.
const patience = time.Second

// route hands a message to its lane. The message's bytes are not kept.
func (c *client) route(ctx context.Context, m *inbox.Message) {
	t := c.topics[m.Topic]
	if t == nil {
		return
	}
	s := t.seats[m.Partition]
	if s == nil || s.tenure.Ended() || m.Offset < s.tenure.Next || s.awaits != nil {
		return
	}
	s.next = m.Offset + 1
	c.turns.count(s)
	r := batch.Record{Tenure: s.tenure, Offset: m.Offset, Timestamp: max(m.Timestamp, 0)}
	if t.port.cut(&r, t, m); errors.Is(r.Err, debezium.ErrSchemaAwaited) {
		c.await(ledger.Partition{Topic: t.name, ID: m.Partition}, s, m)
		return
	}
	t.port.waiting = append(t.port.waiting, r)
	c.waiting = true
	if len(t.port.waiting) == handful {
		c.handOver(ctx, t.port)
	}
}

// routeAll hands a poll's messages to their lanes.
func (c *client) routeAll(ctx context.Context, messages *inbox.Messages) {
	for i := range messages.Len() {
		m := messages.At(i)
		c.route(ctx, &m)
	}
}

// handful is how many records go to a lane at a time while more are arriving.
const handful = 128

// handOver gives the lane what waits for it.
func (c *client) handOver(ctx context.Context, p *port) {
	if n := p.lane.Offer(p.waiting...); n < len(p.waiting) {
		c.hold(ctx, p, p.waiting[n:])
	}
	clear(p.waiting)
	p.waiting = p.waiting[:0]
}

// handOverAll gives every lane what waits for it.
func (c *client) handOverAll(ctx context.Context) {
	for _, p := range c.ports {
		if len(p.waiting) > 0 {
			c.handOver(ctx, p)
		}
	}
	c.waiting = false
}

// cut takes the message apart and keeps what the lane needs of it. A message
// that cannot be cut is kept whole: the lane sets it aside.
func (p *port) cut(r *batch.Record, t *topic, m *inbox.Message) {
	if len(m.Key) > 0 {
		s, rest, err := t.keys.Cut(m.Key)
		if err != nil {
			r.Err = err
		}
		r.Key, r.KeyRest = s, rest
	}
	if m.Value != nil {
		s, rest, err := t.values.Cut(m.Value)
		if err != nil && !errors.Is(r.Err, debezium.ErrSchemaAwaited) {
			r.Err = err
		}
		r.Value, r.ValueRest = s, rest
	}
	if r.Err != nil {
		r.Key, r.KeyRest, r.Value, r.ValueRest = nil, m.Key, nil, m.Value
	}
	r.KeyRest, r.ValueRest = p.keep(r.KeyRest), p.keep(r.ValueRest)
}

// chunkSize is how much room is made at once for payloads.
const chunkSize = 64 << 10

// keep copies bytes out of their message. Large ones have memory of their own,
// so that the chunks are not left half empty.
func (p *port) keep(payload []byte) []byte {
	if len(payload) > chunkSize/4 {
		return bytes.Clone(payload)
	}
	if payload == nil {
		return nil
	}
	if len(p.chunk)+len(payload) > cap(p.chunk) {
		p.chunk = make([]byte, 0, chunkSize)
	}
	start := len(p.chunk)
	p.chunk = append(p.chunk, payload...)
	return p.chunk[start:len(p.chunk):len(p.chunk)]
}

// hold waits for a lane to take records. When the lane stays full, its
// partitions are paused, so that the others' go on.
func (c *client) hold(ctx context.Context, p *port, records []batch.Record) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-p.lane.Room():
			if records = records[p.lane.Offer(records...):]; len(records) == 0 {
				return
			}
		case <-ctx.Done():
			return // dropped: the ledger is behind them
		case <-timer.C:
			p.lane.Force(records...)
			c.shut(p)
			return
		}
	}
}

// shut pauses the partitions of a lane.
func (c *client) shut(p *port) {
	if p.shut {
		return
	}
	p.shut = true
	c.metrics.paused.Inc()
	c.log.Info("a lane is full, pausing its partitions until it moves", zap.Int64("budget_used", c.budget.Used()))
	c.pause(c.partitionsOf(p))
}

// reopenPorts resumes the partitions of lanes that have drained.
func (c *client) reopenPorts() {
	for _, p := range c.ports {
		if !p.shut || !p.lane.Roomy() {
			continue
		}
		p.shut = false
		c.metrics.paused.Dec()
		c.resume(c.partitionsOf(p))
	}
}

// partitionsOf lists a lane's partitions, without those that are paused for a
// reason of their own.
func (c *client) partitionsOf(p *port) []kafka.TopicPartition {
	var list []kafka.TopicPartition
	for _, t := range c.topics {
		if t.port != p {
			continue
		}
		for id, s := range t.seats {
			if !c.heldBack(s) {
				list = append(list, at(ledger.Partition{Topic: t.name, ID: id}, kafka.OffsetInvalid))
			}
		}
	}
	return list
}

// heldBack reports whether a partition is paused for a reason of its own, whatever
// its lane does: it is to be started again, waits for a schema, or it is the others'
// turn.
func (c *client) heldBack(s *seat) bool {
	_, waits := c.parked[s.tenure.Partition]
	return waits || s.awaits != nil || s.outOfTurn()
}

// letRead resumes partitions, unless there is another reason for their pause.
func (c *client) letRead(seats []*seat) {
	var list []kafka.TopicPartition
	for _, s := range seats {
		if !c.heldBack(s) && !c.topics[s.tenure.Topic].port.shut {
			list = append(list, at(s.tenure.Partition, kafka.OffsetInvalid))
		}
	}
	if len(list) > 0 {
		c.resume(list)
	}
}

// topic returns the client's side of a topic, made at first sight.
func (c *client) topic(name string) *topic {
	if t := c.topics[name]; t != nil {
		return t
	}
	l := c.lanes.Lane(name)
	p := c.ports[l]
	if p == nil {
		p = &port{lane: l}
		c.ports[l] = p
	}
	t := &topic{
		name: name, port: p,
		values: c.shapes.Reader(c.registry), keys: c.shapes.Reader(c.registry),
		seats: make(map[int32]*seat),
	}
	c.topics[name] = t
	return t
}
