package debezium

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseTopic(t *testing.T) {
	rows := func(store, schema, table string) Topic {
		return Topic{Environment: "prod", Store: store, Schema: schema, Table: table}
	}
	for name, want := range map[string]struct {
		topic Topic
		kind  TopicKind
	}{
		"prod.0047.shop.orders":               {rows("0047", "shop", "orders"), RowTopic},
		"prod.0047.shop.odd.name":             {rows("0047", "shop", "odd.name"), RowTopic},
		"prod.0047.shop.odd.":                 {rows("0047", "shop", "odd."), RowTopic},
		"prod.0047.transaction.orders":        {rows("0047", "transaction", "orders"), RowTopic},
		"prod.0047":                           {rows("0047", "", ""), SchemaChangeTopic},
		"prod.0047.transaction":               {rows("0047", "", ""), TransactionTopic},
		"__debezium-heartbeat.prod.0047":      {rows("0047", "", ""), HeartbeatTopic},
		"__debezium-heartbeat.prod":           {rows("", "", ""), HeartbeatTopic},
		"__cdc-heartbeat.prod":                {rows("", "", ""), HeartbeatTopic},
		"__schema-history.prod.0047":          {rows("0047", "", ""), SchemaHistoryTopic},
		"__schema-history.prod":               {},
		"__debezium-heartbeat.test.0047":      {},
		"__debezium-heartbeat.prod.":          {},
		"__debezium-heartbeat.prod.a.b":       {},
		"test.0047.shop.orders":               {},
		"production.0047.shop.orders":         {},
		"prod-0047.shop.orders.x":             {},
		"prod":                                {},
		"prod.":                               {},
		"prod..shop.orders":                   {},
		"prod.0047.shop":                      {},
		"prod.0047.shop.":                     {},
		"prod.0047..orders":                   {},
		"":                                    {},
		"__consumer_offsets":                  {},
		"__debezium-heartbeat":                {},
		"__debezium-heartbeat.":               {},
		"prod.0047.__debezium-heartbeat.prod": {rows("0047", "__debezium-heartbeat", "prod"), RowTopic},
	} {
		t.Run(name, func(t *testing.T) {
			topic, kind := ParseTopic("prod", name)
			require.Equal(t, want.kind.String(), kind.String())
			require.Equal(t, want.topic, topic)
			if kind == RowTopic || kind == SchemaChangeTopic {
				require.Equal(t, name, topic.String())
			}
		})
	}
	_, kind := ParseTopic("", ".0047.shop.orders")
	require.Equal(t, OtherTopic, kind, "no environment has no topics")
}

func TestTopicKindNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for k := OtherTopic; k <= SchemaHistoryTopic; k++ {
		require.False(t, seen[k.String()], k.String())
		seen[k.String()] = true
	}
}

func TestTopicName(t *testing.T) {
	for name, want := range map[string]string{
		"orders":     "orders",
		"odd.name-1": "odd.name-1",
		"two words":  "two_words",
		"účet":       "__et",
		"a😀b":        "a__b",
		"a\xffb":     "a_b",
		"$#\x00":     "___",
		"":           "",
	} {
		require.Equal(t, want, TopicName(name), name)
	}
}

func TestSubscriptionPattern(t *testing.T) {
	require.Equal(t, `^prod\.[^.]+(\.[^.]+\..+)?$`, SubscriptionPattern("prod", nil))
	require.Equal(t, `^prod\.[^.]+(\.[^.]+\.(orders|odd\.name|two_words))?$`,
		SubscriptionPattern("prod", []string{"orders", "odd.name", "two words"}))
	require.Equal(t, `^p_x_\.[^.]+(\.[^.]+\.(a\.__b_))?$`, SubscriptionPattern("p(x)", []string{"a.*|b$"}),
		"metacharacters cannot stand in a topic's name")
}

func TestSubscriptionPatternSelects(t *testing.T) {
	tables := []string{"orders", "odd.name"}
	for _, compile := range []func(string) (*regexp.Regexp, error){regexp.Compile, regexp.CompilePOSIX} {
		pattern, err := compile(SubscriptionPattern("prod", tables))
		require.NoError(t, err)
		for name, want := range map[string]bool{
			"prod.0047.shop.orders":      true,
			"prod.0047.shop.odd.name":    true,
			"prod.0047.shop.oddxname":    false,
			"prod.0047.shop.orders2":     false,
			"prod.0047.shop.x.orders":    false,
			"prod.0047":                  true,
			"prod.0047.orders":           false,
			"prodx0047.shop.orders":      false,
			"test.prod.0047.shop.orders": false,
			"prod.0047.transaction":      false,
		} {
			require.Equal(t, want, pattern.MatchString(name), name)
		}
	}
}

// FuzzTopic checks that the pattern and the parser agree on which topics carry
// rows or schema changes, and that a parsed name is put together again.
func FuzzTopic(f *testing.F) {
	for _, name := range []string{
		"prod.0047.shop.orders", "prod.0047.shop.odd.name", "prod.0047", "prod.0047.transaction",
		"__debezium-heartbeat.prod.0047", "__schema-history.prod.0047", "prod..shop.x", "prod.a.b.", "prod.a.b..",
	} {
		f.Add("prod", name)
	}
	f.Add("p-r_0", "p-r_0.1.2.3")
	f.Fuzz(func(t *testing.T, environment, name string) {
		topic, kind := ParseTopic(environment, name)
		if kind == OtherTopic {
			require.Zero(t, topic)
		} else {
			require.Equal(t, environment, topic.Environment)
		}
		if kind == RowTopic {
			require.Equal(t, name, topic.String())
			again, _ := ParseTopic(environment, topic.String())
			require.Equal(t, topic, again)
			require.NotContains(t, topic.Store+topic.Schema, ".")
		}
		if ValidateEnvironment(environment) != nil || TopicName(name) != name {
			return
		}
		all := regexp.MustCompile(SubscriptionPattern(environment, nil))
		require.Equal(t, kind == RowTopic || kind == SchemaChangeTopic, all.MatchString(name))
		if kind == RowTopic {
			one := regexp.MustCompile(SubscriptionPattern(environment, []string{topic.Table}))
			require.True(t, one.MatchString(name))
			require.False(t, one.MatchString(name+"x"))
			require.False(t, one.MatchString("x"+name))
		}
		if ValidateStore(topic.Store) == nil {
			require.False(t, strings.ContainsAny(topic.Store, ". "))
		}
	})
}
