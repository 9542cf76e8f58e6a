package chaos

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/integration/compare"
	"tributary/sink/monitor/gather"
)

// Judge closes the stores, gives the last events until the limit to arrive, and
// compares. It may be called again. Its error means that no judgement could be
// made.
func (c *Chaos) Judge(ctx context.Context, limit time.Duration) (*Report, error) {
	if err := c.stopSelling(); err != nil {
		return nil, err
	}
	c.say("the stores are closed; waiting for the last events")
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	rows, err := compare.Eventually(ctx, compare.Central{DB: c.central, Schema: schema}, c.sides(), compare.Options{Parallel: 2})
	if err != nil {
		return nil, fmt.Errorf("comparing stores and central tables: %w", err)
	}
	if !rows.Equal() {
		var text strings.Builder
		if err := rows.Print(&text); err != nil {
			return nil, err
		}
		c.fail("%s\n%s", rows.Verdict(), text.String())
	}
	// The time for the rows may be used up, if they differ.
	after, cancelAfter := context.WithTimeout(context.WithoutCancel(ctx), afterLimit)
	defer cancelAfter()
	for _, check := range []func(context.Context) error{c.judgeOffsets, c.judgeLetters, c.judgeSnapshot} {
		if err := check(after); err != nil {
			return nil, err
		}
	}
	c.judgeMemory()
	return c.report(rows), nil
}

// afterLimit is for all that is left when the rows are there. Kafka's offsets
// are committed every second.
const afterLimit = 30 * time.Second

// judgeOffsets holds the ledger against the ends of the topics, and Kafka's
// offsets of the group against the ledger.
func (c *Chaos) judgeOffsets(ctx context.Context) error {
	log, err := gather.NewLog(map[string]string{"bootstrap.servers": c.stack.Kafka.Addr()}, group)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	for {
		wrong, err := c.offsetsApart(ctx, log)
		if err == nil && len(wrong) == 0 {
			return nil
		}
		if !pause(ctx, 500*time.Millisecond) {
			if err != nil {
				return fmt.Errorf("reading offsets: %w", err)
			}
			c.fail("offsets: %s", strings.Join(wrong, "; "))
			return nil
		}
	}
}

func (c *Chaos) offsetsApart(ctx context.Context, log *gather.Log) ([]string, error) {
	cluster, err := log.Read(ctx, environment, func(debezium.Topic) bool { return true })
	if err != nil {
		return nil, err
	}
	next, err := numbers(ctx, c.central, "SELECT CONCAT(topic, '-', part), next_offset FROM tributary_ledger WHERE grp='"+group+"'")
	if err != nil {
		return nil, err
	}
	var wrong []string
	for p, kafka := range cluster.Partitions {
		name := fmt.Sprintf("%s-%d", p.Topic, p.ID)
		if kafka.End == 0 {
			continue // nothing to write, nothing to commit
		}
		if next[name] != kafka.End || kafka.Committed != kafka.End {
			wrong = append(wrong, fmt.Sprintf("%s: end %d, ledger %d, committed %d", name, kafka.End, next[name], kafka.Committed))
		}
	}
	return wrong, nil
}

// judgeLetters makes sure that what was set aside is the poison, all of it and
// nothing else.
func (c *Chaos) judgeLetters(ctx context.Context) error {
	rows, err := c.central.QueryContext(ctx, "SELECT topic, part, kafka_offset, reason FROM tributary_dead_letters")
	if err != nil {
		return fmt.Errorf("reading the dead letters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	c.mu.Lock()
	missing := map[coordinates]bool{}
	for at := range c.poisoned {
		missing[at] = true
	}
	c.mu.Unlock()
	for rows.Next() {
		var at coordinates
		var reason string
		if err := rows.Scan(&at.topic, &at.partition, &at.offset, &reason); err != nil {
			return fmt.Errorf("reading the dead letters: %w", err)
		}
		if !missing[at] {
			c.fail("%s, offset %d, was set aside, but is no poison: %s", at.topic, at.offset, reason)
		}
		delete(missing, at)
	}
	for at := range missing {
		c.fail("%s, offset %d, is poison, but no dead letter", at.topic, at.offset)
	}
	return rows.Err()
}

func (c *Chaos) judgeSnapshot(ctx context.Context) error {
	problem, err := c.watch.hold(ctx)
	if problem != "" {
		c.fail("%s", problem)
	}
	return err
}

func (c *Chaos) judgeMemory() {
	for _, r := range c.all() {
		r.measure()
		if peak := r.mostMemory(); peak > mostMemory {
			c.fail("%s had %d MiB resident; the bound is %d MiB", r.Name(), peak>>20, int64(mostMemory)>>20)
		}
	}
}
