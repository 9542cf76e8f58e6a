package sweep

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
)

func TestHistory(t *testing.T) {
	streamed := func(ddl string, tables ...debezium.TableChange) *debezium.SchemaChange {
		return change("false", "binlog.000001", 900, "pos", ddl, tables...)
	}
	variables := func(pos int64) *debezium.SchemaChange {
		return change("true", "binlog.000001", pos, "", "SET character_set_server=utf8mb4")
	}
	described := func(pos int64) *debezium.SchemaChange {
		return change("true", "binlog.000001", pos, "pos", "CREATE TABLE promo …", table("CREATE", "promo"))
	}
	drop := streamed("DROP TABLE `pos`.`promo`", table("DROP", "promo"))
	renamed, taken := streamed("RENAME TABLE promo TO promo_old", table("ALTER", "promo_old")), streamed("RENAME TABLE promo_new TO promo", table("ALTER", "promo"))
	for _, c := range []struct {
		name    string
		changes []*debezium.SchemaChange
		kind    Kind // empty: none
		pos     int64
		first   bool
	}{
		{"nothing", nil, "", 0, false},
		{"captured", []*debezium.SchemaChange{variables(157), change("true", "binlog.000001", 157, "pos", "DROP TABLE IF EXISTS promo", table("DROP", "promo")), described(157)}, Captured, 157, true},
		{"captured again", []*debezium.SchemaChange{variables(157), described(157), variables(400), described(400)}, Captured, 400, false},
		{"captured again at the same place", []*debezium.SchemaChange{variables(157), described(157), variables(157), described(157)}, Captured, 157, false},
		{"a blocking snapshot", []*debezium.SchemaChange{variables(157), described(157), described(400)}, Captured, 157, true},
		{"a blocking snapshot at the same place", []*debezium.SchemaChange{variables(157), described(157), described(157)}, Captured, 157, true},
		{"only a blocking snapshot", []*debezium.SchemaChange{described(400)}, "", 0, false},
		{"dropped", []*debezium.SchemaChange{variables(157), described(157), drop}, Dropped, 900, false},
		{"dropped and made", []*debezium.SchemaChange{variables(157), described(157), drop, streamed("CREATE TABLE promo …", table("CREATE", "promo"))}, Dropped, 900, false},
		{"made, then captured", []*debezium.SchemaChange{change("false", "binlog.000001", 100, "pos", "CREATE TABLE promo …", table("CREATE", "promo")), variables(157), described(157)}, Captured, 157, false},
		{"dropped in another database", []*debezium.SchemaChange{variables(157), described(157), change("false", "binlog.000001", 900, "online", "DROP TABLE `online`.`promo`", debezium.TableChange{Type: "DROP", ID: debezium.TableID{Database: "online", Table: "promo"}})}, Captured, 157, true},
		{"another table dropped", []*debezium.SchemaChange{variables(157), described(157), streamed("DROP TABLE `pos`.`sale`", table("DROP", "sale"))}, Captured, 157, true},
		{"renamed away", []*debezium.SchemaChange{variables(157), described(157), renamed}, Renamed, 900, false},
		{"another took its name", []*debezium.SchemaChange{variables(157), described(157), renamed, taken}, Filled, 900, false},
		{"a tool's copy took its place", []*debezium.SchemaChange{
			variables(157), described(157), streamed("RENAME TABLE promo TO _promo_del", table("ALTER", "_promo_del")), streamed("RENAME TABLE _promo_gho TO promo", table("ALTER", "promo")),
		}, Captured, 157, true},
		{"a copy took its place when it was renamed long ago", []*debezium.SchemaChange{
			variables(157), described(157), change("false", "binlog.000001", 800, "pos", "RENAME TABLE promo TO x", table("ALTER", "x")), streamed("RENAME TABLE _promo_gho TO promo", table("ALTER", "promo")),
		}, Filled, 900, false},
		{"a copy took its place, and its own name is not captured", []*debezium.SchemaChange{
			variables(157), described(157), streamed("RENAME TABLE _promo_gho TO promo", table("ALTER", "promo")),
		}, Captured, 157, true},
		{"a copy took its place when it was dropped", []*debezium.SchemaChange{
			variables(157), described(157), change("false", "binlog.000001", 800, "pos", "DROP TABLE `pos`.`promo`", table("DROP", "promo")),
			streamed("RENAME TABLE _promo_new TO promo", table("ALTER", "promo")),
		}, Filled, 900, false},
		{"its database dropped", []*debezium.SchemaChange{variables(157), described(157), streamed("DROP DATABASE `pos`")}, Dropped, 900, false},
		{"another database dropped", []*debezium.SchemaChange{variables(157), described(157), change("false", "binlog.000001", 900, "po", "DROP DATABASE `po`")}, Captured, 157, true},
		{"a temporary table of its name dropped", []*debezium.SchemaChange{variables(157), described(157), streamed("DROP TEMPORARY TABLE `pos`.`promo`", table("DROP", "promo"))}, Captured, 157, true},
		{"written in another case", []*debezium.SchemaChange{variables(157), described(157), streamed("DROP TABLE `pos`.`PROMO`", table("DROP", "promo"))}, Dropped, 900, false},
		{"dropped, never described", []*debezium.SchemaChange{drop}, Dropped, 900, false},
		{"a partition dropped", []*debezium.SchemaChange{variables(157), described(157), streamed("ALTER TABLE promo DROP PARTITION p1", table("ALTER", "promo"))}, Captured, 157, true},
		{"a partition exchanged", []*debezium.SchemaChange{variables(157), described(157), streamed("ALTER TABLE sale EXCHANGE PARTITION p1 WITH TABLE promo", table("ALTER", "sale"))}, Filled, 900, false},
		{"filled, then captured again", []*debezium.SchemaChange{variables(157), described(157), taken, variables(950), described(950)}, Captured, 950, false},
		{"altered", []*debezium.SchemaChange{variables(157), described(157), streamed("ALTER TABLE promo ADD x INT", table("ALTER", "promo"))}, Captured, 157, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHistory("prod.47", true)
			for i, change := range c.changes {
				h.add(int64(i), int64(1000+i), change)
			}
			b := h.last["prod.47.pos.promo"]
			require.Equal(t, c.kind, b.Kind)
			require.Equal(t, c.pos, b.Position)
			require.Equal(t, c.first, b.first)
		})
	}
}

// TestHistoryWithoutBeginning is of a topic retention has shortened: the first
// capture it tells of need not have been the first.
func TestHistoryWithoutBeginning(t *testing.T) {
	h := newHistory("prod.47", false)
	h.add(7, 1, change("true", "binlog.000001", 157, "", "SET x=1"))
	h.add(8, 2, change("true", "binlog.000001", 157, "pos", "CREATE TABLE promo …", table("CREATE", "promo")))
	require.False(t, h.last["prod.47.pos.promo"].first)
}

// TestSharedTopics has two tables whose names Kafka cannot tell apart: what happens
// to one must not touch the rows of the other.
func TestSharedTopics(t *testing.T) {
	h := newHistory("prod.47", true)
	h.add(1, 1, change("true", "binlog.000001", 157, "", "SET x=1"))
	h.add(2, 2, change("true", "binlog.000001", 157, "pos", "CREATE TABLE `pro mo` …", table("CREATE", "pro mo")))
	require.False(t, h.shared["prod.47.pos.pro_mo"])
	h.add(3, 3, change("false", "binlog.000001", 157, "pos", "DROP TABLE `pos`.`pro-mo`", table("DROP", "pro-mo")))
	require.False(t, h.shared["prod.47.pos.pro_mo"], "Kafka allows a hyphen")
	h.add(4, 4, change("false", "binlog.000001", 157, "pos", "DROP TABLE `pos`.`pro#mo`", table("DROP", "pro#mo")))
	require.True(t, h.shared["prod.47.pos.pro_mo"])
}
