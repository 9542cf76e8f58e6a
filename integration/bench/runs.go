package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tributary/integration/bench/events"
)

// backlog is the load all contestants catch up on.
func (b *bench) backlog() load {
	return load{Shape: events.Shape{Environment: fmt.Sprintf("catchup%d", b.Events), Stores: 200, Tables: 1}, events: b.Events}
}

// catchUp measures the sink between two measurements of the database alone.
func (b *bench) catchUp(ctx context.Context) error {
	l := b.backlog()
	messages, err := b.fill(ctx, l)
	if err != nil {
		return err
	}
	statements := l.literals()
	want, err := b.expect(ctx, l)
	if err != nil {
		return err
	}
	for range b.Rounds {
		if err := b.ceiling(ctx, "catchup", l, "before", statements); err != nil {
			return err
		}
		for _, v := range b.variants() {
			if err := b.catchUpWith(ctx, "catchup", v, l, messages, &want, false); err != nil {
				return err
			}
			if b.Quick || b.Versus != "" || len(b.VersusAs) > 0 {
				continue
			}
			// As the sink makes the tables itself: three columns more.
			if err := b.catchUpWith(ctx, "catchup", v.with("service columns"), l, messages, &want, true); err != nil {
				return err
			}
		}
		if err := b.ceiling(ctx, "catchup", l, "after", statements); err != nil {
			return err
		}
	}
	return nil
}

// peer measures Debezium's JDBC sink and the sink in turn, on the same events. The
// worker runs only meanwhile.
func (b *bench) peer(ctx context.Context) (err error) {
	l := b.backlog()
	messages, err := b.fill(ctx, l)
	if err != nil {
		return err
	}
	want, err := b.expect(ctx, l)
	if err != nil {
		return err
	}
	b.say("starting Kafka Connect")
	worker, err := b.stack.AddWorker(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, worker.Stop(context.WithoutCancel(ctx))) }()
	for range b.Rounds {
		if err := b.jdbcWith(ctx, worker, jdbcBest, l, &want); err != nil {
			return err
		}
		if err := b.catchUpWith(ctx, "catchup", b.variants()[0], l, messages, &want, false); err != nil {
			return err
		}
	}
	if b.Quick {
		return nil
	}
	return b.jdbcWith(ctx, worker, jdbcShipped, l, &want)
}

// updates measures a backlog in which hot rows change again and again.
func (b *bench) updates(ctx context.Context) error {
	l := b.backlog()
	l.Environment, l.Mix = fmt.Sprintf("updates%d", b.Events), events.Mix{Updates: 60, Deletes: 10, Hot: 50}
	messages, err := b.fill(ctx, l)
	if err != nil {
		return err
	}
	want, err := b.expect(ctx, l)
	if err != nil {
		return err
	}
	for range b.Rounds {
		for _, v := range b.variants() {
			if err := b.catchUpWith(ctx, "updates", v, l, messages, &want, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// live measures a busy chain: 10,000 events a second over 200 stores.
func (b *bench) live(ctx context.Context) error {
	p := pace{load: load{Shape: events.Shape{Stores: 200, Tables: 1}}, rate: 10_000, last: 30 * time.Second, every: 20 * time.Millisecond, warm: 5 * time.Second}
	for range b.Rounds {
		for _, v := range b.variants() {
			if err := b.liveWith(ctx, "live, 10000 events/s, 200 topics", v, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// quiet measures a night: 100 events a second over 2,400 topics.
func (b *bench) quiet(ctx context.Context) error {
	// Each topic has its first event in the warm-up, and more than one after it.
	p := pace{
		load: load{Shape: events.Shape{Stores: 200, Tables: 12}}, rate: 100, last: 90 * time.Second,
		every: 50 * time.Millisecond, warm: 30 * time.Second,
	}
	for _, v := range b.variants() {
		if err := b.liveWith(ctx, "live, 100 events/s, 2400 topics", v, p); err != nil {
			return err
		}
	}
	return nil
}

// lanes measures one hot table with one, two and three lanes.
func (b *bench) lanes(ctx context.Context) error {
	l := b.backlog()
	messages, err := b.fill(ctx, l)
	if err != nil {
		return err
	}
	want, err := b.expect(ctx, l)
	if err != nil {
		return err
	}
	for range b.Rounds {
		for _, n := range []string{"1", "2", "3"} {
			v := b.variants()[0].with(n+" lanes", "LANES="+n)
			if err := b.catchUpWith(ctx, "lanes", v, l, messages, &want, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// growth measures the same number of events in more and more topics, and the database
// alone with as many tables and stores.
func (b *bench) growth(ctx context.Context) error {
	for _, shape := range []events.Shape{{Stores: 200, Tables: 1}, {Stores: 200, Tables: 12}, {Stores: 1000, Tables: 10}} {
		topics := shape.Stores * shape.Tables
		if !slices.Contains(b.Topics, topics) {
			continue
		}
		shape.Environment = fmt.Sprintf("growth%d-%d", b.Events, topics)
		l := load{Shape: shape, events: b.Events}
		messages, err := b.fill(ctx, l)
		if err != nil {
			return err
		}
		want, err := b.expect(ctx, l)
		if err != nil {
			return err
		}
		run, statements := fmt.Sprintf("growth, %d topics", topics), l.literals()
		for range b.Rounds {
			if err := b.ceiling(ctx, run, l, "", statements); err != nil {
				return err
			}
			for _, v := range b.variants() {
				if err := b.catchUpWith(ctx, run, v, l, messages, &want, false); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
