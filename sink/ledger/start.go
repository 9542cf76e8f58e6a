package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"tributary/schema"
)

// Log is what Start asks of Kafka.
type Log interface {
	// IDs returns the topic ids of the topics as they are now, and the topics
	// that Kafka says nothing of. One that does not exist is in neither.
	IDs(ctx context.Context, topics []string) (ids map[string]LogID, silent []string, err error)
	// Ranges returns the offsets that can be read now. A partition that Kafka
	// says nothing of, as one whose brokers are away, is missing from the
	// answer.
	Ranges(ctx context.Context, partitions []Partition) (map[Partition]Range, error)
	// Committed returns the group's committed offsets; a partition without
	// one is missing from the answer.
	Committed(ctx context.Context, partitions []Partition) (map[Partition]int64, error)
}

// Range is what a partition's log holds: offsets from Earliest up to, but not
// including, End.
type Range struct{ Earliest, End int64 }

// Reason says why a start offset is not what the last run left behind.
type Reason string

// The reasons. Expired and Shrunk mean that Kafka lost events, which nothing
// here can bring back: they are reported so that the store can be snapshotted
// again.
const (
	Resumed   Reason = "resumed"
	Seeded    Reason = "seeded"          // first sight of the partition
	Recreated Reason = "topic_recreated" // another log under the same name: from its beginning
	Expired   Reason = "offsets_expired" // retention deleted events before they were written
	Shrunk    Reason = "log_shrunk"      // the ledger is beyond the end of the log
	Missing   Reason = "topic_missing"   // deleted while being assigned: not started
	Silent    Reason = "kafka_silent"    // Kafka cannot say what there is to read: not started
)

// Started is the outcome of starting one partition.
type Started struct {
	Position
	Reason Reason
	// Was is the ledger's offset before it was set anew; meaningful with
	// Recreated, Expired and Shrunk.
	Was int64
}

// Ready reports whether the partition can be read from where it was started.
func (s *Started) Ready() bool { return s.Reason != Missing && s.Reason != Silent }

// maxTuples bounds the partitions of one SELECT: a thousand are a range read
// of the primary key, several thousand a scan.
const maxTuples = 1000

// Start returns where each of the partitions has to be read from, seeding rows
// that are missing and setting back those that belong to another log.
//
// The order of the steps is part of the protocol. The ledger is read first
// and the topics are described afterwards: in the other order a process frozen
// in between would come back with the id of a topic that has since been made
// anew and set the ledger back to it. For the same reason a row is only set
// to another log if it still holds the id that was read, and seeding never
// overwrites: a second seeder's row, or a lagging Kafka offset, must not move
// the ledger. What counts in the end is what the last SELECT says.
func (l *Ledger) Start(ctx context.Context, partitions []Partition, log Log) (map[Partition]Started, error) {
	rows, err := l.Read(ctx, partitions)
	if IsMissing(err) && l.Remake != nil {
		if err := l.Remake(ctx); err != nil {
			return nil, err
		}
		rows, err = l.Read(ctx, partitions)
	}
	if err != nil {
		return nil, err
	}
	ids, silent, err := log.IDs(ctx, topicsOf(partitions))
	if err != nil {
		return nil, fmt.Errorf("describing topics: %w", err)
	}
	ranges, err := log.Ranges(ctx, existing(partitions, ids))
	if err != nil {
		return nil, fmt.Errorf("listing offsets: %w", err)
	}
	started := make(map[Partition]Started, len(partitions))
	var changed, unseen []Partition
	for _, p := range partitions {
		id, exists := ids[p.Topic]
		row, known := rows[p]
		_, answered := ranges[p]
		switch {
		case exists && !answered || slices.Contains(silent, p.Topic):
			started[p] = Started{Position: Position{Partition: p}, Reason: Silent}
		case !exists:
			started[p] = Started{Position: Position{Partition: p}, Reason: Missing}
		case !known:
			unseen = append(unseen, p)
		default:
			s := judge(row, id, ranges[p])
			started[p] = s
			if s.Reason != Resumed {
				if err := l.reset(ctx, row, s); err != nil {
					return nil, err
				}
				changed = append(changed, p)
			}
		}
	}
	if err := l.seed(ctx, unseen, ids, ranges, log, started); err != nil {
		return nil, err
	}
	return started, l.reread(ctx, append(changed, unseen...), started)
}

// judge compares a row with the log that exists now.
func judge(row Position, id LogID, log Range) Started {
	s := Started{Position: row, Reason: Resumed, Was: row.Next}
	switch {
	case row.LogID != id:
		s.LogID, s.Next, s.Reason = id, log.Earliest, Recreated
	case row.Next < log.Earliest:
		s.Next, s.Reason = log.Earliest, Expired
	case row.Next > log.End:
		// Events the ledger has seen are gone from the log (an unclean
		// leader election, a restored broker). New ones would arrive
		// below the ledger's offset and never be written, so reading
		// begins anew: upserts make that harmless.
		s.Next, s.Reason = log.Earliest, Shrunk
	}
	return s
}

// reset sets a row to another log or offset, if it is still as it was read.
func (l *Ledger) reset(ctx context.Context, was Position, to Started) error {
	_, err := l.db.ExecContext(ctx, `UPDATE `+Table+`
	   SET log_id=?, next_offset=?, owner=?
	 WHERE grp=? AND topic=? AND part=? AND log_id=? AND next_offset=?`,
		to.LogID[:], to.Next, l.owner, l.group, was.Topic, was.ID, was.LogID[:], was.Next)
	if err != nil {
		return fmt.Errorf("setting the ledger of %s: %w", was.Partition, err)
	}
	return nil
}

// seed inserts rows for partitions seen for the first time, starting where
// the group has committed in Kafka (a sink taking over from another tool), else
// at the beginning: a new store's first events count. Where the central table
// has no row of the store, what was committed is of no use: the database is
// another one, or was emptied, and the beginning is where nothing is lost.
func (l *Ledger) seed(ctx context.Context, unseen []Partition, ids map[string]LogID, ranges map[Partition]Range,
	log Log, started map[Partition]Started,
) error {
	if len(unseen) == 0 {
		return nil
	}
	committed, err := log.Committed(ctx, unseen)
	if err != nil {
		return fmt.Errorf("reading the group's committed offsets: %w", err)
	}
	for chunk := range chunks(unseen, maxTuples) {
		var b strings.Builder
		b.WriteString("INSERT INTO " + Table + " (grp, topic, part, log_id, next_offset, store_id, table_name, seeded_time) VALUES ")
		args := make([]any, 0, 7*len(chunk))
		for i, p := range chunk {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("(?,?,?,?,?,?,?,UTC_TIMESTAMP(6))")
			id, r := ids[p.Topic], ranges[p]
			start, ok := committed[p]
			store, table := l.label(p.Topic)
			if ok && start > r.Earliest {
				if ok, err = l.hasRows(ctx, store, table); err != nil {
					return err
				}
			}
			if !ok || start < r.Earliest || start > r.End {
				start = r.Earliest
			}
			args = append(args, l.group, p.Topic, p.ID, id[:], start, store, table)
			started[p] = Started{Position: Position{Partition: p, LogID: id, Next: start}, Reason: Seeded}
		}
		b.WriteString(" ON DUPLICATE KEY UPDATE part=" + Table + ".part")
		if _, err := l.db.ExecContext(ctx, b.String(), args...); err != nil {
			return fmt.Errorf("seeding the ledger: %w", err)
		}
	}
	return nil
}

// hasRows reports whether a central table has any row of a store. Topics that fill
// no table have none: they are read from the beginning.
func (l *Ledger) hasRows(ctx context.Context, store, table string) (bool, error) {
	if table == "" {
		return false, nil
	}
	var one int
	err := l.db.QueryRowContext(ctx, "SELECT 1 FROM "+schema.Quote(table)+" WHERE "+schema.StoreColumn+"=? LIMIT 1", store).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) || IsMissing(err) || isOther(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for rows of store %s in %s: %w", store, table, err)
	}
	return true, nil
}

// isOther reports whether the server says that a table is none of the sink's: it
// has no column for the store, may not be read, or is a view of what there is not.
// Its topic's lane will say so. Here it must not keep all other partitions from
// beginning.
func isOther(err error) bool {
	var server *mysql.MySQLError
	return errors.As(err, &server) && slices.Contains([]uint16{1054, 1142, 1143, 1356}, server.Number)
}

// reread takes the final word on rows that were just inserted or reset:
// another process may have been first.
func (l *Ledger) reread(ctx context.Context, partitions []Partition, started map[Partition]Started) error {
	if len(partitions) == 0 {
		return nil
	}
	rows, err := l.Read(ctx, partitions)
	if err != nil {
		return err
	}
	for _, p := range partitions {
		row, ok := rows[p]
		if !ok {
			return fmt.Errorf("%s: %w", p, errVanished)
		}
		s := started[p]
		s.Position = row
		started[p] = s
	}
	return nil
}

// Read returns the rows that exist.
func (l *Ledger) Read(ctx context.Context, partitions []Partition) (map[Partition]Position, error) {
	found := make(map[Partition]Position, len(partitions))
	for chunk := range chunks(partitions, maxTuples) {
		query := "SELECT topic, part, log_id, next_offset, owner FROM " + Table + " WHERE grp=? AND (topic, part) IN (" +
			strings.TrimSuffix(strings.Repeat("(?,?),", len(chunk)), ",") + ")"
		args := make([]any, 0, 1+2*len(chunk))
		args = append(args, l.group)
		for _, p := range chunk {
			args = append(args, p.Topic, p.ID)
		}
		rows, err := l.db.QueryContext(ctx, query, args...)
		if err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
		if err := collect(rows, found); err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
	}
	return found, nil
}

func collect(rows *sql.Rows, into map[Partition]Position) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p Position
		var id []byte
		if err := rows.Scan(&p.Topic, &p.ID, &id, &p.Next, &p.Owner); err != nil {
			return err
		}
		copy(p.LogID[:], id)
		into[p.Partition] = p
	}
	return rows.Err()
}
