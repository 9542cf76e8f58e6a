package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary/integration/stack"
)

type upCmd struct {
	Stores       int    `help:"Number of store servers." default:"2"`
	MariaDB      bool   `help:"One store server more, a MariaDB, called mariadb." name:"mariadb"`
	Avro         bool   `help:"A schema registry, and the Avro converter for Connect."`
	Workers      int    `help:"Number of Connect workers." default:"1"`
	Heap         string `help:"Heap of each Connect worker; 200 connectors need 3g." default:"1g"`
	BufferPoolMB int    `help:"Buffer pool of the central server, MB." default:"1024" name:"buffer-pool-mb"`
}

// The account every store server has for its connectors.
const debeziumUser, debeziumPassword = "debezium", "debezium"

func (u upCmd) Run(ctx context.Context, c *cli) error {
	begun := time.Now()
	options := stack.Options{
		Dir: c.Dir, Detach: true, Progress: os.Stderr, Connect: u.Workers, Heap: u.Heap,
		Plugins: []stack.Plugin{stack.DebeziumMariaDB},
	}
	if u.Avro {
		options.Plugins = append(options.Plugins, stack.AvroConverter)
	}
	fmt.Fprintln(os.Stderr, "starting Kafka and Connect ...")
	s, err := stack.Start(ctx, options)
	if errors.Is(err, stack.ErrRunning) {
		return errors.Join(err, statusCmd{}.Run(c))
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "starting the database servers ...")
	if err := u.servers(ctx, s); err != nil {
		return errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	fmt.Printf("Up after %.1f s. Data and logs are in %s.\n", time.Since(begun).Seconds(), s.Dir())
	fmt.Printf("Store servers have the user %s, password %s, for connectors.\n\n", debeziumUser, debeziumPassword)
	return show(os.Stdout, s.Parts())
}

// servers starts what is not Kafka, side by side.
func (u upCmd) servers(ctx context.Context, s *stack.Stack) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		central := stack.MySQLOptions{Name: "central", Central: true, Binlog: true, BufferPoolMB: u.BufferPoolMB}
		_, err := s.MySQL(ctx, central)
		return err
	})
	for i := range u.Stores {
		group.Go(func() error { return store(ctx, s, stack.MySQLOptions{Name: fmt.Sprintf("store-%d", i+1)}) })
	}
	if u.MariaDB {
		group.Go(func() error {
			return store(ctx, s, stack.MySQLOptions{Name: "mariadb", Flavor: stack.FlavorMariaDB})
		})
	}
	if u.Avro {
		group.Go(func() error {
			_, err := s.AddRegistry(ctx)
			return err
		})
	}
	return group.Wait()
}

// store starts a server that can be captured.
func store(ctx context.Context, s *stack.Stack, o stack.MySQLOptions) error {
	o.Binlog = true
	m, err := s.MySQL(ctx, o)
	if err != nil {
		return err
	}
	return m.GrantDebezium(ctx, debeziumUser, debeziumPassword)
}
