package lane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"pgregory.net/rapid"

	"tributary/debezium"
	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/ledger"
	"tributary/sink/writer"
)

// central is a central database in memory: one table, the ledger, and faults
// on demand. After every commit it holds the table against what the events
// below the ledger's offsets make of it, applied one by one.
type central struct {
	mu      sync.Mutex
	changed *sync.Cond
	logs    map[ledger.Partition][]change
	next    map[ledger.Partition]int64
	table   map[string]string
	history []state // after each commit
	faults  []fault // for the attempts to come
	wrong   error   // the first violation
	guard   bool    // the compare-and-set; off to show that the model sees it
	count   bool    // of the rows it affected; off likewise
	keyless bool    // the table has no key
}

// state is what a backup has.
type state struct {
	next  map[ledger.Partition]int64
	table map[string]string
}

// setBack restores an earlier state.
func (c *central) setBack(to int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.history) > 0 {
		s := c.history[to%len(c.history)]
		c.next, c.table = maps.Clone(s.next), maps.Clone(s.table)
	}
}

// fault is how an attempt goes wrong.
type fault int

const (
	none        fault = iota
	refused           // nothing happened
	unanswered        // committed, but the answer was lost
	lockTimeout       // a lock is held
)

// change is one event of the model. A table without a key has updates, too, of
// the row (id, before).
type change struct {
	op     byte // c, u, d or t
	id     int
	v      int
	before int
}

var errLost = errors.New("connection lost")

func (c *central) Write(_ context.Context, b *batch.Batch, _ writer.Quota) (writer.Outcome, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := none
	if len(c.faults) > 0 {
		f, c.faults = c.faults[0], c.faults[1:]
	}
	switch f {
	case refused:
		return writer.Outcome{}, errLost
	case lockTimeout:
		return writer.Outcome{}, mysqlError(lockWaitTimeout)
	}
	var moved []ledger.Move
	for _, m := range b.Moves() {
		if !c.guard || c.next[m.Tenure.Partition] == m.From {
			moved = append(moved, m)
		}
	}
	if c.count && len(moved) != len(b.Moves()) {
		return writer.Outcome{}, writer.ErrMoved
	}
	c.commit(b, moved)
	c.check()
	c.history = append(c.history, state{maps.Clone(c.next), maps.Clone(c.table)})
	c.changed.Broadcast()
	if f == unanswered {
		return writer.Outcome{}, errLost
	}
	return writer.Outcome{}, nil
}

func (c *central) commit(b *batch.Batch, moved []ledger.Move) {
	for _, m := range moved {
		c.next[m.Tenure.Partition] = m.Next
	}
	for _, store := range b.Wiped() {
		maps.DeleteFunc(c.table, func(key, _ string) bool { return strings.HasPrefix(key, "'"+store+"',") })
	}
	for i := range b.Erasures() {
		where := string(b.Erasures()[i].Where)
		for key, tuple := range c.table { // of rows that are alike any will do
			f := strings.SplitN(tuple[1:], ",", 4)
			if where == fmt.Sprintf("`store_id`=%s AND `id`=%s AND `v`=%s", f[0], f[1], f[2]) {
				delete(c.table, key)
				break
			}
		}
	}
	for group := range b.Groups() {
		for _, r := range group {
			if r.Deletes() {
				delete(c.table, string(r.Key()))
			} else {
				c.table[string(r.Key())] = string(r.Tuple())
			}
		}
	}
}

// check compares the table with the sequential model.
func (c *central) check() {
	if c.keyless {
		c.checkKeyless()
		return
	}
	want := make(map[string]string)
	for p, log := range c.logs {
		store := strings.Split(p.Topic, ".")[1]
		for _, e := range log[:c.next[p]] {
			key := fmt.Sprintf("'%s',%d", store, e.id)
			switch e.op {
			case 'c':
				want[key] = fmt.Sprintf("(%s,%d,", key, e.v)
			case 'd':
				delete(want, key)
			case 't':
				maps.DeleteFunc(want, func(key, _ string) bool { return strings.HasPrefix(key, "'"+store+"',") })
			}
		}
	}
	if len(want) != len(c.table) {
		c.violated("%d rows, want %d", len(c.table), len(want))
	}
	for key, tuple := range want {
		if !strings.HasPrefix(c.table[key], tuple) {
			c.violated("row %s is %s, want %s…", key, c.table[key], tuple)
		}
	}
}

// checkKeyless counts rows that are alike.
func (c *central) checkKeyless() {
	want, have := make(map[string]int), make(map[string]int)
	for p, log := range c.logs {
		store := strings.Split(p.Topic, ".")[1]
		row := func(id, v int) string { return fmt.Sprintf("('%s',%d,%d", store, id, v) }
		for _, e := range log[:c.next[p]] {
			gone := row(e.id, e.before)
			switch e.op {
			case 'd', 'u':
				if want[gone]--; want[gone] <= 0 { // a row that is not there is a dead letter
					delete(want, gone)
				}
			case 't':
				maps.DeleteFunc(want, func(row string, _ int) bool { return strings.HasPrefix(row, "('"+store+"',") })
			}
			if e.op == 'c' || e.op == 'u' {
				want[row(e.id, e.v)]++
			}
		}
	}
	for _, tuple := range c.table {
		f := strings.SplitN(tuple, ",", 4)
		have[strings.Join(f[:3], ",")]++
	}
	if !maps.Equal(want, have) {
		c.violated("rows %v, want %v", have, want)
	}
}

func (c *central) violated(format string, args ...any) {
	if c.wrong == nil {
		c.wrong = fmt.Errorf(format, args...)
	}
}

func (c *central) Read(_ context.Context, partitions []ledger.Partition) (map[ledger.Partition]ledger.Position, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := make(map[ledger.Partition]ledger.Position)
	for _, p := range partitions {
		at[p] = ledger.Position{Partition: p, Next: c.next[p]}
	}
	return at, nil
}

func (c *central) Hold(context.Context, ledger.Partition, string) error { return nil }

func (c *central) Owners(context.Context, string, []string) (map[string]string, error) {
	return nil, nil
}

// Dialect, Fit, Widen and Table are a catalog whose tables are always as asked for.
func (c *central) Dialect() schema.Dialect {
	d, _ := schema.ParseDialect("9.7.4")
	return d
}

func (c *central) Fit(_ context.Context, name string, columns []debezium.Field, key []string, _ bool) (want, have *schema.Table, err error) {
	t, err := schema.Derive(name, columns, key, schema.Options{Dialect: c.Dialect()})
	return &t, &t, err
}

func (c *central) Widen(context.Context, *schema.Table, string, schema.Type) (*schema.Table, error) {
	return nil, errors.New("nothing to widen")
}

func (c *central) Forget(string) {}

func (c *central) Table(_ context.Context, name string) (*schema.Table, error) {
	return &schema.Table{Name: name}, nil
}

// consumerModel is one replica: a lane, and the partitions it believes to hold.
type consumerModel struct {
	lane *Lane
	db   *central
	read *debezium.Reader
	keys *debezium.Reader

	mu   sync.Mutex
	hold map[ledger.Partition]*ledger.Tenure // guarded by mu
	pos  map[ledger.Partition]int64          // guarded by mu: what is delivered next
}

// Restart begins again from the ledger, as the consumer would after its pause.
func (m *consumerModel) Restart(t *ledger.Tenure, _ time.Duration, _ string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hold[t.Partition] == t {
		m.begin(t.Partition)
	}
}

func (m *consumerModel) Committed([]ledger.Move) {}

// begin starts a tenure where the ledger stands; mu is held. The replica's own
// earlier tenure ends first, another replica's does not: it may be frozen.
func (m *consumerModel) begin(p ledger.Partition) {
	if t := m.hold[p]; t != nil {
		t.End()
	}
	at, _ := m.db.Read(context.Background(), []ledger.Partition{p})
	m.hold[p], m.pos[p] = ledger.NewTenure(at[p]), at[p].Next
}

func (m *consumerModel) assign(p ledger.Partition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begin(p)
}

func (m *consumerModel) revoke(p ledger.Partition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.hold[p]; t != nil {
		t.End()
		delete(m.hold, p)
	}
}

// deliver hands over the next events of a partition, if the replica holds it.
func (m *consumerModel) deliver(p ledger.Partition, n int) (more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.hold[p]
	for ; t != nil && n > 0 && m.pos[p] < int64(len(m.db.logs[p])); n-- {
		m.lane.Force(m.record(t, m.pos[p]))
		m.pos[p]++
	}
	return t != nil && m.pos[p] < int64(len(m.db.logs[p]))
}

func (m *consumerModel) record(t *ledger.Tenure, offset int64) batch.Record {
	e := m.db.logs[t.Partition][offset]
	r := batch.Record{Tenure: t, Offset: offset}
	key, value := message(e)
	r.Value, r.ValueRest, r.Err = m.read.Cut(value)
	if e.op != 't' && !m.db.keyless {
		r.Key, r.KeyRest, _ = m.keys.Cut(key)
	}
	return r
}

const (
	rowFields = `[{"field":"id","type":"int64","optional":false},{"field":"v","type":"int64","optional":true}]`
	envelope  = `{"type":"struct","optional":false,"name":"e.Envelope","fields":[` +
		`{"type":"struct","optional":true,"field":"before","fields":` + rowFields + `},` +
		`{"type":"struct","optional":true,"field":"after","fields":` + rowFields + `},` +
		`{"type":"struct","optional":false,"field":"source","fields":[{"field":"table","type":"string","optional":false}]},` +
		`{"field":"op","type":"string","optional":false}]}`
	keySchema = `{"type":"struct","optional":false,"name":"e.Key","fields":[{"field":"id","type":"int64","optional":false}]}`
)

func message(e change) (key, value []byte) {
	row, former := map[string]any{"id": e.id, "v": e.v}, map[string]any{"id": e.id, "v": e.before}
	payload := map[string]any{"before": nil, "after": nil, "op": string(e.op), "source": map[string]any{"table": "t"}}
	switch e.op {
	case 'c':
		payload["after"] = row
	case 'u':
		payload["before"], payload["after"] = former, row
	case 'd':
		payload["before"] = former
	}
	text, _ := json.Marshal(payload)
	return fmt.Appendf(nil, `{"schema":%s,"payload":{"id":%d}}`, keySchema, e.id),
		fmt.Appendf(nil, `{"schema":%s,"payload":%s}`, envelope, text)
}

// world is two replicas, a central database and the logs of a few stores.
type world struct {
	db       *central
	replicas []*consumerModel
	stop     func()
}

func newWorld(logs map[ledger.Partition][]change, guard bool) *world {
	db := &central{logs: logs, next: make(map[ledger.Partition]int64), table: make(map[string]string), guard: guard, count: true}
	db.changed = sync.NewCond(&db.mu)
	w := &world{db: db}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	metrics := NewMetrics(prometheus.NewRegistry())
	for i := range 2 {
		m := &consumerModel{
			db: db, read: debezium.NewReader(), keys: debezium.NewReader(),
			hold: make(map[ledger.Partition]*ledger.Tenure), pos: make(map[ledger.Partition]int64),
		}
		m.lane = New(Config{
			Writer: db, Ledger: db, Tables: db, Partitions: m, Budget: NewBudget(1 << 30), Log: zap.NewNop(),
			Metrics: metrics, MaxRows: 3, MaxText: 1 << 20, Linger: 100 * time.Microsecond, Environment: "e",
		}, "t", i)
		running.Go(func() { m.lane.Run(ctx, ctx) })
		w.replicas = append(w.replicas, m)
	}
	w.stop = func() { cancel(); running.Wait() }
	return w
}

// settle gives every partition to the first replica alone and delivers
// everything until the ledger stands at the end.
func (w *world) settle(t require.TestingT) {
	deadline := time.Now().Add(20 * time.Second)
	for p := range w.db.logs {
		w.replicas[1].revoke(p)
		w.replicas[0].assign(p)
	}
	for done := false; !done; {
		done = true
		for p, log := range w.db.logs {
			w.replicas[0].deliver(p, 1000)
			w.db.mu.Lock()
			done = done && w.db.next[p] == int64(len(log))
			w.db.mu.Unlock()
		}
		if !done {
			require.True(t, time.Now().Before(deadline), "the ledger does not reach the end: %v", w.db.next)
			w.pause()
		}
	}
}

// pause waits for a commit, or a moment. The timer's broadcast takes the lock,
// so that it cannot come before the wait.
func (w *world) pause() {
	w.db.mu.Lock()
	defer w.db.mu.Unlock()
	wake := time.AfterFunc(5*time.Millisecond, func() {
		w.db.mu.Lock()
		defer w.db.mu.Unlock()
		w.db.changed.Broadcast()
	})
	defer wake.Stop()
	w.db.changed.Wait()
}

func drawLogs(t *rapid.T) map[ledger.Partition][]change {
	logs := make(map[ledger.Partition][]change)
	for store := range 3 {
		p := ledger.Partition{Topic: fmt.Sprintf("e.%d.s.t", store)}
		n := rapid.IntRange(1, 40).Draw(t, "events")
		for i := range n {
			op := rapid.SampledFrom([]byte("ccccccdddt")).Draw(t, "op")
			logs[p] = append(logs[p], change{op: op, id: rapid.IntRange(1, 4).Draw(t, "id"), v: i})
		}
	}
	return logs
}

// drawKeyless draws events of a table in which many rows are alike.
func drawKeyless(t *rapid.T) map[ledger.Partition][]change {
	logs := make(map[ledger.Partition][]change)
	for store := range 3 {
		p := ledger.Partition{Topic: fmt.Sprintf("e.%d.s.t", store)}
		value := rapid.IntRange(1, 3)
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			op := rapid.SampledFrom([]byte("ccccuuudddt")).Draw(t, "op")
			logs[p] = append(logs[p], change{op: op, id: rapid.IntRange(1, 2).Draw(t, "id"), v: value.Draw(t, "v"), before: value.Draw(t, "before")})
		}
	}
	return logs
}

// TestExactlyTheLog drives two replicas through rebalances, frozen owners that
// come back, lost answers, refusals, locks and restored backups. At every commit
// the table must be what the events below the ledger's offsets make of it, and in
// the end the ledger reaches the end of every log.
func TestExactlyTheLog(t *testing.T) {
	for name, keyless := range map[string]bool{"with a key": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			rapid.Check(t, func(t *rapid.T) {
				draw := drawLogs
				if keyless {
					draw = drawKeyless
				}
				w := newWorld(draw(t), true)
				defer w.stop()
				w.db.keyless = keyless
				w.play(t)
				w.settle(t)
				w.db.mu.Lock()
				defer w.db.mu.Unlock()
				require.NoError(t, w.db.wrong)
			})
		})
	}
}

// TestModelSeesAMissingGuard is the control: with the compare-and-set switched
// off, the same play must show the violation.
func TestModelSeesAMissingGuard(t *testing.T) {
	logs := map[ledger.Partition][]change{{Topic: "e.0.s.t"}: {{op: 'c', id: 1}, {op: 'c', id: 1, v: 1}, {op: 'd', id: 1, v: 2}, {op: 'c', id: 2, v: 3}}}
	w := newWorld(logs, false)
	defer w.stop()
	p := ledger.Partition{Topic: "e.0.s.t"}
	w.replicas[0].assign(p) // reads the ledger at 0, then freezes
	w.replicas[1].assign(p)
	w.replicas[1].deliver(p, 4)
	w.db.mu.Lock()
	for w.db.next[p] < 4 {
		w.db.changed.Wait()
	}
	w.db.mu.Unlock()
	w.replicas[0].deliver(p, 1) // wakes and writes its old batch
	w.db.mu.Lock()
	defer w.db.mu.Unlock()
	for w.db.next[p] == 4 {
		w.db.changed.Wait()
	}
	require.Equal(t, int64(1), w.db.next[p], "the zombie set the ledger back")
	require.NotContains(t, w.db.table, "'0',3")
	require.Len(t, w.db.table, 2, "and its old row came back")
}

// TestModelSeesAMissingCount is the other control: a batch of two partitions, of
// which one was written by somebody else, is committed though the ledger moved
// only one of them.
func TestModelSeesAMissingCount(t *testing.T) {
	mine, theirs := ledger.Partition{Topic: "e.0.s.t"}, ledger.Partition{Topic: "e.1.s.t"}
	w := newWorld(map[ledger.Partition][]change{mine: {{op: 'c', id: 1}}, theirs: {{op: 'c', id: 1}, {op: 'd', id: 1, v: 1}}}, true)
	defer w.stop()
	w.db.mu.Lock()
	w.db.count = false
	w.db.mu.Unlock()
	for _, p := range []ledger.Partition{mine, theirs} {
		w.replicas[0].assign(p) // reads the ledger at 0, then freezes
	}
	w.replicas[1].assign(theirs)
	w.replicas[1].deliver(theirs, 2)
	w.db.mu.Lock()
	for w.db.next[theirs] < 2 {
		w.db.changed.Wait()
	}
	w.db.mu.Unlock()
	together := make([]batch.Record, 0, 2) // one offer, one batch
	for _, p := range []ledger.Partition{mine, theirs} {
		together = append(together, w.replicas[0].record(w.replicas[0].hold[p], 0))
	}
	w.replicas[0].lane.Force(together...)
	w.db.mu.Lock()
	defer w.db.mu.Unlock()
	for w.db.next[mine] == 0 {
		w.db.changed.Wait()
	}
	require.Error(t, w.db.wrong, "the deleted row of the other store came back")
}

// play makes random moves.
func (w *world) play(t *rapid.T) {
	partitions := make([]ledger.Partition, 0, len(w.db.logs))
	for store := range len(w.db.logs) {
		partitions = append(partitions, ledger.Partition{Topic: fmt.Sprintf("e.%d.s.t", store)})
	}
	for range rapid.IntRange(5, 40).Draw(t, "steps") {
		p := rapid.SampledFrom(partitions).Draw(t, "partition")
		r := w.replicas[rapid.IntRange(0, 1).Draw(t, "replica")]
		switch rapid.SampledFrom([]string{"assign", "revoke", "deliver", "deliver", "deliver", "fault", "wait", "set back"}).Draw(t, "step") {
		case "assign": // the other replica may still believe to hold it: a zombie
			r.assign(p)
		case "revoke":
			r.revoke(p)
		case "deliver":
			r.deliver(p, rapid.IntRange(1, 10).Draw(t, "n"))
		case "fault":
			w.db.mu.Lock()
			w.db.faults = append(w.db.faults, fault(rapid.IntRange(int(refused), int(lockTimeout)).Draw(t, "fault")))
			w.db.mu.Unlock()
		case "wait":
			w.pause()
		case "set back":
			w.db.setBack(rapid.IntRange(0, 20).Draw(t, "to"))
		}
	}
}

func mysqlError(number uint16) error {
	return &mysql.MySQLError{Number: number, Message: "from the model"}
}
