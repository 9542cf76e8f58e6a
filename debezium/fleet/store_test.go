package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIncludesTable(t *testing.T) {
	f := func(s Store, table string, want bool) {
		t.Helper()
		schema, name, _ := cutTable(table)
		require.Equal(t, want, s.IncludesTable(schema, name), table)
	}
	all := Store{Schemas: []string{"shop", "stock"}}
	f(all, "shop.sales", true)
	f(all, "other.sales", false)
	some := Store{Schemas: all.Schemas, Tables: []string{"sales", "stock.bin_*"}, HeartbeatTable: "ops.beat"}
	f(some, "shop.sales", true)
	f(some, "stock.sales", true)
	f(some, "shop.bin_1", false)
	f(some, "stock.bin_1", true)
	f(some, "shop.salesx", false)
	f(some, "ops.beat", true)
	f(some, "ops.other", false)
	not := Store{Schemas: all.Schemas, Exclude: []string{"shop.log"}}
	f(not, "shop.log", false)
	f(not, "stock.log", true)
	require.Equal(t, []string{"shop", "stock", "ops"}, some.Captures())
}

func TestDeriveServerID(t *testing.T) {
	require.Equal(t, uint32(100_000_470), deriveServerID(defaultServerIDBase, "0047"))
	airport := deriveServerID(defaultServerIDBase, "airport")
	require.GreaterOrEqual(t, airport, uint32(200_000_000), "away from the numbers")
	require.Equal(t, airport, deriveServerID(defaultServerIDBase, "airport"))
	// The largest base and id still fit.
	require.Equal(t, uint32(3_099_999_990), deriveServerID(3_000_000_000, "9999999"))
	require.Greater(t, deriveServerID(3_000_000_000, "zzzz"), uint32(3_099_999_990))
}

func TestSelect(t *testing.T) {
	inv, err := Parse("stores.yaml", []byte(small))
	require.NoError(t, err)
	stores, err := inv.Select(nil)
	require.NoError(t, err)
	require.Len(t, stores, 3)
	stores, err = inv.Select([]string{"airport", "0001"})
	require.NoError(t, err)
	require.Equal(t, "0001", stores[0].ID)
	_, err = inv.Select([]string{"1"})
	require.ErrorContains(t, err, `there is no store "1" in stores.yaml; did you mean "0001"?`)
	_, err = inv.Select([]string{"9"})
	require.ErrorContains(t, err, `there is no store "9" in stores.yaml; add it there`)
}

func TestSimilar(t *testing.T) {
	inv := Inventory{Stores: []Store{{ID: "0047"}, {ID: "airport"}, {ID: "7"}, {ID: "07"}}}
	for id, want := range map[string]string{
		"47": "0047", "00047": "0047", "470": "", "Airport": "airport", "007": "", "": "", "0": "",
	} {
		require.Equal(t, want, inv.Similar(id), id)
	}
}
