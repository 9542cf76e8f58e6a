package replay

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tributary/debezium"
	"tributary/sink/batch"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
	"tributary/sink/writer"
)

// Log reads a partition's keys.
type Log interface {
	// Keys calls see with the key of every record in [from, to). It returns
	// [ErrGone] if the log begins behind from.
	Keys(ctx context.Context, p ledger.Partition, from, to int64, see func(key []byte)) error
}

// ErrGone says that Kafka no longer holds the events behind a letter.
var ErrGone = errors.New("kafka no longer holds the events behind it, so nothing tells whether it is superseded; snapshot the row again instead")

// ErrNoRow says that a letter reports a schema change.
var ErrNoRow = errors.New("it reports what a schema change did to rows, and there is nothing to write")

// Decoder makes a batch of one record.
type Decoder interface {
	Decode(ctx context.Context, r batch.Record) (*batch.Batch, error)
}

// Writer writes a batch between two statements that must affect a row each.
type Writer interface {
	Replay(ctx context.Context, b *batch.Batch, fence, settle []byte) error
}

// Replayer replays the letters of one consumer group.
type Replayer struct {
	DB      *sql.DB
	Group   string
	Ledger  *ledger.Ledger
	Log     Log
	Decoder func(table string) Decoder
	Writer  Writer
	// Registry knows the schemas of Avro events, or waits for them; nil
	// without one.
	Registry debezium.Registry
}

// Result is what became of a letter.
type Result struct {
	State  deadletter.State `json:"state"`
	Reason string           `json:"reason,omitempty"` // why it is still open
}

// races is how often a replay begins again since the sink wrote to the
// partition meanwhile.
const races = 20

// Replay writes a letter unless it is superseded. The letter's own trouble is
// in the result; an error means that the question could not be settled.
func (r *Replayer) Replay(ctx context.Context, id int64) (Result, error) {
	letter, err := deadletter.Get(ctx, r.DB, r.Group, id)
	if err != nil {
		return Result{}, err
	}
	if letter.State != deadletter.Open {
		return Result{State: letter.State}, nil
	}
	b, err := r.decode(ctx, letter)
	if err != nil {
		return still(err), nil
	}
	seen := letter.Offset + 1
	for range races {
		at, err := r.Ledger.Read(ctx, []ledger.Partition{letter.Partition})
		if err != nil {
			return Result{}, err
		}
		now, known := at[letter.Partition]
		if !known || now.LogID != letter.LogID {
			return still(ErrGone), nil
		}
		superseded, err := r.superseded(ctx, letter, seen, now.Next)
		if errors.Is(err, ErrGone) {
			return still(err), nil
		}
		if err != nil {
			return Result{}, err
		}
		if superseded {
			_, err := deadletter.Settle(ctx, r.DB, r.Group, deadletter.Filter{IDs: []int64{id}}, deadletter.Superseded)
			return Result{State: deadletter.Superseded}, err
		}
		seen = max(seen, now.Next)
		err = r.Writer.Replay(ctx, b, r.Ledger.AppendFence(nil, now, fmt.Sprintf("replay of dead letter %d", id)),
			deadletter.AppendReplayed(nil, id))
		switch {
		case err == nil:
			return Result{State: deadletter.Replayed}, nil
		case errors.Is(err, writer.ErrMoved):
			continue // the sink was quicker: look at what it wrote
		case errors.Is(err, writer.ErrRefused):
			return still(err), nil
		default:
			return Result{}, err
		}
	}
	return still(errors.New("the sink writes to its partition all the time; try again")), nil
}

func still(err error) Result { return Result{State: deadletter.Open, Reason: err.Error()} }

// decode reads the letter the way the sink would read the message now.
func (r *Replayer) decode(ctx context.Context, l deadletter.Entry) (*batch.Batch, error) {
	if l.Value == nil && l.Size > 0 {
		return nil, errors.New("its value was too large to keep")
	}
	record := batch.Record{
		Tenure: ledger.NewTenure(ledger.Position{Partition: l.Partition, LogID: l.LogID, Next: l.Offset}), Offset: l.Offset,
	}
	var err error
	if len(l.Key) > 0 {
		if record.Key, record.KeyRest, err = debezium.NewReaderWith(r.Registry).Cut(l.Key); err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
	}
	if l.Value != nil {
		if record.Value, record.ValueRest, err = debezium.NewReaderWith(r.Registry).Cut(l.Value); err != nil {
			return nil, err
		}
	}
	if record.Value != nil && record.Value.IsSchemaChange() {
		return nil, fmt.Errorf("%w: do what its reason says, then `tributary deadletters discard %d`", ErrNoRow, l.ID)
	}
	return r.Decoder(l.Table).Decode(ctx, record)
}

// superseded reads the log behind the letter for events of the same row. An
// event without a key, of a table without one, is never superseded.
func (r *Replayer) superseded(ctx context.Context, l deadletter.Entry, from, to int64) (found bool, err error) {
	if len(l.Key) == 0 || from >= to {
		return false, nil
	}
	own, err := newRowKey(r.Registry, l.Key)
	if err != nil {
		return false, err
	}
	var unread error
	err = r.Log.Keys(ctx, l.Partition, from, to, func(key []byte) {
		if len(key) == 0 {
			found = true // a truncate: the row went with all others
			return
		}
		same, err := own.is(key)
		found = found || same
		if debezium.Label(err) == "other" && err != nil {
			unread = err // the registry's trouble, and not the key's
		}
	})
	return found, errors.Join(err, unread)
}

// rowKey is a record key that others are compared with.
type rowKey struct {
	reader *debezium.Reader
	schema *debezium.Schema
	rest   []byte
	row    debezium.Key
	other  debezium.Key
}

func newRowKey(registry debezium.Registry, message []byte) (k *rowKey, err error) {
	k = &rowKey{reader: debezium.NewReaderWith(registry)}
	if k.schema, k.rest, err = k.reader.Cut(bytes.Clone(message)); err != nil {
		return nil, err
	}
	return k, k.schema.DecodeKey(k.rest, &k.row)
}

// is says whether a record key is the same row's. Where it has another schema its
// values are compared: the topic may have changed its format.
func (k *rowKey) is(message []byte) (bool, error) {
	schema, rest, err := k.reader.Cut(message)
	if err != nil {
		return false, err
	}
	if schema == k.schema {
		return bytes.Equal(k.rest, rest), nil
	}
	if err := schema.DecodeKey(rest, &k.other); err != nil {
		return false, err
	}
	return k.row.Row.Equal(k.other.Row), nil
}
