package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"tributary/integration/stack/process"
)

// replica is one running sink, or the monitor.
type replica struct {
	*process.Process
	url string
}

// replicaCount is how many sinks share the work.
const replicaCount = 2

// startReplicas starts the sinks.
func (g *ground) startReplicas(ctx context.Context, f *folder, screen *screen) error {
	for n := range replicaCount {
		r, err := newReplica(g, f, n+1)
		if err != nil {
			return err
		}
		if err := r.Start(ctx); err != nil {
			return fmt.Errorf("starting %s: %w", r.Name(), err)
		}
		g.mu.Lock()
		g.replicas = append(g.replicas, r)
		g.mu.Unlock()
		screen.say("%s: process %d, %s/metrics", r.Name(), r.Pid(), r.url)
	}
	return nil
}

// sinks are the replicas started so far.
func (g *ground) sinks() []*replica {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.replicas)
}

// ended returns an error if a replica is not running.
func (g *ground) ended() error {
	for _, r := range g.sinks() {
		if !r.Running() {
			return fmt.Errorf("%s ended by itself; its log is %s", r.Name(), r.LogPath())
		}
	}
	return nil
}

func newReplica(g *ground, f *folder, n int) (*replica, error) {
	return newPart(g, f, fmt.Sprintf("replica-%d", n), "sink", "TRIBUTARY_HTTP_ADDR", "/readyz",
		"TRIBUTARY_KAFKA_BROKERS="+g.stack.Kafka.Addr(), "TRIBUTARY_ENVIRONMENT="+environment)
}

// startMonitor starts the monitor, whose page shows what the demo does. It reads
// the inventory again whenever a store joins.
func (g *ground) startMonitor(ctx context.Context, f *folder, inventory string, screen *screen) error {
	m, err := newPart(g, f, "monitor", "monitor", "TRIBUTARY_MONITOR_HTTP_ADDR", "/healthz", "TRIBUTARY_STORES="+inventory)
	if err != nil {
		return err
	}
	if err := m.Start(ctx); err != nil {
		return fmt.Errorf("starting the monitor: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.monitor = m
	screen.say("monitor: process %d, status page %s", m.Pid(), m.url)
	return nil
}

// newPart prepares a process of the binary: its subcommand, the setting that
// holds its HTTP address, the path that tells that it is up, other settings.
func newPart(g *ground, f *folder, name, subcommand, address, path string, env ...string) (*replica, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("looking for a free port: %w", err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("giving the port to the %s: %w", subcommand, err)
	}
	r := &replica{url: "http://" + addr}
	r.Process = process.New(process.Command{
		Name:  name,
		Argv:  []string{g.binary, subcommand},
		Env:   append(env, "TRIBUTARY_CENTRAL_DSN="+g.centralServer().DSN(centralSchema), address+"="+addr),
		Dir:   f.path,
		Log:   f.file(name + ".log"),
		Ready: func(ctx context.Context) error { return r.answers(ctx, path) },
	})
	return r, nil
}

// ready asks a sink whether it can write.
func (r *replica) ready(ctx context.Context) error { return r.answers(ctx, "/readyz") }

// answers asks the process at a path of its HTTP address.
func (r *replica) answers(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is not ready: %s", r.Name(), response.Status)
	}
	return nil
}
