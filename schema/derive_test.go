package schema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

// column is a required column of a store's table, or with a '?' behind its
// name an optional one.
func column(name string, t debezium.Type, sourceType string, length int) debezium.Field {
	f := *propagated(t, "", sourceType, length, -1)
	f.Name, f.Optional = strings.CutSuffix(name, "?")
	return f
}

func derive(t *testing.T, key []string, columns ...debezium.Field) schema.Table {
	t.Helper()
	table, err := schema.Derive("sales", columns, key, schema.Options{Dialect: mysql9})
	require.NoError(t, err)
	return table
}

func TestDerive(t *testing.T) {
	table := derive(t, []string{"day", "code"},
		column("code", debezium.String, "VARCHAR", 10),
		column("day", debezium.Int32, "INT", -1),
		column("note?", debezium.String, "TEXT", -1))
	require.Equal(t, []string{"store_id", "day", "code"}, table.Key, "the store first, then the key in its own order")
	require.Equal(t, strings.TrimSpace(`
CREATE TABLE IF NOT EXISTS `+"`sales`"+` (
  `+"`store_id`"+` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL,
  `+"`code`"+` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL,
  `+"`day`"+` int NOT NULL,
  `+"`note`"+` text CHARACTER SET utf8mb4 NULL,
  `+"`_source_ts`"+` datetime(6) NULL,
  `+"`_applied_at`"+` datetime(6) NULL,
  `+"`_offset`"+` bigint unsigned NULL,
  PRIMARY KEY (`+"`store_id`,`day`,`code`"+`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`), table.CreateSQL(mysql9))
	require.Equal(t, "note", table.ForField("note").Name)
	require.Nil(t, table.ForField(""+"nothing"))
	require.Equal(t, "day", table.Column("DAY").Name)
	require.True(t, table.InKey("Code"))
}

// TestDeriveCopiesNoDefault: what an event calls a default is a wire value.
func TestDeriveCopiesNoDefault(t *testing.T) {
	f := *propagated(debezium.String, zoned, "TIMESTAMP", -1, -1)
	f.Name, f.Default = "at", []byte(`"1970-01-01T00:00:00Z"`)
	table := derive(t, []string{"id"}, column("id", debezium.Int32, "INT", -1), f)
	require.NotContains(t, table.CreateSQL(mysql9), "DEFAULT '")
	require.NotContains(t, table.CreateSQL(mysql9), "1970")
}

func TestDeriveWithoutKey(t *testing.T) {
	table := derive(t, nil, column("a?", debezium.Int32, "INT", -1))
	require.Equal(t, []string{"store_id", "_partition", "_offset"}, table.Key)
	sql := table.CreateSQL(mysql9)
	require.Contains(t, sql, "`_partition` int unsigned NOT NULL")
	require.Contains(t, sql, "`_offset` bigint unsigned NOT NULL")
	require.Contains(t, sql, "PRIMARY KEY (`store_id`,`_partition`,`_offset`)")
}

func TestDeriveOptions(t *testing.T) {
	columns := []debezium.Field{column("id", debezium.Int32, "INT", -1), column("v?", debezium.String, "VARCHAR", 5)}
	table, err := schema.Derive("t", columns, []string{"id"},
		schema.Options{Dialect: mariadb10, Collation: "utf8mb4_unicode_ci", SoftDelete: true})
	require.NoError(t, err)
	sql := table.CreateSQL(mariadb10)
	require.Contains(t, sql, "`store_id` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL")
	require.Contains(t, sql, "`v` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL")
	require.Contains(t, sql, "`_deleted` tinyint(1) NULL")
	require.Contains(t, sql, "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci")
}

func TestDeriveOnOldServers(t *testing.T) {
	key := *propagated(debezium.String, zoned, "TIMESTAMP", -1, -1)
	key.Name = "at"
	columns := []debezium.Field{key, column("id", debezium.String, "VARCHAR", 5)}
	table, err := schema.Derive("t", columns, []string{"at", "id"}, schema.Options{Dialect: mysql57})
	require.NoError(t, err)
	sql := table.CreateSQL(mysql57)
	require.Contains(t, sql, "`store_id` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL")
	require.Contains(t, sql, "`id` varbinary(20) NOT NULL")
	require.Contains(t, sql, "`at` timestamp NOT NULL DEFAULT '1970-01-01 00:00:01'", "or MySQL 5.7 would update it by itself")
}

func TestDeriveRenamesWhatIsOurs(t *testing.T) {
	table := derive(t, []string{"STORE_ID", "_offset"},
		column("STORE_ID", debezium.Int32, "INT", -1),
		column("_offset", debezium.Int64, "BIGINT", -1),
		column("_deleted?", debezium.Int16, "TINYINT", 1))
	require.Equal(t, []string{"store_id", "source_STORE_ID", "source__offset"}, table.Key)
	require.Equal(t, "source_STORE_ID", table.ForField("STORE_ID").Name)
	require.Equal(t, "source__deleted", table.ForField("_deleted").Name)
	require.Equal(t, "bigint unsigned", table.Column("_offset").Type.String(), "ours")
}

// TestDeriveTakesTheStoresName: field.name.adjustment.mode may have changed the
// field's.
func TestDeriveTakesTheStoresName(t *testing.T) {
	f := column("unit_price", debezium.Int32, "INT", -1)
	f.Parameters["__debezium.source.column.name"] = "unit-price"
	table := derive(t, []string{"unit_price"}, f)
	require.Equal(t, []string{"store_id", "unit-price"}, table.Key)
	require.Equal(t, "unit_price", table.Column("unit-price").Field)
}

func TestDeriveRefuses(t *testing.T) {
	id := column("id", debezium.Int32, "INT", -1)
	for reason, c := range map[string]struct {
		name    string
		columns []debezium.Field
		key     []string
	}{
		"has 65 characters":                     {repeat("t", 65), []debezium.Field{id}, []string{"id"}},
		"ends with a space":                     {"t", []debezium.Field{id, column("c ", debezium.Int32, "INT", -1)}, []string{"id"}},
		"two columns of the store":              {"t", []debezium.Field{id, column("ID", debezium.Int32, "INT", -1)}, []string{"id"}},
		"leave one of them out":                 {"t", []debezium.Field{id, column("store_id", debezium.Int32, "INT", -1), column("source_store_id", debezium.Int32, "INT", -1)}, []string{"id"}},
		"the key names a column the row does":   {"t", []debezium.Field{id}, []string{"id", "region"}},
		"json cannot be part of a key":          {"t", []debezium.Field{*bare(debezium.String, "io.debezium.data.Json")}, []string{"c"}},
		"the key takes up to 3328 bytes":        {"t", []debezium.Field{column("k", debezium.String, "VARCHAR", 768)}, []string{"k"}},
		"message.key.columns":                   {"t", []debezium.Field{column("k", debezium.String, "VARCHAR", 768)}, []string{"k"}},
		"does not say which labels are allowed": {"t", []debezium.Field{id, *bare(debezium.String, enum)}, []string{"id"}},
	} {
		_, err := schema.Derive(c.name, c.columns, c.key, schema.Options{Dialect: mysql9})
		var refused *schema.DeriveError
		require.ErrorAs(t, err, &refused, reason)
		require.ErrorContains(t, err, reason)
		require.Equal(t, c.name, refused.Table)
	}
}

// TestDeriveFitsTheRow: what a store has in latin1 takes four times as many
// bytes in utf8mb4, and a row has 65,535.
func TestDeriveFitsTheRow(t *testing.T) {
	table := derive(t, []string{"id"},
		column("id", debezium.Int32, "INT", -1),
		column("a?", debezium.String, "VARCHAR", 5000),
		column("b?", debezium.String, "VARCHAR", 9000),
		column("c?", debezium.String, "VARCHAR", 5000),
		column("d?", debezium.Bytes, "VARBINARY", 20000))
	require.Equal(t, "varchar(5000)", table.Column("a").Type.String())
	require.Equal(t, "text", table.Column("b").Type.String(), "the longest goes first")
	require.Equal(t, "varchar(5000)", table.Column("c").Type.String())
	require.Equal(t, "varbinary(20000)", table.Column("d").Type.String())

	table = derive(t, []string{"id"}, column("id", debezium.Int32, "INT", -1), column("d?", debezium.Bytes, "VARBINARY", 65535))
	require.Equal(t, "blob", table.Column("d").Type.String())
}
