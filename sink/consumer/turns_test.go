package consumer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"pgregory.net/rapid"

	"tributary/sink/consumer/inbox"
	"tributary/sink/lane"
	"tributary/sink/ledger"
)

// farLog answers where partitions end.
type farLog struct {
	ledger.Log
	ends map[string]int64
}

func (f *farLog) Ends(_ context.Context, partitions []ledger.Partition) (map[ledger.Partition]int64, error) {
	ends := make(map[ledger.Partition]int64)
	for _, p := range partitions {
		ends[p] = f.ends[p.Topic]
	}
	return ends, nil
}

// reader is a client whose partitions have much to read.
type reader struct {
	*client
	fetcher *fetcher
	log     *farLog
	now     time.Time
}

func newReader() *reader {
	f := &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool)}
	log := &farLog{ends: make(map[string]int64)}
	budget := lane.NewBudget(1 << 20)
	lanes := newPort(budget, "t")
	return &reader{fetcher: f, log: log, now: time.Now(), client: &client{
		shared: &shared{budget: budget, metrics: NewMetrics(prometheus.NewRegistry()), owners: &owners{of: make(map[ledger.Partition]*client)}},
		source: f, facts: log, log: zap.NewNop(),
		topics: make(map[string]*topic), ports: map[*lane.Lane]*port{lanes.lane: lanes},
		parked: make(map[ledger.Partition]parked), awaiting: make(map[ledger.Partition]*seat),
		turns: turns{ends: make(chan map[ledger.Partition]int64, 1)},
	}}
}

func newPort(budget *lane.Budget, table string) *port {
	return &port{lane: lane.New(lane.Config{
		Metrics: lane.NewMetrics(prometheus.NewRegistry()), Log: zap.NewNop(), Budget: budget,
	}, table, 0)}
}

// newLate is a client of which nothing is read yet, when a round has begun.
func newLate() *reader {
	r := newReader()
	for i := range 100 {
		r.give(name(i), 1000)
	}
	r.turns.routed = busy
	r.pass(lookAfter)
	return r
}

// give gives the client a partition with so many events.
func (r *reader) give(name string, events int64) {
	p := ledger.Partition{Topic: name}
	r.log.ends[name] = events
	r.topics[name] = &topic{name: name, port: r.port(), seats: map[int32]*seat{
		0: newSeat(ledger.NewTenure(ledger.Position{Partition: p})),
	}}
}

func (r *reader) port() *port {
	for _, p := range r.ports {
		return p
	}
	return nil
}

// of returns a topic's seat.
func (r *reader) of(name string) *seat { return r.seat(ledger.Partition{Topic: name}) }

// pass lets time pass, and Kafka answer.
func (r *reader) pass(d time.Duration) {
	r.now = r.now.Add(d)
	r.takeTurns(context.Background(), r.now)
	r.aside.Wait()
	r.takeTurns(context.Background(), r.now)
	r.aside.Wait() // it may have been asked again, and is late
}

// read has the client read up to so many events of a partition, unless it is paused.
func (r *reader) read(name string, events int64) {
	s := r.of(name)
	if r.fetcher.paused[name] || s.tenure.Ended() {
		return
	}
	for range min(events, r.log.ends[name]-s.next) {
		s.next++
		r.turns.count(s)
	}
	if r.turns.over {
		r.passOn(r.now)
	}
}

// open lists the topics that are not paused.
func (r *reader) open() []string {
	var open []string
	for name := range r.topics {
		if !r.fetcher.paused[name] {
			open = append(open, name)
		}
	}
	slices.Sort(open)
	return open
}

func name(i int) string { return fmt.Sprintf("t%03d", i) }

// TestTurns reads many partitions that are far behind, some that are at their end,
// and one that is much further behind than the others.
func TestTurns(t *testing.T) {
	r := newReader()
	const many, each = 100, 1000
	for i := range many {
		r.give(name(i), each)
	}
	r.give("zbig", 10*each)
	r.give("done", 5)
	r.read("done", 5)
	r.pass(time.Minute)
	require.Len(t, r.open(), many+2, "nobody has seen that there is much to read")

	r.turns.routed = busy
	r.pass(lookAfter)
	require.Len(t, r.open(), abreast+1)
	require.Contains(t, r.open(), "done")
	require.NotContains(t, r.open(), "zbig", "its turn is last")

	// Who reaches the end it had makes place for the next, be there more by now.
	first := r.open()[1]
	r.log.ends[first]++
	r.read(first, each)
	require.True(t, r.fetcher.paused[first])
	require.Len(t, r.open(), abreast+1)

	// Who does not, makes place after a while.
	slow := r.open()[1:]
	r.pass(turnLast)
	require.NotSubset(t, r.open(), slow)
	require.Len(t, r.open(), abreast+1)

	// When everybody has had a turn, all are read.
	for range many {
		for _, name := range r.open() {
			r.read(name, each)
		}
		if len(r.open()) == many+2 {
			break
		}
	}
	require.Len(t, r.open(), many+2)

	// What is left is not worth another round.
	r.pass(lookAfter)
	require.Len(t, r.open(), many+2)
	require.False(t, r.turns.behind)
	r.turns.routed = busy
	r.pass(notBehind - 1)
	require.False(t, r.turns.asking)
	require.Equal(t, busy, r.turns.routed)
}

// TestTurnsByTable has two tables to read: the one with less has its turns first.
func TestTurnsByTable(t *testing.T) {
	r := newReader()
	for i := range 80 {
		r.give(name(i), 5000)
		if i >= 40 {
			r.give(name(i), 200)
			r.topics[name(i)].port = newPort(r.budget, "u")
		}
	}
	r.turns.routed = busy
	r.pass(lookAfter)
	require.Len(t, r.open(), atHand/200)
	require.Equal(t, name(40), r.open()[0])
}

// TestTurnsAreLeft takes partitions away in the midst of a round, starts some
// again, and fills their lane. Pauses have their own reasons, and end with them.
func TestTurnsAreLeft(t *testing.T) {
	r := newLate()
	require.Len(t, r.open(), abreast)

	// A full lane drains, and only those go on whose turn it is.
	before := r.open()
	r.shut(r.port())
	require.Empty(t, r.open())
	r.passOn(r.now.Add(turnLast))
	require.Empty(t, r.open())
	r.reopenPorts()
	require.Len(t, r.open(), abreast)
	require.NotSubset(t, r.open(), before)

	// One that waits for its turn is started again from the ledger: it is free.
	again := r.turns.waiting[0].tenure
	again.End()
	r.ask(restart{tenure: again, due: r.now})
	r.parkAsked()
	r.resumeAt([]ledger.Partition{again.Partition}, map[ledger.Partition]ledger.Started{
		again.Partition: {Position: ledger.Position{Partition: again.Partition}, Reason: ledger.Resumed},
	})
	require.Contains(t, r.open(), again.Topic)

	// One that is given up has no turn any more.
	gone := r.open()[:abreast/2]
	for _, name := range gone {
		delete(r.topics, name)
	}
	r.pass(time.Millisecond)
	require.Len(t, r.turns.reading, abreast)
}

// TestTurnsEndUnread gives everything up that waits or reads: there is no round,
// and no pause.
func TestTurnsEndUnread(t *testing.T) {
	r := newLate()
	for _, s := range append(slices.Clone(r.turns.waiting), r.turns.reading...) {
		s.tenure.End()
	}
	r.pass(time.Millisecond)
	require.Empty(t, r.turns.reading)
	require.Empty(t, r.turns.waiting)
	r.give("late", 10)
	r.read("late", 10)
}

// TestSilentEnds has Kafka not answer: everything is read at once.
func TestSilentEnds(t *testing.T) {
	r := newReader()
	for i := range 100 {
		r.give(name(i), 1000)
	}
	r.facts = mute{}
	r.turns.routed = busy
	r.pass(lookAfter)
	require.Len(t, r.open(), 100)
	require.False(t, r.turns.asking)
}

type mute struct{ ledger.Log }

func (mute) Ends(context.Context, []ledger.Partition) (map[ledger.Partition]int64, error) {
	return nil, errors.New("away")
}

// TestTurnsModel does to a client whatever may happen to it. At any time those
// partitions are paused that have a reason to be, and no others; and when nothing
// happens any more, everything is read to its end.
func TestTurnsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newReader()
		registry := &silentRegistry{}
		r.registry = registry
		made := 0
		some := func(t *rapid.T) string {
			names := slices.Sorted(maps.Keys(r.topics))
			if len(names) == 0 {
				t.Skip("no partitions")
			}
			return rapid.SampledFrom(names).Draw(t, "topic")
		}
		start := func(p ledger.Partition, next int64) {
			r.resumeAt([]ledger.Partition{p}, map[ledger.Partition]ledger.Started{
				p: {Position: ledger.Position{Partition: p, Next: next}, Reason: ledger.Resumed},
			})
		}
		t.Repeat(map[string]func(*rapid.T){
			"assign": func(t *rapid.T) {
				for range rapid.IntRange(1, 60).Draw(t, "partitions") {
					r.give(name(made), rapid.Int64Range(0, 5000).Draw(t, "events"))
					require.NoError(t, r.pauseShut([]ledger.Partition{{Topic: name(made)}}))
					made++
				}
			},
			"revoke": func(t *rapid.T) {
				name := some(t)
				r.of(name).tenure.End()
				delete(r.topics, name)
				delete(r.parked, ledger.Partition{Topic: name})
				delete(r.fetcher.paused, name)
			},
			"read": func(t *rapid.T) { r.read(some(t), rapid.Int64Range(1, 3000).Draw(t, "events")) },
			"produce": func(t *rapid.T) {
				r.log.ends[some(t)] += rapid.Int64Range(1, 5000).Draw(t, "events")
			},
			"give up": func(t *rapid.T) {
				s := r.of(some(t))
				r.startAgain(s.tenure, "test")
				r.parkAsked()
			},
			"start": func(t *rapid.T) {
				p := ledger.Partition{Topic: some(t)}
				if _, parked := r.parked[p]; parked {
					start(p, r.seat(p).next/2)
				}
			},
			"await": func(t *rapid.T) {
				name := some(t)
				if s := r.of(name); !r.fetcher.paused[name] && !s.tenure.Ended() {
					r.await(s.tenure.Partition, s, &inbox.Message{Topic: name, Offset: s.next, Value: []byte("\x00\x00\x00\x00\x07")})
				}
			},
			"tell": func(*rapid.T) {
				registry.told = true
				r.goOn()
				registry.told = false
			},
			"fill":  func(*rapid.T) { r.shut(r.port()) },
			"drain": func(*rapid.T) { r.reopenPorts() },
			"pass": func(t *rapid.T) {
				r.turns.routed += rapid.IntRange(0, 2*busy).Draw(t, "routed")
				r.pass(rapid.SampledFrom([]time.Duration{time.Millisecond, lookAfter, turnLast, notBehind}).Draw(t, "time"))
			},
			"": func(t *rapid.T) {
				var events int64
				for _, s := range r.turns.reading[:max(0, len(r.turns.reading)-1)] {
					events += s.end - s.next
				}
				require.True(t, len(r.turns.reading) <= abreast || events < atHand)
				for name := range r.topics {
					s := r.of(name)
					_, parked := r.parked[s.tenure.Partition]
					reason := parked || s.awaits != nil || r.port().shut || s.outOfTurn()
					require.Equal(t, reason, r.fetcher.paused[name], "%s, turn %d", name, s.turn)
				}
			},
		})
		registry.told = true
		r.goOn()
		r.reopenPorts()
		for p := range maps.Clone(r.parked) {
			start(p, 0)
		}
		for range 1000 {
			done := true
			for name := range r.topics {
				r.read(name, 1000)
				done = done && r.of(name).next == r.log.ends[name]
			}
			if done {
				return
			}
			r.pass(turnLast)
		}
		require.Fail(t, "something is never read")
	})
}
