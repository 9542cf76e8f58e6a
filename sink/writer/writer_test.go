package writer

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"tributary/sink/batch"
	"tributary/sink/ledger"
)

func refusal(number uint16) error { return &mysql.MySQLError{Number: number, Message: "from the test"} }

// TestTransaction plays what a server may answer and holds what the writer says
// next against it: above all, COMMIT is sent only behind the right count.
func TestTransaction(t *testing.T) {
	const insert, letter = "INSERT t", "INSERT tributary_dead_letters"
	moved := func(n int64) func(string) (int64, error) {
		return func(statement string) (int64, error) {
			if strings.HasPrefix(statement, "UPDATE (") {
				return n, nil
			}
			return 1, nil
		}
	}
	refuse := func(what string, err error) func(string) (int64, error) {
		return func(statement string) (int64, error) {
			if strings.Contains(statement, what) && !strings.Contains(statement, "dead_letters") {
				return 0, err
			}
			return moved(2)(statement)
		}
	}
	for _, c := range []struct {
		name   string
		answer func(string) (int64, error)
		says   []string
		class  Class // with wrong
		wrong  bool
		opened int // sessions, after a second attempt that goes well
	}{
		{name: "all is well", answer: moved(2), says: []string{"BEGIN", "UPDATE", insert, "COMMIT"}, opened: 1},
		{name: "one of two partitions stands elsewhere", answer: moved(1), says: []string{"BEGIN", "UPDATE", "ROLLBACK"}, class: Moved, wrong: true, opened: 1},
		{name: "none moved", answer: moved(0), says: []string{"BEGIN", "UPDATE", "ROLLBACK"}, class: Moved, wrong: true, opened: 1},
		{name: "more than there are", answer: moved(3), says: []string{"BEGIN", "UPDATE", "ROLLBACK"}, class: Moved, wrong: true, opened: 1},
		{
			name: "one row is refused", answer: refuse("'a',2", refusal(3819)), class: Data,
			says: []string{"BEGIN", "UPDATE", insert, insert, insert, insert, insert, insert, insert, letter, "COMMIT"}, opened: 1,
		},
		{name: "a deadlock", answer: refuse("INTO `t`", refusal(1213)), says: []string{"BEGIN", "UPDATE", insert, "ROLLBACK"}, class: Locked, wrong: true, opened: 1},
		{name: "read-only", answer: refuse("INTO `t`", refusal(1290)), says: []string{"BEGIN", "UPDATE", insert}, class: ReadOnly, wrong: true, opened: 2},
		{name: "a privilege is missing", answer: refuse("INTO `t`", refusal(1142)), says: []string{"BEGIN", "UPDATE", insert}, class: Environment, wrong: true, opened: 2},
		{name: "no such table", answer: refuse("INTO `t`", refusal(1146)), says: []string{"BEGIN", "UPDATE", insert, "ROLLBACK"}, class: Stale, wrong: true, opened: 1},
		{name: "the connection is lost", answer: refuse("INTO `t`", mysql.ErrInvalidConn), says: []string{"BEGIN", "UPDATE", insert}, class: Transient, wrong: true, opened: 2},
		{name: "the answer to COMMIT is lost", answer: refuse("COMMIT", mysql.ErrInvalidConn), says: []string{"BEGIN", "UPDATE", insert, "COMMIT"}, class: Transient, wrong: true, opened: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &server{answer: c.answer}
			w := newWriter(t, s)
			out, err := w.Write(t.Context(), rowsOf(t, 4, "a", "b"), nil)
			require.Equal(t, c.says, s.statements())
			if c.wrong {
				require.Error(t, err)
				require.Equal(t, c.class, Classify(err))
			} else {
				require.NoError(t, err)
				require.Equal(t, strings.Count(fmt.Sprint(s.statements()), letter), out.Letters())
			}
			s.answer = moved(2)
			_, err = w.Write(t.Context(), rowsOf(t, 1, "a", "b"), nil)
			require.NoError(t, err)
			require.Equal(t, c.opened, s.opened)
		})
	}
}

// TestQuota refuses all rows of one partition: what is allowed becomes dead
// letters, one more breaks the attempt off, and nothing is committed.
func TestQuota(t *testing.T) {
	for quota, commits := range map[int]bool{3: false, 4: true} {
		s := &server{answer: func(statement string) (int64, error) {
			if strings.HasPrefix(statement, "INSERT INTO `t`") && strings.Contains(statement, "'a'") {
				return 0, refusal(3819)
			}
			return 2, nil
		}}
		b := rowsOf(t, 4, "a", "b")
		out, err := newWriter(t, s).Write(t.Context(), b, func(m *ledger.Move) int {
			require.Equal(t, 4, m.Events)
			return quota
		})
		said := s.statements()
		if commits {
			require.NoError(t, err)
			require.Equal(t, map[*ledger.Tenure]int{b.Moves()[0].Tenure: 4}, out.Dead)
			require.Equal(t, "COMMIT", said[len(said)-1])
			continue
		}
		var flood *FloodError
		require.ErrorAs(t, err, &flood)
		require.Equal(t, Flooded, Classify(err), "though its reason is a row's")
		require.Equal(t, "a", flood.Tenure.Topic)
		require.Equal(t, []int{4, 4}, []int{flood.Dead, flood.Events})
		require.NotContains(t, said, "COMMIT")
		require.Equal(t, "ROLLBACK", said[len(said)-1])
		require.Equal(t, 1, s.opened)
	}
}

// TestQuotaOfDecoded does the same for events that were given up before.
func TestQuotaOfDecoded(t *testing.T) {
	s := &server{answer: func(string) (int64, error) { return 1, nil }}
	b := batch.New("t")
	tenure := ledger.NewTenure(ledger.Position{Partition: ledger.Partition{Topic: "a"}})
	for offset := range int64(3) {
		b.Bury(batch.Record{Tenure: tenure, Offset: offset}, errors.New("no event"))
	}
	w := newWriter(t, s)
	_, err := w.Write(t.Context(), b, func(*ledger.Move) int { return 2 })
	require.Equal(t, Flooded, Classify(err))
	require.Empty(t, s.statements(), "there is nothing to begin")
	out, err := w.Write(t.Context(), b, nil)
	require.NoError(t, err)
	require.Equal(t, 3, out.Letters())

	b.Reset()
	for offset := range int64(3) { // however many reports
		b.Report(batch.Record{Tenure: tenure, Offset: 3 + offset}, "t", errors.New("dropped"))
	}
	out, err = w.Write(t.Context(), b, func(*ledger.Move) int { return 2 })
	require.NoError(t, err)
	require.Equal(t, 3, out.Letters())
}

// TestTooLarge sets a row aside that no statement can hold, and tells that it is
// one.
func TestTooLarge(t *testing.T) {
	s := &server{answer: func(string) (int64, error) { return 1, nil }}
	b := rowsOf(t, 1, "a")
	tenure := b.Moves()[0].Tenure
	layout := batch.NewLayout(dialect(t), "t", []string{"store_id", "id"}, []string{"store_id", "id"})
	b.Upsert(batch.Record{Tenure: tenure, Offset: 1, ValueRest: make([]byte, 80<<10)}, layout, []byte("'a',1"), make([]byte, 80<<10), 0)
	out, err := newWriter(t, s).Write(t.Context(), b, nil)
	require.NoError(t, err)
	require.Equal(t, 1, out.Rows)
	require.Equal(t, 1, out.Letters())
	require.Equal(t, []string{"BEGIN", "UPDATE", "INSERT t", "INSERT tributary_dead_letters", "COMMIT"}, s.statements())
}

// TestTooLargeToFind does the same for a row without a key that no condition can
// name.
func TestTooLargeToFind(t *testing.T) {
	s := &server{answer: func(statement string) (int64, error) {
		if len(statement) > 64<<10 {
			return 0, mysql.ErrInvalidConn // it hangs up
		}
		return 1, nil
	}}
	b := rowsOf(t, 1, "a")
	r := batch.Record{Tenure: b.Moves()[0].Tenure, Offset: 1, ValueRest: []byte("event")}
	b.Take(r, []byte("image"), make([]byte, 64<<10))
	b.Skip(r, 0)
	out, err := newWriter(t, s).Write(t.Context(), b, nil)
	require.NoError(t, err)
	require.Equal(t, 1, out.Rows)
	require.Equal(t, 1, out.Letters())
	require.Equal(t, []string{"BEGIN", "UPDATE", "INSERT t", "INSERT tributary_dead_letters", "COMMIT"}, s.statements())
}

// TestLoweredLimit has the server restarted with a lower limit for a statement. It
// need not say so: it hangs up.
func TestLoweredLimit(t *testing.T) {
	s := &server{packet: 1 << 20, answer: func(string) (int64, error) { return 1, nil }}
	w := newWriter(t, s)
	_, err := w.Write(t.Context(), rowsOf(t, 1, "a"), nil)
	require.NoError(t, err)

	s.packet = 64 << 10
	s.answer = func(statement string) (int64, error) {
		if len(statement) > 64<<10 {
			return 0, mysql.ErrInvalidConn
		}
		return 1, nil
	}
	b := rowsOf(t, 1, "a")
	layout := batch.NewLayout(dialect(t), "t", []string{"store_id", "id"}, []string{"store_id", "id"})
	r := batch.Record{Tenure: b.Moves()[0].Tenure, Offset: 1, ValueRest: []byte("event")}
	b.Upsert(r, layout, []byte("'a',1"), make([]byte, 80<<10), 0)
	_, err = w.Write(t.Context(), b, nil)
	require.Equal(t, Transient, Classify(err))
	out, err := w.Write(t.Context(), b, nil)
	require.NoError(t, err)
	require.Equal(t, 1, out.Letters())
}

// TestTruncateLarge removes more rows than one statement may.
func TestTruncateLarge(t *testing.T) {
	left := int64(2*wipeRows + 1)
	s := &server{answer: func(statement string) (int64, error) {
		if !strings.HasPrefix(statement, "DELETE FROM `t` WHERE `store_id`='7' LIMIT ") {
			return 1, nil
		}
		n := min(left, wipeRows)
		left -= n
		return n, nil
	}}
	b := batch.New("t")
	b.Truncate(batch.Record{Tenure: ledger.NewTenure(ledger.Position{})}, "7", false, 0)
	_, err := newWriter(t, s).Write(t.Context(), b, nil)
	require.NoError(t, err)
	require.Zero(t, left)
	require.Equal(t, []string{"BEGIN", "UPDATE", "DELETE", "DELETE", "DELETE", "COMMIT"}, s.statements())
}

// TestSilentServer connects to a server that takes connections and says nothing,
// as one does that is frozen, or whose network was cut meanwhile. It is given up
// long before a statement would be.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{silent: true, answer: func(string) (int64, error) { return 1, nil }}
		w := newWriter(t, s)
		w.limits.Statement = time.Hour
		began := time.Now()
		_, err := w.Write(t.Context(), rowsOf(t, 1, "a"), nil)
		require.Equal(t, Transient, Classify(err))
		require.Error(t, err)
		require.Equal(t, openLimit, time.Since(began))
		s.silent = false
		_, err = w.Write(t.Context(), rowsOf(t, 1, "a"), nil)
		require.NoError(t, err)
	})
}
