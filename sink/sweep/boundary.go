package sweep

import (
	"context"
	"errors"
	"time"

	"tributary/debezium"
	"tributary/sink/ledger"
	"tributary/sink/topiclog"
)

// Log is what is asked of Kafka.
type Log interface {
	// Topics returns the topics whose names are wanted.
	Topics(ctx context.Context, wanted func(name string) bool) ([]topiclog.Topic, error)
	// Range returns the offsets that can be read now.
	Range(ctx context.Context, p ledger.Partition) (ledger.Range, error)
	// At returns the first offset with this timestamp or a later one, the
	// log's end if there is none.
	At(ctx context.Context, p ledger.Partition, millis int64) (int64, error)
	// Read calls see with the records in [from, to) until it returns false.
	Read(ctx context.Context, p ledger.Partition, from, to int64, see func(topiclog.Record) bool) error
}

// errGone says that the log no longer reaches back to a beginning.
var errGone = errors.New("kafka no longer holds the events it began with (retention), so nothing tells which rows are older;" +
	" capture the table again, and sweep before they expire")

// logs reads the topics of a store.
type logs struct {
	Log
	registry debezium.Registry
	topics   map[string]topiclog.Topic // of rows
	// over and filled are what is known of snapshots.
	over, filled map[place]bool
	// deadline is until when the sink may write what it is behind.
	deadline time.Time
}

// events calls see with the events of a topic in [from, to) until it returns false.
func (l *logs) events(ctx context.Context, topic string, from, to int64, see func(*event) bool) error {
	reader := newEventReader(l.registry)
	var unread error
	err := l.Read(ctx, ledger.Partition{Topic: topic}, from, to, func(r topiclog.Record) bool {
		var e event
		if e, unread = reader.read(r); unread != nil {
			return false
		}
		return see(&e)
	})
	return errors.Join(err, unread)
}

// since calls see with the events from a beginning's time on, those included whose
// clock may have been behind.
func (l *logs) since(ctx context.Context, topic string, b *Beginning, see func(*event) bool) (from int64, held ledger.Range, err error) {
	p := ledger.Partition{Topic: topic}
	if held, err = l.Range(ctx, p); err != nil {
		return 0, held, err
	}
	if from, err = l.At(ctx, p, b.millis-skew.Milliseconds()); err != nil {
		return 0, held, err
	}
	from = max(from, held.Earliest)
	return from, held, l.events(ctx, topic, from, held.End, see)
}

// boundary finds where a table's topic divides: what is in front of the offset was
// written before the beginning, and what is behind it was not. First is the first
// event behind it, nil if there is none.
func (l *logs) boundary(ctx context.Context, topic string, b *Beginning) (offset int64, first *event, err error) {
	offset = -1
	from, held, err := l.since(ctx, topic, b, func(e *event) bool {
		if e.belongs(b) {
			first = e
			return false
		}
		offset = e.offset + 1
		return true
	})
	if err != nil {
		return 0, nil, err
	}
	older := offset >= 0 || from > held.Earliest
	offset = max(offset, from)
	switch {
	case older || held.Earliest == 0:
		// Retention removes from the front: nothing newer is missing.
	case first != nil && first.of(b) && (first.snapshot == markFirst || first.snapshot == markFirstOfTable):
		offset = first.offset
	default:
		return 0, first, errGone
	}
	now, err := l.Range(ctx, ledger.Partition{Topic: topic})
	if err == nil && now.Earliest > from && now.Earliest > held.Earliest {
		err = errGone // while it was read
	}
	return offset, first, err
}

// ended says whether the snapshot a beginning belongs to has come to its end: some
// topic of the store ends in its very last row, or in what only comes behind it.
func (l *logs) ended(ctx context.Context, b *Beginning) (bool, error) {
	return l.anyTopic(b, l.over, func(topic string) (found bool, err error) {
		err = l.tail(ctx, topic, func(e *event) {
			found = found || e.of(b) && e.snapshot == markLast || e.behind(b)
		})
		return found, err
	})
}

// tail calls see with the last events of a topic.
func (l *logs) tail(ctx context.Context, topic string, see func(*event)) error {
	held, err := l.Range(ctx, ledger.Partition{Topic: topic})
	if err != nil {
		return err
	}
	seen := false
	for back := int64(8); !seen && back/8 <= held.End-held.Earliest; back *= 8 { // markers of transactions take offsets
		err := l.events(ctx, topic, max(held.End-back, held.Earliest), held.End, func(e *event) bool {
			seen = true
			see(e)
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// filledAny says whether the snapshot a beginning belongs to has read rows at all:
// one of definitions alone (no_data, recovery) reads none.
func (l *logs) filledAny(ctx context.Context, b *Beginning) (bool, error) {
	return l.anyTopic(b, l.filled, func(topic string) (found bool, err error) {
		_, _, err = l.since(ctx, topic, b, func(e *event) bool {
			found = e.of(b)
			return !e.belongs(b)
		})
		return found, err
	})
}

// anyTopic asks the store's topics one after the other, until one says yes: once
// for every snapshot.
func (l *logs) anyTopic(b *Beginning, known map[place]bool, ask func(topic string) (bool, error)) (bool, error) {
	if known[b.place] {
		return true, nil
	}
	for topic := range l.topics {
		found, err := ask(topic)
		if err != nil {
			return false, err
		}
		if found {
			known[b.place] = true
			return true, nil
		}
	}
	return false, nil
}
