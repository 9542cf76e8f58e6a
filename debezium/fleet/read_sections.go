package fleet

import (
	"errors"
	"net/url"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

func (f *file) readKafka(node *yaml.Node) {
	kafka, check := &f.result.Kafka, f.findings
	check.mapping(node, "kafka", fields{
		"brokers":         check.text(&kafka.Brokers, "brokers"),
		"connect_brokers": check.text(&kafka.ConnectBrokers, "connect_brokers"),
		"registry":        check.text(&kafka.Registry, "registry"),

		"registry_user":     check.text(&kafka.RegistryUser, "registry_user"),
		"registry_password": func(node *yaml.Node) { kafka.RegistryPassword = f.readSecret(node) },
	})
}

func (f *file) readConnect(node *yaml.Node) {
	connect, check := &f.result.Connect, f.findings
	check.mapping(node, "connect", fields{
		"url":     f.readConnectURL,
		"wave":    check.integer(&connect.Wave, "wave", 1, 1000),
		"heap":    check.megabytes(&connect.HeapMB, "heap"),
		"workers": check.integer(&connect.Workers, "workers", 1, 1000),
	})
}

func (f *file) readConnectURL(node *yaml.Node) {
	address := &f.result.Connect.URL
	f.findings.text(address, "url")(node)
	if err := CheckConnectURL(*address); *address != "" && err != nil {
		f.findings.add(node.Line, "connect: url %v", err)
	}
}

// CheckConnectURL says whether an address of Kafka Connect is one: nobody would
// answer at any other, however long a command tries.
func CheckConnectURL(address string) error {
	for worker := range strings.SplitSeq(address, ",") {
		u, err := url.Parse(strings.TrimSpace(worker))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return errors.New("is not of the form http://host:8083, or several of one cluster with commas") // it may hold a password
		}
	}
	return nil
}

func (f *file) readTopics(node *yaml.Node) {
	topics, check := &f.result.Topics, f.findings
	known := f.policyFields(&topics.TopicPolicy)
	known["replication"] = check.integer(&topics.Replication, "replication", 1, 32767)
	var rules *yaml.Node
	known["tables"] = func(node *yaml.Node) { rules = resolve(node) }
	check.mapping(node, "topics", known)
	if rules == nil {
		return
	}
	if rules.Kind != yaml.SequenceNode {
		check.add(rules.Line, "topics.tables must be a list, a line each: - {table: shop.sales, partitions: 3}")
		return
	}
	for _, node := range rules.Content { // after the policy they start from
		rule := TopicRule{TopicPolicy: topics.TopicPolicy}
		known := f.policyFields(&rule.TopicPolicy)
		known["table"] = check.text(&rule.Table, "table")
		check.mapping(node, "a topic rule", known)
		if _, _, ok := cutTable(rule.Table); !ok {
			check.add(node.Line, "table %q must be written schema.table, with * for any characters", rule.Table)
		}
		topics.Rules = append(topics.Rules, rule)
	}
}

func (f *file) policyFields(policy *TopicPolicy) fields {
	check := f.findings
	return fields{
		"partitions":        check.integer(&policy.Partitions, "partitions", 1, 1000),
		"retention":         check.duration(&policy.Retention, "retention", true),
		"cleanup":           choice(check, &policy.Cleanup, "cleanup", "delete", "compact", "compact,delete"),
		"compression":       choice(check, &policy.Compression, "compression", "producer", "zstd", "lz4", "snappy", "gzip", "uncompressed"),
		"max_message_bytes": check.integer(&policy.MaxMessageBytes, "max_message_bytes", 1024, 1<<30),
	}
}
