package sweep

import (
	"context"
	"fmt"
	"time"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
	"tributary/sink/topiclog"
)

// open refuses tables whose rows cannot be told apart by their offset.
func (s *Sweeper) open(ctx context.Context, t *Table, parts []ledger.Written, topic topiclog.Topic, written map[string][]ledger.Written) error {
	switch {
	case topic.Name == "":
		return refuse("its topic is gone from kafka, and with it what tells which rows are older; capture the table again, and sweep then")
	case len(parts) > 1 || topic.Partitions > 1:
		return refuse("its topic has several partitions, and the rows do not say which of them their offset counts in; %s", byHand)
	case parts[0].LogID != topic.LogID:
		return refuse("not yet: its topic was made again, and the sink has not begun to read it")
	}
	for other, theirs := range written {
		if other != t.Topic && theirs[0].Table == t.Name {
			return refuse("its rows come from two topics, %s too, and do not say from which; %s", other, byHand)
		}
	}
	table, err := s.Table(ctx, t.Name)
	if err != nil {
		return err
	}
	if table == nil {
		return refuse("there is no central table %s", t.Name)
	}
	t.rows = centralRows{table: table, store: t.Store}
	t.Soft = t.softly(s)
	if table.Column(schema.OffsetColumn) == nil {
		return refuse("the central table has no column %s, which tells which event wrote a row. ALTER TABLE %s ADD COLUMN %s BIGINT UNSIGNED NULL,"+
			" restart the sinks, and capture the table again; the rows that have NULL there when that is over are those the store no longer has",
			schema.OffsetColumn, schema.Quote(t.Name), schema.Quote(schema.OffsetColumn))
	}
	return nil
}

// byHand is what is left where rows do not say which event wrote them.
const byHand = "after another capture, the rows that the store no longer has are those with an earlier " + schema.AppliedColumn + " than when it began"

// caughtUp waits until the sink has written all that the topic holds now: a row
// whose newer event is still to come looks older than it is. From then on no row
// that the log knows can become older, so rows written later are left alone.
func (s *Sweeper) caughtUp(ctx context.Context, l *logs, t *Table) error {
	p := ledger.Partition{Topic: t.Topic}
	held, err := l.Range(ctx, p)
	if err != nil {
		return err
	}
	for {
		at, err := s.Ledger.Read(ctx, []ledger.Partition{p})
		if err != nil {
			return err
		}
		next := at[p].Next
		waiting := false // markers of transactions take offsets too
		if err := l.Read(ctx, p, max(next, held.Earliest), held.End, func(topiclog.Record) bool {
			waiting = true
			return false
		}); err != nil {
			return err
		}
		if !waiting && at[p].LogID == l.topics[t.Topic].LogID {
			return s.mark(ctx, t, at[p])
		}
		if time.Now().After(l.deadline) {
			return refuse("not yet: the sink has written the events up to offset %d of %d; `tributary explain %s` says what holds it up", next, held.End, t.Store)
		}
		if err := wait(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// mark takes the central server's time and looks at the ledger once more: had the
// topic been made again in between, rows of the new log, whose offsets begin anew,
// would be taken for old ones. Behind the mark they are not.
func (s *Sweeper) mark(ctx context.Context, t *Table, at ledger.Position) error {
	if err := s.DB.QueryRowContext(ctx, "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)").Scan(&t.rows.before); err != nil {
		return fmt.Errorf("asking the central database for its time: %w", err)
	}
	now, err := s.Ledger.Read(ctx, []ledger.Partition{at.Partition})
	if err != nil {
		return err
	}
	if n := now[at.Partition]; n.LogID != at.LogID || n.Next < at.Next {
		return refuse("not yet: the sink reads its topic anew")
	}
	return nil
}

// letters refuses a table of which events behind the boundary were set aside: the
// rows they are about may be there, and look old. Rows of a table without a key
// are not written again, so that none can look old.
func (s *Sweeper) letters(ctx context.Context, t *Table) error {
	if t.Older == 0 || t.rows.table.InKey(schema.OffsetColumn) {
		return nil
	}
	var open, discarded int
	err := s.DB.QueryRowContext(ctx, "SELECT COALESCE(SUM(state='open'),0), COALESCE(SUM(state='discarded'),0) FROM "+deadletter.Table+
		" d JOIN "+ledger.Table+" l USING (grp, topic, part, log_id) WHERE d.grp=? AND d.topic=? AND d.kafka_offset>=?", s.Group, t.Topic, t.Boundary).
		Scan(&open, &discarded)
	switch {
	case err != nil:
		return fmt.Errorf("counting dead letters: %w", err)
	case open > 0:
		return refuse("events since then are dead letters (%d): the rows they are about may be there, and look older; mend the cause, then"+
			" `tributary deadletters replay --store %s --table %s`", open, t.Store, t.Name)
	case discarded > 0:
		return refuse("events since then were dead letters, and discarded (%d): the rows they are about may be there, and look older;"+
			" capture the table again, and sweep then", discarded)
	}
	return nil
}

// settle closes the dead letters that ask for the sweep that was made: of a table
// that was dropped, or captured again since they were written. One that asks for
// more is left to a person.
func (s *Sweeper) settle(ctx context.Context, t *Table) error {
	if t.Beginning.Kind != Captured && t.Beginning.Kind != Dropped {
		return nil
	}
	told := debezium.Topic{Environment: s.Environment, Store: t.Store}.String()
	_, err := s.DB.ExecContext(ctx, "UPDATE "+deadletter.Table+" SET state=?, settled_time=UTC_TIMESTAMP(6)"+
		" WHERE grp=? AND store_id=? AND table_name=? AND state='open' AND topic=? AND kafka_offset<=?"+
		" AND LOCATE(?, reason)>0 AND LOCATE('; besides, ', reason)=0",
		string(deadletter.Superseded), s.Group, t.Store, t.Name, told, t.Beginning.message, "`tributary sweep "+t.Store+" "+t.Name+"`")
	if err != nil {
		return fmt.Errorf("settling dead letters: %w", err)
	}
	return nil
}

func wait(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}
