package main

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

// reading is how things stand at one moment.
type reading struct {
	at       time.Time
	sold     int64 // events that all stores' changes make
	written  int64 // those that are in the central tables
	stores   []storeReading
	replicas []replicaReading
	problem  error // why the central side could not be read
}

type storeReading struct {
	id            string
	sold, written int64     // events
	last          time.Time // when the store's newest change was committed
	// newest is when the newest change in the central tables was committed
	// in the store; zero before the first.
	newest time.Time
}

type replicaReading struct {
	name    string
	log     string
	running bool
	ready   bool
	memory  int64
	cpu     time.Duration // since it started
}

// waiting is how many of the store's changes are not in the central tables.
func (s storeReading) waiting() int64 { return max(s.sold-s.written, 0) }

// behind is the time between the store's newest change and its newest one in
// the central tables. It is false before the first one is there.
func (s storeReading) behind() (time.Duration, bool) {
	switch {
	case s.newest.IsZero():
		return 0, false
	case s.waiting() == 0:
		return 0, true
	default:
		return max(s.last.Sub(s.newest), 0), true
	}
}

// take reads everything.
func take(ctx context.Context, g *ground, shops *shops) reading {
	r := reading{}
	for _, store := range shops.Stores() {
		counts := store.Counts()
		events := shops.events(store.ID, counts)
		r.sold += events
		r.stores = append(r.stores, storeReading{id: store.ID, sold: events, last: counts.Last})
	}
	if err := r.readLedger(ctx, g.central); err != nil && !isNoTable(err) { // made by the first sink
		r.problem = err
	}
	r.at = time.Now()
	for _, replica := range g.sinks() {
		state := replicaReading{name: replica.Name(), log: replica.LogPath(), running: replica.Running(), ready: replica.ready(ctx) == nil}
		if usage, err := replica.Usage(); err == nil {
			state.memory, state.cpu = usage.Memory, usage.CPU
		}
		r.replicas = append(r.replicas, state)
	}
	return r
}

// readLedger reads what was written, as the sink's ledger has it: every table
// topic's next offset is the number of its changes in the central tables, and
// is moved in the transactions that write them. (The proof does not use it.)
func (r *reading) readLedger(ctx context.Context, central *sql.DB) error {
	rows, err := central.QueryContext(ctx, `SELECT store_id, CAST(SUM(next_offset) AS SIGNED),
		COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MAX(source_time)), 0) FROM tributary_ledger GROUP BY store_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var written, micros int64
		if err := rows.Scan(&id, &written, &micros); err != nil {
			return err
		}
		r.written += written
		i := slices.IndexFunc(r.stores, func(s storeReading) bool { return s.id == id })
		if i < 0 { // captured already, selling in a moment
			r.sold += written
			r.stores = append(r.stores, storeReading{id: id, sold: written})
			i = len(r.stores) - 1
		}
		r.stores[i].written = written
		if micros > 0 {
			r.stores[i].newest = time.UnixMicro(micros)
		}
	}
	return rows.Err()
}
