package connect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Options changes how a [Client] behaves. The zero Options are fine.
type Options struct {
	// HTTP is the client to send with; nil means one of its own.
	HTTP *http.Client
	// User and Password are for HTTP basic authentication.
	User, Password string
	// Timeout limits one request. Default 100 s: Connect itself gives up
	// after 90 s, and a PUT for a store that cannot be reached takes
	// connection.validation.timeout.ms, 60 s.
	Timeout time.Duration
	// Patience limits all tries of one call together. Default 4 min.
	Patience time.Duration
	// FirstPause and LongestPause bound the pauses between tries, which
	// double and are then shortened by chance. Defaults 250 ms and 10 s.
	FirstPause, LongestPause time.Duration
	// Poll is how often the Wait functions look. Default 500 ms.
	Poll time.Duration
	// OnRetry is told of every try that will be repeated. It may be called
	// from several goroutines.
	OnRetry func(err error, pause time.Duration)
}

// Client is a connection to one Kafka Connect cluster. It may be used by
// several goroutines.
type Client struct {
	options Options
	// workers are the REST addresses; at is the one that answered last.
	workers []string
	at      atomic.Uint32
}

// New returns a client for the cluster at the address, or at several addresses
// of the same cluster with commas between them, of which the next is tried when
// one does not answer.
func New(address string, o Options) *Client {
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	setDefault(&o.Timeout, 100*time.Second)
	setDefault(&o.Patience, 4*time.Minute)
	setDefault(&o.FirstPause, 250*time.Millisecond)
	setDefault(&o.LongestPause, 10*time.Second)
	setDefault(&o.Poll, 500*time.Millisecond)
	c := &Client{options: o}
	for worker := range strings.SplitSeq(address, ",") {
		c.workers = append(c.workers, strings.TrimRight(strings.TrimSpace(worker), "/"))
	}
	return c
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

// call is one request to Connect.
type call struct {
	method, path string
	query        url.Values
	body         any
	into         any
	// retried is set when an earlier try may have taken effect unseen.
	retried bool
}

// do sends the request until Connect takes it, refuses it for good or the
// patience ends.
func (c *Client) do(ctx context.Context, r *call) error {
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	pause := c.options.FirstPause
	var last error
	for try := 1; ; try++ {
		err := c.send(ctx, r, body)
		if err == nil || !retriable(err, try) {
			return err
		}
		if last != nil && ctx.Err() != nil {
			// The patience ended within this try: what Connect said
			// before tells more than that it was cut short.
			return fmt.Errorf("%w (gave up after %d tries: %w)", last, try, ctx.Err())
		}
		last = err
		r.retried = r.retried || !isRebalance(err)
		wait := pause/2 + rand.N(pause/2+1)
		if c.options.OnRetry != nil {
			c.options.OnRetry(err, wait)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%w (gave up after %d tries: %w)", err, try, ctx.Err())
		case <-timer.C:
		}
		pause = min(2*pause, c.options.LongestPause)
	}
}

// send tries once, at the worker that answered last.
func (c *Client) send(ctx context.Context, r *call, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	at := c.at.Load()
	address := c.workers[int(at)%len(c.workers)] + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the address of Kafka Connect: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.options.User != "" {
		request.SetBasicAuth(c.options.User, c.options.Password)
	}
	response, err := c.options.HTTP.Do(request)
	if err != nil {
		c.at.CompareAndSwap(at, at+1)
		return &unreachableError{err}
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return &unreachableError{err}
	}
	if response.StatusCode >= 300 {
		return newError(r, response.StatusCode, answer)
	}
	if r.into == nil || len(answer) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer, r.into); err != nil {
		return fmt.Errorf("%s %s: the answer is not Kafka Connect's: %w", r.method, r.path, err)
	}
	return nil
}

// answerLimit is far above what a thousand connectors' configurations take.
const answerLimit = 256 << 20

// retriable says whether another try may end differently.
func retriable(err error, try int) bool {
	var unreachable *unreachableError
	if errors.As(err, &unreachable) {
		// The caller's own end is final; a time-out of one try is not.
		return !errors.Is(err, context.Canceled)
	}
	var refused *Error
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Status {
	case http.StatusConflict:
		return !errors.Is(err, ErrExists) && !errors.Is(err, ErrNotStopped)
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusInternalServerError:
		// Connect answers 500 for its own time-outs, which pass, and for
		// a missing plugin, which does not.
		return try < 4
	}
	return false
}
