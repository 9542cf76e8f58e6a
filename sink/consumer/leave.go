package consumer

import (
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"go.uber.org/zap"
)

// closeBudget bounds how long leaving the group may take. librdkafka commits
// the last offsets before it leaves, and a broker answers that only after a
// join that is under way, which may wait for a member that died: up to the
// session timeout. The ledger holds the offsets, so nothing depends on it.
const closeBudget = 10 * time.Second

// close leaves the group, handing its partitions over at once. After its
// budget it goes without: the source is left to itself, which is for processes
// that end and for clients that are beyond help: behind a fatal error librdkafka does
// not close (rd_kafka_consumer_close_q), and the Go client waits until it has.
func (c *client) close() error {
	select {
	case <-c.gone:
		return nil
	default:
	}
	defer close(c.gone)
	done := make(chan error, 1)
	go func() { done <- c.leave() }()
	budget := closeBudget
	if c.dead {
		budget = 0
	}
	timer := time.NewTimer(budget)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		c.forbid()
		if c.dead {
			return nil
		}
		c.log.Warn("leaving the consumer group takes too long; going without, kafka will notice", zap.Duration("waited", closeBudget))
		return nil
	}
}

// leave unsubscribes before it closes: a member without partitions that closes
// at once does not tell the broker under the cooperative protocol
// (rd_kafka_cgrp_rebalance in librdkafka 2.15.0: "terminating, skipping
// rejoin"), and every rebalance waits for it until its session times out.
func (c *client) leave() error {
	if err := c.source.Unsubscribe(); err != nil {
		c.log.Debug("unsubscribing failed", zap.Error(err))
	}
	// The rebalance callback runs within Close, and lanes may be storing
	// offsets until then: only afterwards is the source off limits. Close
	// must not be called under mu, which a lane's store would wait for
	// while the callback waits for that lane.
	err := c.source.Close()
	c.forbid()
	if err != nil && !errors.Is(err, kafka.NewError(kafka.ErrState, "", false)) {
		return fmt.Errorf("leaving the consumer group: %w", err)
	}
	return nil
}

// forbid keeps lanes from using the source any more.
func (c *client) forbid() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
}
