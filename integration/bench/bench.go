package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"tributary/integration/bench/events"
	"tributary/integration/stack"
	"tributary/integration/stack/process"
)

// bench is what the runs stand on.
type bench struct {
	cli
	stack   *stack.Stack
	central *stack.MySQL
	db      *sql.DB // the central database
	kafka   *kgo.Client
	results results
	named   int // groups and connectors named so far
}

// A run is one measurement that can be asked for.
type benchRun struct {
	name  string
	quick bool // part of --quick
	do    func(*bench, context.Context) error
}

func allRuns() []benchRun {
	return []benchRun{
		{"catchup", true, (*bench).catchUp},
		{"jdbc", true, (*bench).peer},
		{"avro", false, (*bench).avro},
		{"updates", true, (*bench).updates},
		{"live", true, (*bench).live},
		{"lanes", false, (*bench).lanes},
		{"quiet", false, (*bench).quiet},
		{"growth", false, (*bench).growth},
		{"replicas", false, (*bench).replicas},
	}
}

func runNames() string {
	var names []string
	for _, r := range allRuns() {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

// run makes the runs that were asked for and writes what came out, also when a
// run failed.
func run(ctx context.Context, options cli) (err error) {
	b := &bench{cli: options}
	if b.Quick {
		b.Events, b.Rounds = cmp.Or(b.Events, 200_000), cmp.Or(b.Rounds, 1)
	}
	b.Events, b.Rounds = cmp.Or(b.Events, 600_000), cmp.Or(b.Rounds, 3)
	for _, name := range b.Only {
		if !slices.ContainsFunc(allRuns(), func(r benchRun) bool { return r.name == name }) {
			return fmt.Errorf("there is no run %q; there are %s", name, runNames())
		}
	}
	if b.Profile != "" {
		if err := os.MkdirAll(b.Profile, 0o755); err != nil {
			return fmt.Errorf("making a folder for profiles: %w", err)
		}
	}
	begun := time.Now()
	if err := b.start(ctx); err != nil {
		return errors.Join(err, b.stop())
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	b.results.begin(b)
	for _, r := range allRuns() {
		if len(b.Only) > 0 && !slices.Contains(b.Only, r.name) || len(b.Only) == 0 && b.Quick && !r.quick {
			continue
		}
		if err = r.do(b, ctx); err != nil {
			err = fmt.Errorf("%s: %w", r.name, err)
			break
		}
	}
	b.results.print(os.Stdout)
	b.say("took %s", time.Since(begun).Round(time.Second))
	return errors.Join(err, b.results.write(b.Out))
}

const database = "bench"

// start brings up the broker and the central server and builds the sink.
func (b *bench) start(ctx context.Context) error {
	var err error
	b.say("starting Kafka and MySQL")
	b.stack, err = stack.Start(ctx, stack.Options{
		Dir: b.Dir, Progress: os.Stderr, Connect: stack.NoConnect, BrokerHeap: "1g", Heap: "3g",
		Plugins: []stack.Plugin{stack.DebeziumJDBC}, BrokerConfig: map[string]string{"group.consumer.min.heartbeat.interval.ms": "500"},
	})
	if err != nil {
		return err
	}
	b.central, err = b.stack.MySQL(ctx, stack.MySQLOptions{Name: "central", Central: true, Binlog: true})
	if err != nil {
		return err
	}
	root, err := b.central.DB()
	if err != nil {
		return err
	}
	if _, err := root.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+database); err != nil {
		return fmt.Errorf("creating the central database: %w", err)
	}
	if b.db, err = b.central.Open(database); err != nil {
		return err
	}
	packer, err := newPacker()
	if err != nil {
		return fmt.Errorf("making a compressor: %w", err)
	}
	b.kafka, err = kgo.NewClient(
		kgo.SeedBrokers(b.stack.Kafka.Addr()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		// What Kafka's own producer puts into a batch of batch.size=16384, which
		// counts compressed bytes.
		kgo.ProducerBatchMaxBytes(400<<10), kgo.WithCompressor(packer),
		kgo.ProducerLinger(liveLinger), kgo.MaxBufferedRecords(20_000),
		kgo.UnknownTopicRetries(-1), // thousands of new topics take the broker a while
	)
	if err != nil {
		return fmt.Errorf("making a Kafka client: %w", err)
	}
	if b.Binary == "" {
		b.Binary, err = buildSink(ctx, filepath.Join(b.stack.Dir(), "tributary"))
	}
	return err
}

func (b *bench) stop() error {
	if b.kafka != nil {
		b.kafka.Close()
	}
	var err error
	if b.db != nil {
		err = b.db.Close()
	}
	if b.stack != nil {
		err = errors.Join(err, b.stack.Stop(context.Background()))
	}
	return err
}

// buildSink builds the sink from this module's sources.
func buildSink(ctx context.Context, binary string) (string, error) {
	gomod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module's folder: %w", err)
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		return "", err
	}
	root := filepath.Dir(strings.TrimSpace(string(gomod)))
	build := process.Task{Argv: []string{compiler, "build", "-C", root, "-o", binary, "./cmd/tributary"}}
	if err := build.Run(ctx); err != nil {
		return "", fmt.Errorf("building the sink: %w", err)
	}
	return binary, nil
}

// say tells the person who waits what is going on.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// name makes a name that was never used before: a group's offsets outlive it.
func (b *bench) name(what string) string {
	b.named++
	return fmt.Sprintf("%s-%d-%d", what, time.Now().Unix(), b.named)
}

// empty makes the central tables of a shape anew, and forgets what earlier
// runs left in the ledger and in the binary log.
func (b *bench) empty(ctx context.Context, s events.Shape, service bool) error {
	for table := range s.Tables {
		name := s.TableName(table)
		for _, statement := range []string{"DROP TABLE IF EXISTS " + name, events.CreateTable(name, service)} {
			if _, err := b.db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("emptying %s: %w", name, err)
			}
		}
	}
	for _, statement := range []string{"DROP TABLE IF EXISTS tributary_ledger", "RESET BINARY LOGS AND GTIDS"} {
		if _, err := b.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("forgetting earlier runs: %w", err)
		}
	}
	return nil
}
