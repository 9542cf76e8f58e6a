package exam

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
	"tributary/integration/stack"
)

// hall is where the exam takes place: all the servers.
type hall struct {
	dir      string
	stack    *stack.Stack
	central  *stack.MySQL
	stores   map[Flavor]*stack.MySQL
	connect  *connect.Client
	registry *stack.Registry // nil where no room needs one
	entrance *turnstile      // before the registry, for connectors
	progress io.Writer
}

// bigEvent is room for the largest event of the exam.
const bigEvent = 64 << 20

const (
	account  = "debezium"
	password = "dbz-pw"
)

func openHall(ctx context.Context, dir string, rooms []Room, progress io.Writer) (_ *hall, err error) {
	h := &hall{dir: dir, stores: map[Flavor]*stack.MySQL{}, progress: progress}
	o := stack.Options{
		Dir: filepath.Join(dir, "stack"), Progress: progress, Heap: "1536m",
		BrokerConfig: map[string]string{"message.max.bytes": fmt.Sprint(bigEvent), "replica.fetch.max.bytes": fmt.Sprint(bigEvent)},
	}
	flavors := map[Flavor]stack.Flavor{}
	for _, r := range rooms {
		flavors[r.Flavor] = stack.FlavorMySQL
		if r.Flavor == MariaDB {
			flavors[r.Flavor] = stack.FlavorMariaDB
			o.Plugins = []stack.Plugin{stack.DebeziumMariaDB}
		}
	}
	withAvro := slices.ContainsFunc(rooms, func(r Room) bool { return r.Avro })
	if withAvro {
		o.Plugins = append(o.Plugins, stack.AvroConverter)
	}
	if h.stack, err = stack.Start(ctx, o); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if withAvro {
		if h.registry, err = h.stack.AddRegistry(ctx); err != nil {
			return nil, err
		}
		if h.entrance, err = openTurnstile(h.registry.URL()); err != nil {
			return nil, err
		}
	}
	h.connect = connect.New(h.stack.ConnectURL(), connect.Options{})
	h.central, err = h.stack.MySQL(ctx, stack.MySQLOptions{Name: "central", Central: true, BufferPoolMB: 256})
	if err != nil {
		return nil, err
	}
	for name, flavor := range flavors {
		// A store is seldom in UTC: instants must not depend on its zone.
		h.stores[name], err = h.stack.MySQL(ctx, stack.MySQLOptions{
			Name: strings.ToLower(string(name)), Flavor: flavor, Binlog: true,
			Args: []string{"--default-time-zone=+02:00"},
		})
		if err != nil {
			return nil, err
		}
		if err = h.stores[name].GrantDebezium(ctx, account, password); err != nil {
			return nil, err
		}
	}
	for _, environment := range environments(rooms) {
		if err = create(ctx, h.central, environment); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func create(ctx context.Context, m *stack.MySQL, database string) error {
	db, err := m.DB()
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "CREATE DATABASE "+quoteName(database))
	return err
}

func (h *hall) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := h.stack.Stop(ctx)
	if h.entrance != nil {
		err = errors.Join(err, h.entrance.close())
	}
	return err
}

func (h *hall) say(format string, args ...any) {
	_, _ = fmt.Fprintf(h.progress, format+"\n", args...)
}

// register creates a room's connector.
func (h *hall) register(ctx context.Context, n int, r *Room, cases []Case) error {
	store := h.line(r)
	store.ServerID = uint32(7000 + n)
	registry := ""
	if r.Avro {
		store.Format, registry = fleet.Avro, h.entrance.url
	}
	config := connect.Config(store, connect.Defaults{
		Registry: registry, Environment: r.Environment, Brokers: h.stack.Kafka.Addr(),
		Topics: fleet.Topics{Replication: 1, TopicPolicy: fleet.TopicPolicy{
			Partitions: 1, Retention: -1, Cleanup: "delete", Compression: "producer", MaxMessageBytes: bigEvent,
		}},
	})
	config["heartbeat.interval.ms"] = "0"
	if r.Modes {
		var tables []string
		for i := range cases {
			if r.takes(&cases[i]) {
				tables = append(tables, cases[i].Table)
			}
		}
		config["table.include.list"] = r.Schema + `\.(` + strings.Join(append(tables, marker), "|") + ")"
	}
	maps.Copy(config, r.Settings)
	maps.DeleteFunc(config, func(_, value string) bool { return value == "" })
	return h.connect.Put(ctx, config["name"], config)
}

// name is the connector's.
func (r *Room) connector() string { return r.Environment + "." + r.Store }

// session is a connection to a store on which statements are run.
type session struct {
	*sql.Conn
	schema string
}

func openSession(ctx context.Context, m *stack.MySQL, schema string) (*session, error) {
	db, err := m.DB()
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn, schema}
	return s, s.run(ctx, "CREATE DATABASE IF NOT EXISTS "+schema+" CHARACTER SET utf8mb4", "USE "+schema, "SET time_zone = '+00:00'",
		"CREATE TABLE "+marker+" (id INT PRIMARY KEY, step INT NOT NULL)", "INSERT INTO "+marker+" VALUES (1, -1)")
}

func (s *session) run(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.300s: %w", statement, err)
		}
	}
	return nil
}

// sqlMode is what a case's statements run under.
func sqlMode(lax bool) string {
	if lax {
		return "SET sql_mode = ''"
	}
	return "SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE'"
}
