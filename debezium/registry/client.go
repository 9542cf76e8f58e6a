package registry

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"tributary/debezium"
)

// askers is how many requests are made at a time.
const askers = 4

// mostKnown bounds what is remembered, forgetting any: 200 stores with 40 tables
// have 16,000 schemas, and some versions of them.
const mostKnown = 100_000

// Client is a registry's schemas, as far as they have been asked for. Its methods
// may be called by several goroutines.
type Client struct {
	config    Config
	endpoints []endpoint
	http      *http.Client
	pace      pace

	wake chan struct{} // a token for each asker that may have something to do

	mu        sync.Mutex // guards what follows
	known     map[uint64]answer
	asked     map[uint64]*question
	queue     []*question // those of asked that nobody is asking at the moment
	counts    map[Outcome]uint64
	failures  int       // in a row
	pause     time.Time // until then nobody asks
	awaySince time.Time
	trouble   error
	turn      int // which endpoint is asked, counted on from failure to failure
}

// answer is what is known of an id: a schema, or until it expires why there is
// none.
type answer struct {
	schema  *debezium.Schema
	err     error
	expires time.Time // zero: never
}

// question is an id that is being asked for.
type question struct {
	id     uint64
	header []byte
	due    time.Time
	denied int           // how often the registry said it has no such schema
	done   chan struct{} // closed with the answer
}

// pace is how patient the client is.
type pace struct {
	// first and most are the pauses between requests to a registry that does
	// not answer, doubled from one to the next.
	first, most time.Duration
	// denials are the pauses before a registry is asked again that does not
	// have a schema: the one that was asked may be a copy that lags.
	denials []time.Duration
	// forget is when what the registry does not have is asked for again.
	forget time.Duration
}

func patience() pace {
	return pace{
		first: 250 * time.Millisecond, most: 15 * time.Second,
		denials: []time.Duration{500 * time.Millisecond, 2 * time.Second}, forget: time.Minute,
	}
}

// Schema implements [debezium.Registry].
func (c *Client) Schema(message []byte) (*debezium.Schema, error) {
	id, header, err := c.header(message)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a, _ := c.ask(id, header)
	return a.schema, a.err
}

// Await returns the schema of a message, waiting for the registry if need be. The
// client must be running.
func (c *Client) Await(ctx context.Context, message []byte) (*debezium.Schema, error) {
	id, header, err := c.header(message)
	if err != nil {
		return nil, err
	}
	for {
		c.mu.Lock()
		a, q := c.ask(id, header)
		c.mu.Unlock()
		if q == nil {
			return a.schema, a.err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-q.done:
		}
	}
}

// Waiting returns the client as a [debezium.Registry] that waits for schemas until
// the context ends, for readers that read one message and no other.
func (c *Client) Waiting(ctx context.Context) debezium.Registry { return waiting{c, ctx} }

type waiting struct {
	client *Client
	ctx    context.Context
}

func (w waiting) Schema(message []byte) (*debezium.Schema, error) {
	schema, err := w.client.Await(w.ctx, message)
	if w.ctx.Err() != nil && errors.Is(err, w.ctx.Err()) {
		if trouble := w.client.State().Trouble; trouble != nil {
			err = trouble
		}
		return nil, fmt.Errorf("waiting for the schema registry: %w", err)
	}
	return schema, err
}

// header takes the magic byte and the id off a message.
func (c *Client) header(message []byte) (id uint64, header []byte, err error) {
	n := 1 + c.config.IDBytes
	if len(message) < n {
		return 0, nil, debezium.ErrNoID
	}
	largest := uint64(math.MaxInt32)
	if id = uint64(binary.BigEndian.Uint32(message[1:])); n == 9 {
		id, largest = binary.BigEndian.Uint64(message[1:]), math.MaxInt64
	}
	if id > largest {
		return 0, nil, debezium.ErrUnknownSchema // registries count with signed numbers
	}
	return id, message[:n], nil
}

// ask returns what is known of an id, or the question about it. It is called
// under the lock.
func (c *Client) ask(id uint64, header []byte) (answer, *question) {
	if a, ok := c.known[id]; ok && (a.expires.IsZero() || time.Now().Before(a.expires)) {
		return a, nil
	}
	q := c.asked[id]
	if q == nil {
		q = &question{id: id, header: append([]byte(nil), header...), done: make(chan struct{})}
		c.asked[id] = q
		c.put(q)
	}
	return answer{err: debezium.ErrSchemaAwaited}, q
}

// put hands a question to whoever is free.
func (c *Client) put(q *question) {
	c.queue = append(c.queue, q)
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run asks the registry until the context ends.
func (c *Client) Run(ctx context.Context) {
	var running sync.WaitGroup
	for range askers {
		running.Go(func() {
			for q := c.take(ctx); q != nil; q = c.take(ctx) {
				c.answer(ctx, q)
			}
		})
	}
	running.Wait()
	c.http.CloseIdleConnections()
}

// Close ends the connections of a client that is not running.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// take waits for a question that is due; nil when the context ends.
func (c *Client) take(ctx context.Context) *question {
	for ctx.Err() == nil {
		q, wait := c.due(time.Now())
		if q != nil {
			return q
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// due takes a question out of the queue, or says how long there will be none.
func (c *Client) due(now time.Time) (q *question, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if wait = c.pause.Sub(now); wait > 0 {
		return nil, wait
	}
	wait = time.Hour
	for i, q := range c.queue {
		if pause := q.due.Sub(now); pause > 0 {
			wait = min(wait, pause)
			continue
		}
		c.queue = append(c.queue[:i], c.queue[i+1:]...)
		return q, 0
	}
	return nil, wait
}

// answer asks the registry a question.
func (c *Client) answer(ctx context.Context, q *question) {
	c.mu.Lock()
	turn := c.turn
	e := c.endpoints[turn%len(c.endpoints)]
	c.mu.Unlock()
	schema, err := c.fetch(ctx, e, q.header, q.id)
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	outcome, now := outcomeOf(err), time.Now()
	c.counts[outcome]++
	switch outcome {
	case Refused, Unreachable:
		c.put(q)
		if turn == c.turn { // else another request has said so already
			c.away(now, err)
		}
		return
	case Unknown:
		c.back()
		if q.denied < len(c.pace.denials) {
			q.due = now.Add(c.pace.denials[q.denied])
			q.denied++
			c.put(q)
			return
		}
		c.settle(q, answer{err: debezium.ErrUnknownSchema, expires: now.Add(c.pace.forget)})
	default:
		c.back()
		c.settle(q, answer{schema: schema, err: err})
	}
}

// settle remembers an answer.
func (c *Client) settle(q *question, a answer) {
	if len(c.known) >= mostKnown {
		for id := range c.known {
			delete(c.known, id)
			break
		}
	}
	c.known[q.id] = a
	delete(c.asked, q.id)
	close(q.done)
}

// away makes everybody pause after a request that failed, and ask the next
// endpoint.
func (c *Client) away(now time.Time, err error) {
	if c.trouble == nil {
		c.awaySince = now
		c.config.Log.Warn("the schema registry does not answer: events with schemas known go on, others wait",
			zap.String("registry", c.endpoints[c.turn%len(c.endpoints)].base), zap.Error(err), zap.String("hint", Hint(err)))
	}
	c.trouble = err
	c.turn++
	pause := min(c.pace.first<<min(c.failures, 16), c.pace.most)
	c.failures++
	if until := now.Add(pause/2 + rand.N(pause/2+1)); until.After(c.pause) {
		c.pause = until
	}
}

// back ends the pauses.
func (c *Client) back() {
	if c.trouble != nil {
		c.config.Log.Info("the schema registry answers again", zap.Duration("away", time.Since(c.awaySince).Round(time.Second)))
	}
	c.failures, c.trouble, c.awaySince, c.pause = 0, nil, time.Time{}, time.Time{}
	for range askers {
		select {
		case c.wake <- struct{}{}:
		default:
			return
		}
	}
}

// State is how a registry is doing.
type State struct {
	// Known are the schemas remembered, Wanted those that are being asked for.
	Known, Wanted int
	// Trouble is why the last request failed, nil if it did not; AwaySince is
	// when that began.
	Trouble   error
	AwaySince time.Time
	// Requests counts requests by how they ended.
	Requests map[Outcome]uint64
}

// State returns how the registry is doing, as of the last request.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := State{
		Known: len(c.known), Wanted: len(c.asked), Trouble: c.trouble, AwaySince: c.awaySince,
		Requests: make(map[Outcome]uint64, len(c.counts)),
	}
	for _, o := range []Outcome{Found, Unreadable, Unknown, Refused, Unreachable} {
		s.Requests[o] = c.counts[o]
	}
	return s
}
