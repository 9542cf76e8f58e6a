package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"tributary/integration/stack"
	"tributary/integration/stack/process"
)

// ground is what the stores and the sink stand on.
type ground struct {
	stack   *stack.Stack
	servers []*stack.MySQL // of the stores
	central *sql.DB        // the central database
	binary  string         // tributary

	mu       sync.Mutex
	replicas []*replica
	monitor  *replica
}

// The names that connectors and sinks have to agree on.
const (
	environment   = "demo"
	centralSchema = "central"
	captureUser   = "debezium"
)

// layGround builds the sink and starts Kafka, Connect and the databases. When
// that fails, what was started is stopped.
func layGround(ctx context.Context, f *folder, s settings, screen *screen) (_ *ground, err error) {
	g := &ground{}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.stop())
		}
	}()
	screen.say("starting Kafka, Connect with Debezium, and %d MySQL servers (the first time fetches them, a minute or two)", s.servers()+1)
	group, starting := errgroup.WithContext(ctx) // what fails first ends the other
	group.Go(func() (err error) {
		g.binary, err = buildSink(starting, f)
		return err
	})
	group.Go(func() (err error) {
		if g.stack, err = stack.Start(starting, stack.Options{Dir: f.path, Progress: screen, Heap: s.connectHeap()}); err != nil {
			return err
		}
		return g.startServers(starting, s)
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	screen.say("Kafka %s, Connect %s", g.stack.Kafka.Addr(), g.stack.ConnectURL())
	return g, nil
}

// startServers starts the central server and the stores', side by side.
func (g *ground) startServers(ctx context.Context, s settings) error {
	g.servers = make([]*stack.MySQL, s.servers())
	group, starting := errgroup.WithContext(ctx)
	for i := range g.servers {
		group.Go(func() (err error) {
			g.servers[i], err = g.stack.MySQL(starting, stack.MySQLOptions{Name: fmt.Sprintf("stores-%d", i+1), Binlog: true})
			return err
		})
	}
	var central *stack.MySQL
	group.Go(func() (err error) {
		central, err = g.stack.MySQL(starting, stack.MySQLOptions{Name: "central", Central: true, Binlog: true})
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	root, err := central.DB()
	if err != nil {
		return err
	}
	if _, err := root.ExecContext(ctx, "CREATE DATABASE "+centralSchema); err != nil {
		return fmt.Errorf("creating the central database: %w", err)
	}
	g.central, err = central.Open(centralSchema)
	return err
}

// buildSink builds the sink from this module's sources.
func buildSink(ctx context.Context, f *folder) (string, error) {
	gomod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module's folder: %w", err)
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		return "", err
	}
	binary := f.file("tributary")
	root := filepath.Dir(strings.TrimSpace(string(gomod)))
	build := process.Task{Argv: []string{compiler, "build", "-C", root, "-o", binary, "./cmd/tributary"}}
	if err := build.Run(ctx); err != nil {
		return "", fmt.Errorf("building the sink: %w", err)
	}
	return binary, nil
}

// centralServer is the server that holds the central database.
func (g *ground) centralServer() *stack.MySQL {
	for _, m := range g.stack.MySQLs() {
		if m.Name() == "central" {
			return m
		}
	}
	return nil
}

// stop ends the replicas in order, since handing over is part of the show, and
// everything else at once: nobody will read its data again.
func (g *ground) stop() error {
	ctx := context.Background()
	var err error
	for _, r := range g.sinks() {
		err = errors.Join(err, r.Stop(ctx))
	}
	if g.monitor != nil {
		err = errors.Join(err, g.monitor.Stop(ctx))
	}
	if g.central != nil {
		err = errors.Join(err, g.central.Close())
	}
	if g.stack == nil {
		return err
	}
	var parts errgroup.Group
	for _, worker := range g.stack.Workers() {
		parts.Go(worker.Kill)
	}
	for _, m := range g.stack.MySQLs() {
		parts.Go(m.Kill)
	}
	if g.stack.Kafka != nil {
		parts.Go(g.stack.Kafka.Kill)
	}
	return errors.Join(err, parts.Wait(), g.stack.Stop(ctx))
}
