package debezium

import (
	"strings"
	"unicode/utf8"
)

// Topic is the name of a topic with the rows of one store's table:
// {environment}.{store}.{schema}.{table}, which Debezium's default naming
// strategy yields when topic.prefix is {environment}.{store}.
//
// Schema and Table are spelt as in the topic, where characters that Kafka does
// not allow have become underscores (see [TopicName]). The true names are in
// the event's [Source].
type Topic struct {
	Environment, Store, Schema, Table string
}

// String returns the topic's name. Parts that are empty at the end are left
// out, so that a Topic of any kind [ParseTopic] returned with a store prints
// as the prefix it belongs to.
func (t Topic) String() string {
	name := t.Environment
	for _, part := range []string{t.Store, t.Schema, t.Table} {
		if part == "" {
			break
		}
		name += "." + part
	}
	return name
}

// TopicKind says what a topic carries.
type TopicKind uint8

// The kinds of topics around one Debezium connector.
const (
	// OtherTopic is none of ours: another environment, another producer.
	OtherTopic TopicKind = iota
	// RowTopic carries the change events of one table.
	RowTopic
	// SchemaChangeTopic carries the store's DDL: {environment}.{store}.
	SchemaChangeTopic
	// TransactionTopic carries transaction boundaries:
	// {environment}.{store}.transaction.
	TransactionTopic
	// HeartbeatTopic tells that a connector is alive:
	// __debezium-heartbeat.{environment}.{store}, or one topic for all of
	// them, __debezium-heartbeat.{environment} or __cdc-heartbeat.{environment}.
	HeartbeatTopic
	// SchemaHistoryTopic is a connector's private memory:
	// __schema-history.{environment}.{store}.
	SchemaHistoryTopic
)

// String returns the kind in lower case words, as logs and labels use it.
func (k TopicKind) String() string {
	switch k {
	case RowTopic:
		return "rows"
	case SchemaChangeTopic:
		return "schema_changes"
	case TransactionTopic:
		return "transactions"
	case HeartbeatTopic:
		return "heartbeat"
	case SchemaHistoryTopic:
		return "schema_history"
	default:
		return "other"
	}
}

// Prefixes of topics that do not begin with the environment. The first is
// Debezium's default (topic.heartbeat.prefix), the others are names this
// project gives.
const (
	heartbeatPrefix       = "__debezium-heartbeat."
	sharedHeartbeatPrefix = "__cdc-heartbeat."
	schemaHistoryPrefix   = "__schema-history."
)

// transactionTopic is the default of topic.transaction.
const transactionTopic = "transaction"

// ParseTopic takes a topic's name apart. Of a RowTopic the Topic is complete;
// the table is the rest of the name and may hold dots. Of the other kinds it
// has what the name says, and of an OtherTopic nothing.
func ParseTopic(environment, name string) (Topic, TopicKind) {
	for _, prefix := range []string{heartbeatPrefix, sharedHeartbeatPrefix} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return parsePrefixTopic(environment, rest, HeartbeatTopic, true)
		}
	}
	if rest, ok := strings.CutPrefix(name, schemaHistoryPrefix); ok {
		return parsePrefixTopic(environment, rest, SchemaHistoryTopic, false)
	}
	rest, ok := cutEnvironment(environment, name)
	if !ok {
		return Topic{}, OtherTopic
	}
	t := Topic{Environment: environment}
	var more bool
	if t.Store, rest, more = strings.Cut(rest, "."); t.Store == "" {
		return Topic{}, OtherTopic
	}
	if !more {
		return t, SchemaChangeTopic
	}
	if t.Schema, t.Table, more = strings.Cut(rest, "."); !more {
		if rest == transactionTopic {
			return Topic{Environment: environment, Store: t.Store}, TransactionTopic
		}
		return Topic{}, OtherTopic
	}
	if t.Schema == "" || t.Table == "" {
		return Topic{}, OtherTopic
	}
	return t, RowTopic
}

// parsePrefixTopic reads what follows the prefix of a topic of one connector,
// {environment}.{store}, or of a shared one, {environment}.
func parsePrefixTopic(environment, rest string, kind TopicKind, shared bool) (Topic, TopicKind) {
	if shared && environment != "" && rest == environment {
		return Topic{Environment: environment}, kind
	}
	store, ok := cutEnvironment(environment, rest)
	if !ok || store == "" || strings.Contains(store, ".") {
		return Topic{}, OtherTopic
	}
	return Topic{Environment: environment, Store: store}, kind
}

func cutEnvironment(environment, name string) (rest string, ok bool) {
	if environment == "" || len(name) <= len(environment) || name[len(environment)] != '.' {
		return "", false
	}
	return name[len(environment)+1:], name[:len(environment)] == environment
}

// TopicName returns how a database's or a table's name stands in a topic: each
// UTF-16 unit that Kafka does not allow is replaced by an underscore
// (io.debezium.schema.AbstractTopicNamingStrategy). Two tables can meet in one
// topic that way, so the name does not lead back to the table.
func TopicName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		c, size := utf8.DecodeRuneInString(name[i:])
		switch {
		case size == 1 && isTopicByte(name[i]):
			b.WriteByte(name[i])
		case c > 0xFFFF:
			b.WriteString("__")
		default:
			b.WriteByte('_')
		}
		i += size
	}
	return b.String()
}

func isTopicByte(c byte) bool { return isStoreByte(c) || c == '.' }

// SubscriptionPattern returns the regular expression that selects the row
// topics of an environment, of all tables or of the tables named, and the schema
// change topics of its stores. It means the same to librdkafka's classic groups
// (POSIX ERE, searched; the leading ^ makes it a pattern) and to brokers with
// KIP-848 (RE2/J, matched against the whole name). Table names are given as in
// the store. It can only select too much, never too little; [ParseTopic] is the
// exact filter behind it.
func SubscriptionPattern(environment string, tables []string) string {
	const segment = `[^.]+`
	table := `.+`
	if len(tables) > 0 {
		escaped := make([]string, len(tables))
		for i, name := range tables {
			escaped[i] = escapeTopicPattern(name)
		}
		table = "(" + strings.Join(escaped, "|") + ")"
	}
	return "^" + escapeTopicPattern(environment) + `\.` + segment + `(\.` + segment + `\.` + table + ")?$"
}

// escapeTopicPattern spells a name for a pattern. Of the characters a topic may
// hold only the dot has a meaning in a regular expression.
func escapeTopicPattern(name string) string {
	return strings.ReplaceAll(TopicName(name), ".", `\.`)
}
