package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// object is one JSON object of an event.
type object = map[string]any

// producer writes events of a table `sale (id BIGINT, label VARCHAR(20), amount
// INT)` to a fake broker, in Debezium's shape, so that tests can send what no
// real connector can be made to send on purpose.
type producer struct {
	t      testing.TB
	client *kgo.Client
}

func fakeKafka(t testing.TB, topics ...string) (brokers string, p *producer, cluster *kfake.Cluster) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topics...))
	require.NoError(t, err)
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0], newProducer(t, cluster), cluster
}

func newProducer(t testing.TB, cluster *kfake.Cluster) *producer {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return &producer{t: t, client: client}
}

func (p *producer) send(topic string, key, value []byte) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(p.t, p.client.ProduceSync(ctx, &kgo.Record{Topic: topic, Key: key, Value: value}).FirstErr())
}

// create, update and remove send a row's change; truncate the table's.
func (p *producer) create(store string, id int, label string, amount any) {
	p.t.Helper()
	p.send(saleTopic(store), saleKey(id), saleValue(store, "c", nil, saleRow(id, label, amount)))
}

func (p *producer) update(store string, id int, label string, amount any) {
	p.t.Helper()
	p.send(saleTopic(store), saleKey(id), saleValue(store, "u", saleRow(id, "", 0), saleRow(id, label, amount)))
}

func (p *producer) remove(store string, id int) {
	p.t.Helper()
	p.send(saleTopic(store), saleKey(id), saleValue(store, "d", saleRow(id, "", 0), nil))
	p.send(saleTopic(store), saleKey(id), nil)
}

func (p *producer) truncate(store string) {
	p.t.Helper()
	p.send(saleTopic(store), nil, saleValue(store, "t", nil, nil))
}

func saleTopic(store string) string { return "test." + store + ".pos.sale" }

func saleRow(id int, label string, amount any) object {
	return object{"id": id, "label": label, "amount": amount}
}

func field(name, kind, mysql string, optional bool, length string) object {
	parameters := object{"__debezium.source.column.type": mysql, "__debezium.source.column.name": name}
	if length != "" {
		parameters["__debezium.source.column.length"] = length
	}
	return object{"field": name, "type": kind, "optional": optional, "parameters": parameters}
}

func saleFields() []object {
	return []object{
		field("id", "int64", "BIGINT", false, ""),
		field("label", "string", "VARCHAR", true, "20"),
		field("amount", "int32", "INT", true, ""),
	}
}

func saleKey(id int) []byte {
	return encode(object{
		"schema":  object{"type": "struct", "optional": false, "name": "Key", "fields": saleFields()[:1]},
		"payload": object{"id": id},
	})
}

func saleValue(store, op string, before, after object) []byte {
	row := func(name string) object {
		return object{"type": "struct", "optional": true, "name": "Value", "field": name, "fields": saleFields()}
	}
	bare := func(name, kind string) object { return object{"field": name, "type": kind, "optional": true} }
	return encode(object{
		"schema": object{
			"type": "struct", "optional": false, "name": "test." + store + ".pos.sale.Envelope", "version": 2,
			"fields": []object{
				row("before"), row("after"),
				{
					"type": "struct", "optional": false, "name": "io.debezium.connector.mysql.Source", "field": "source",
					"fields": []object{
						bare("ts_ms", "int64"), bare("snapshot", "string"), bare("db", "string"), bare("table", "string"),
						bare("ts_us", "int64"), bare("file", "string"), bare("pos", "int64"),
					},
				},
				bare("op", "string"), bare("ts_ms", "int64"),
			},
		},
		"payload": object{
			"before": before, "after": after, "op": op, "ts_ms": time.Now().UnixMilli(),
			"source": object{"ts_ms": 1795361999000, "snapshot": "false", "db": "pos", "table": "sale", "ts_us": 1795361999000123, "file": "binlog.000001", "pos": 4},
		},
	})
}

// encode writes an object the way Connect's JsonConverter does: schema first.
func encode(o object) []byte {
	schema, err := json.Marshal(o["schema"])
	if err != nil {
		panic(err)
	}
	payload, err := json.Marshal(o["payload"])
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, `{"schema":%s,"payload":%s}`, schema, payload)
}
