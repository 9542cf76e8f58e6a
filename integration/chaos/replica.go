package chaos

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"tributary/integration/stack/process"
)

// memory is the replicas' setting, and most what a process may have resident:
// the setting twice (the queues, and what the collector leaves for a while),
// and what program, librdkafka's threads and connections take without a record.
const (
	memory     = 48 << 20
	mostMemory = 2*memory + 96<<20
)

// replica is a sink in a process of its own, through all its lives.
type replica struct {
	*process.Process

	mu   sync.Mutex // guards what follows
	up   bool       // it should be running
	peak int64      // of all lives, bytes
}

// session is how long Kafka does without a replica's heartbeats before its share
// is another's: shorter than a replica is frozen.
const session, heartbeat = 6000, 1500 // ms

// membership are a replica's settings of how it shares the work. By the protocol
// Consumer the session is the broker's to set.
func (c *Chaos) membership() []string {
	settings := []string{
		"TRIBUTARY_KAFKA_CONF_GROUP_PROTOCOL=" + c.options.Protocol,
		fmt.Sprintf("TRIBUTARY_CLIENTS=%d", c.options.Clients),
	}
	if c.options.Protocol == Classic {
		settings = append(settings,
			fmt.Sprintf("TRIBUTARY_KAFKA_CONF_SESSION_TIMEOUT_MS=%d", session),
			fmt.Sprintf("TRIBUTARY_KAFKA_CONF_HEARTBEAT_INTERVAL_MS=%d", heartbeat))
	}
	return settings
}

// brokerConfig lets the broker's own session be as short. Its defaults are 45 s
// and 5 s, and the least it is to allow as much: a replica would have to be frozen
// for a minute until another one has its share, and a round take two.
func brokerConfig() map[string]string {
	return map[string]string{
		"group.consumer.session.timeout.ms":        fmt.Sprint(session),
		"group.consumer.min.session.timeout.ms":    fmt.Sprint(session),
		"group.consumer.heartbeat.interval.ms":     fmt.Sprint(heartbeat),
		"group.consumer.min.heartbeat.interval.ms": fmt.Sprint(heartbeat),
	}
}

func (c *Chaos) newReplica(n int) *replica {
	name := fmt.Sprintf("replica-%d", n)
	dsn := strings.Replace(c.server.DSN(schema), c.server.Addr(), c.toCentral.Addr(), 1)
	return &replica{Process: process.New(process.Command{
		Name: name,
		Argv: []string{c.binary(), "sink"},
		Env: append(c.membership(),
			"TRIBUTARY_KAFKA_BROKERS="+c.toKafka.Addr(),
			"TRIBUTARY_ENVIRONMENT="+environment,
			"TRIBUTARY_GROUP="+group,
			"TRIBUTARY_CENTRAL_DSN="+dsn,
			"TRIBUTARY_HTTP_ADDR=127.0.0.1:0",
			fmt.Sprintf("TRIBUTARY_MEMORY=%d", memory),
			// Short, so that faults need not be long.
			"TRIBUTARY_STATEMENT_TIMEOUT=4s",
			"TRIBUTARY_SESSION_TIMEOUT=4s",
			"TRIBUTARY_STOP_TIMEOUT=5s",
			"TRIBUTARY_KAFKA_CONF_TOPIC_METADATA_REFRESH_INTERVAL_MS=2000",
			// Stalled and half-open connections are given up after that.
			"TRIBUTARY_KAFKA_CONF_SOCKET_TIMEOUT_MS=10000",
		),
		Dir: c.dir,
		Log: filepath.Join(c.dir, name+".log"),
		// It may start while nothing it needs can be reached.
		Ready: func(context.Context) error { return nil },
	})}
}

func (c *Chaos) startReplicas(ctx context.Context) error {
	c.spare = c.newReplica(c.options.Replicas + 1)
	for n := range c.options.Replicas {
		r := c.newReplica(n + 1)
		c.replicas = append(c.replicas, r)
		if err := r.begin(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin starts a life.
func (r *replica) begin(ctx context.Context) error {
	if err := r.Start(ctx); err != nil {
		return fmt.Errorf("starting %s: %w", r.Name(), err)
	}
	r.expect(true)
	return nil
}

// kill ends a life at once.
func (r *replica) kill() error {
	r.measure()
	r.expect(false)
	return r.Kill()
}

// leave ends a life in order.
func (r *replica) leave(ctx context.Context) error {
	r.measure()
	r.expect(false)
	return r.Stop(ctx)
}

func (r *replica) expect(up bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.up = up
}

// measure looks how much memory this life has taken.
func (r *replica) measure() {
	usage, err := r.Usage()
	if err != nil {
		return // not running
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.peak = max(r.peak, usage.Peak)
}

// gone tells once that the process ended by itself.
func (r *replica) gone() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.up || r.Running() {
		return false
	}
	r.up = false
	return true
}

func (r *replica) mostMemory() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.peak
}
