package connect

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium/fleet"
)

var updateGolden = os.Getenv("UPDATE_GOLDEN") != ""

// golden compares with a file under testdata, or writes it with
// UPDATE_GOLDEN=1.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if updateGolden {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func properties(config map[string]string) string {
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(config)) {
		fmt.Fprintf(&out, "%s=%s\n", key, config[key])
	}
	return out.String()
}

const twoStores = `
environment: prod
kafka: {brokers: "kafka:9092", registry: "http://registry:8080/apis/registry/v2"}
connect: {url: "http://connect:8083"}
topics:
  max_message_bytes: 8388608
  tables:
    - {table: shop.sales, partitions: 3, retention: forever}
defaults:
  schemas: [shop]
  password: {env: STORE_PASSWORD}
stores:
  - {id: "0001", host: 10.1.0.5, tables: [sales, "stock_*"], keys: {shop.sales: [day, number]}, heartbeat_table: ops.cdc_heartbeat}
  - {id: "0002", host: 10.2.0.5, flavor: mariadb, format: avro, tls: verify, exclude: [log], settings: {snapshot.mode: when_needed}}
`

func parse(t *testing.T, text string) *fleet.Inventory {
	t.Helper()
	inv, err := fleet.Parse("stores.yaml", []byte(text))
	require.NoError(t, err)
	return inv
}

func TestConfig(t *testing.T) {
	inv := parse(t, twoStores)
	for _, store := range inv.Stores {
		golden(t, "config-"+store.ID+".properties", properties(Config(store, DefaultsOf(inv))))
	}
}

// The guards must be in every configuration, whatever a store's settings say.
func TestConfigHasTheGuards(t *testing.T) {
	inv := parse(t, twoStores)
	for _, store := range inv.Stores {
		config := Config(store, DefaultsOf(inv))
		for _, guard := range fleet.Guards() {
			require.Equal(t, guard.Value, config[guard.Property], guard.Property)
		}
		for property, value := range config {
			require.NotContains(t, value, "{id}", property)
		}
	}
}

// The registry's address says whose converter its stores get, and its account is
// only pointed at.
func TestConfigOfRegistries(t *testing.T) {
	store := fleet.Store{ID: "0001", Format: fleet.Avro}
	of := func(address string) map[string]string {
		return Config(store, Defaults{Environment: "prod", Registry: address, RegistryUser: "u", RegistryPassword: fleet.Secret{Env: "P"}})
	}
	for _, side := range []string{"key.converter", "value.converter"} {
		for _, address := range []string{"http://registry:8081", "http://registry:8080/apis/ccompat/v7"} {
			config := of(address)
			require.Equal(t, "io.confluent.connect.avro.AvroConverter", config[side])
			require.Equal(t, address, config[side+".schema.registry.url"])
			require.Equal(t, "true", config[side+".ignore.default.for.nullables"])
			require.Equal(t, "USER_INFO", config[side+".basic.auth.credentials.source"])
			require.Equal(t, "u:${env:P}", config[side+".basic.auth.user.info"])
			require.NotContains(t, config, side+".schemas.enable")
		}
		config := of("http://registry:8080/apis/registry/v2")
		require.Equal(t, "io.apicurio.registry.utils.converter.AvroConverter", config[side])
		require.Equal(t, "contentId", config[side+".apicurio.registry.use-id"])
		require.Equal(t, "86400000", config[side+".apicurio.registry.check-period-ms"], "24 hours")
		require.Equal(t, "u", config[side+".apicurio.auth.username"])
		require.Equal(t, "${env:P}", config[side+".apicurio.auth.password"])
		config = Config(store, Defaults{Environment: "prod", Registry: "http://registry:8081"})
		require.NotContains(t, config, side+".basic.auth.user.info")
	}
}
