package chaos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

// watch looks all the time at what must be true all the time.
type watch struct {
	c       *Chaos
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu        sync.Mutex       // guards what follows
	snapshots int              // held against the ledger
	next      map[string]int64 // by topic: the ledger's offset when last seen
	epoch     int              // how often the central database was set back
}

// lookLimit bounds one look at a central database that may be frozen.
const lookLimit = 5 * time.Second

func startWatch(c *Chaos) *watch {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{c: c, cancel: cancel, next: map[string]int64{}}
	w.running.Go(func() {
		for pause(ctx, time.Second) {
			w.processes()
		}
	})
	w.running.Go(func() {
		for pause(ctx, 200*time.Millisecond+rand.N(time.Second)) {
			// An error is the central database being away, as it should be.
			if problem, err := w.hold(ctx); err == nil && problem != "" {
				c.fail("%s", problem)
			}
		}
	})
	return w
}

func (w *watch) stop() {
	w.cancel()
	w.running.Wait()
}

// forget lets the ledger go back, once: the central database was set back and
// does not run. A snapshot of the time before is not judged any more.
func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next, w.epoch = map[string]int64{}, w.epoch+1
}

func (w *watch) now() (epoch int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.epoch
}

func (w *watch) taken() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snapshots
}

func (w *watch) processes() {
	for _, r := range w.c.all() {
		r.measure()
		if r.gone() {
			w.c.fail("%s ended by itself; its log is %s", r.Name(), r.LogPath())
		}
	}
}

// hold holds one snapshot of the central database against itself: a table to
// which numbered rows are only ever added has each of a store's numbers up to
// the newest once, the ledger stands right behind the event that wrote it, and
// never goes back.
func (w *watch) hold(ctx context.Context) (problem string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	epoch := w.now()
	tx, err := w.c.central.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback() }()
	next, err := numbers(ctx, tx, "SELECT store_id, next_offset FROM tributary_ledger WHERE grp='"+group+"' AND table_name='"+entriesTable+"'")
	if err != nil {
		return "", err
	}
	rows, err := numbers(ctx, tx, "SELECT store_id, COUNT(*) FROM "+entriesTable+" GROUP BY store_id")
	if err != nil {
		return "", err
	}
	newest, err := numbers(ctx, tx, "SELECT store_id, MAX(n) FROM "+entriesTable+" GROUP BY store_id")
	if err != nil {
		return "", err
	}
	behind, err := numbers(ctx, tx, "SELECT store_id, MAX(_offset)+1 FROM "+entriesTable+" GROUP BY store_id")
	if err != nil {
		return "", err
	}
	return w.judge(epoch, next, rows, newest, behind), nil
}

func (w *watch) judge(epoch int, next, rows, newest, behind map[string]int64) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if epoch != w.epoch {
		return ""
	}
	w.snapshots++
	problem := ""
	for store, offset := range next {
		if rows[store] != newest[store] {
			problem = fmt.Sprintf("store %s: entry %d is the newest in %s, but there are %d rows", store, newest[store], entriesTable, rows[store])
		}
		if offset != behind[store] {
			problem = fmt.Sprintf("store %s: the ledger says that the events below %d were written, but %s has those below %d in the same snapshot",
				store, offset, entriesTable, behind[store])
		}
		if before := w.next[store]; offset < before {
			problem = fmt.Sprintf("store %s: the ledger went back from %d to %d", store, before, offset)
		}
	}
	w.next = next
	return problem
}

// querier is a connection, a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// numbers reads a query of names and numbers.
func numbers(ctx context.Context, q querier, query string) (map[string]int64, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	found := map[string]int64{}
	for rows.Next() {
		var name string
		var number int64
		if err := rows.Scan(&name, &number); err != nil {
			return nil, err
		}
		found[name] = number
	}
	return found, rows.Err()
}

// behind are the stores whose newest central entry is not newer than that.
func (c *Chaos) behind(ctx context.Context, than time.Time) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	newest, err := numbers(ctx, c.central,
		"SELECT store_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MAX(at)) FROM "+entriesTable+" GROUP BY store_id")
	if isNoTable(err) {
		newest, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	var late []string
	for _, store := range c.stores {
		if newest[store.ID] <= than.UnixMicro() {
			late = append(late, store.ID)
		}
	}
	return late, nil
}

// recover returns how long it takes from now until every store's newest central
// row was written at the store after now.
func (c *Chaos) recover(ctx context.Context, limit time.Duration) (time.Duration, error) {
	ended := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var late []string // when it could last be asked
	for {
		found, err := c.behind(ctx, ended)
		if err == nil && len(found) == 0 {
			return time.Since(ended), nil
		}
		if err == nil {
			late = found
		}
		if !pause(ctx, 50*time.Millisecond) {
			return 0, fmt.Errorf("no new rows of stores %v within %s: %w", late, limit, errors.Join(err, ctx.Err()))
		}
	}
}

// isNoTable says that the sink has not made the table yet (ER_NO_SUCH_TABLE).
func isNoTable(err error) bool {
	var server *mysql.MySQLError
	return errors.As(err, &server) && server.Number == 1146
}
