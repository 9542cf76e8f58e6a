package rollout

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary/integration/stack"
	"tributary/integration/stack/process"
)

// ground is what the fleet stands on.
type ground struct {
	dir     string
	stack   *stack.Stack
	servers []*stack.MySQL // of the stores
	central *stack.MySQL
	db      *sql.DB // the central database
	binary  string
	sink    *process.Process
}

const (
	environment   = "fleet"
	centralSchema = "central"
	captureUser   = "debezium"
	password      = "throw-away" // of servers on the loopback
)

// perServer is how many stores share one server.
const perServer = 50

// layGround starts everything and builds the binary. What was started is in the
// ground even when it fails.
func (g *ground) lay(ctx context.Context, o Options) error {
	build, building := errgroup.WithContext(ctx)
	build.Go(func() error { return g.build(building) })
	heap := "1g"
	if o.Stores > 20 {
		heap = fmt.Sprintf("%dm", 1024+10*o.Stores)
	}
	var err error
	g.stack, err = stack.Start(ctx, stack.Options{
		Dir: filepath.Join(g.dir, "stack"), Progress: o.Progress, Heap: heap, Plugins: []stack.Plugin{stack.DebeziumMariaDB},
	})
	if err != nil {
		return errors.Join(err, build.Wait())
	}
	if err := errors.Join(g.startServers(ctx, max(2, (o.Stores+perServer-1)/perServer)), build.Wait()); err != nil {
		return err
	}
	return g.startSink(ctx)
}

func (g *ground) startServers(ctx context.Context, n int) error {
	g.servers = make([]*stack.MySQL, n)
	group, starting := errgroup.WithContext(ctx)
	for i := range g.servers {
		group.Go(func() (err error) {
			g.servers[i], err = g.stack.MySQL(starting, stack.MySQLOptions{Name: fmt.Sprintf("stores-%d", i+1), Binlog: true})
			if err == nil {
				err = g.servers[i].GrantDebezium(starting, captureUser, password)
			}
			return err
		})
	}
	group.Go(func() (err error) {
		g.central, err = g.stack.MySQL(starting, stack.MySQLOptions{Name: "central", Central: true, BufferPoolMB: 512})
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	root, err := g.central.DB()
	if err != nil {
		return err
	}
	if _, err := root.ExecContext(ctx, "CREATE DATABASE "+centralSchema); err != nil {
		return fmt.Errorf("creating the central database: %w", err)
	}
	g.db, err = g.central.Open(centralSchema)
	return err
}

// build builds the binary from this module's sources.
func (g *ground) build(ctx context.Context) error {
	gomod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("finding the module's folder: %w", err)
	}
	g.binary = filepath.Join(g.dir, "tributary")
	command := exec.CommandContext(ctx, "go", "build", "-o", g.binary, "./cmd/tributary")
	command.Dir = filepath.Dir(strings.TrimSpace(string(gomod)))
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building the binary: %w\n%s", err, out)
	}
	return nil
}

// startSink starts the one replica that carries the events.
func (g *ground) startSink(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("looking for a free port: %w", err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return fmt.Errorf("giving the port to the sink: %w", err)
	}
	g.sink = process.New(process.Command{
		Name: "sink", Argv: []string{g.binary, "sink"}, Dir: g.dir, Log: filepath.Join(g.dir, "sink.log"),
		Env: []string{
			"TRIBUTARY_KAFKA_BROKERS=" + g.stack.Kafka.Addr(), "TRIBUTARY_ENVIRONMENT=" + environment,
			"TRIBUTARY_CENTRAL_DSN=" + g.central.DSN(centralSchema), "TRIBUTARY_HTTP_ADDR=" + address,
		},
		Ready: func(ctx context.Context) error { return ready(ctx, "http://"+address+"/readyz") },
	})
	if err := g.sink.Start(ctx); err != nil {
		return fmt.Errorf("starting the sink: %w", err)
	}
	return nil
}

func ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

// stop ends everything, whatever of it was started.
func (g *ground) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var err error
	if g.sink != nil {
		err = g.sink.Stop(ctx)
	}
	if g.db != nil {
		err = errors.Join(err, g.db.Close())
	}
	if g.stack != nil {
		err = errors.Join(err, g.stack.Stop(ctx))
	}
	return errors.Join(err, os.RemoveAll(g.dir))
}
