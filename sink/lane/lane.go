package lane

import (
	"context"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"tributary/debezium"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/rules"
	"tributary/sink/writer"
)

// Writer commits batches.
type Writer interface {
	Write(ctx context.Context, b *batch.Batch, quota writer.Quota) (writer.Outcome, error)
}

// Ledger tells where partitions stand, after a transaction did not match.
type Ledger interface {
	Read(ctx context.Context, partitions []ledger.Partition) (map[ledger.Partition]ledger.Position, error)
	// Owners returns the topics that stores' rows in a table come from, by store.
	Owners(ctx context.Context, table string, stores []string) (map[string]string, error)
	// Hold notes for people that a partition is held, and why.
	Hold(ctx context.Context, p ledger.Partition, reason string) error
}

// Partitions is what a lane asks of the consumer. Both calls return at once.
type Partitions interface {
	// Restart begins a partition again from where the ledger stands, after a
	// pause. The lane has ended the tenure.
	Restart(t *ledger.Tenure, after time.Duration, why string)
	// Committed says that the database has committed these moves.
	Committed(moves []ledger.Move)
}

// Config is what the lanes of a process share.
type Config struct {
	Writer     Writer
	Ledger     Ledger
	Tables     Tables
	Partitions Partitions
	Budget     *Budget
	Log        *zap.Logger
	Metrics    *Metrics
	// Environment is the first part of the topics' names.
	Environment string
	// Rules say how single tables differ.
	Rules rules.Rules
	// MaxRows is the most rows in a batch.
	MaxRows int
	// MaxText is the most bytes of SQL in a batch.
	MaxText int
	// Linger is how long a batch waits for more when nothing else waits.
	Linger time.Duration
	// HoldPause is how long a store's table that is held waits before it is
	// looked at again: somebody may have settled it.
	HoldPause time.Duration
	// Changes judges the stores' schema changes; nil where none are read.
	Changes Changes
	// FloodPercent is how many of a hundred events of a store's table may be
	// set aside before the table is held; 100 sets no bound.
	FloodPercent int
}

const (
	// maxAge is when a batch is written although records keep arriving.
	maxAge = time.Second
	// restAfter is when a lane that has nothing to do gives back the memory it
	// has kept for the next batch.
	restAfter = 10 * time.Second
)

// Lane carries the records of some stores to one table, or looks after their
// schema changes.
type Lane struct {
	Config
	table  string
	reads  func(ctx context.Context, r *batch.Record) error // puts a record that could be cut
	queue  *queue
	log    *zap.Logger
	meters meters
	plans  *planner
	stale  atomic.Bool // the central table is not what the plans say
	event  debezium.Event
	key    debezium.Key
	keyBuf []byte // the key of the row being encoded, reused
	rowBuf []byte // the row being encoded, reused
	// For tables without a key: the content of a row, of the one it
	// replaces, and the condition that finds that; reused.
	imageBuf, beforeBuf, whereBuf []byte

	floods floods
	// refits are the pauses of a table that is refused however often it is
	// looked at, refitted is when that was last. The writing goroutine's.
	refits   backoff
	refitted time.Time
	writing  chan struct{} // has a token while a transaction is under way

	full   chan *batch.Batch // filled, to be written
	free   chan *batch.Batch // written, to be filled
	taken  []batch.Record    // taken out of the queue, not yet in a batch
	next   int               // first of taken that is still to be put in
	filled *batch.Batch
	spare  *batch.Batch // nil while it is being written
	rested bool         // since the last batch
}

// New returns the lane with the given number of a central table. Run runs it.
func New(c Config, table string, number int) *Lane {
	l := &Lane{
		Config:  c,
		table:   table,
		queue:   newQueue(c.Budget),
		log:     c.Log.With(zap.String("table", table), zap.Int("lane", number)),
		meters:  c.Metrics.lane(table, number),
		floods:  floods{percent: c.FloodPercent, recent: make(map[ledger.Partition]*window)},
		refits:  backoff{base: retryBase, cap: environmentCap},
		writing: make(chan struct{}, 1),
		full:    make(chan *batch.Batch, 1),
		free:    make(chan *batch.Batch, 1),
		filled:  batch.New(table),
		spare:   batch.New(table),
	}
	l.plans = newPlanner(c, table)
	l.plans.waiting = func() []batch.Record { return l.taken[min(l.next+1, len(l.taken)):] }
	l.reads = l.putRow
	return l
}

// Table is the central table's name, empty where schema changes are looked after.
func (l *Lane) Table() string { return l.table }

// Offer hands records to the lane, which copies them, and returns how many it
// took: the first ones, until it holds its share of the memory budget.
func (l *Lane) Offer(records ...batch.Record) int { return l.queue.offer(records, false) }

// Force hands over records that are already in hand, over the budget if need
// be: a few a consumer, before it pauses the lane's partitions.
func (l *Lane) Force(records ...batch.Record) { l.queue.offer(records, true) }

// Room has a token when the lane may have become able to take records again.
func (l *Lane) Room() <-chan struct{} { return l.queue.room }

// Roomy reports whether a lane that refused records has drained enough to go
// on.
func (l *Lane) Roomy() bool { return l.queue.roomy() }

// Run decodes and writes until the context ends. What is buffered then is
// left: the ledger knows where the next owner has to begin. A transaction that
// is under way is given until grace ends to commit.
func (l *Lane) Run(ctx context.Context, grace context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.write(ctx, grace)
	}()
	l.fill(ctx)
	close(l.full)
	<-done
}

// fill is the decoding goroutine.
func (l *Lane) fill(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		if reason := l.due(); reason != "" && l.handOver(reason) {
			continue
		}
		if !l.isFull() && l.work(ctx) {
			continue
		}
		l.wait(ctx, timer)
	}
}

// due says why the batch should be written now, "" if it should not: it is
// full, or nothing more waits and it has lingered, or it has waited long enough
// in any case.
func (l *Lane) due() (reason string) {
	if l.filled.Empty() {
		return ""
	}
	age := time.Since(l.filled.Begun())
	switch {
	case l.isFull():
		return "full"
	case age >= l.Linger && l.next == len(l.taken) && len(l.queue.ready) == 0:
		return "linger"
	case age >= maxAge:
		return "age"
	}
	return ""
}

func (l *Lane) isFull() bool {
	return l.filled.Len()+len(l.filled.Erasures()) >= l.MaxRows || l.filled.TextSize() >= l.MaxText
}

// handOver gives the batch to the writing goroutine, if that is idle.
func (l *Lane) handOver(reason string) bool {
	if l.spare == nil {
		return false
	}
	l.meters.batches.WithLabelValues(reason).Inc()
	l.meters.queued.Set(float64(l.queue.size()))
	l.full <- l.filled
	l.filled, l.spare, l.rested = l.spare, nil, false
	return true
}

// slice is how many records are put into a batch before looking up.
const slice = 256

// work puts waiting records into the batch; false if there are none.
func (l *Lane) work(ctx context.Context) bool {
	if l.next == len(l.taken) {
		clear(l.taken)
		l.taken, l.next = l.queue.take(l.taken[:0]), 0
		if len(l.taken) == 0 {
			return false
		}
	}
	for end := min(l.next+slice, len(l.taken)); l.next < end && !l.isFull() && ctx.Err() == nil; l.next++ {
		l.put(ctx, &l.taken[l.next])
	}
	return true
}

// wait sleeps until there is something to do.
func (l *Lane) wait(ctx context.Context, timer *time.Timer) {
	ready := l.queue.ready
	if l.isFull() {
		ready = nil
	}
	var due <-chan time.Time
	switch {
	case l.spare == nil:
	case !l.filled.Empty():
		timer.Reset(max(l.Linger-time.Since(l.filled.Begun()), 0))
		due = timer.C
	case !l.rested:
		timer.Reset(restAfter)
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-ready:
	case <-due:
		if l.filled.Empty() {
			l.rest()
		}
	case b := <-l.free:
		l.spare = b
	}
}

// rest gives back what a busy time has left: both batches, the queue and the
// buffers keep the room they once needed, and that of all lanes together, each of
// which was busy at some time, is a multiple of the memory budget.
func (l *Lane) rest() {
	l.filled, l.spare, l.rested = batch.New(l.table), batch.New(l.table), true
	l.taken, l.next = nil, 0
	l.queue.rest()
	l.event, l.key = debezium.Event{}, debezium.Key{}
	l.keyBuf, l.rowBuf, l.imageBuf, l.beforeBuf, l.whereBuf = nil, nil, nil, nil, nil
}
