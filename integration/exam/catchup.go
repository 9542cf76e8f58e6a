package exam

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/debezium"
	"tributary/debezium/connect"
)

// marker is a table that every connector captures. A step's mark is the last
// event of the step in its binary log.
const marker = "zz_marker"

const (
	poll = 250 * time.Millisecond
	// still is how long nothing must move before what is behind counts as
	// held by the sink.
	still = 8 * time.Second
	// patience is how long a step's mark may take.
	patience = 3 * time.Minute
)

// catchUp waits until a step has arrived: the marks, and then everything that
// was sent to Kafka before them on other topics.
func (t *taking) catchUp(ctx context.Context, n int) error {
	for i := range t.Rooms {
		if r := &t.Rooms[i]; t.stopped[r.Name] == "" {
			if err := t.awaitMark(ctx, r, n); err != nil {
				return err
			}
		}
	}
	for _, environment := range environments(t.Rooms) {
		if err := t.settle(ctx, environment); err != nil {
			return fmt.Errorf("waiting for %s to settle: %w", environment, err)
		}
	}
	return nil
}

func (t *taking) centralDB(environment string) (*sql.DB, error) { return t.central.Open(environment) }

func (t *taking) awaitMark(ctx context.Context, r *Room, n int) error {
	db, err := t.centralDB(r.Environment)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	deadline := time.Now().Add(patience)
	for step := -2; ; {
		err := db.QueryRowContext(ctx, "SELECT step FROM "+marker+" WHERE store_id = ?", r.Store).Scan(&step)
		if err == nil && step >= n {
			return nil
		}
		status, statusErr := t.connect.Status(ctx, r.connector())
		if statusErr == nil && status.State == connect.StateFailed {
			t.fail(r, status.Reason())
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("room %s: step %d has not arrived within %s, last seen %d: %w", r.Name, n, patience, step, errors.Join(err, statusErr))
		}
		if err := pause(ctx, poll); err != nil {
			return err
		}
	}
}

// settle waits until the ledger stands at the end of every topic, or until what
// is behind moves no more.
func (t *taking) settle(ctx context.Context, environment string) error {
	db, err := t.centralDB(environment)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ends, err := t.ends(ctx, environment)
	if err != nil {
		return err
	}
	var last int64 = -1
	for moved := time.Now(); ; {
		behind, err := behind(ctx, db, ends)
		switch {
		case err != nil:
			return err
		case behind == 0:
			return nil
		case behind != last:
			last, moved = behind, time.Now()
		case time.Since(moved) > still:
			t.say("%s: %d events are held", environment, behind)
			return nil
		}
		if err := pause(ctx, poll); err != nil {
			return err
		}
	}
}

// behind counts the events that are not written.
func behind(ctx context.Context, db *sql.DB, ends map[string]int64) (n int64, err error) {
	rows, err := db.QueryContext(ctx, "SELECT topic, next_offset FROM tributary_ledger")
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for _, end := range ends {
		n += end
	}
	for rows.Next() {
		var topic string
		var next int64
		if err := rows.Scan(&topic, &next); err != nil {
			return 0, err
		}
		if _, ok := ends[topic]; ok {
			n -= next
		}
	}
	return n, rows.Err()
}

// ends asks Kafka for the ends of an environment's topics of rows and of schema
// changes.
func (t *taking) ends(ctx context.Context, environment string) (map[string]int64, error) {
	client, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": t.stack.Kafka.Addr()})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	metadata, err := client.GetMetadata(nil, true, 10_000)
	if err != nil {
		return nil, err
	}
	ask := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for name := range metadata.Topics {
		if _, kind := debezium.ParseTopic(environment, name); kind == debezium.RowTopic || kind == debezium.SchemaChangeTopic {
			ask[kafka.TopicPartition{Topic: &name, Partition: 0}] = kafka.LatestOffsetSpec
		}
	}
	answer, err := client.ListOffsets(ctx, ask)
	if err != nil {
		return nil, err
	}
	ends := map[string]int64{}
	for partition, info := range answer.ResultInfos {
		ends[*partition.Topic] = int64(info.Offset)
	}
	return ends, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
