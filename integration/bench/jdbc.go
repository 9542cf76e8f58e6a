package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tributary/debezium/connect"
	"tributary/integration/stack"
)

// jdbc is a way to set up Debezium's JDBC sink.
type jdbc struct {
	name  string
	tasks int
	dsn   string // behind the address of its JDBC URL
	more  map[string]string
}

// jdbcBest is the fastest set-up we know of: two tasks with the topics dealt
// out between them (the consumer's own assignor would give one task all topics
// of one partition), multi-row statements, and batches as large as a poll.
var jdbcBest = jdbc{
	name: "Debezium JDBC sink, at its best", tasks: 2, dsn: "?rewriteBatchedStatements=true",
	more: map[string]string{
		"batch.size": "3000", "consumer.override.max.poll.records": "3000",
		"consumer.override.partition.assignment.strategy": "org.apache.kafka.clients.consumer.RoundRobinAssignor",
	},
}

// jdbcShipped is what the settings are unless somebody changes them.
var jdbcShipped = jdbc{name: "Debezium JDBC sink, as shipped", tasks: 1}

// config is a connector that writes all stores' rows into one table, the store
// in front of the key.
func (j jdbc) config(b *bench, l load) map[string]string {
	topic := l.Environment + `\.([^.]+)\.pos\.(.*)`
	config := map[string]string{
		"connector.class":        "io.debezium.connector.jdbc.JdbcSinkConnector",
		"tasks.max":              strconv.Itoa(j.tasks),
		"topics.regex":           l.Environment + `\..*`,
		"connection.url":         "jdbc:mysql://" + b.central.Addr() + "/" + database + j.dsn,
		"connection.username":    "root",
		"connection.password":    "",
		"insert.mode":            "upsert",
		"delete.enabled":         "true",
		"primary.key.mode":       "record_key",
		"schema.evolution":       "none",
		"use.time.zone":          "UTC",
		"quote.identifiers":      "true",
		"collection.name.format": "${topic}",

		"transforms":                                "store",
		"transforms.store.type":                     "io.debezium.transforms.ByLogicalTableRouter",
		"transforms.store.topic.regex":              topic,
		"transforms.store.topic.replacement":        "$2",
		"transforms.store.key.field.name":           "store_id",
		"transforms.store.key.field.regex":          topic,
		"transforms.store.key.field.replacement":    "$1",
		"transforms.store.logical.table.cache.size": "2000",

		"consumer.override.auto.offset.reset": "earliest",
	}
	for name, value := range j.more {
		config[name] = value
	}
	return config
}

// jdbcWith measures the JDBC sink on a backlog of inserts.
func (b *bench) jdbcWith(ctx context.Context, w *stack.Worker, j jdbc, l load, want *sum) error {
	ctx, cancel := context.WithTimeout(ctx, catchUpLimit)
	defer cancel()
	if err := b.empty(ctx, l.Shape, false); err != nil {
		return err
	}
	p, err := b.parts(parts{"connect": w.ID()})
	if err != nil {
		return err
	}
	before, err := b.status(ctx, "Innodb_rows_inserted")
	if err != nil {
		return err
	}
	client := connect.New(w.URL(), connect.Options{})
	name := b.name("jdbc") // the group's name too, and its offsets outlive the connector
	if err := client.Put(ctx, name, j.config(b, l)); err != nil {
		return err
	}
	looked := time.Now()
	m, err := p.track(ctx, l.total(), 100*time.Millisecond, func(ctx context.Context) (int64, error) {
		if time.Since(looked) > 5*time.Second {
			looked = time.Now()
			if c, err := client.Status(ctx, name); err == nil && c.Reason() != "" {
				return 0, fmt.Errorf("the connector failed: %s", c.Reason())
			}
		}
		now, err := b.status(ctx, "Innodb_rows_inserted")
		return now - before, err
	})
	if err != nil {
		return fmt.Errorf("%s (its log is %s): %w", j.name, w.LogPath(), err)
	}
	if err := client.Delete(ctx, name); err != nil {
		return err
	}
	holds, err := b.sum(ctx, l.Shape)
	if err != nil {
		return err
	}
	b.add(result{Run: "catchup", Contestant: j.name, measured: m, Holds: &holds, Want: want})
	return b.settle(ctx)
}
