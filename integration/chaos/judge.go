package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"tributary/debezium"
	"tributary/integration/compare"
	"tributary/integration/pos"
	"tributary/sink/ledger"
	"tributary/sink/monitor/gather"
)

// finding is what one examination found.
type finding struct {
	problems []string
	rows     *compare.Report
	repeated int
}

// examineEvery is the pause between two examinations.
const examineEvery = time.Second

// Judge closes the stores, gives the last events until the limit to arrive, and
// examines all that must be true then. It may be called again. Its error means
// that no judgement could be made.
func (c *Chaos) Judge(ctx context.Context, limit time.Duration) (*Report, error) {
	if err := c.stopSelling(); err != nil {
		return nil, err
	}
	c.say("the stores are closed; waiting for the last events")
	log, err := gather.NewLog(map[string]string{"bootstrap.servers": c.stack.Kafka.Addr()}, group)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var last *finding
	for {
		var found *finding
		if found, err = c.examine(ctx, log); err == nil {
			last = found
		}
		if err == nil && len(found.problems) == 0 || !pause(ctx, examineEvery) {
			break
		}
	}
	if last == nil {
		return nil, fmt.Errorf("examining the copy: %w", err)
	}
	for _, problem := range last.problems {
		c.fail("%s", problem)
	}
	c.judgeMemory()
	if err := c.judgeLogs(); err != nil {
		return nil, err
	}
	return c.report(last), nil
}

// examine looks at everything once.
func (c *Chaos) examine(ctx context.Context, log *gather.Log) (*finding, error) {
	cluster, err := log.Read(ctx, environment, func(debezium.Topic) bool { return true })
	if err != nil {
		return nil, fmt.Errorf("reading offsets: %w", err)
	}
	audits, err := c.readLog(ctx, cluster)
	if err != nil {
		return nil, err
	}
	found := &finding{}
	found.rows, err = compare.Stores(ctx, compare.Central{DB: c.central, Schema: schema}, c.sides(), compare.Options{Parallel: 2})
	if err != nil {
		return nil, fmt.Errorf("comparing stores and central tables: %w", err)
	}
	if !found.rows.Equal() {
		var text strings.Builder
		if err := found.rows.Print(&text); err != nil {
			return nil, err
		}
		found.problems = append(found.problems, found.rows.Verdict()+"\n"+text.String())
	}
	problem, snapshotErr := c.watch.hold(ctx)
	if problem != "" {
		found.problems = append(found.problems, problem)
	}
	return found, errors.Join(snapshotErr, c.examineLog(ctx, audits, found),
		c.examineLetters(ctx, audits, found), c.examineOffsets(ctx, cluster, found))
}

// examineLog holds the tables without a key against the events.
func (c *Chaos) examineLog(ctx context.Context, audits map[string]*audit, found *finding) error {
	for store, j := range c.journals.each {
		a := audits[store]
		if a == nil || a.newest != j.last() {
			found.problems = append(found.problems, fmt.Sprintf("store %s: its last entry has not reached Kafka", store))
			continue
		}
		found.repeated += a.repeated
		problems, err := a.against(ctx, c.central, store)
		if err != nil {
			return err
		}
		found.problems = append(found.problems, problems...)
	}
	return nil
}

// examineOffsets holds the ledger against the ends of the topics, and Kafka's
// offsets of the group against the ledger.
func (c *Chaos) examineOffsets(ctx context.Context, cluster gather.Cluster, found *finding) error {
	next, err := numbers(ctx, c.central, "SELECT CONCAT(topic, '-', part), next_offset FROM tributary_ledger WHERE grp='"+group+"'")
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	rest := map[string]map[int32]kgo.Offset{}
	for p, kafka := range cluster.Partitions {
		name := fmt.Sprintf("%s-%d", p.Topic, p.ID)
		if kafka.End == 0 {
			continue // nothing to write, nothing to commit
		}
		if kafka.Committed != next[name] {
			found.problems = append(found.problems, fmt.Sprintf("%s: end %d, ledger %d, committed %d", name, kafka.End, next[name], kafka.Committed))
		}
		if next[name] < kafka.End {
			rest[p.Topic] = map[int32]kgo.Offset{p.ID: kgo.NewOffset().At(next[name])}
		}
	}
	unwritten, err := c.unwritten(ctx, cluster, rest)
	found.problems = append(found.problems, unwritten...)
	return err
}

// unwritten reads what is behind the ledger: nothing but the marks with which
// transactions end.
func (c *Chaos) unwritten(ctx context.Context, cluster gather.Cluster, rest map[string]map[int32]kgo.Offset) (problems []string, err error) {
	if len(rest) == 0 {
		return nil, nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(c.stack.Kafka.Addr()), kgo.ConsumePartitions(rest),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		return nil, fmt.Errorf("making a Kafka client: %w", err)
	}
	defer client.Close()
	for len(rest) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return nil, fmt.Errorf("reading behind the ledger: %w", err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if rest[r.Topic] != nil && !r.Attrs.IsControl() {
				problems = append(problems, fmt.Sprintf("%s-%d: offset %d is not written", r.Topic, r.Partition, r.Offset))
				delete(rest, r.Topic)
			}
			if r.Offset >= cluster.Partitions[ledger.Partition{Topic: r.Topic, ID: r.Partition}].End-1 {
				delete(rest, r.Topic)
			}
		})
	}
	return problems, nil
}

// examineLetters makes sure that what was set aside is the poison, all of it and
// nothing else, and what Debezium repeated of rows that are gone.
func (c *Chaos) examineLetters(ctx context.Context, audits map[string]*audit, found *finding) error {
	rows, err := c.central.QueryContext(ctx, "SELECT topic, part, kafka_offset, reason FROM tributary_dead_letters")
	if err != nil {
		return fmt.Errorf("reading the dead letters: %w", err)
	}
	defer func() { _ = rows.Close() }()
	missing := c.expectedLetters(audits)
	for rows.Next() {
		var at coordinates
		var reason string
		if err := rows.Scan(&at.topic, &at.partition, &at.offset, &reason); err != nil {
			return fmt.Errorf("reading the dead letters: %w", err)
		}
		if !missing[at] {
			found.problems = append(found.problems, fmt.Sprintf("%s, offset %d, was set aside, but is no poison: %s", at.topic, at.offset, reason))
		}
		delete(missing, at)
	}
	for at := range missing {
		found.problems = append(found.problems, fmt.Sprintf("%s, offset %d, is poison, but no dead letter", at.topic, at.offset))
	}
	return rows.Err()
}

func (c *Chaos) expectedLetters(audits map[string]*audit) map[coordinates]bool {
	expected := map[coordinates]bool{}
	c.mu.Lock()
	for at := range c.poisoned {
		expected[at] = true
	}
	c.mu.Unlock()
	for _, a := range audits {
		for _, at := range a.refused {
			expected[at] = true
		}
	}
	return expected
}

// sides are the stores for the comparison.
func (c *Chaos) sides() []compare.Store {
	var sides []compare.Store
	for _, store := range c.stores {
		sides = append(sides, compare.Store{
			ID: store.ID, DB: store.DB, Schema: store.Schema(), Tables: append(pos.Tables(), entriesTable, countersTable),
		})
	}
	return sides
}

func (c *Chaos) judgeMemory() {
	for _, r := range c.all() {
		r.measure()
		if peak := r.mostMemory(); peak > mostMemory {
			c.fail("%s had %d MiB resident; the bound is %d MiB", r.Name(), peak>>20, int64(mostMemory)>>20)
		}
	}
}

// losses are what a sink says of a log that has lost what it had. Kafka loses nothing
// here: it is killed, and its machine is not.
var losses = []string{string(ledger.Expired), string(ledger.Shrunk)}

// judgeLogs makes sure that no sink took a broker that was away for one that has lost
// events: it reads a topic again, which of most tables nobody would see.
func (c *Chaos) judgeLogs() error {
	for _, r := range c.all() {
		text, err := os.ReadFile(r.LogPath())
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the spare one may never have come
			return fmt.Errorf("reading the log of %s: %w", r.Name(), err)
		}
		for _, loss := range losses {
			if n := bytes.Count(text, fmt.Appendf(nil, "\"reason\":%q", loss)); n > 0 {
				c.fail("%s says of %d partitions that Kafka has lost events (%s), which it has not", r.Name(), n, loss)
			}
		}
	}
	return nil
}
