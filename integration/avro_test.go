package integration

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/avro"
	"go.uber.org/zap/zaptest"

	"tributary/sink"
	"tributary/sink/deadletter"
)

// schemaRegistry plays Confluent's registry, and can be away.
type schemaRegistry struct {
	*httptest.Server

	mu      sync.Mutex
	schemas map[int]string // guarded by mu
	away    absence        // guarded by mu
	asked   map[int]int    // guarded by mu
}

// absence is how a registry is away.
type absence int

const (
	present  absence = iota
	replaced         // a proxy answers in its place
	frozen           // it takes requests and says nothing
)

func startSchemaRegistry(t testing.TB) *schemaRegistry {
	t.Helper()
	r := &schemaRegistry{schemas: map[int]string{}, asked: map[int]int{}}
	r.Server = httptest.NewServer(http.HandlerFunc(r.answer))
	t.Cleanup(r.Close)
	return r
}

func (r *schemaRegistry) answer(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id, err := strconv.Atoi(strings.TrimPrefix(q.URL.Path, "/schemas/ids/"))
	schema, known := r.schemas[id]
	r.asked[id]++
	switch {
	case r.away == frozen:
		r.mu.Unlock()
		<-q.Context().Done()
		r.mu.Lock()
	case r.away == replaced || err != nil:
		w.WriteHeader(http.StatusBadGateway)
	case !known:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error_code":40403,"message":"Schema not found"}`)
	default:
		_ = json.NewEncoder(w).Encode(object{"schema": schema})
	}
}

func (r *schemaRegistry) setAway(away absence) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away = away
}

// register keeps a schema and returns what messages with it begin with.
func (r *schemaRegistry) register(schema string) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := len(r.schemas) + 1
	r.schemas[id] = schema
	return binary.BigEndian.AppendUint32([]byte{0}, uint32(id))
}

// avroSales writes events of the table sale as an Avro converter does.
type avroSales struct {
	*producer
	store      string
	key, value *avro.Schema
	keyHead    []byte
	valueHead  []byte
}

func newAvroSales(t testing.TB, p *producer, r *schemaRegistry, store string) *avroSales {
	t.Helper()
	column := func(name, kind, mysql string, more string) string {
		return fmt.Sprintf(`{"name":%q,"type":{"type":%q,"connect.parameters":{"__debezium.source.column.type":%q,"__debezium.source.column.name":%q%s}}}`,
			name, kind, mysql, name, more)
	}
	optional := func(field string) string {
		return strings.Replace(field, `"type":`, `"type":["null",`, 1)[:len(field)+len(`["null",`)-1] + `]}`
	}
	source := func(name, kind string) string { return fmt.Sprintf(`{"name":%q,"type":["null",%q]}`, name, kind) }
	key := fmt.Sprintf(`{"type":"record","name":"Key","namespace":"test._%s.pos.sale","fields":[{"name":"id","type":"long"}]}`, store)
	value := fmt.Sprintf(`{"type":"record","name":"Envelope","namespace":"test._%s.pos.sale","fields":[`+
		`{"name":"before","type":["null",{"type":"record","name":"Value","fields":[%s]}]},{"name":"after","type":["null","Value"]},`+
		`{"name":"source","type":{"type":"record","name":"Source","namespace":"io.debezium.connector.mysql","fields":[%s]}},`+
		`{"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"]}]}`, store,
		strings.Join([]string{
			column("id", "long", "BIGINT", ""),
			optional(column("label", "string", "VARCHAR", `,"__debezium.source.column.length":"20"`)),
			optional(column("amount", "int", "INT", "")),
		}, ","),
		strings.Join([]string{
			source("ts_ms", "long"), source("snapshot", "string"), source("db", "string"), source("table", "string"),
			source("ts_us", "long"), source("file", "string"), source("pos", "long"),
		}, ","))
	return &avroSales{
		producer: p, store: store, key: avro.MustParse(key), value: avro.MustParse(value),
		keyHead: r.register(key), valueHead: r.register(value),
	}
}

func (a *avroSales) create(id int, label string, amount any) {
	a.t.Helper()
	after := saleRow(id, label, amount)
	a.send(saleTopic(a.store), a.encode(a.keyHead, a.key, object{"id": id}), a.encode(a.valueHead, a.value, object{
		"before": nil, "after": after, "op": "c", "ts_ms": time.Now().UnixMilli(),
		"source": object{"ts_ms": 1795361999000, "snapshot": "false", "db": "pos", "table": "sale", "ts_us": 1795361999000123, "file": "binlog.000001", "pos": 4},
	}))
}

func (a *avroSales) encode(head []byte, s *avro.Schema, o object) []byte {
	a.t.Helper()
	message, err := s.AppendEncode(append([]byte{}, head...), o)
	require.NoError(a.t, err)
	return message
}

// freeAddress is an address nobody listens at.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

// answerOf is what a sink answers at an address; 0 if it does not.
func answerOf(t testing.TB, url string) (status int, text string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

// TestFormatsMix lets a store change from JSON to Avro in one topic, beside one
// that stays, and back.
func TestFormatsMix(t *testing.T) {
	dsn, db := database(t, central(t))
	registry := startSchemaRegistry(t)
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
	seven := newAvroSales(t, p, registry, "7")
	p.create("7", 1, "json", 1)
	p.create("7", 2, "json", 2)
	seven.create(2, "avro", nil)
	seven.create(3, "avrö", -3)
	p.create("8", 1, "json", 1)
	startReplica(t, brokers, dsn, "REGISTRY_URL="+registry.URL)
	eventually(t, db, sales, "7 1 json 1", "7 2 avro NULL", "7 3 avrö -3", "8 1 json 1")
	p.create("7", 3, "json again", 4)
	p.remove("7", 1)
	seven.create(4, "avro again", 4)
	eventually(t, db, sales, "7 2 avro NULL", "7 3 json again 4", "7 4 avro again 4", "8 1 json 1")
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
	registry.mu.Lock()
	defer registry.mu.Unlock()
	require.Equal(t, map[int]int{1: 1, 2: 1}, registry.asked, "one request for each schema")
}

// TestRegistryAway takes the registry away: what it has told goes on, what it has
// not waits, with all that came before it written, and nothing becomes a dead
// letter.
func TestRegistryAway(t *testing.T) {
	t.Run("replaced", func(t *testing.T) { registryAway(t, replaced) })
	t.Run("frozen", func(t *testing.T) { registryAway(t, frozen) })
}

func registryAway(t *testing.T, away absence) {
	dsn, db := database(t, central(t))
	registry := startSchemaRegistry(t)
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"), saleTopic("9"))
	seven, eight := newAvroSales(t, p, registry, "7"), newAvroSales(t, p, registry, "8")
	seven.create(1, "told", 1)
	address := freeAddress(t)
	first := startReplica(t, brokers, dsn, "REGISTRY_URL="+registry.URL, "HTTP_ADDR="+address)
	eventually(t, db, sales, "7 1 told 1")

	registry.setAway(away)
	p.create("8", 1, "before it", 1)
	eight.create(2, "waits", 2)
	p.create("8", 3, "behind it", 3)
	p.create("9", 1, "json", 1)
	seven.create(2, "goes on", 2)
	eventually(t, db, sales, "7 1 told 1", "7 2 goes on 2", "8 1 before it 1", "9 1 json 1")
	eventually(t, db, "SELECT topic, next_offset FROM tributary_ledger ORDER BY topic",
		"test.7.pos.sale 2", "test.8.pos.sale 1", "test.9.pos.sale 1")
	require.Eventually(t, func() bool {
		status, text := answerOf(t, "http://"+address+"/readyz")
		_, metrics := answerOf(t, "http://"+address+"/metrics")
		return status == http.StatusServiceUnavailable && strings.Contains(text, "1 partitions wait for the schema registry") &&
			strings.Contains(metrics, "\ntributary_registry_up 0\n")
	}, 10*time.Second, 20*time.Millisecond)
	_, metrics := answerOf(t, "http://"+address+"/metrics")
	require.Contains(t, metrics, "\ntributary_partitions_awaiting_schema 1\n")
	require.Contains(t, metrics, "\ntributary_registry_schemas 2\n")

	registry.setAway(present)
	all := []string{"7 1 told 1", "7 2 goes on 2", "8 1 before it 1", "8 2 waits 2", "8 3 behind it 3", "9 1 json 1"}
	eventually(t, db, sales, all...)
	require.Eventually(t, func() bool {
		status, _ := answerOf(t, "http://"+address+"/readyz")
		return status == http.StatusOK
	}, 10*time.Second, 20*time.Millisecond)
	_, metrics = answerOf(t, "http://"+address+"/metrics")
	require.Contains(t, metrics, "\ntributary_registry_up 1\n")
	require.Contains(t, metrics, "\ntributary_partitions_awaiting_schema 0\n")

	// A replica that starts while it is away knows nothing, and loses nothing.
	first.end()
	registry.setAway(away)
	seven.create(3, "later", 3)
	startReplica(t, brokers, dsn, "REGISTRY_URL="+registry.URL)
	p.create("9", 2, "json", 2)
	eventually(t, db, "SELECT COUNT(*) FROM sale WHERE store_id='9'", "2")
	registry.setAway(present)
	eventually(t, db, sales, "7 1 told 1", "7 2 goes on 2", "7 3 later 3", "8 1 before it 1", "8 2 waits 2", "8 3 behind it 3", "9 1 json 1", "9 2 json 2")
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM tributary_dead_letters"))
}

// TestAvroPoison sets aside what no schema of the registry reads.
func TestAvroPoison(t *testing.T) {
	dsn, db := database(t, central(t))
	registry := startSchemaRegistry(t)
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	seven := newAvroSales(t, p, registry, "7")
	key := seven.encode(seven.keyHead, seven.key, object{"id": 1})
	seven.create(1, "good", 1)
	p.send(saleTopic("7"), key, []byte{0, 0, 0, 0, 99, 1, 2, 3})          // 1: no such schema
	p.send(saleTopic("7"), key, []byte{0, 0})                             // 2: cut off
	p.send(saleTopic("7"), key, append(seven.valueHead, 0, 2, 0xff))      // 3: no body of this schema
	p.send(saleTopic("7"), key, append(registry.register(`{"type":`), 1)) // 4: no schema at all
	p.send(saleTopic("7"), key, []byte{1, 2, 3})                          // 5: another magic byte
	p.send(saleTopic("7"), []byte{0, 0, 0, 0, 99, 2}, []byte(`{}x`))      // 6: an unknown key, and no JSON
	seven.create(2, "good too", 2)
	startReplica(t, brokers, dsn, "REGISTRY_URL="+registry.URL)
	eventually(t, db, sales, "7 1 good 1", "7 2 good too 2")
	eventually(t, db, "SELECT kafka_offset FROM tributary_dead_letters ORDER BY kafka_offset", "1", "2", "3", "4", "5", "6")
	require.Equal(t, []string{"\x00\x00\x00\x00c\x01\x02\x03"}, rows(t, db, "SELECT record_value FROM tributary_dead_letters WHERE kafka_offset=1"))
	require.Equal(t, []string{
		"1 the registry has no schema with the message's id",
		"2 message ends before its schema's id does",
		"3 payload.after.id at byte 8: message ends early",
		"4 schema from the registry: is not JSON",
		"5 message is not a JSON object",
		"6 message at byte 2: text behind the message",
	}, rows(t, db, "SELECT kafka_offset, reason FROM tributary_dead_letters ORDER BY kafka_offset"))
}

// TestAvroReplay replays a dead letter that came in Avro, and not one whose row
// has changed since in the other format.
func TestAvroReplay(t *testing.T) {
	ctx := t.Context()
	dsn, db := database(t, central(t))
	_, err := db.Exec("CREATE TABLE sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(20), amount INT," +
		" CONSTRAINT positive CHECK (amount > 0), PRIMARY KEY (store_id, id))")
	require.NoError(t, err)
	registry := startSchemaRegistry(t)
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	seven := newAvroSales(t, p, registry, "7")
	seven.create(1, "stays", -1)
	seven.create(2, "changes", -1)
	p.update("7", 2, "changed", 2) // in JSON
	startReplica(t, brokers, dsn, "BATCH_ROWS=1", "REGISTRY_URL="+registry.URL)
	eventually(t, db, "SELECT COUNT(*), SUM(state='open') FROM tributary_dead_letters", "2 2")
	eventually(t, db, sales, "7 2 changed 2")
	_, err = db.Exec("ALTER TABLE sale DROP CHECK positive")
	require.NoError(t, err)

	config, err := sink.LoadConfig([]string{
		"TRIBUTARY_KAFKA_BROKERS=" + brokers, "TRIBUTARY_ENVIRONMENT=test", "TRIBUTARY_CENTRAL_DSN=" + dsn, "TRIBUTARY_REGISTRY_URL=" + registry.URL,
	})
	require.NoError(t, err)
	letters, err := sink.OpenLetters(ctx, config, zaptest.NewLogger(t))
	require.NoError(t, err)
	defer letters.Close()
	list, err := letters.List(ctx, deadletter.Filter{State: deadletter.Open})
	require.NoError(t, err)
	var states []string
	for _, e := range list {
		result, err := letters.Replay(ctx, e.ID)
		require.NoError(t, err)
		states = append(states, string(result.State)+result.Reason)
	}
	require.Equal(t, []string{"replayed", "superseded"}, states)
	require.Equal(t, []string{"7 1 stays -1", "7 2 changed 2"}, rows(t, db, sales))
}
