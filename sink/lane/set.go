package lane

import (
	"context"
	"hash/fnv"
	"sync"

	"tributary/debezium"
)

// Set makes the lanes of a process as topics need them: a few for every
// central table, each for some of the stores.
type Set struct {
	config Config
	each   int

	mu    sync.Mutex
	lanes map[laneID]*Lane // guarded by mu
	run   func(*Lane)      // guarded by mu; set by Start
}

type laneID struct {
	table  string // empty for schema changes
	number int
}

// NewSet returns a set with so many lanes for each table.
func NewSet(c Config, each int) *Set {
	return &Set{config: c, each: each, lanes: make(map[laneID]*Lane)}
}

// Start says where lanes run. They end with ctx; see [Lane.Run].
func (s *Set) Start(ctx, grace context.Context, running *sync.WaitGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run = func(l *Lane) { running.Go(func() { l.Run(ctx, grace) }) }
}

// Lane returns the lane of a row topic or of a topic of schema changes. A topic
// has the same lane for as long as the process lives.
func (s *Set) Lane(topic string) *Lane {
	t, kind := debezium.ParseTopic(s.config.Environment, topic)
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(t.Store))
	id := laneID{number: int(hash.Sum32() % uint32(s.each))}
	if kind == debezium.RowTopic {
		id.table = s.config.Rules.For(t).Name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[id]
	if l == nil {
		if kind == debezium.RowTopic {
			l = New(s.config, id.table, id.number)
		} else {
			l = NewChanges(s.config, id.number)
		}
		s.lanes[id] = l
		s.run(l)
	}
	return l
}
