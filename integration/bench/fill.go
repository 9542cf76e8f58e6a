package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tributary/integration/bench/events"
)

// createTopics creates the topics of a shape as our connectors' settings do:
// one partition each.
func (b *bench) createTopics(ctx context.Context, topics []*events.Topic) error {
	const atOnce = 500
	for len(topics) > 0 {
		request := kmsg.NewPtrCreateTopicsRequest()
		request.TimeoutMillis = 120_000
		n := min(atOnce, len(topics))
		for _, t := range topics[:n] {
			topic := kmsg.NewCreateTopicsRequestTopic()
			topic.Topic, topic.NumPartitions, topic.ReplicationFactor = t.Name, 1, 1
			request.Topics = append(request.Topics, topic)
		}
		response, err := request.RequestWith(ctx, b.kafka)
		if err != nil {
			return fmt.Errorf("creating topics: %w", err)
		}
		for _, t := range response.Topics {
			if err := kerr.ErrorForCode(t.ErrorCode); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
				return fmt.Errorf("creating %s: %w", t.Topic, err)
			}
		}
		topics = topics[n:]
	}
	return nil
}

// load is a backlog: so many events in the topics of a shape.
type load struct {
	events.Shape
	events.Mix
	events int // of the whole
}

// each is the number of events of one topic.
func (l load) each() int { return l.events / (l.Stores * l.Tables) }

// total is the number of events that each amounts to.
func (l load) total() int64 { return int64(l.each() * l.Stores * l.Tables) }

// turn is how many events a topic gets before the next one has its turn: about
// what fills a batch of Kafka's producer. With one event a turn, the more topics
// there were the smaller their batches would be, and runs that differ in topics
// would measure that.
const turn = 50

// fill makes the topics and the events of a load, unless they are there from an
// earlier time. It returns how many messages there are: a delete is followed by
// a tombstone.
func (b *bench) fill(ctx context.Context, l load) (int64, error) {
	mark := filepath.Join(b.stack.Dir(), fmt.Sprintf("filled-%s-%d", l.Environment, l.events))
	var messages int64
	if text, err := os.ReadFile(mark); err == nil {
		_, err := fmt.Sscan(string(text), &messages)
		return messages, err
	}
	b.say("producing %d events of %d stores x %d tables", l.total(), l.Stores, l.Tables)
	topics := l.Topics()
	if err := b.createTopics(ctx, topics); err != nil {
		return 0, err
	}
	var failed sync.Map
	promise := func(r *kgo.Record, err error) {
		if err != nil {
			failed.Store(r.Topic, err)
		}
	}
	lives := make([]*events.Life, len(topics))
	for i, t := range topics {
		lives[i] = events.NewLife(t, l.Mix)
	}
	for left := l.each(); left > 0; left -= turn {
		for i, t := range topics {
			for range min(turn, left) {
				c := lives[i].Next(time.Now().UnixMicro())
				b.kafka.Produce(ctx, record(t, c), promise)
				messages++
				if c.Op == 'd' {
					b.kafka.Produce(ctx, &kgo.Record{Topic: t.Name, Key: t.AppendKey(nil, c.ID)}, promise)
					messages++
				}
			}
		}
	}
	if err := b.kafka.Flush(ctx); err != nil {
		return 0, fmt.Errorf("producing: %w", err)
	}
	var err error
	failed.Range(func(topic, why any) bool {
		err = fmt.Errorf("producing to %s: %w", topic, why.(error))
		return false
	})
	if err != nil {
		return 0, err
	}
	return messages, os.WriteFile(mark, fmt.Append(nil, messages), 0o644)
}

func record(t *events.Topic, c events.Change) *kgo.Record {
	return &kgo.Record{
		Topic: t.Name, Key: t.AppendKey(nil, c.ID), Value: t.AppendValue(make([]byte, 0, 9<<10), c),
	}
}
