package preflight

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
)

// The registry is asked once for all stores, and only for those with Avro.
func TestRegistryCheck(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		user, password, _ := r.BasicAuth()
		if user != "reader" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `["a-key","a-value","b-value"]`)
	}))
	defer server.Close()
	avro, json := fleet.Store{Format: fleet.Avro}, fleet.Store{Format: fleet.JSON}
	ask := func(store fleet.Store, kafka fleet.Kafka) outcome {
		s := &session{store: store, tablesRead: true, tables: make([]table, 20), registry: newSchemas(t.Context(), []fleet.Store{avro, json, avro}, kafka, nil)}
		var last outcome
		for range 3 {
			var err error
			last, err = askRegistry(t.Context(), s)
			require.NoError(t, err)
		}
		return last
	}
	kafka := fleet.Kafka{Registry: server.URL, RegistryUser: "reader", RegistryPassword: fleet.Literal("secret")}
	require.Equal(t, Skip, ask(json, kafka).verdict)
	require.Equal(t, Skip, ask(avro, fleet.Kafka{}).verdict)
	require.Zero(t, asked.Load())

	good := ask(avro, kafka)
	require.Equal(t, Pass, good.verdict)
	require.Equal(t, "it holds 3 subjects; this store needs 40, two for each table, and 2 stores like it 80", good.evidence)
	require.EqualValues(t, 1, asked.Load())

	kafka.RegistryPassword = fleet.Literal("other")
	bad := ask(avro, kafka)
	require.Equal(t, Fail, bad.verdict)
	require.Equal(t, "the registry answers 401 Unauthorized", bad.evidence)
	require.Contains(t, bad.remedy, "check the user and password")
	kafka.Registry = "http://" + server.Listener.Addr().String() + "/nowhere?x"
	require.Equal(t, Fail, ask(avro, kafka).verdict)
	kafka.RegistryPassword = fleet.Secret{Env: "TRIBUTARY_TEST_NOT_SET"}
	require.Contains(t, ask(avro, kafka).evidence, "TRIBUTARY_TEST_NOT_SET")
}

// Only Apicurio's converter loses NULL.
func TestDefaultsCheckSkips(t *testing.T) {
	for _, c := range []struct {
		format  fleet.Format
		address string
	}{{fleet.JSON, "http://r:8080/apis/registry/v2"}, {fleet.Avro, "http://r:8080/apis/ccompat/v7"}, {fleet.Avro, "http://r:8081"}} {
		store := fleet.Store{Format: c.format}
		s := &session{store: store, registry: newSchemas(t.Context(), []fleet.Store{store}, fleet.Kafka{Registry: c.address}, nil)}
		o, err := askDefaults(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, Skip, o.verdict)
	}
}

func TestSameInAvro(t *testing.T) {
	of := func(table string, names ...string) (columns []column) {
		for _, name := range names {
			columns = append(columns, column{table: table, name: name})
		}
		return columns
	}
	require.Empty(t, sameInAvro(append(of("s.a", "a_b", "c d"), of("s.b", "a-b", "c_d")...)))
	require.Equal(t, []string{"s.a.a_b and a b", "s.a.a_b and a-b"}, sameInAvro(of("s.a", "a_b", "a b", "c", "a-b")))

	store := fleet.Store{Format: fleet.Avro, Settings: map[string]string{"field.name.adjustment.mode": "avro_unicode"}}
	s := &session{store: store, registry: newSchemas(t.Context(), nil, fleet.Kafka{}, nil)}
	o, err := askAvroNames(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, Skip, o.verdict)
}

func TestSharedPoints(t *testing.T) {
	columns := []column{
		{table: "s.a", name: "p", dataType: "point"},
		{table: "s.a", name: "g", dataType: "geometry"},
		{table: "s.b", name: "p", dataType: "point"},
		{table: "s.b", name: "q", dataType: "point"},
		{table: "s.b", name: "t", dataType: "text"},
	}
	require.Equal(t, []string{"s.b.p and q"}, sharedPoints(columns))
}
