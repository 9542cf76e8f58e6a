package batch

import (
	"maps"
	"time"
	"unsafe"

	"tributary/sink/ledger"
)

// Batch is what one transaction writes. The zero Batch is not usable; see New.
type Batch struct {
	table string
	rows  []Row
	byKey map[string]int32
	dead  []DeadLetter
	wiped map[string]wipe // stores whose rows go first
	moves []ledger.Move
	// images finds the rows of a table without a key by their content, and
	// erasures are what was not found among them.
	images   map[string][]int32
	erasures []Erasure
	byTen    map[*ledger.Tenure]int
	// tenures holds the one tenure that the batch has of a partition; see enter.
	tenures map[ledger.Partition]*ledger.Tenure
	arena   arena
	begun   time.Time
	memory  int
	text    int
	live    int
	oldest  int64
}

// Row is the last image of one key.
type Row struct {
	Record
	// Layout is the column set of Tuple; for a delete it gives the key.
	Layout *Layout
	// key is the primary key as the inside of an SQL tuple: store, then the
	// source's key columns. It is also the row's identity.
	key []byte
	// tuple is the row as an SQL tuple; nil for a delete.
	tuple []byte
	// micros is when the store committed the image; 0 if unknown.
	micros int64
	gone   bool // superseded by a truncate, or dropped
}

// wipe is a truncate.
type wipe struct {
	by   *ledger.Tenure
	soft bool
}

// DeadLetter is an event that cannot be written, and why.
type DeadLetter struct {
	Record
	Reason error
	// Table is the central table it is about, where that is not the one its
	// topic's rows are in.
	Table string
	// Reported says that nothing is wrong with the event: it tells what a person
	// has to know.
	Reported bool
}

// New returns an empty batch for a central table.
func New(table string) *Batch {
	return &Batch{
		table: table,
		byKey: make(map[string]int32), images: make(map[string][]int32),
		wiped: make(map[string]wipe),
		byTen: make(map[*ledger.Tenure]int), tenures: make(map[ledger.Partition]*ledger.Tenure),
	}
}

// Reset empties the batch and keeps its memory for the next one.
func (b *Batch) Reset() {
	clear(b.rows) // let go of the records' bytes
	clear(b.dead)
	clear(b.moves)
	clear(b.byKey)
	clear(b.wiped)
	clear(b.byTen)
	clear(b.tenures)
	clear(b.images)
	clear(b.erasures)
	b.rows, b.dead, b.moves, b.erasures = b.rows[:0], b.dead[:0], b.moves[:0], b.erasures[:0]
	b.arena.reset()
	b.memory, b.text, b.live, b.oldest, b.begun = 0, 0, 0, 0, time.Time{}
}

// Upsert sets the row with the given key. Key and tuple are copied.
func (b *Batch) Upsert(r Record, layout *Layout, key, tuple []byte, micros int64) {
	b.set(Row{Record: r, Layout: layout, key: key, tuple: b.arena.copy(tuple), micros: micros})
	b.text += len(tuple)
}

// Delete removes the row with the given key. The key is copied.
func (b *Batch) Delete(r Record, layout *Layout, key []byte, micros int64) {
	b.set(Row{Record: r, Layout: layout, key: key, micros: micros})
	b.text += len(key)
}

// Truncate removes a store's rows: what the batch holds of them and, first
// thing in the transaction, what the table holds; with soft they are kept and
// marked as deleted. Rows that came by another
// partition of the topic stay: Kafka gives them no order against the truncate.
func (b *Batch) Truncate(r Record, store string, soft bool, micros int64) {
	b.enter(r.Tenure)
	b.forgetAll(r.Tenure)
	b.wiped[store] = wipe{by: r.Tenure, soft: soft}
	b.advance(r, micros)
}

// Image returns the tuple the batch holds of a row, nil if it holds none.
func (b *Batch) Image(key []byte) []byte {
	i, ok := b.byKey[string(key)]
	if !ok {
		return nil
	}
	return b.rows[i].tuple
}

// Bury sets an event aside as a dead letter.
func (b *Batch) Bury(r Record, reason error) {
	b.dead = append(b.dead, DeadLetter{Record: r, Reason: reason})
	b.advance(r, 0)
}

// Report sets an event aside that is no row's, as a dead letter of a central table.
func (b *Batch) Report(r Record, table string, reason error) {
	b.Bury(r, reason)
	last := &b.dead[len(b.dead)-1]
	last.Table, last.Reported = table, true
}

// Skip moves past an event that changes nothing, for instance the tombstone
// behind a delete.
func (b *Batch) Skip(r Record, micros int64) { b.advance(r, micros) }

func (b *Batch) set(row Row) {
	b.enter(row.Tenure)
	if i, ok := b.byKey[string(row.key)]; ok {
		old := &b.rows[i]
		row.key = old.key
		*old = row
	} else {
		row.key = b.arena.copy(row.key)
		b.byKey[unsafe.String(unsafe.SliceData(row.key), len(row.key))] = int32(len(b.rows))
		b.rows = append(b.rows, row)
		b.live++
	}
	b.advance(row.Record, row.micros)
}

// forget takes a row out without disturbing the order of the others.
func (b *Batch) forget(row *Row) {
	delete(b.byKey, string(row.key))
	row.gone = true
	b.live--
}

// forgetAll takes a tenure's rows out.
func (b *Batch) forgetAll(t *ledger.Tenure) {
	b.forgetImages(t)
	for i := range b.rows {
		if row := &b.rows[i]; !row.gone && row.Tenure == t {
			b.forget(row)
		}
	}
}

// enter returns the place of a tenure's move. A partition that was given up and
// taken over again while the batch was filling has two tenures, of which the
// first has ended: what it brought is dropped before the second reads the same
// events again, or a row of a table without a key would be known twice.
func (b *Batch) enter(t *ledger.Tenure) int {
	if i, ok := b.byTen[t]; ok {
		return i
	}
	if former := b.tenures[t.Partition]; former != nil {
		b.Drop(former)
	}
	b.tenures[t.Partition] = t
	b.byTen[t] = len(b.moves)
	b.moves = append(b.moves, ledger.Move{Tenure: t, From: t.Tail()})
	return len(b.moves) - 1
}

// advance moves the record's partition to behind the record.
func (b *Batch) advance(r Record, micros int64) {
	if b.begun.IsZero() {
		b.begun = time.Now()
	}
	b.memory += r.Size()
	if r.Timestamp > 0 && (b.oldest == 0 || r.Timestamp < b.oldest) {
		b.oldest = r.Timestamp
	}
	m := &b.moves[b.enter(r.Tenure)]
	m.Next = r.Offset + 1
	m.Events++
	m.SourceMicros = max(m.SourceMicros, micros)
	r.Tenure.SetTail(m.Next)
}

// Drop takes everything of a tenure out of the batch: it has ended, or its
// events turned out to be written already.
func (b *Batch) Drop(t *ledger.Tenure) {
	b.forgetAll(t)
	maps.DeleteFunc(b.wiped, func(_ string, w wipe) bool { return w.by == t })
	b.dead = deleteFunc(b.dead, func(d *DeadLetter) bool { return d.Tenure == t })
	b.moves = deleteFunc(b.moves, func(m *ledger.Move) bool { return m.Tenure == t })
	if b.tenures[t.Partition] == t {
		delete(b.tenures, t.Partition)
	}
	b.reindex()
}

// reindex rebuilds the index after moves were taken out.
func (b *Batch) reindex() {
	clear(b.byTen)
	for i := range b.moves {
		b.byTen[b.moves[i].Tenure] = i
	}
}

// deleteFunc is slices.DeleteFunc for elements too large to pass by value.
func deleteFunc[T any](s []T, drop func(*T) bool) []T {
	kept := s[:0]
	for i := range s {
		if !drop(&s[i]) {
			kept = append(kept, s[i])
		}
	}
	clear(s[len(kept):])
	return kept
}

// Moves are the partitions the batch moves. The caller may reorder them.
func (b *Batch) Moves() []ledger.Move { return b.moves }

// Dead are the dead letters collected so far.
func (b *Batch) Dead() []DeadLetter { return b.dead }

// Empty reports whether there is nothing to commit.
func (b *Batch) Empty() bool { return len(b.moves) == 0 }

// Len is the number of rows the batch writes.
func (b *Batch) Len() int { return b.live }

// TextSize is about the bytes of SQL the batch sends, superseded images
// included.
func (b *Batch) TextSize() int { return b.text }

// Memory is the bytes of records the batch has taken in.
func (b *Batch) Memory() int { return b.memory }

// Table is the central table's name.
func (b *Batch) Table() string { return b.table }

// Events is how many records the batch passes.
func (b *Batch) Events() (n int) {
	for i := range b.moves {
		n += b.moves[i].Events
	}
	return n
}

// Oldest is the smallest Kafka timestamp among its records, in ms since the
// epoch; 0 if none has one.
func (b *Batch) Oldest() int64 { return b.oldest }

// Begun is when the first event was put in.
func (b *Batch) Begun() time.Time { return b.begun }
