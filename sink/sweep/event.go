package sweep

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tributary/debezium"
	"tributary/sink/topiclog"
)

// place is a position in a store's binary log.
type place struct {
	File     string `json:"file"`
	Position int64  `json:"position"`
}

// event is what an event of a table's topic tells of its time.
type event struct {
	place
	offset, millis int64
	// snapshot is the source's. It means nothing unless known is true: a
	// tombstone and what cannot be read have no source.
	snapshot string
	known    bool
}

// eventReader reads the events of one topic.
type eventReader struct {
	reader *debezium.Reader
	event  debezium.Event
}

func newEventReader(registry debezium.Registry) *eventReader {
	return &eventReader{reader: debezium.NewReaderWith(registry)}
}

// read reads a record's source. The registry's trouble is an error; a record that
// cannot be read for its own sake is an event that is not known.
func (r *eventReader) read(record topiclog.Record) (event, error) {
	e := event{offset: record.Offset, millis: record.Millis}
	if record.Millis <= 0 {
		return e, errNoTime // it would look older than everything
	}
	if record.Value == nil {
		return e, nil
	}
	schema, rest, err := r.reader.Cut(record.Value)
	if err == nil {
		err = schema.Decode(rest, 0, &r.event)
	}
	switch {
	case err == nil:
	case errors.Is(err, debezium.ErrAvro):
		return e, fmt.Errorf("%w: %s", err, debezium.Hint(err))
	case debezium.Label(err) == "other": // the registry's trouble
		return e, err
	default:
		return e, nil
	}
	source := &r.event.Source
	e.place = place{string(source.File), source.Position}
	e.snapshot, e.known = string(source.Snapshot), true
	return e, nil
}

var errNoTime = errors.New("kafka's records have no timestamps, and nothing else tells their order over topics")

// The marks of a snapshot's events (io.debezium.connector.SnapshotRecord).
const (
	markFirst        = "first"
	markFirstOfTable = "first_in_data_collection"
	markLast         = "last"
	markIncremental  = "incremental"
)

// streamed says whether a message with this mark comes while a connector reads the
// binary log: incremental snapshots run beside it.
func streamed(mark string) bool { return mark == "" || mark == "false" || mark == markIncremental }

// skew is how far the clocks of two Connect workers may be apart, and of a worker
// and the central database.
const skew = 5 * time.Minute

// belongs says whether an event belongs to what came with or after a beginning.
//
// One task writes a store's DDL and events, so their timestamps in Kafka are in
// its order, whatever became of the store's server or its binary log. Where the
// clocks of two workers may disagree, the position decides. In doubt the event is
// taken for a new one: what it wrote stays.
func (e *event) belongs(b *Beginning) bool {
	switch {
	case e.millis > b.millis:
		return true
	case e.millis < b.millis-skew.Milliseconds() || !e.known:
		return false
	case !streamed(e.snapshot):
		return b.Kind == Captured && e.place == b.place
	}
	order, ok := e.compare(b.place)
	return ok && order >= 0
}

// of says whether an event is one of the snapshot's rows.
func (e *event) of(b *Beginning) bool { return e.known && !streamed(e.snapshot) && e.place == b.place }

// behind says for certain that an event was read from the binary log behind a
// beginning's snapshot.
func (e *event) behind(b *Beginning) bool {
	if !e.known || e.of(b) || e.millis <= b.millis {
		return false
	}
	order, ok := e.compare(b.place)
	return ok && order >= 0 || e.millis > b.millis+skew.Milliseconds()
}

// compare orders two places in one server's binary log; ok is false where their
// files are not numbered alike.
func (p place) compare(other place) (order int, ok bool) {
	base, number, ok := numbered(p.File)
	otherBase, otherNumber, otherOK := numbered(other.File)
	if !ok || !otherOK || base != otherBase {
		return 0, false
	}
	switch {
	case number != otherNumber:
		return sign(number - otherNumber), true
	default:
		return sign(p.Position - other.Position), true
	}
}

// numbered splits binlog.000009 into its base and number: .999999 is followed by
// .1000000.
func numbered(file string) (base string, number int64, ok bool) {
	i := strings.LastIndexByte(file, '.')
	if i < 0 {
		return "", 0, false
	}
	number, err := strconv.ParseInt(file[i+1:], 10, 64)
	return file[:i], number, err == nil && number >= 0
}

func sign(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
