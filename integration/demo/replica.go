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

// replica is one running sink.
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("looking for a free port: %w", err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("giving the port to the sink: %w", err)
	}
	r := &replica{url: "http://" + addr}
	name := fmt.Sprintf("replica-%d", n)
	r.Process = process.New(process.Command{
		Name: name,
		Argv: []string{g.binary, "sink"},
		Env: []string{
			"TRIBUTARY_KAFKA_BROKERS=" + g.stack.Kafka.Addr(),
			"TRIBUTARY_ENVIRONMENT=" + environment,
			"TRIBUTARY_CENTRAL_DSN=" + g.centralServer().DSN(centralSchema),
			"TRIBUTARY_HTTP_ADDR=" + addr,
		},
		Dir:   f.path,
		Log:   f.file(name + ".log"),
		Ready: r.ready,
	})
	return r, nil
}

// ready asks the sink whether it can work.
func (r *replica) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/readyz", nil)
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
