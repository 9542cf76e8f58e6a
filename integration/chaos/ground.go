package chaos

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"tributary/integration/chaos/proxy"
	"tributary/integration/stack"
	"tributary/integration/stack/process"
)

// sources is how many servers the stores share.
const sources = 2

// layGround builds the sink and starts Kafka, Connect, the servers and the
// proxies between them and the sink.
func (c *Chaos) layGround(ctx context.Context) (err error) {
	c.say("starting Kafka, Connect with Debezium and %d MySQL servers in %s", sources+1, c.dir)
	if c.toKafka, err = proxy.Listen(); err != nil {
		return err
	}
	if c.toCentral, err = proxy.Listen(); err != nil {
		return err
	}
	build, building := errgroup.WithContext(ctx)
	build.Go(func() error { return BuildSink(building, c.binary()) })
	c.stack, err = stack.Start(ctx, stack.Options{
		Dir: filepath.Join(c.dir, "stack"), Relay: c.toKafka.Addr(), BrokerConfig: brokerConfig(),
		// Or events are sent again when Connect or its broker ends in between,
		// and a table without a key rightly has more rows than the store's.
		WorkerConfig: map[string]string{"exactly.once.source.support": "enabled"},
	})
	if err == nil {
		err = c.startServers(ctx)
	}
	if err = errors.Join(err, build.Wait()); err != nil {
		return err
	}
	c.toKafka.Forward(c.stack.Kafka.RelayTarget())
	c.toCentral.Forward(c.server.Addr())
	if c.options.Unguarded {
		return c.unguard()
	}
	return nil
}

func (c *Chaos) startServers(ctx context.Context) error {
	c.sources = make([]*stack.MySQL, sources)
	group, starting := errgroup.WithContext(ctx)
	for i := range c.sources {
		group.Go(func() (err error) {
			c.sources[i], err = c.stack.MySQL(starting, stack.MySQLOptions{Name: fmt.Sprintf("stores-%d", i+1), Binlog: true})
			return err
		})
	}
	if err := c.mountCentral(); err != nil {
		return err
	}
	group.Go(func() (err error) {
		c.server, err = c.stack.MySQL(starting, stack.MySQLOptions{Name: "central", Central: true, BufferPoolMB: 128, Args: []string{"--innodb-redo-log-capacity=64M"}})
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	root, err := c.server.DB()
	if err != nil {
		return err
	}
	if _, err := root.ExecContext(ctx, "CREATE DATABASE "+schema); err != nil {
		return fmt.Errorf("creating the central database: %w", err)
	}
	c.central, err = c.server.Open(schema)
	return err
}

// unguard takes the compare out of the compare-and-set, on its way.
func (c *Chaos) unguard() error {
	return c.toCentral.Rewrite([]byte("AND l.next_offset=v.from_off"), nil)
}

func (c *Chaos) binary() string { return filepath.Join(c.dir, "tributary") }

// BuildSink builds the program, as a file of that path, from this module's sources.
func BuildSink(ctx context.Context, binary string) error {
	gomod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("finding the module's folder: %w", err)
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		return err
	}
	root := filepath.Dir(strings.TrimSpace(string(gomod)))
	build := process.Task{Argv: []string{compiler, "build", "-C", root, "-o", binary, "./cmd/tributary"}}
	if err := build.Run(ctx); err != nil {
		return fmt.Errorf("building the sink: %w", err)
	}
	return nil
}

// clearGround ends everything at once: nobody will read its data again.
func (c *Chaos) clearGround() error {
	if c.stack == nil {
		return nil
	}
	var parts errgroup.Group
	for _, worker := range c.stack.Workers() {
		parts.Go(worker.Kill)
	}
	for _, m := range c.stack.MySQLs() {
		parts.Go(m.Kill)
	}
	if c.stack.Kafka != nil {
		parts.Go(c.stack.Kafka.Kill)
	}
	return errors.Join(parts.Wait(), c.stack.Stop(context.Background()))
}
