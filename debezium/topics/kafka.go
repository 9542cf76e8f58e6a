package topics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"tributary/debezium/probe"
)

// Kafka is the [Admin] of a real cluster.
type Kafka struct {
	client   *kafka.AdminClient
	consumer *kafka.Consumer // which the client is made from, and nothing is read with
	brokers  string
}

// firstAnswer is how long a cluster may take to answer the first question.
// Somebody waits, and librdkafka tries until the time is over.
const firstAnswer = 15 * time.Second

// Dial returns an administrator of the cluster at the bootstrap servers.
// settings are librdkafka's own, for TLS and authentication.
func Dial(brokers string, settings map[string]string) (*Kafka, error) {
	config := kafka.ConfigMap{
		"bootstrap.servers": brokers, "client.id": "tributary-topics",
		"group.id": "tributary-topics", // demanded, and not used
	}
	probe.Quiet(config)
	for key, value := range settings {
		if err := config.SetKey(key, value); err != nil {
			return nil, fmt.Errorf("setting %s for Kafka: %w", key, err)
		}
	}
	consumer, err := kafka.NewConsumer(&config)
	if err != nil {
		return nil, fmt.Errorf("connecting to Kafka: %w", err)
	}
	client, err := kafka.NewAdminClientFromConsumer(consumer)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to Kafka: %w", err), consumer.Close())
	}
	return &Kafka{client, consumer, brokers}, nil
}

// Close ends the connection.
func (k *Kafka) Close() {
	k.client.Close()
	_ = k.consumer.Close() // it is in no group
}

// Topics implements [Admin].
func (k *Kafka) Topics(ctx context.Context) (map[string]Actual, error) {
	metadata, err := k.client.GetMetadata(nil, true, int(min(timeout(ctx), firstAnswer).Milliseconds()))
	if err != nil {
		return nil, fmt.Errorf("Kafka at %s does not answer (%w): look at the brokers, at kafka.brokers in the inventory, and at TRIBUTARY_KAFKA_CONF_… for TLS and authentication", k.brokers, probe.Why(k.consumer, err))
	}
	all := map[string]Actual{}
	for name, topic := range metadata.Topics {
		actual := Actual{Partitions: len(topic.Partitions)}
		if len(topic.Partitions) > 0 {
			actual.Replication = len(topic.Partitions[0].Replicas)
		}
		all[name] = actual
	}
	return all, nil
}

// Configs implements [Admin].
func (k *Kafka) Configs(ctx context.Context, names []string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for batch := range slices.Chunk(names, 200) {
		var resources []kafka.ConfigResource
		for _, name := range batch {
			resources = append(resources, kafka.ConfigResource{Type: kafka.ResourceTopic, Name: name})
		}
		results, err := k.client.DescribeConfigs(ctx, resources, kafka.SetAdminRequestTimeout(timeout(ctx)))
		if err != nil {
			return nil, err
		}
		for _, result := range results {
			if result.Error.Code() != kafka.ErrNoError {
				return nil, fmt.Errorf("%s: %w", result.Name, result.Error)
			}
			all[result.Name] = map[string]string{}
			for key, entry := range result.Config {
				all[result.Name][key] = entry.Value
			}
		}
	}
	return all, nil
}

// Create implements [Admin].
func (k *Kafka) Create(ctx context.Context, specs []Spec) (map[string]error, error) {
	var wanted []kafka.TopicSpecification
	for _, spec := range specs {
		wanted = append(wanted, kafka.TopicSpecification{
			Topic: spec.Name, NumPartitions: spec.Partitions, ReplicationFactor: spec.Replication, Config: spec.Config,
		})
	}
	results, err := k.client.CreateTopics(ctx, wanted,
		kafka.SetAdminRequestTimeout(timeout(ctx)), kafka.SetAdminOperationTimeout(timeout(ctx)))
	if err != nil {
		return nil, err
	}
	failed := map[string]error{}
	for _, result := range results {
		if code := result.Error.Code(); code != kafka.ErrNoError && code != kafka.ErrTopicAlreadyExists {
			failed[result.Topic] = result.Error
		}
	}
	return failed, nil
}

// Alter implements [Admin].
func (k *Kafka) Alter(ctx context.Context, changes map[string]map[string]string) (map[string]error, error) {
	var resources []kafka.ConfigResource
	for name, settings := range changes {
		resource := kafka.ConfigResource{Type: kafka.ResourceTopic, Name: name}
		for key, value := range settings {
			resource.Config = append(resource.Config, kafka.ConfigEntry{
				Name: key, Value: value, IncrementalOperation: kafka.AlterConfigOpTypeSet,
			})
		}
		resources = append(resources, resource)
	}
	results, err := k.client.IncrementalAlterConfigs(ctx, resources, kafka.SetAdminRequestTimeout(timeout(ctx)))
	if err != nil {
		return nil, err
	}
	failed := map[string]error{}
	for _, result := range results {
		if result.Error.Code() != kafka.ErrNoError {
			failed[result.Name] = result.Error
		}
	}
	return failed, nil
}

// Delete removes topics for good. Those that are not there are no error.
func (k *Kafka) Delete(ctx context.Context, names []string) error {
	results, err := k.client.DeleteTopics(ctx, names,
		kafka.SetAdminRequestTimeout(timeout(ctx)), kafka.SetAdminOperationTimeout(timeout(ctx)))
	if err != nil {
		return err
	}
	for _, result := range results {
		if code := result.Error.Code(); code != kafka.ErrNoError && code != kafka.ErrUnknownTopicOrPart {
			return fmt.Errorf("deleting %s: %w", result.Topic, result.Error)
		}
	}
	return nil
}

// timeout is what is left of the context's time, at most a minute.
func timeout(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(min(time.Until(deadline), time.Minute), time.Millisecond)
	}
	return time.Minute
}
