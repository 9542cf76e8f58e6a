package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"tributary/integration/bench/events"
)

// patience is how long replicas may take to share topics out.
const patience = 5 * time.Minute

// replicas measures how soon topics are shared out when replicas join one after
// the other, and how soon others have those of one that was killed.
func (b *bench) replicas(ctx context.Context) error {
	for _, n := range b.Topics {
		if err := b.replicasOf(ctx, events.Shape{Environment: b.name("replicas"), Stores: 200, Tables: n / 200}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) replicasOf(ctx context.Context, shape events.Shape) error {
	const most = 4
	l := load{Shape: shape}
	topics := l.Topics()
	if err := errors.Join(b.createTopics(ctx, topics), b.empty(ctx, l.Shape, true)); err != nil {
		return err
	}
	if err := b.visible(ctx, topics); err != nil {
		return err
	}
	v := b.variants()[0].with("", "GROUP="+l.Environment)
	var running []*sink
	defer func() {
		for _, k := range running {
			_ = k.Kill()
		}
	}()
	run := fmt.Sprintf("replicas, %d topics", len(topics))
	for n := range most {
		begun := time.Now()
		k, err := b.startSink(ctx, b.name("sink"), v, l.Shape)
		if err != nil {
			return err
		}
		running = append(running, k)
		if err := b.shared(ctx, run, fmt.Sprintf("replica %d joins", n+1), begun, running, len(topics)); err != nil {
			return err
		}
	}
	begun := time.Now()
	if err := running[0].Kill(); err != nil {
		return err
	}
	running = running[1:]
	return b.shared(ctx, run, "one is killed", begun, running, len(topics))
}

// visible waits until the broker tells of all topics: a sink chooses how many
// clients it runs by what it sees when it starts.
func (b *bench) visible(ctx context.Context, topics []*events.Topic) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		request := kmsg.NewPtrMetadataRequest()
		response, err := request.RequestWith(ctx, b.kafka)
		if err != nil {
			return fmt.Errorf("asking for topics: %w", err)
		}
		known := make(map[string]bool, len(response.Topics))
		for _, t := range response.Topics {
			known[*t.Topic] = t.ErrorCode == 0
		}
		if !slices.ContainsFunc(topics, func(t *events.Topic) bool { return !known[t.Name] }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for topics: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// shared waits until every replica has its share, and says how long that took.
func (b *bench) shared(ctx context.Context, run, what string, begun time.Time, running []*sink, topics int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		sum, least := 0, topics
		for _, k := range running {
			counters, err := k.metrics(ctx)
			if err != nil {
				return err
			}
			held := int(counters["tributary_assigned_partitions"])
			sum, least = sum+held, min(least, held)
		}
		if sum == topics && least >= topics/len(running)*3/4 {
			took := time.Since(begun)
			b.add(result{Run: run, Contestant: what, Note: fmt.Sprintf("%.1f s", took.Seconds()), measured: measured{
				Rate: float64(topics) / took.Seconds(), usage: usage{Seconds: took.Seconds()},
			}})
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %d of %d partitions assigned, at least %d to each: %w", what, sum, topics, least, ctx.Err())
		case <-ticker.C:
		}
	}
}
