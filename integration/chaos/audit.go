package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"tributary/debezium"
	"tributary/sink/monitor/gather"
)

// audit is what the topics of one store's tables without a key say, read from
// their beginnings. The central table is held against what Kafka holds as well
// as against the store's, which tells whose fault a difference is: where events
// were repeated on their way to Kafka, it is none of the sink's.
type audit struct {
	rows     map[string]map[string]int64 // by table: how many rows of a content there must be
	repeated int                         // events that Debezium sent again
	newest   int                         // entry
	refused  []coordinates               // events that mean a row which is not there
	seen     map[string]bool             // places in the binary log
}

func newAudit() *audit {
	return &audit{rows: map[string]map[string]int64{entriesTable: {}, countersTable: {}}, seen: map[string]bool{}}
}

// event is what is read of one.
type event struct {
	Payload struct {
		Op            string
		Before, After *image
		Source        struct {
			File     string
			Pos, Row int64
		}
	}
}

// image is a row of either table.
type image struct{ N, Till, Total int }

// content is what tells rows apart, as selectContent does.
func (i *image) content(table string) string {
	if table == entriesTable {
		return strconv.Itoa(i.N)
	}
	return fmt.Sprintf("%d/%d", i.Till, i.Total)
}

var selectContent = map[string]string{
	entriesTable:  "n",
	countersTable: "CONCAT(till, '/', total)",
}

// readLog reads the tables without a key of all stores from Kafka.
func (c *Chaos) readLog(ctx context.Context, cluster gather.Cluster) (map[string]*audit, error) {
	audits, start := map[string]*audit{}, map[string]map[int32]kgo.Offset{}
	left := map[string]int64{}
	for p, offsets := range cluster.Partitions {
		at, _ := debezium.ParseTopic(environment, p.Topic)
		if selectContent[at.Table] == "" {
			continue
		}
		if audits[at.Store] == nil {
			audits[at.Store] = newAudit()
		}
		if offsets.End > 0 {
			start[p.Topic] = map[int32]kgo.Offset{p.ID: kgo.NewOffset().AtStart()}
			left[p.Topic] = offsets.End
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(c.stack.Kafka.Addr()), kgo.ConsumePartitions(start),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords()) // a log ends with the mark of a transaction
	if err != nil {
		return nil, fmt.Errorf("making a Kafka client: %w", err)
	}
	defer client.Close()
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return nil, fmt.Errorf("reading the topics: %w", err)
		}
		var bad error
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset >= left[r.Topic]-1 {
				delete(left, r.Topic)
			}
			if r.Attrs.IsControl() {
				return
			}
			at, _ := debezium.ParseTopic(environment, r.Topic)
			var e event
			if err := json.Unmarshal(r.Value, &e); err != nil {
				bad = fmt.Errorf("reading %s, offset %d: %w", r.Topic, r.Offset, err)
				return
			}
			audits[at.Store].apply(at.Table, e, coordinates{r.Topic, r.Partition, r.Offset})
		})
		if bad != nil {
			return nil, bad
		}
	}
	return audits, nil
}

// apply does to the rows what an event says. An update of a row that is not
// there is set aside, and the row as it is now is written all the same.
func (a *audit) apply(table string, e event, at coordinates) {
	p := e.Payload
	if place := fmt.Sprint(table, p.Source.File, p.Source.Pos, "/", p.Source.Row); p.Op != "r" {
		if a.seen[place] {
			a.repeated++
		}
		a.seen[place] = true
	}
	if p.Before != nil && p.Op != "c" && p.Op != "r" {
		before := p.Before.content(table)
		if a.rows[table][before] == 0 {
			a.refused = append(a.refused, at)
		} else {
			a.rows[table][before]--
		}
	}
	if p.After != nil {
		a.rows[table][p.After.content(table)]++
		a.newest = max(a.newest, p.After.N)
	}
}

// against compares a store's central rows without a key with the log's.
func (a *audit) against(ctx context.Context, q querier, store string) (problems []string, err error) {
	for table, want := range a.rows {
		// The store's id is one of ours: digits.
		have, err := numbers(ctx, q, "SELECT "+selectContent[table]+" AS content, COUNT(*) FROM "+table+" WHERE store_id='"+store+"' GROUP BY content")
		if err != nil {
			return nil, fmt.Errorf("counting rows of %s: %w", table, err)
		}
		for content, n := range want {
			if have[content] != n {
				problems = append(problems, fmt.Sprintf("store %s, %s: %d rows %s, but by the events there must be %d", store, table, have[content], content, n))
			}
		}
		for content, n := range have {
			if _, known := want[content]; !known {
				problems = append(problems, fmt.Sprintf("store %s, %s: %d rows %s of which no event tells", store, table, n, content))
			}
		}
	}
	return problems, nil
}
