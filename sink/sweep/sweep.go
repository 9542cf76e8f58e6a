package sweep

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/ledger"
	"tributary/sink/rules"
	"tributary/sink/topiclog"
)

// Sweeper looks after the rows of one sink.
type Sweeper struct {
	DB          *sql.DB
	Group       string
	Environment string
	Ledger      *ledger.Ledger
	Rules       rules.Rules
	Log         Log
	// Registry knows the schemas of Avro events, or waits for them; nil
	// without one.
	Registry debezium.Registry
	// Table reads a central table's definition, nil if there is none.
	Table func(ctx context.Context, name string) (*schema.Table, error)
	// Patience is how long a look waits for a sink that is a moment behind.
	Patience time.Duration
}

// Table is a store's table that began anew, and its rows in the central one.
type Table struct {
	Store string `json:"store"`
	// Name is the central table's.
	Name      string    `json:"table"`
	Topic     string    `json:"topic"`
	Beginning Beginning `json:"beginning"`
	// Boundary is the offset that divides the topic: what earlier events have
	// written is older than the beginning.
	Boundary int64 `json:"boundary"`
	// Counted says that rows were counted: Rows are the store's, and Older those
	// of them that it no longer has.
	Counted bool  `json:"counted"`
	Rows    int64 `json:"rows"`
	Older   int64 `json:"older"`
	// Unplaced are rows without an offset, which another tool has written, and
	// Strays rows from before the beginning with an offset from behind it, which
	// must be another log's.
	Unplaced int64 `json:"without_offset,omitempty"`
	Strays   int64 `json:"of_another_log,omitempty"`
	// Soft says that rows are not deleted but marked.
	Soft bool `json:"soft,omitempty"`
	// Refusal says why nothing is deleted, and what to do; empty if it may be.
	Refusal string `json:"refusal,omitempty"`

	rows centralRows
}

// Most says that more than half of the store's rows would go.
func (t *Table) Most() bool { return 2*t.Older > t.Rows }

// refusal is a table's own reason not to be swept.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// Look finds the tables of a store that began anew, or one of them by its central
// name, and counts the rows that are older than that.
func (s *Sweeper) Look(ctx context.Context, store, table string) ([]Table, error) {
	written, err := s.written(ctx, store, table)
	if err != nil {
		return nil, err
	}
	l := &logs{
		Log: s.Log, registry: s.Registry, topics: make(map[string]topiclog.Topic), over: make(map[place]bool), filled: make(map[place]bool),
		deadline: time.Now().Add(s.Patience),
	}
	prefix := debezium.Topic{Environment: s.Environment, Store: store}.String()
	found, err := s.Log.Topics(ctx, func(name string) bool {
		t, kind := debezium.ParseTopic(s.Environment, name)
		return t.Store == store && (kind == debezium.RowTopic || kind == debezium.SchemaChangeTopic)
	})
	if err != nil {
		return nil, err
	}
	told := false
	for _, t := range found {
		if t.Name == prefix {
			told = true
			continue
		}
		l.topics[t.Name] = t
	}
	if !told {
		return nil, fmt.Errorf("there is no topic %s, in which Debezium tells when a table is dropped or captured (include.schema.changes)", prefix)
	}
	h, err := l.history(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var tables []Table
	for topic, parts := range written {
		b, ok := h.last[topic]
		if !ok {
			continue
		}
		t := Table{Store: store, Name: parts[0].Table, Topic: topic, Beginning: b}
		if err := s.judge(ctx, l, h, &t, parts, written); err != nil {
			var own refusal
			if !errors.As(err, &own) {
				return nil, fmt.Errorf("%s: %w", topic, err)
			}
			t.Refusal = string(own)
		}
		if t.anew() {
			tables = append(tables, t)
		}
	}
	sortTables(tables)
	return tables, nil
}

// written returns how far the topics of a store's tables are written.
func (s *Sweeper) written(ctx context.Context, store, table string) (map[string][]ledger.Written, error) {
	all, err := s.Ledger.OfStore(ctx, store)
	if err != nil {
		return nil, err
	}
	topics := make(map[string][]ledger.Written)
	for _, w := range all {
		if _, kind := debezium.ParseTopic(s.Environment, w.Topic); kind == debezium.RowTopic && (table == "" || w.Table == table) {
			topics[w.Topic] = append(topics[w.Topic], w)
		}
	}
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("the sink of group %q has never seen store %q: look at the id", s.Group, store)
	case len(topics) == 0 && table != "":
		return nil, fmt.Errorf("the sink has never written rows of store %q to a central table %q: look at its name", store, table)
	}
	return topics, nil
}

// history reads a store's schema change topic.
func (l *logs) history(ctx context.Context, topic string) (*history, error) {
	p := ledger.Partition{Topic: topic}
	held, err := l.Range(ctx, p)
	if err != nil {
		return nil, err
	}
	h := newHistory(topic, held.Earliest == 0)
	reader := debezium.NewReaderWith(l.registry)
	var unread error
	err = l.Read(ctx, p, held.Earliest, held.End, func(r topiclog.Record) bool {
		schema, rest, err := reader.Cut(r.Value)
		if r.Millis <= 0 {
			err = errNoTime
		}
		if err == nil {
			var c *debezium.SchemaChange
			if c, err = schema.DecodeChange(rest); err == nil {
				h.add(r.Offset, r.Millis, c)
			}
		}
		if err != nil {
			unread = fmt.Errorf("reading offset %d of %s: %w", r.Offset, topic, err)
		}
		return unread == nil
	})
	return h, errors.Join(err, unread)
}

// judge fills in what a table's beginning means for its rows. A refusal is the
// table's own.
func (s *Sweeper) judge(ctx context.Context, l *logs, h *history, t *Table, parts []ledger.Written, written map[string][]ledger.Written) error {
	if h.shared[t.Topic] {
		return refuse("two tables of the store have its topic, since their names differ only in characters kafka does not allow; rename one of them")
	}
	if err := s.open(ctx, t, parts, l.topics[t.Topic], written); err != nil {
		return err
	}
	b := &t.Beginning
	if b.Kind == Filled {
		return refuse("it was given rows without events at %s, and nothing tells which; capture the table again, and sweep then", b.At.Format(timeFormat))
	}
	offset, first, err := l.boundary(ctx, t.Topic, b)
	if err != nil {
		return refuseIf(err, errGone)
	}
	t.Boundary = offset
	if b.Kind == Captured {
		if err := l.captured(ctx, b, first); err != nil {
			return err
		}
	}
	if err := s.caughtUp(ctx, l, t); err != nil {
		return err
	}
	if err := s.count(ctx, t); err != nil {
		return err
	}
	return s.letters(ctx, t)
}

// captured refuses a snapshot that is not over, and one that has read no rows.
func (l *logs) captured(ctx context.Context, b *Beginning, first *event) error {
	if first == nil || !first.of(b) {
		filled, err := l.filledAny(ctx, b)
		if err != nil {
			return err
		}
		if !filled {
			return refuse("not yet: no row of any table of the store has come with the snapshot of %s;"+
				" if it is over, it read definitions alone (snapshot.mode no_data or recovery) or the store is empty, and rows are yours to delete",
				b.At.Format(timeFormat))
		}
	}
	ended, err := l.ended(ctx, b)
	if err == nil && !ended {
		err = refuse("not yet: the snapshot of %s is under way, or nothing came behind it; sweep when it is over", b.At.Format(timeFormat))
	}
	return err
}

func refuseIf(err, own error) error {
	if errors.Is(err, own) {
		return refusal(err.Error())
	}
	return err
}

const timeFormat = "2006-01-02 15:04:05 UTC"

// anew says that there is something to say: of a table that was captured once and
// never before, only rows that should not be there.
func (t *Table) anew() bool {
	return !t.Beginning.first || t.Older > 0 || t.Strays > 0
}

func sortTables(tables []Table) {
	slices.SortFunc(tables, func(a, b Table) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Topic, b.Topic))
	})
}
