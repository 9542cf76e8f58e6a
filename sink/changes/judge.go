package changes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"tributary/debezium"
	"tributary/debezium/ddl"
	"tributary/sink/rules"
)

// Facts are what a Judge asks about rows.
type Facts interface {
	// OldRows says whether a central table has rows of a store that were
	// written by events of up to that time at the store, in µs since the epoch.
	OldRows(ctx context.Context, table, store string, micros int64) (bool, error)
	// Progress is up to which offset a topic is written, and the offset behind the
	// last event Kafka has of it; of several partitions the sums.
	Progress(ctx context.Context, topic string) (written, end int64, err error)
	// Sources are the topics that a store's rows come from.
	Sources(ctx context.Context, store string) ([]string, error)
	// Former are the columns that the rows of a topic once had in a central
	// table, as far as their events tell.
	Former(ctx context.Context, topic, table string) ([]string, error)
	// Said says whether a reason of these words was reported before, of a
	// central table by a schema change topic.
	Said(ctx context.Context, topic, table, words string) (bool, error)
}

// Judge judges schema changes. It is safe for concurrent use.
type Judge struct {
	Environment string
	Rules       rules.Rules
	// Wanted says whether a table is carried.
	Wanted func(debezium.Topic) bool
	Facts  Facts

	mu       sync.Mutex
	waits    map[waitKey]*wait       // guarded by mu
	lineages map[lineageKey]*lineage // guarded by mu
}

// waitKey is a judgement's wait for one table: the schema change topic and the
// table's own.
type waitKey struct{ topic, rows string }

// wait is how long a judgement has waited for a table.
type wait struct {
	offset  int64 // of the schema change
	begun   time.Time
	end     int64     // up to where the table has to be written; 0 until that is known
	written int64     // up to where it was, when last seen to move
	moved   time.Time // when that was
}

// settling is how long events from before a schema change may come to be seen
// after it: they were sent before it, but to another partition.
const settling = time.Second

// patience is how long a judgement waits for a table of which nothing is written.
const patience = time.Minute

// ErrNotYet says that events of the table from before the change may still have to
// be written. The change is to be judged again later.
var ErrNotYet = errors.New("the rows that the schema change is about are not all written yet")

// Report is what is to be said of a schema change.
type Report struct {
	// Table is the central table it is about; empty if it is several.
	Table string
	// Reason says what happened, and what to do.
	Reason error
}

// Judge returns what is to be reported of a message at an offset of a store's
// schema change topic, nil for nothing. Whatever was reported before it must be
// written. Beside ErrNotYet the errors are those of the central database.
func (j *Judge) Judge(ctx context.Context, topic string, offset int64, c *debezium.SchemaChange) (*Report, error) {
	parsed, kind := debezium.ParseTopic(j.Environment, topic)
	if kind != debezium.SchemaChangeTopic {
		return nil, nil
	}
	v := verdict{Judge: j, store: parsed.Store, topic: topic, offset: offset, change: c}
	v.forget()
	events, defects := find(c)
	for _, e := range events {
		if err := v.event(ctx, e); err != nil {
			return nil, err
		}
	}
	for _, d := range defects {
		v.defect(d)
	}
	return v.report(ctx)
}

// verdict is a judgement under way.
type verdict struct {
	*Judge
	store, topic string
	offset       int64
	change       *debezium.SchemaChange

	tables            []string // central ones, in the order they were met
	happened, defects []string
	sources           []string // once asked for
}

// rowTopic is the topic of a table's rows.
func (v *verdict) rowTopic(id debezium.TableID) debezium.Topic {
	return debezium.Topic{
		Environment: v.Environment, Store: v.store,
		Schema: debezium.TopicName(id.Database), Table: debezium.TopicName(id.Table),
	}
}

func (v *verdict) central(id debezium.TableID) string { return v.Rules.For(v.rowTopic(id)).Name }

func (v *verdict) wanted(id debezium.TableID) bool { return v.Wanted(v.rowTopic(id)) }

// event looks whether something that happened left rows behind.
func (v *verdict) event(ctx context.Context, e event) error {
	switch e.kind {
	case ddl.DatabaseDropped:
		return v.dropped(ctx, e)
	case ddl.TableDropped:
		v.end(v.topic, e.table)
	case ddl.TableRenamed:
		return v.renamed(ctx, e)
	case ddl.ColumnsMoved:
		var err error
		if e.names, err = v.replaced(ctx, e); len(e.names) == 0 || err != nil {
			return err
		}
	}
	if !v.wanted(e.table) {
		return nil
	}
	helper, err := v.helper(ctx, e.table)
	if helper || err != nil {
		return err
	}
	old, err := v.old(ctx, e.table)
	if err != nil {
		return err
	}
	switch e.kind {
	case ddl.PartitionExchanged, ddl.PartitionConverted, ddl.TablespaceReplaced:
		old = true // rows may have come as well as gone
	}
	if old {
		v.say(v.words(e), e.table)
	}
	return nil
}

// dropped looks at the tables of a database that is gone.
func (v *verdict) dropped(ctx context.Context, e event) error {
	sources, err := v.allSources(ctx)
	if err != nil {
		return err
	}
	var tables []debezium.TableID
	for _, topic := range sources {
		t, _ := debezium.ParseTopic(v.Environment, topic)
		id := debezium.TableID{Database: t.Schema, Table: t.Table}
		if t.Schema != debezium.TopicName(e.table.Database) || !v.wanted(id) {
			continue
		}
		old, err := v.old(ctx, id)
		if err != nil {
			return err
		}
		if old {
			tables = append(tables, id)
		}
	}
	if len(tables) > 0 {
		v.say(v.databaseWords(e, tables), tables...)
	}
	return nil
}

// renamed looks at both names of a table. What the old one has centrally stays
// there, and so does what the new one may have of a table before. A statement with
// several pairs has a message for each: where it gave the old name to another
// table, that one's message tells of it.
func (v *verdict) renamed(ctx context.Context, e event) error {
	if v.swapped(e) || !v.wanted(e.table) && !v.wanted(e.other) {
		return nil
	}
	replaced, err := v.old(ctx, e.table)
	if err == nil && !replaced && e.strange {
		replaced, err = v.brings(ctx, e)
	}
	switch {
	case err != nil:
		return err
	case replaced:
		v.say(v.replacedWords(e), e.table)
	case !e.handedOn:
		// A table made anew may have written all of them again since.
		has, err := v.rows(ctx, e.other, ever)
		if err != nil {
			return err
		}
		if has {
			v.say(v.renamedWords(e), e.other)
		}
	}
	return nil
}

// swapped says whether a tool's copy takes the original's place, or the original
// makes room for it: the rows are the same.
func (v *verdict) swapped(e event) bool {
	if e.table.Database != e.other.Database {
		return false
	}
	return Original(e.other.Table) == e.table.Table || e.handedOn && Original(e.table.Table) == e.other.Table
}

// brings says of a table that the connector did not know whether it brings rows.
// It may be a view, which has none; but not if it comes from another database,
// where views cannot, or if its name had rows.
func (v *verdict) brings(ctx context.Context, e event) (bool, error) {
	if e.table.Database != e.other.Database {
		return true, nil
	}
	return v.known(ctx, e.table)
}

// helper says whether a table is a tool's copy of one whose rows are carried.
func (v *verdict) helper(ctx context.Context, id debezium.TableID) (bool, error) {
	of := Original(id.Table)
	if of == "" {
		return false, nil
	}
	return v.known(ctx, debezium.TableID{Database: id.Database, Table: of})
}

// known says whether rows of a table have ever come.
func (v *verdict) known(ctx context.Context, id debezium.TableID) (bool, error) {
	sources, err := v.allSources(ctx)
	return slices.Contains(sources, v.rowTopic(id).String()), err
}

func (v *verdict) allSources(ctx context.Context) (_ []string, err error) {
	if v.sources == nil {
		v.sources, err = v.Facts.Sources(ctx, v.store)
	}
	return v.sources, err
}

// old says whether a table has rows centrally from before the change, or may
// still get some.
func (v *verdict) old(ctx context.Context, id debezium.TableID) (bool, error) {
	return v.rows(ctx, id, until(v.change.Source.Micros))
}

// ever is later than any event, in µs since the epoch: 9999-12-31.
const ever = 253402214400_000_000

// rows says whether a table has rows centrally of up to a time, or may still get
// some.
func (v *verdict) rows(ctx context.Context, id debezium.TableID, micros int64) (bool, error) {
	if !v.wanted(id) {
		return false, nil
	}
	topic := v.rowTopic(id).String()
	written, end, err := v.Facts.Progress(ctx, topic)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrNotYet, err)
	}
	stuck, err := v.wait(topic, written, end)
	if stuck || err != nil {
		return stuck, err
	}
	return v.Facts.OldRows(ctx, v.central(id), v.store, micros)
}

// until is the latest time of an event that came before the change, of which
// the connector keeps milliseconds.
func until(micros int64) int64 { return micros - micros%1000 + 999 }

// wait says ErrNotYet until a table is written as far as Kafka has it from before
// the change, or a little further; or that the table is stuck on the way there.
func (v *verdict) wait(topic string, written, end int64) (stuck bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key, now := waitKey{v.topic, topic}, time.Now()
	w := v.waits[key]
	if w == nil {
		if v.waits == nil {
			v.waits = make(map[waitKey]*wait)
		}
		w = &wait{offset: v.offset, begun: now, written: written, moved: now}
		v.waits[key] = w
	}
	if w.end == 0 && now.Sub(w.begun) >= settling {
		w.end = max(end, 1)
	}
	switch {
	case w.end > 0 && (end == 0 || written >= w.end):
		return false, nil // and stays so for as long as the change is judged
	case written != w.written:
		w.written, w.moved = written, now
	case now.Sub(w.moved) > patience:
		return true, nil
	}
	return false, ErrNotYet
}

// forget drops the waits of an earlier change of the topic.
func (v *verdict) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	maps.DeleteFunc(v.waits, func(key waitKey, w *wait) bool { return key.topic == v.topic && w.offset != v.offset })
}

// report puts the verdict together.
func (v *verdict) report(ctx context.Context) (*Report, error) {
	table := ""
	if len(v.tables) == 1 {
		table = v.tables[0]
	}
	if len(v.happened) == 0 && len(v.defects) > 0 {
		said, err := v.Facts.Said(ctx, v.topic, table, sentence(v.defects))
		if said || err != nil {
			return nil, err
		}
	}
	if len(v.happened)+len(v.defects) == 0 {
		return nil, nil
	}
	return &Report{Table: table, Reason: errors.New(sentence(append(v.happened, v.defects...)))}, nil
}
