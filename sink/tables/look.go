package tables

import (
	"time"

	"tributary/schema"
)

// fresh is how long a table is taken to be as it was when it was last read.
// After a start every store's table asks for the same few central ones, within
// seconds: reading the server's catalog for each of them took most of the time
// of a catch-up over thousands of topics.
//
// What somebody else changes meanwhile is met in one of two ways. Where more is
// asked for than the table was seen to have, it is read again, under the lock.
// Where the table has less than it was seen to have, the server refuses the
// rows, and the lane has it forgotten and asks again.
const fresh = time.Second

// look is a table as it was read. It is shared and must not be changed.
type look struct {
	table *schema.Table
	at    time.Time
}

// recall returns a table that was looked at a moment ago and holds all that is
// wanted, nil if there is no such.
func (k *Keeper) recall(want *schema.Table) *schema.Table {
	k.mu.Lock()
	seen := k.looks[want.Name]
	k.mu.Unlock()
	if seen.table == nil || time.Since(seen.at) > fresh {
		return nil
	}
	if changes, err := schema.Plan(seen.table, *want, k.Dialect()); err != nil || len(changes) > 0 {
		return nil
	}
	return seen.table
}

// remember keeps a table that has just been read.
func (k *Keeper) remember(table *schema.Table, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.looks == nil {
		k.looks = make(map[string]look)
	}
	k.looks[table.Name] = look{table, at}
}

// Forget drops what is known of a table: the server has refused what it seemed
// to take.
func (k *Keeper) Forget(table string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.looks, table)
}

// ForgetAll drops what is known of the central database, which has become
// another one: whether versions are remembered there is found out anew, too.
func (k *Keeper) ForgetAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.looks, k.remembers = nil, nil
}
