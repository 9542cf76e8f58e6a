package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"tributary/integration/pos"
)

// The tables without a key that every store gets besides its own. Rows are only
// ever added to entries, so that one event is one row. The rows of counters are
// changed and deleted, too, and many of them are equal.
const (
	entriesTable  = "entries"
	countersTable = "counters"
)

var keyless = []string{
	"CREATE TABLE " + entriesTable + " (n INT NOT NULL, at DATETIME(6) NOT NULL, remark VARCHAR(40))",
	"CREATE TABLE " + countersTable + " (till TINYINT NOT NULL, total INT NOT NULL, remark VARCHAR(40))",
}

// journals are what is written into these tables.
type journals struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	each    map[string]*journal // by store
}

// journal writes one store's.
type journal struct {
	store *pos.Store
	dice  *rand.Rand

	mu sync.Mutex // held for each write
	n  int        // last entry
}

// keep lets a journal be written every so often until the context ends.
func (j *journal) keep(ctx context.Context, every time.Duration) error {
	for pause(ctx, every/2+rand.N(every)) {
		if err := j.write(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("writing the journal of store %s: %w", j.store.ID, err)
		}
	}
	return nil
}

// write adds an entry and changes some counters.
func (j *journal) write(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	// Not cut off in the middle: whether it was done would not be known.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	j.n++
	_, err := j.store.DB.ExecContext(ctx, "INSERT INTO "+entriesTable+" VALUES (?,?,?)",
		j.n, time.Now().UTC().Format("2006-01-02 15:04:05.000000"), fmt.Sprintf("entry %d", j.n))
	till := j.dice.IntN(4)
	var also error
	switch j.dice.IntN(5) {
	case 0, 1:
		_, also = j.store.DB.ExecContext(ctx, "INSERT INTO "+countersTable+" VALUES (?,0,NULL),(?,0,NULL)", till, till)
	case 2, 3:
		_, also = j.store.DB.ExecContext(ctx, "UPDATE "+countersTable+" SET total=total+1 WHERE till=? LIMIT 3", till)
	default:
		_, also = j.store.DB.ExecContext(ctx, "DELETE FROM "+countersTable+" WHERE till=? ORDER BY total DESC LIMIT 1", till)
	}
	return errors.Join(err, also)
}

// last is the number of the newest entry.
func (j *journal) last() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.n
}

func (c *Chaos) openJournals(ctx context.Context) error {
	c.journals.each = map[string]*journal{}
	for n, store := range c.stores {
		for _, statement := range keyless {
			if _, err := store.DB.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("creating tables without a key: %w", err)
			}
		}
		j := &journal{store: store, dice: rand.New(rand.NewPCG(c.options.Seed, uint64(n)))}
		for range 10 { // for the snapshot to find
			if err := j.write(ctx); err != nil {
				return err
			}
		}
		c.journals.each[store.ID] = j
	}
	return nil
}

// journalEvery is the time between two entries of a store.
const journalEvery = 250 * time.Millisecond

func (c *Chaos) keepJournals() {
	ctx, cancel := context.WithCancel(context.Background())
	c.journals.cancel = cancel
	for _, j := range c.journals.each {
		c.journals.running.Go(func() {
			if err := j.keep(ctx, journalEvery); err != nil {
				c.fail("%v", err)
			}
		})
	}
}

func (c *Chaos) closeJournals() {
	if c.journals.cancel != nil {
		c.journals.cancel()
		c.journals.running.Wait()
	}
}

// Enter writes one more entry into a store's journal, also after the stores
// have closed.
func (c *Chaos) Enter(ctx context.Context, store string) error {
	return c.journals.each[store].write(ctx)
}
