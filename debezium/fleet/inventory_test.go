package fleet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const small = `
environment: prod
kafka: {brokers: "kafka:9092"}
connect: {url: "http://connect:8083", wave: 3, heap: 3g, workers: 2}
defaults:
  schemas: ["s{id}"]
  password: {file: /run/secrets/stores.properties, key: "store-{id}"}
  labels: {chain: fresh}
  hours: Mo-Sa 08:00-20:00
  timezone: Europe/Berlin
stores:
  - {id: 0001, host: 10.1.0.5}
  - {id: "0002", host: 10.2.0.5, port: 3307, flavor: mariadb, labels: {region: north}, server_id: 77}
  - {id: airport, host: 10.3.0.5, enabled: false, hours: "Mo-Su 00:00-24:00"}
`

func TestLoadFillsInDefaults(t *testing.T) {
	inv, err := Parse("stores.yaml", []byte(small))
	require.NoError(t, err)
	require.Equal(t, "prod", inv.Environment)
	require.Equal(t, Connect{URL: "http://connect:8083", Wave: 3, HeapMB: 3072, Workers: 2}, inv.Connect)
	require.Len(t, inv.Stores, 3)

	first := inv.Stores[0]
	require.Equal(t, "0001", first.ID, "an id keeps its zeros without quotes too")
	require.Equal(t, []string{"s0001"}, first.Schemas)
	require.Equal(t, Secret{File: "/run/secrets/stores.properties", Key: "store-0001"}, first.Password)
	require.Equal(t, 3306, first.Port)
	require.Equal(t, MySQL, first.Flavor)
	require.Equal(t, uint32(100_000_010), first.ServerID)
	require.Equal(t, 12, first.Line)

	second := inv.Stores[1]
	require.Equal(t, MariaDB, second.Flavor)
	require.Equal(t, 3307, second.Port)
	require.Equal(t, uint32(77), second.ServerID)
	require.Equal(t, map[string]string{"chain": "fresh", "region": "north"}, second.Labels)
	require.Equal(t, map[string]string{"chain": "fresh"}, first.Labels, "a store's labels stay its own")

	require.True(t, inv.Stores[2].Disabled)
	monday := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC) // 06:00 in Berlin
	require.False(t, first.Hours.Open(monday))
	require.True(t, inv.Stores[2].Hours.Open(monday))
}
