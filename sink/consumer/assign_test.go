package consumer

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"tributary/sink/lane"
	"tributary/sink/ledger"
)

// book is a ledger that starts partitions as it is told.
type book struct {
	started map[ledger.Partition]ledger.Started
	err     error
}

func (b *book) Start(context.Context, []ledger.Partition, ledger.Log) (map[ledger.Partition]ledger.Started, error) {
	return b.started, b.err
}

func (b *book) Read(context.Context, []ledger.Partition) (map[ledger.Partition]ledger.Position, error) {
	return nil, errors.New("not part of the test")
}

func (b *book) tell(topic string, reason ledger.Reason, next int64) {
	p := ledger.Partition{Topic: topic}
	b.started[p] = ledger.Started{Position: ledger.Position{Partition: p, Next: next}, Reason: reason}
}

// fetcher is a Kafka client that remembers from where its partitions are read, and
// which are paused.
type fetcher struct {
	Source
	from   map[string]kafka.Offset
	paused map[string]bool
	// refuses to give partitions up.
	refuses bool
	member  bool
}

func (f *fetcher) Member() bool { return f.member }

func (f *fetcher) Assignment() ([]kafka.TopicPartition, error) {
	return nil, errors.New("not part of the test")
}

func (f *fetcher) IncrementalAssign(list []kafka.TopicPartition) error {
	for _, p := range list {
		f.from[*p.Topic] = p.Offset
	}
	return nil
}

func (f *fetcher) SeekPartitions(list []kafka.TopicPartition) ([]kafka.TopicPartition, error) {
	return list, f.IncrementalAssign(list)
}

func (f *fetcher) Pause(list []kafka.TopicPartition) error {
	for _, p := range list {
		f.paused[*p.Topic] = true
	}
	return nil
}

func (f *fetcher) Resume(list []kafka.TopicPartition) error {
	for _, p := range list {
		delete(f.paused, *p.Topic)
	}
	return nil
}

// IncrementalUnassign leaves what is paused as it is, as librdkafka does.
func (f *fetcher) IncrementalUnassign(list []kafka.TopicPartition) error {
	if f.refuses {
		return errors.New("erroneous state")
	}
	for _, p := range list {
		delete(f.from, *p.Topic)
	}
	return nil
}

func (f *fetcher) AssignmentLost() bool { return true }

func (f *fetcher) StoreOffsets(list []kafka.TopicPartition) ([]kafka.TopicPartition, error) {
	return list, nil
}

type noLanes struct{}

func (noLanes) Lane(string) *lane.Lane { return nil }

// TestPausedAndGivenUp takes a partition away that waits, paused, and gives it back
// when it can be started: it must be read, though nobody let it go on.
func TestPausedAndGivenUp(t *testing.T) {
	b := &book{started: make(map[ledger.Partition]ledger.Started), err: errors.New("away")}
	f := &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool)}
	c := newTestClient(t, b, f)
	given := []kafka.TopicPartition{at(ledger.Partition{Topic: "t"}, kafka.OffsetInvalid)}
	require.NoError(t, c.assigned(given))
	require.Equal(t, map[string]bool{"t": true}, f.paused)
	require.NoError(t, c.revoked(given))

	b.err = nil
	b.tell("t", ledger.Resumed, 7)
	require.NoError(t, c.assigned(given))
	require.Equal(t, map[string]kafka.Offset{"t": 7}, f.from)
	require.Empty(t, f.paused)
}

// TestRebalanceRefused has librdkafka refuse what it asked for. It would wait for
// ever, and nobody would know: the client is made anew.
func TestRebalanceRefused(t *testing.T) {
	f := &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool), refuses: true}
	c := newTestClient(t, &book{}, f)
	c.patience, c.stalls, c.nextLook = time.Second, &stalls{}, time.Now().Add(time.Hour)
	require.NoError(t, c.watchOver(t.Context(), time.Now()))
	require.Error(t, c.rebalance(nil, kafka.RevokedPartitions{Partitions: []kafka.TopicPartition{at(ledger.Partition{Topic: "t"}, 0)}}))
	require.ErrorIs(t, c.watchOver(t.Context(), time.Now()), errStalled)
}

// TestFatal gives a client a fatal error: librdkafka revokes nothing then, and what the
// client had is another's.
func TestFatal(t *testing.T) {
	b := &book{started: make(map[ledger.Partition]ledger.Started)}
	b.tell("t", ledger.Resumed, 7)
	c := newTestClient(t, b, &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool)})
	p := ledger.Partition{Topic: "t"}
	require.NoError(t, c.assigned([]kafka.TopicPartition{at(p, kafka.OffsetInvalid)}))
	tenure := c.seat(p).tenure
	require.Error(t, c.handle(t.Context(), kafka.NewError(kafka.ErrFatal, "no", true)))
	require.True(t, tenure.Ended())
	require.Nil(t, c.owners.get(p))
	require.NoError(t, c.rebalance(nil, kafka.AssignedPartitions{Partitions: []kafka.TopicPartition{at(p, kafka.OffsetInvalid)}}))
	require.Nil(t, c.owners.get(p), "given to a dead client")
}

// newTestClient returns a client that does not poll.
func newTestClient(t *testing.T, b *book, f *fetcher) *client {
	return &client{
		shared: &shared{
			life: t.Context(), lanes: noLanes{}, ledger: b, metrics: NewMetrics(prometheus.NewRegistry()),
			wanted: func(string) bool { return true }, owners: &owners{of: make(map[ledger.Partition]*client)},
		},
		source: f, log: zap.NewNop(), topics: make(map[string]*topic), ports: make(map[*lane.Lane]*port),
		parked: make(map[ledger.Partition]parked),
	}
}

// TestAssigned takes partitions over of which some cannot be started yet: those
// wait, paused, and the others go on.
func TestAssigned(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		from    map[string]kafka.Offset // at once
		waiting map[string]bool
	}{
		{
			"kafka does not answer for all", nil,
			map[string]kafka.Offset{"ready": 7, "silent": 0, "missing": 0},
			map[string]bool{"silent": true, "missing": true},
		},
		{
			"the ledger cannot be read", errors.New("away"),
			map[string]kafka.Offset{"ready": 0, "silent": 0, "missing": 0},
			map[string]bool{"ready": true, "silent": true, "missing": true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &book{started: make(map[ledger.Partition]ledger.Started), err: c.err}
			b.tell("ready", ledger.Resumed, 7)
			b.tell("silent", ledger.Silent, 0)
			b.tell("missing", ledger.Missing, 0)
			f := &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool)}
			client := newTestClient(t, b, f)
			var given []kafka.TopicPartition
			for _, topic := range []string{"ready", "silent", "missing"} {
				given = append(given, at(ledger.Partition{Topic: topic}, kafka.OffsetInvalid))
			}
			require.NoError(t, client.assigned(given))
			require.Equal(t, c.from, f.from)
			require.Equal(t, c.waiting, f.paused)
			for topic := range c.from {
				require.Equal(t, c.waiting[topic], client.seat(ledger.Partition{Topic: topic}).tenure.Ended(), topic)
			}

			b.err = nil
			b.tell("ready", ledger.Resumed, 7)
			b.tell("silent", ledger.Resumed, 8)
			client.startDue(t.Context(), time.Now().Add(2*time.Second))
			require.Equal(t, map[string]kafka.Offset{"ready": 7, "silent": 8, "missing": 0}, f.from)
			require.Equal(t, map[string]bool{"missing": true}, f.paused)
			b.tell("missing", ledger.Recreated, 2)
			client.startDue(t.Context(), time.Now().Add(time.Minute))
			require.Equal(t, kafka.Offset(2), f.from["missing"])
			require.Empty(t, f.paused)
			require.Empty(t, client.parked)
		})
	}
}

// TestCrowd gives a client more topics than it looks up quickly: it is said once.
func TestCrowd(t *testing.T) {
	b := &book{started: make(map[ledger.Partition]ledger.Started)}
	c := newTestClient(t, b, &fetcher{from: make(map[string]kafka.Offset), paused: make(map[string]bool)})
	core, logged := observer.New(zap.WarnLevel)
	c.log = zap.New(core)
	topics := func(from, to int) (given []kafka.TopicPartition) {
		for i := from; i < to; i++ {
			name := fmt.Sprint("t", i)
			b.tell(name, ledger.Resumed, 1)
			given = append(given, at(ledger.Partition{Topic: name}, kafka.OffsetInvalid))
		}
		return given
	}
	require.NoError(t, c.assigned(topics(0, crowd)))
	require.Zero(t, logged.Len())
	require.NoError(t, c.assigned(topics(crowd, crowd+1)))
	require.NoError(t, c.assigned(topics(crowd+1, crowd+2)))
	require.Equal(t, 1, logged.Len())
}
