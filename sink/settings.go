package sink

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const kafkaConf = "KAFKA_CONF_"

// ours are the librdkafka properties the sink relies on.
var ours = map[string]string{
	"enable.auto.offset.store": "offsets are stored only after the database has committed",
	"enable.auto.commit":       "offsets are committed behind the ledger",
	"auto.offset.reset":        "start offsets come from the ledger",
	"bootstrap.servers":        "set " + Prefix + "KAFKA_BROKERS",
	"group.id":                 "set " + Prefix + "GROUP",
	"enable.partition.eof":     "the sink has no use for it",
}

// KafkaProperties returns librdkafka's own properties among the settings that
// [Environment] returned. The error is a [*SettingError].
func KafkaProperties(vars map[string]string) (map[string]string, error) {
	properties := make(map[string]string)
	for name, value := range vars {
		suffix, ok := strings.CutPrefix(name, Prefix+kafkaConf)
		if !ok {
			continue
		}
		property := strings.ToLower(suffix)
		property = strings.ReplaceAll(property, "___", "\x00")
		property = strings.ReplaceAll(property, "__", "\x01")
		property = strings.ReplaceAll(property, "_", ".")
		property = strings.NewReplacer("\x00", "-", "\x01", "_").Replace(property)
		if why, fixed := ours[property]; fixed {
			return nil, &SettingError{Name: name, Err: fmt.Errorf("%s cannot be set: %s", property, why)}
		}
		properties[property] = value
	}
	return properties, nil
}

// properties is the configuration of one librdkafka client. The queues get a
// share of the memory setting: librdkafka bounds them per client, and opens
// compressed batches to many times their size.
func (c *Config) properties(clientID string, clients int) kafka.ConfigMap {
	queue := min(int(c.Memory)/8/clients/1024, 16<<10)
	fetch := max(1<<20/clients, 128<<10)
	// With several clients each has hundreds of partitions, and whatever goes over
	// all of them must be rare.
	wait := 100
	if clients > 1 {
		// An answer names every partition, and the client looks each of them up
		// in a list: with hundreds, asking ten times a second for next to
		// nothing would take a third of a CPU.
		wait = 500
	}
	m := kafka.ConfigMap{
		"bootstrap.servers":             strings.Join(c.KafkaBrokers, ","),
		"group.id":                      c.Group,
		"client.id":                     clientID,
		"partition.assignment.strategy": "cooperative-sticky",
		"enable.auto.offset.store":      false,
		"enable.auto.commit":            true,
		"auto.commit.interval.ms":       min(1000*clients, 5000),
		"auto.offset.reset":             "earliest",
		"enable.partition.eof":          false,
		// A fetch lists every partition: let one bring more, even if it
		// waits a little. But events with their schemas are opened to 25
		// times what they are compressed to, so a fetch must not bring much,
		// and no more should wait than the CPU's cache holds.
		"fetch.min.bytes":            100_000,
		"fetch.wait.max.ms":          wait,
		"fetch.queue.backoff.ms":     min(10*clients, 100),
		"fetch.message.max.bytes":    min(fetch, 256<<10),
		"fetch.max.bytes":            fetch,
		"message.max.bytes":          fetch, // a producer's, but no fetch may bring less
		"queued.min.messages":        3000,
		"queued.max.messages.kbytes": max(queue, 1024),
		// How soon a new store is seen. Every client reads the names of all
		// topics each time, which is cheap for a thousand and not for ten.
		"topic.metadata.refresh.interval.ms": min(10_000*clients, 30_000),
		// How soon a replica that died is replaced. One that only slept
		// does no harm when it wakes up, so it may be soon.
		"session.timeout.ms": 15_000,
		// A connection whose other end is gone without a word.
		"socket.keepalive.enable": true,
		"socket.timeout.ms":       30_000,
		"max.poll.interval.ms":    300_000,
		"statistics.interval.ms":  0,
		"enable.metrics.push":     false,
		"log.connection.close":    false,
		"go.logs.channel.enable":  true,
	}
	if c.newProtocol(clients) {
		m["group.protocol"] = "consumer"
		// The broker has these in the new protocol and refuses ours.
		delete(m, "partition.assignment.strategy")
		delete(m, "session.timeout.ms")
	}
	for k, v := range c.Kafka {
		m[k] = v
	}
	return m
}

// newProtocol says whether the broker shares the topics out (KIP-848, Kafka 4). In
// the classic protocol one client does it for all, and the work grows with the
// square of the topics: with librdkafka 2.15.0 a third replica of 1,600 topics
// joins never (`go run ./integration/bench --only replicas`). Whoever has set the
// protocol, the number of clients, or what only the classic one has, has chosen.
func (c *Config) newProtocol(clients int) bool {
	if protocol, chosen := c.Kafka["group.protocol"]; chosen {
		return protocol == "consumer"
	}
	for _, classic := range []string{"session.timeout.ms", "partition.assignment.strategy", "heartbeat.interval.ms"} {
		if _, chosen := c.Kafka[classic]; chosen {
			return false
		}
	}
	return clients > 1 && c.Clients == 0
}

// classic is the configuration of a client that the brokers do not let join by the
// new protocol; nil where somebody has chosen.
func (c *Config) classic(clientID string, clients int) kafka.ConfigMap {
	if _, chosen := c.Kafka["group.protocol"]; chosen || !c.newProtocol(clients) {
		return nil
	}
	old := *c
	old.Kafka = map[string]string{"group.protocol": "classic"}
	maps.Copy(old.Kafka, c.Kafka)
	return old.properties(clientID, clients)
}

// Bytes is an amount of memory: 134217728, 128MiB, 1GiB.
type Bytes int64

// UnmarshalText reads an amount.
func (b *Bytes) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	shift := 0
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if cut, ok := strings.CutSuffix(s, unit); ok {
			s, shift = strings.TrimSpace(cut), 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<50>>shift {
		return fmt.Errorf("%q is not an amount of memory such as 128MiB", text)
	}
	*b = Bytes(n << shift)
	return nil
}

func (b Bytes) String() string {
	if b >= 1<<20 && b%(1<<20) == 0 {
		return strconv.FormatInt(int64(b)>>20, 10) + "MiB"
	}
	return strconv.FormatInt(int64(b), 10)
}
