package inbox

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// fill starts a broker with so many records in each of some topics' two
// partitions. Every seventh has no value, every fifth no key.
func fill(t testing.TB, topics []string, records, size int) (broker string) {
	return pack(t, topics, records, size, max(400<<10, size+1000))
}

// pack is fill with batches of so many bytes.
func pack(t testing.TB, topics []string, records, size, batch int) (broker string) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, topics...))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	broker = cluster.ListenAddrs()[0]
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.WithCompressor(javaPacker{}), kgo.ProducerBatchMaxBytes(int32(batch)))
	require.NoError(t, err)
	defer client.Close()
	failed := make(chan error, 1)
	for i := range records {
		for _, topic := range topics {
			for partition := range int32(2) {
				key, value := content(i, size)
				r := &kgo.Record{Topic: topic, Partition: partition, Key: key, Value: value, Timestamp: time.UnixMilli(int64(1000 + i))}
				client.Produce(context.Background(), r, func(_ *kgo.Record, err error) {
					if err != nil {
						select {
						case failed <- err:
						default:
						}
					}
				})
			}
		}
	}
	require.NoError(t, client.Flush(context.Background()))
	select {
	case err := <-failed:
		require.NoError(t, err)
	default:
	}
	return broker
}

// javaPacker compresses as Java's producer does, whose batches do not say how large
// they are when they are open.
type javaPacker struct{}

// Compress implements [kgo.Compressor].
func (javaPacker) Compress(dst *bytes.Buffer, batch []byte, _ ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	encoder, err := zstd.NewWriter(dst, zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(1))
	if err == nil {
		_, err = encoder.Write(batch)
	}
	if err == nil {
		err = encoder.Flush() // before Close, which would write the size of what came at once
	}
	if err == nil {
		err = encoder.Close()
	}
	if err != nil {
		return batch, kgo.CodecNone
	}
	return dst.Bytes(), kgo.CodecZstd
}

// content is what a record at an offset holds.
func content(offset, size int) (key, value []byte) {
	if offset%5 != 0 {
		key = strconv.AppendInt(nil, int64(offset), 10)
	}
	if offset%7 != 0 {
		value = append(bytes.Repeat([]byte("x"), size), key...)
	}
	return key, value
}

// open returns a consumer of these partitions, from the offset on.
func open(t testing.TB, broker string, topics []string, offset kafka.Offset, direct bool) (*Consumer, []kafka.TopicPartition) {
	c := consumer(t, broker)
	if !direct {
		c.handBack()
	}
	var partitions []kafka.TopicPartition
	for _, topic := range topics {
		for id := range int32(2) {
			partitions = append(partitions, kafka.TopicPartition{Topic: &topic, Partition: id, Offset: offset})
		}
	}
	require.NoError(t, c.IncrementalAssign(partitions))
	return c, partitions
}

// consumer returns one that reads nothing yet.
func consumer(t testing.TB, broker string) *Consumer {
	return configured(t, classic(broker))
}

func classic(broker string) kafka.ConfigMap {
	return kafka.ConfigMap{
		"bootstrap.servers": broker, "group.id": "inbox", "enable.auto.offset.store": false, "enable.auto.commit": false,
		"partition.assignment.strategy": "cooperative-sticky", "fetch.queue.backoff.ms": 10, "fetch.wait.max.ms": 50, "enable.metrics.push": false,
		"auto.offset.reset": "error", "heartbeat.interval.ms": 100,
	}
}

func configured(t testing.TB, config kafka.ConfigMap) *Consumer {
	consumer, err := kafka.NewConsumer(&config)
	require.NoError(t, err)
	c := New(consumer)
	require.NotNil(t, c.in, "the Go client is not built as expected: see handleOf")
	return c
}

// read polls until so many messages have come, and hands each over.
func read(t testing.TB, c *Consumer, want int, take func(*Message), polled ...func()) (polls int) {
	deadline := time.Now().Add(20 * time.Second)
	for got := 0; got < want; {
		require.True(t, time.Now().Before(deadline), "%d of %d messages came", got, want)
		event := c.Poll(100)
		for _, f := range polled {
			f()
		}
		switch e := event.(type) {
		case *Messages:
			polls++
			for i := range e.Len() {
				m := e.At(i)
				take(&m)
			}
			got += e.Len()
		case *kafka.Message:
			polls++
			require.NoError(t, e.TopicPartition.Error)
			m := MessageOf(e)
			take(&m)
			got++
		case nil:
		default:
			t.Logf("event %v", e)
		}
	}
	return polls
}

var twoTopics = []string{"e.1.s.t", "e.2.s.t"}

// TestEveryMessageComes reads the same records both ways.
func TestEveryMessageComes(t *testing.T) {
	const records = 1000
	broker := fill(t, twoTopics, records, 100)
	for name, direct := range map[string]bool{"direct": true, "by the Go client": false} {
		t.Run(name, func(t *testing.T) {
			c, _ := open(t, broker, twoTopics, 0, direct)
			next := make(map[string]int)
			polls := read(t, c, 4*records, func(m *Message) {
				from := fmt.Sprintf("%s[%d]", m.Topic, m.Partition)
				require.Equal(t, next[from], int(m.Offset), from)
				next[from]++
				key, value := content(int(m.Offset), 100)
				require.Equal(t, key, m.Key)
				require.Equal(t, value, m.Value)
				require.Equal(t, 1000+m.Offset, m.Timestamp)
			})
			require.Len(t, next, 4)
			if direct {
				require.Less(t, polls, records, "batches of hardly more than one")
			}
			require.NoError(t, c.Close())
		})
	}
}

// TestLargeMessages pins that few large messages are in hand at a time.
func TestLargeMessages(t *testing.T) {
	const records, size = 10, 900_000
	broker := fill(t, twoTopics, records, size)
	c, _ := open(t, broker, twoTopics, 0, true)
	inHand, most := 0, 0
	read(t, c, 4*records, func(m *Message) {
		inHand += len(m.Value)
		most = max(most, inHand)
	}, func() { inHand = 0 })
	require.LessOrEqual(t, most, 4<<20+size+10)
	require.NoError(t, c.Close())
}

// TestSeekLeavesNothingBehind pins what the ledger relies on: after a seek,
// nothing comes from where the partition stood before.
func TestSeekLeavesNothingBehind(t *testing.T) {
	const records = 2000
	broker := fill(t, twoTopics, records, 100)
	c, partitions := open(t, broker, twoTopics, 0, true)
	read(t, c, 10, func(*Message) {})
	require.NoError(t, c.Pause(partitions))
	for i := range partitions {
		partitions[i].Offset = 1500
	}
	_, err := c.SeekPartitions(partitions)
	require.NoError(t, err)
	require.NoError(t, c.Resume(partitions))
	next := make(map[string]int64)
	read(t, c, 4*500, func(m *Message) {
		from := fmt.Sprintf("%s[%d]", m.Topic, m.Partition)
		require.Equal(t, 1500+next[from], m.Offset, from)
		next[from]++
	})
	require.NoError(t, c.Close())
}

// TestGivenUpAndTakenAgain assigns partitions again after they were revoked.
func TestGivenUpAndTakenAgain(t *testing.T) {
	const records = 300
	broker := fill(t, twoTopics, records, 100)
	c, partitions := open(t, broker, twoTopics, 0, true)
	read(t, c, 10, func(*Message) {})
	for range 3 {
		require.NoError(t, c.IncrementalUnassign(partitions))
		require.Nil(t, c.Poll(0))
		require.NoError(t, c.IncrementalAssign(partitions))
		next := make(map[string]int64)
		read(t, c, 4*records, func(m *Message) {
			from := fmt.Sprintf("%s[%d]", m.Topic, m.Partition)
			require.Equal(t, next[from], m.Offset, from)
			next[from]++
		})
	}
	require.NoError(t, c.Close())
}

// member subscribes a consumer that begins every partition at its beginning.
func member(t *testing.T, broker string) (c *Consumer, held map[string]bool) {
	c = consumer(t, broker)
	return c, subscribe(t, c)
}

func subscribe(t *testing.T, c *Consumer) (held map[string]bool) {
	held = make(map[string]bool)
	require.NoError(t, c.SubscribeTopics([]string{"^e[.].*"}, func(_ *kafka.Consumer, event kafka.Event) error {
		switch e := event.(type) {
		case kafka.AssignedPartitions:
			for i, p := range e.Partitions {
				held[fmt.Sprintf("%s[%d]", *p.Topic, p.Partition)] = true
				e.Partitions[i].Offset = 0
			}
			return c.IncrementalAssign(e.Partitions)
		case kafka.RevokedPartitions:
			for _, p := range e.Partitions {
				delete(held, fmt.Sprintf("%s[%d]", *p.Topic, p.Partition))
			}
			return c.IncrementalUnassign(e.Partitions)
		}
		return nil
	}))
	return held
}

// TestMember has the coordinator know the consumer, and then not.
func TestMember(t *testing.T) {
	for _, protocol := range []string{"classic", "consumer"} {
		t.Run(protocol, func(t *testing.T) {
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, twoTopics...),
				kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "100"}))
			require.NoError(t, err)
			t.Cleanup(cluster.Close)
			var unknown atomic.Bool
			cluster.Control(func(request kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				switch r := request.(type) {
				case *kmsg.JoinGroupRequest:
					response := r.ResponseKind().(*kmsg.JoinGroupResponse)
					response.ErrorCode = kerr.UnknownMemberID.Code
					return response, nil, unknown.Load()
				case *kmsg.HeartbeatRequest:
					response := r.ResponseKind().(*kmsg.HeartbeatResponse)
					response.ErrorCode = kerr.UnknownMemberID.Code
					return response, nil, unknown.Load()
				case *kmsg.ConsumerGroupHeartbeatRequest:
					response := r.ResponseKind().(*kmsg.ConsumerGroupHeartbeatResponse)
					response.ErrorCode = kerr.UnknownMemberID.Code
					return response, nil, unknown.Load()
				}
				return nil, nil, false
			})
			config := classic(cluster.ListenAddrs()[0])
			if protocol == "consumer" {
				config["group.protocol"] = protocol
				delete(config, "partition.assignment.strategy")
				delete(config, "heartbeat.interval.ms")
			}
			c := configured(t, config)
			held := subscribe(t, c)
			require.False(t, c.Member(), "not yet")
			require.Eventually(t, func() bool { c.Poll(10); return c.Member() && len(held) == 4 }, 10*time.Second, time.Millisecond)
			unknown.Store(true)
			require.Eventually(t, func() bool { c.Poll(10); return !c.Member() && len(held) == 0 }, 10*time.Second, time.Millisecond)
			for range 50 {
				c.Poll(10)
				require.False(t, c.Member())
			}
			require.NoError(t, c.Close())
		})
	}
}

// TestGroup joins a group, shares it with a second member, and leaves it. A
// partition's messages come only while it is held.
func TestGroup(t *testing.T) {
	const records = 200
	broker := fill(t, twoTopics, records, 100)
	one, ones := member(t, broker)
	read(t, one, 4*records, func(*Message) {})
	require.Len(t, ones, 4)
	require.True(t, one.Member())

	two, twos := member(t, broker)
	came := make(map[string]int)
	poll := func(c *Consumer, held map[string]bool) {
		messages, _ := c.Poll(10).(*Messages)
		for i := 0; messages != nil && i < messages.Len(); i++ {
			m := messages.At(i)
			from := fmt.Sprintf("%s[%d]", m.Topic, m.Partition)
			require.True(t, held[from], from)
			came[from]++
		}
	}
	require.Eventually(t, func() bool {
		poll(one, ones)
		poll(two, twos)
		return len(ones) == 2 && len(twos) == 2 && len(came) == 2
	}, 30*time.Second, time.Millisecond)

	require.NoError(t, one.Unsubscribe())
	require.NoError(t, one.Close())
	require.Empty(t, ones)
	require.Eventually(t, func() bool {
		poll(two, twos)
		return len(twos) == 4 && len(came) == 4
	}, 30*time.Second, time.Millisecond)
	require.NoError(t, two.Unsubscribe())
	require.NoError(t, two.Close())
	require.Empty(t, twos)
}

// TestErrors pins that errors come as the Go client's.
func TestErrors(t *testing.T) {
	broker := fill(t, twoTopics, 1, 1)
	c, _ := open(t, broker, twoTopics, 99_999, true) // auto.offset.reset=error
	require.False(t, c.Member(), "it was given its partitions by hand")
	require.Eventually(t, func() bool {
		err, failed := c.Poll(100).(kafka.Error)
		return failed && err.Code() == kafka.ErrAutoOffsetReset && err.Error() != "" && !err.IsFatal()
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, c.Close())
}

// TestCloseWithMessagesWaiting closes with messages in hand and more queued.
func TestCloseWithMessagesWaiting(t *testing.T) {
	broker := fill(t, twoTopics, 2000, 100)
	for range 3 {
		c, _ := open(t, broker, twoTopics, 0, true)
		read(t, c, 1, func(*Message) {})
		require.NoError(t, c.Close())
		require.Error(t, c.Close(), "closed twice")
	}
}

// BenchmarkPoll is what a message costs, the client's threads included only as
// far as they hold up the reader. The Go client's way is there to compare, and
// batches of a dozen small messages, as they come of quiet stores.
func BenchmarkPoll(b *testing.B) {
	const records = 5000
	large, small := fill(b, twoTopics, records, 8500), pack(b, twoTopics, records, 333, 4500)
	for _, bench := range []struct {
		name, broker string
		size         int
		direct       bool
	}{{"direct", large, 8500, true}, {"client", large, 8500, false}, {"small", small, 333, true}} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(bench.size))
			b.ReportAllocs()
			sum := 0
			for n := 0; n < b.N; {
				b.StopTimer()
				c, _ := open(b, bench.broker, twoTopics, 0, bench.direct)
				b.StartTimer()
				take := min(b.N-n, 4*records)
				n += take
				read(b, c, take, func(m *Message) { sum += len(m.Value) })
				b.StopTimer()
				require.NoError(b, c.Close())
				b.StartTimer()
			}
		})
	}
}
