package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"tributary/integration/bench/events"
)

// liveLinger is how long a producer waits for a batch to fill.
const liveLinger = 20 * time.Millisecond

// pace is a steady flow of events.
type pace struct {
	load
	rate  int // events a second
	last  time.Duration
	every time.Duration // between looks at the ledger
	// warm is left out of the CPU and of the second set of latencies: the first
	// events of every topic, whose tables have to be looked at.
	warm time.Duration
}

// flow produces at a pace and watches the ledger to see when each event is
// committed.
type flow struct {
	topics []*events.Topic
	index  map[string]int // topic name -> its place in topics

	mu       sync.Mutex
	appended [][]time.Time // by topic and offset: the events' Kafka timestamps; guarded by mu
	problem  error         // guarded by mu

	seen      []int64 // by topic: committed up to
	late      []time.Duration
	lateAfter []time.Duration // of events after the warm-up
	behind    []int           // events not committed yet, at every second
}

// liveWith measures a sink on a steady flow.
func (b *bench) liveWith(ctx context.Context, run string, v variant, p pace) error {
	p.Environment = b.name("live")
	f := &flow{topics: p.Topics(), index: make(map[string]int)}
	f.appended, f.seen = make([][]time.Time, len(f.topics)), make([]int64, len(f.topics))
	for i, t := range f.topics {
		f.index[t.Name] = i
	}
	if err := errors.Join(b.createTopics(ctx, f.topics), b.empty(ctx, p.Shape, true)); err != nil {
		return err
	}
	if err := b.visible(ctx, f.topics); err != nil {
		return err
	}
	k, err := b.startSink(ctx, b.name("sink"), v, p.Shape)
	if err != nil {
		return err
	}
	defer func() { _ = k.Kill() }()
	if err := b.assigned(ctx, k, len(f.topics)); err != nil {
		return fmt.Errorf("%s (its log is %s): %w", v.name, k.LogPath(), err)
	}
	all, err := b.parts(parts{"sink": k.ID()})
	if err != nil {
		return err
	}
	producing, produced := context.WithCancel(ctx)
	go func() {
		defer produced()
		f.produce(ctx, b.kafka, p)
	}()
	from, err := f.watch(ctx, b, k.group, p, producing, all)
	if err != nil {
		return fmt.Errorf("%s (its log is %s): %w", v.name, k.LogPath(), err)
	}
	to, err := all.read()
	if err != nil {
		return err
	}
	counters, err := k.metrics(ctx)
	if err != nil {
		return err
	}
	b.add(result{
		Run: run, Contestant: v.name, measured: newMeasured(int64(len(f.lateAfter)), between(from, to)),
		Batches: int64(counters["tributary_batches_total"]), Written: int64(counters["tributary_rows_written_total"]),
		Dead:    int64(counters["tributary_dead_letters_total"]),
		Latency: percentiles(f.late), LatencyWarm: percentiles(f.lateAfter), Behind: f.behind,
	})
	return k.Stop(ctx)
}

// assigned waits until the sink holds all topics.
func (b *bench) assigned(ctx context.Context, k *sink, topics int) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		counters, err := k.metrics(ctx)
		if err != nil {
			return err
		}
		held := int(counters["tributary_assigned_partitions"])
		if held == topics {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d partitions assigned: %w", held, topics, ctx.Err())
		case <-ticker.C:
		}
	}
}

// produce sends creates to the topics in turn, so many every ten milliseconds.
func (f *flow) produce(ctx context.Context, client *kgo.Client, p pace) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	begun := time.Now()
	lives := make([]*events.Life, len(f.topics))
	for i, t := range f.topics {
		lives[i] = events.NewLife(t, p.Mix)
	}
	sent := 0
	for time.Since(begun) < p.last && ctx.Err() == nil {
		due := int(time.Since(begun).Seconds() * float64(p.rate))
		for ; sent < due; sent++ {
			i := sent % len(f.topics)
			client.Produce(ctx, record(f.topics[i], lives[i].Next(time.Now().UnixMicro())), f.sent)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	if err := client.Flush(ctx); err != nil {
		f.sent(nil, err)
	}
}

// sent notes when an event was given to Kafka. Offsets of a topic come in
// order.
func (f *flow) sent(r *kgo.Record, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.problem = cmp.Or(f.problem, err)
		return
	}
	i := f.index[r.Topic]
	f.appended[i] = append(f.appended[i], r.Timestamp)
}

// watch looks at the ledger until all events are committed. It returns what was
// used up to the end of the warm-up.
func (f *flow) watch(ctx context.Context, b *bench, group string, p pace, producing context.Context, all parts) (from reading, err error) {
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	begun := time.Now()
	warm := begun.Add(p.warm)
	for {
		over := producing.Err() != nil // before looking
		if from.at.IsZero() && time.Now().After(warm) {
			if from, err = all.read(); err != nil {
				return from, err
			}
		}
		waiting, err := f.look(ctx, b, group, warm)
		if err != nil || over && waiting == 0 {
			return from, err
		}
		if second := int(time.Since(begun) / time.Second); second > len(f.behind) {
			f.behind = append(f.behind, waiting)
		}
		if over && time.Since(begun) > catchUpLimit {
			return from, fmt.Errorf("%d events are not committed", waiting)
		}
		select {
		case <-ctx.Done():
			return from, ctx.Err()
		case <-ticker.C:
		}
	}
}

// look reads the ledger once and returns how many events wait. The moment an
// event is committed is taken to be the one after the ledger was read, so it is
// never earlier than it was.
func (f *flow) look(ctx context.Context, b *bench, group string, warm time.Time) (waiting int, err error) {
	rows, err := b.db.QueryContext(ctx, "SELECT topic, next_offset FROM tributary_ledger WHERE grp=?", group)
	if err != nil {
		return 0, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	next := make([]int64, len(f.topics))
	for rows.Next() {
		var topic string
		var offset int64
		if err := rows.Scan(&topic, &offset); err != nil {
			return 0, fmt.Errorf("reading the ledger: %w", err)
		}
		next[f.index[topic]] = offset
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("reading the ledger: %w", err)
	}
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, appended := range f.appended {
		// The acknowledgement may be behind the commit: such events count
		// the next time.
		for ; f.seen[i] < min(next[i], int64(len(appended))); f.seen[i]++ {
			at := appended[f.seen[i]]
			f.late = append(f.late, now.Sub(at))
			if at.After(warm) {
				f.lateAfter = append(f.lateAfter, now.Sub(at))
			}
		}
		waiting += len(appended) - int(f.seen[i])
	}
	return waiting, f.problem
}

// latency is from an event's Kafka timestamp to its commit, in ms.
type latency struct {
	P50 int64 `json:"p50"`
	P99 int64 `json:"p99"`
	Max int64 `json:"max"`
}

func percentiles(late []time.Duration) *latency {
	if len(late) == 0 {
		return nil
	}
	slices.Sort(late)
	at := func(share float64) int64 { return late[int(share*float64(len(late)-1))].Milliseconds() }
	return &latency{P50: at(0.5), P99: at(0.99), Max: at(1)}
}
