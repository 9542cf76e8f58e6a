package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tributary/integration/stack/process"
)

// A Broker is one Kafka node that is its own controller (KRaft).
type Broker struct {
	*process.Process
	dir   string
	relay string
	ports []int // for clients, for the controller, and behind the relay if there is one
}

const nodeID = 1

// startBroker starts a broker in a folder of its own.
func startBroker(ctx context.Context, site *site, jvm jvm, o Options) (*Broker, error) {
	b := &Broker{dir: site.folder("kafka"), relay: o.Relay}
	ports := 2
	if b.relay != "" {
		ports = 3
	}
	part := part{Kind: kindKafka, Name: "kafka"}
	var err error
	b.Process, err = site.start(ctx, part, nil, ports, func(ports []int) (process.Command, error) {
		b.ports = ports
		err := errors.Join(properties(b.settingsPath(), b.settings(), o.BrokerConfig), b.writeTool(jvm))
		if err != nil {
			return process.Command{}, err
		}
		return process.Command{
			Argv:  jvm.argv(cmp.Or(o.BrokerHeap, "512m"), "kafka.Kafka", b.settingsPath()),
			Dir:   b.dir,
			Log:   filepath.Join(b.dir, "kafka.log"),
			Ready: b.ready,
		}, b.format(ctx, jvm)
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Addr is the bootstrap server: "127.0.0.1:port".
func (b *Broker) Addr() string { return address(b.ports[0]) }

// RelayTarget is where a relay (see Options.Relay) has to lead to.
func (b *Broker) RelayTarget() string { return address(b.ports[2]) }

func (b *Broker) settingsPath() string { return filepath.Join(b.dir, "server.properties") }

// settings are those of one small node: internal topics without replicas and
// with few partitions, small buffers, and groups that form at once.
func (b *Broker) settings() map[string]string {
	settings := map[string]string{
		"process.roles":             "broker,controller",
		"node.id":                   fmt.Sprint(nodeID),
		"controller.quorum.voters":  fmt.Sprintf("%d@%s", nodeID, address(b.ports[1])),
		"controller.listener.names": "CONTROLLER",
		"listeners":                 fmt.Sprintf("PLAINTEXT://%s,CONTROLLER://%s", b.Addr(), address(b.ports[1])),
		"advertised.listeners":      "PLAINTEXT://" + b.Addr(),
		"log.dirs":                  filepath.Join(b.dir, "data"),

		"auto.create.topics.enable":                        "false", // Connect creates them, with the right settings
		"num.partitions":                                   "1",
		"offsets.topic.num.partitions":                     "4",
		"offsets.topic.replication.factor":                 "1",
		"transaction.state.log.num.partitions":             "4",
		"transaction.state.log.replication.factor":         "1",
		"transaction.state.log.min.isr":                    "1",
		"share.coordinator.state.topic.num.partitions":     "4",
		"share.coordinator.state.topic.replication.factor": "1",
		"share.coordinator.state.topic.min.isr":            "1",

		"group.initial.rebalance.delay.ms": "500",
		// A broker that was killed is let in again when its old session ends.
		"broker.session.timeout.ms":    "3000",
		"broker.heartbeat.interval.ms": "500",

		// 200 stores make 2,000 partitions, each with files of its own.
		"log.segment.bytes":              "67108864",
		"log.index.size.max.bytes":       "1048576",
		"log.cleaner.dedupe.buffer.size": "16777216",
		"metadata.log.segment.bytes":     "67108864",
		"num.network.threads":            "2",
		"num.io.threads":                 "4",
	}
	if b.relay != "" {
		settings["listeners"] += ",RELAYED://" + b.RelayTarget()
		settings["advertised.listeners"] += ",RELAYED://" + b.relay
		settings["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,RELAYED:PLAINTEXT"
	}
	return settings
}

// format prepares the data folder, once.
func (b *Broker) format(ctx context.Context, jvm jvm) error {
	_, err := os.Stat(filepath.Join(b.dir, "data", "meta.properties"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	argv := jvm.argv("128m", "kafka.tools.StorageTool", "format", "-t", newClusterID(), "-c", b.settingsPath())
	if err := (process.Task{Argv: argv}).Run(ctx); err != nil {
		return fmt.Errorf("formatting Kafka's data folder: %w", err)
	}
	return nil
}

// ready asks for the cluster's brokers. One that does not yet serve topics is
// not among them.
func (b *Broker) ready(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.RequestRetries(0))
	if err != nil {
		return fmt.Errorf("making a Kafka client: %w", err)
	}
	defer client.Close()
	request := kmsg.NewPtrMetadataRequest()
	request.Topics = []kmsg.MetadataRequestTopic{}
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return fmt.Errorf("asking Kafka for its brokers: %w", err)
	}
	for _, broker := range response.Brokers {
		if broker.NodeID == nodeID && response.ControllerID >= 0 {
			return nil
		}
	}
	return errors.New("the broker is not part of its cluster yet")
}
