package writer

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tributary/schema"
	"tributary/sink/batch"
	"tributary/sink/deadletter"
	"tributary/sink/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a central database that does what it is told and notes what it was
// asked.
type server struct {
	answer func(statement string) (affected int64, err error)
	silent bool  // takes connections and says nothing
	packet int64 // max_allowed_packet, 64 KiB if 0

	mu     sync.Mutex
	said   []string // but how sessions are set up
	opened int
}

func (s *server) Connect(ctx context.Context) (driver.Conn, error) {
	if s.silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	return session1{s}, nil
}

func (s *server) Driver() driver.Driver { return nil }

// statements are what was asked, shortened to its first word or two.
func (s *server) statements() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.said...)
}

type session1 struct{ *server }

func (session1) Prepare(string) (driver.Stmt, error) { return nil, errors.New("nothing is prepared") }

func (session1) Begin() (driver.Tx, error) { return nil, errors.New("BEGIN is a statement") }
func (session1) Close() error              { return nil }

func (c session1) ExecContext(_ context.Context, text string, _ []driver.NamedValue) (driver.Result, error) {
	text = strings.Clone(text) // the writer's buffer is used again
	if strings.HasPrefix(text, "SET ") {
		return driver.RowsAffected(0), nil
	}
	c.mu.Lock()
	words := strings.Fields(text)
	short := words[0]
	if short == "INSERT" {
		short += " " + strings.Trim(words[2], "`")
	}
	c.said = append(c.said, short)
	c.mu.Unlock()
	affected, err := c.answer(text)
	return driver.RowsAffected(affected), err
}

func (c session1) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &packetRows{limit: cmp.Or(c.packet, 64<<10)}, nil
}

// packetRows are the answer to SELECT @@max_allowed_packet.
type packetRows struct {
	limit int64
	read  bool
}

func (*packetRows) Columns() []string { return []string{"@@max_allowed_packet"} }
func (*packetRows) Close() error      { return nil }

func (r *packetRows) Next(row []driver.Value) error {
	if r.read {
		return io.EOF
	}
	r.read, row[0] = true, r.limit
	return nil
}

// newWriter returns a writer to the server.
func newWriter(t *testing.T, s *server) *Writer {
	t.Helper()
	label := func(string) (store, table string) { return "7", "t" }
	w, err := New(Config{
		Connector: s, Sessions: 1, Limits: Limits{Statement: time.Minute, LockWait: time.Second, Idle: time.Minute},
		Ledger: ledger.New(nil, dialect(t), "g", "me", label), Letters: deadletter.NewStore("g", label),
	})
	require.NoError(t, err)
	t.Cleanup(w.Close)
	return w
}

func dialect(t *testing.T) schema.Dialect {
	t.Helper()
	d, err := schema.ParseDialect("9.7.4")
	require.NoError(t, err)
	return d
}

// rowsOf is a batch of so many rows of each partition; the first has id 0.
func rowsOf(t *testing.T, each int, partitions ...string) *batch.Batch {
	t.Helper()
	b := batch.New("t")
	layout := batch.NewLayout(dialect(t), "t", []string{"store_id", "id"}, []string{"store_id", "id"})
	for _, name := range partitions {
		tenure := ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: name}})
		for id := range each {
			key := []byte("'" + name + "'," + string(rune('0'+id)))
			b.Upsert(batch.Record{Tenure: tenure, Offset: int64(id), ValueRest: []byte("event")}, layout, key, append(append([]byte("("), key...), ')'), 0)
		}
	}
	return b
}
