package consumer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"pgregory.net/rapid"

	"tributary/sink/ledger"
)

// central is a ledger in memory that can be set back.
type central struct {
	mu   sync.Mutex
	rows map[ledger.Partition]ledger.Position // guarded by mu
	err  error                                // guarded by mu
}

func (d *central) Start(context.Context, []ledger.Partition, ledger.Log) (map[ledger.Partition]ledger.Started, error) {
	return nil, errors.New("not part of the test")
}

func (d *central) Read(context.Context, []ledger.Partition) (map[ledger.Partition]ledger.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.rows), d.err
}

func (d *central) set(p ledger.Partition, next int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rows[p] = ledger.Position{Partition: p, LogID: ledger.LogID{1}, Next: next}
}

func (d *central) at(p ledger.Partition) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rows[p].Next
}

// topics are Kafka's, by their ids.
type topics map[string]ledger.LogID

func (ids topics) IDs(context.Context, []string) (map[string]ledger.LogID, []string, error) {
	return maps.Clone(ids), nil, nil
}

func (topics) Ranges(context.Context, []ledger.Partition) (map[ledger.Partition]ledger.Range, error) {
	return nil, errors.New("not part of the test")
}

func (topics) Committed(context.Context, []ledger.Partition) (map[ledger.Partition]int64, error) {
	return nil, errors.New("not part of the test")
}

func (topics) Ends(context.Context, []ledger.Partition) (map[ledger.Partition]int64, error) {
	return nil, errors.New("not part of the test")
}

// checking returns a client that holds so many partitions, each written up to 5.
func checking(partitions int) (*client, *central, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.DebugLevel)
	db := &central{rows: make(map[ledger.Partition]ledger.Position)}
	kafka := make(topics)
	c := &client{
		facts: kafka, shared: &shared{ledger: db}, log: zap.New(core), checks: make(chan check, 1),
		topics: make(map[string]*topic), parked: make(map[ledger.Partition]parked),
	}
	for n := range partitions {
		p := ledger.Partition{Topic: fmt.Sprint("t", n)}
		db.set(p, 5)
		kafka[p.Topic] = ledger.LogID{1}
		c.topics[p.Topic] = &topic{name: p.Topic, seats: map[int32]*seat{0: newSeat(ledger.NewTenure(db.rows[p]))}}
	}
	return c, db, logs
}

// again returns why the partitions are to be started again, by topic.
func again(c *client) map[string]string {
	found := make(map[string]string)
	for _, r := range c.restarts {
		found[r.tenure.Topic] = r.why
	}
	return found
}

// TestCheckSeesTheLedgerMoved sets the ledger elsewhere while nothing flows.
func TestCheckSeesTheLedgerMoved(t *testing.T) {
	for _, c := range []struct {
		name, reason, says string
		move               func(*central, ledger.Partition)
	}{
		{"as it was left", "", "", func(*central, ledger.Partition) {}},
		{"set back", "ledger_behind", "the ledger is behind", func(d *central, p ledger.Partition) { d.set(p, 4) }},
		{"moved by another", "ledger_moved", "another writer", func(d *central, p ledger.Partition) { d.set(p, 6) }},
		{"another log", "ledger_moved", "another writer", func(d *central, p ledger.Partition) {
			d.rows[p] = ledger.Position{Partition: p, LogID: ledger.LogID{2}, Next: 5}
		}},
		{"deleted", "ledger_gone", "has no row", func(d *central, p ledger.Partition) { delete(d.rows, p) }},
		{"the table dropped", "ledger_gone", "has no row", func(d *central, _ ledger.Partition) {
			d.rows, d.err = nil, fmt.Errorf("reading: %w", &mysql.MySQLError{Number: 1146})
		}},
		{"nobody answers", "", "cannot read", func(d *central, _ ledger.Partition) { d.rows, d.err = nil, errors.New("away") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, db, logs := checking(1)
			now := time.Now()
			step := func() { // one check, asked and judged
				client.checkLedger(t.Context(), now)
				client.aside.Wait()
				client.checkLedger(t.Context(), now)
				now = now.Add(checkEvery)
			}
			c.move(db, ledger.Partition{Topic: "t0"})
			step()
			require.Empty(t, client.restarts, "it may have been moving a moment ago")
			step()
			if c.says != "" {
				require.Equal(t, 1, logs.FilterMessageSnippet(c.says).Len(), "%v", logs.All())
			}
			if c.reason == "" {
				require.Empty(t, client.restarts)
				require.Zero(t, logs.FilterLevelExact(zapcore.ErrorLevel).Len())
				return
			}
			require.Equal(t, map[string]string{"t0": c.reason}, again(client))
			require.True(t, client.topics["t0"].seats[0].tenure.Ended())
			step()
			require.Len(t, client.restarts, 1, "it waits for its start")
		})
	}
}

// TestCheckSeesTheTopicMadeAnew lets Kafka have another topic of the name, or
// none, while records flow.
func TestCheckSeesTheTopicMadeAnew(t *testing.T) {
	first, second := ledger.LogID{1}, ledger.LogID{2}
	for _, c := range []struct {
		name  string
		heard []ledger.LogID // zero is nothing
		again bool
	}{
		{"the same", []ledger.LogID{first, first, first}, false},
		{"made anew", []ledger.LogID{first, second, second}, true},
		{"heard once", []ledger.LogID{second, first, second}, false},
		{"two others", []ledger.LogID{second, {3}}, false},
		{"deleted", []ledger.LogID{second, {}, second}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, _, _ := checking(1)
			now := time.Now()
			for _, id := range c.heard {
				require.Empty(t, client.restarts)
				client.facts = topics{"t0": id}
				if id == (ledger.LogID{}) {
					client.facts = topics{}
				}
				client.topics["t0"].seats[0].next++ // it does not rest
				client.checkLedger(t.Context(), now)
				client.aside.Wait()
				client.checkLedger(t.Context(), now)
				now = now.Add(checkEvery)
			}
			want := map[string]string{}
			if c.again {
				want["t0"] = "topic_recreated"
			}
			require.Equal(t, want, again(client))
		})
	}
}

// TestCheckComparesAtRest lets records arrive, commits happen and answers come
// between the question, the reading of the ledger and the judgement. As long as
// nobody but the lane moves the ledger no partition may be started again; one
// that was set back while nothing of it was under way must be.
func TestCheckComparesAtRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, db, _ := checking(2)
		states := make(map[ledger.Partition]*modelled)
		for _, topic := range c.topics {
			states[ledger.Partition{Topic: topic.name}] = &modelled{db: db, topic: topic, done: 5}
		}
		work := func() {
			for range rapid.IntRange(0, 3).Draw(t, "steps") {
				p := ledger.Partition{Topic: fmt.Sprint("t", rapid.IntRange(0, 1).Draw(t, "partition"))}
				states[p].do(rapid.SampledFrom([]string{"deliver", "commit", "answer", "begin", "set back"}).Draw(t, "step"))
			}
		}
		for range rapid.IntRange(2, 6).Draw(t, "checks") {
			work()
			asked := check{resting: c.resting()}
			for _, s := range states {
				s.touched = false
			}
			work()
			asked.rows, _ = db.Read(context.Background(), nil)
			for p, s := range states {
				s.read = asked.rows[p].Next
			}
			work()
			c.compare(asked)
			for _, r := range c.restarts {
				require.Same(t, states[r.tenure.Partition].seat().tenure, r.tenure, "a tenure that is over is started again")
			}
			c.restarts = nil
			for p := range asked.resting {
				s := states[p]
				require.True(t, s.touched || s.read == s.done || s.seat().tenure.Ended(), "%s was set back and is not started again", p)
			}
			for p, s := range states {
				require.True(t, s.lost || !s.seat().tenure.Ended(), "%s is started again without a reason", p)
				if s.seat().tenure.Ended() {
					s.do("begin")
				}
			}
		}
	})
}

// modelled is a partition's way through lane and database.
type modelled struct {
	db      *central
	topic   *topic
	done    int64 // committed by the database, whether or not it was answered
	read    int64 // what the ledger said last
	lost    bool  // it was set back since the tenure began
	touched bool  // since the question was asked
}

func (m *modelled) seat() *seat { return m.topic.seats[0] }

func (m *modelled) do(step string) {
	s, p := m.seat(), ledger.Partition{Topic: m.topic.name}
	switch step {
	case "deliver":
		s.next++
		m.touched = true
	case "commit": // all that was delivered, if the ledger matches
		if !m.lost && m.done < s.next {
			m.done = s.next
			m.db.set(p, m.done)
		}
	case "answer":
		s.tenure.SetWritten(m.done)
	case "begin": // again, from where the ledger stands
		s.tenure.End()
		m.done, m.lost, m.touched = m.db.at(p), false, true
		m.topic.seats[0] = newSeat(ledger.NewTenure(ledger.Position{Partition: p, LogID: ledger.LogID{1}, Next: m.done}))
	case "set back":
		if !m.lost {
			m.lost = true
			m.db.set(p, m.done-1)
		}
	}
}
