package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

// What is held names the statement that settles it, and after that statement
// there is nothing left to change.
func TestClashesNameWhatSettlesThem(t *testing.T) {
	named := func(f *debezium.Field) debezium.Field { f.Name, f.Optional = "v", true; return *f }
	varchar := named(propagated(debezium.String, "", "VARCHAR", 20, -1))
	integer := named(propagated(debezium.Int32, "", "INT", -1, -1))
	for _, c := range []struct {
		have string
		want debezium.Field
		sql  string
		then string
	}{
		{"int", varchar, "ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET utf8mb4 NULL", "varchar(20)"},
		{"bigint", named(propagated(debezium.String, "", "VARCHAR", 5, -1)), "ALTER TABLE `t` MODIFY COLUMN `v` varchar(20) CHARACTER SET utf8mb4 NULL", "varchar(20)"},
		{"longtext", integer, "", ""}, // no clash
		{"date", integer, "ALTER TABLE `t` MODIFY COLUMN `v` varchar(11) CHARACTER SET utf8mb4 NULL", "varchar(11)"},
		{"timestamp(3)", named(propagated(debezium.Int64, microTimestamp, "DATETIME", 6, -1)), "SET time_zone='+00:00'; ALTER TABLE `t` MODIFY COLUMN `v` datetime(6) NULL", "datetime(6)"},
		{"decimal(20,2)", named(propagated(debezium.Float64, "", "DOUBLE", -1, -1)), "ALTER TABLE `t` MODIFY COLUMN `v` varchar(24) CHARACTER SET utf8mb4 NULL", "varchar(24)"},
		{"blob", varchar, "", "clash"},
		{"geometry", varchar, "", "clash"},
	} {
		have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", c.have, true))
		w := want(t, idKey, id(), c.want)
		_, err := schema.Plan(have, w, mysql9)
		if c.then == "" {
			require.NoError(t, err)
			continue
		}
		var clash *schema.ClashError
		require.ErrorAs(t, err, &clash, c.have)
		require.Equal(t, c.sql, clash.SQL)
		if c.sql == "" {
			continue
		}
		require.ErrorContains(t, err, c.sql)
		have = there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", c.then, true))
		require.Empty(t, plan(t, have, w), c.have)
	}
}

func TestChangedKeysNameWhatSettlesThem(t *testing.T) {
	offset, partition := col(t, "_offset", "bigint unsigned", true), col(t, "_partition", "int unsigned", false)
	required := offset
	required.Nullable = false
	for _, c := range []struct {
		name, sql, reason string
		have              *schema.Table
		want              schema.Table
	}{
		{
			"taken away",
			"ALTER TABLE `t` DROP PRIMARY KEY, ADD COLUMN `_partition` int unsigned NOT NULL DEFAULT 0, MODIFY COLUMN `_offset` bigint unsigned NOT NULL, ADD PRIMARY KEY (`store_id`,`_partition`,`_offset`)",
			"the rows have no key any more",
			there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), offset), want(t, nil, id()),
		},
		{
			"added",
			"ALTER TABLE `t` DROP PRIMARY KEY, MODIFY COLUMN `id` int NOT NULL, DROP COLUMN `_partition`, ADD PRIMARY KEY (`store_id`,`id`)",
			"the rows had no key",
			there([]string{"store_id", "_partition", "_offset"}, store(), col(t, "id", "int", true), partition, required), want(t, idKey, id()),
		},
		{
			"of a renamed column", "ALTER TABLE `t` RENAME COLUMN `number` TO `id`", "the rows' key is (store_id, id)",
			there([]string{"store_id", "number"}, store(), col(t, "number", "int", false)), want(t, idKey, id()),
		},
		{
			"of more columns",
			"ALTER TABLE `t` DROP PRIMARY KEY, MODIFY COLUMN `v` varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL, ADD PRIMARY KEY (`store_id`,`id`,`v`)",
			"the rows' key is (store_id, id, v)",
			there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", "varchar(10)", true)),
			want(t, []string{"id", "v"}, id(), column("v", debezium.String, "VARCHAR", 10)),
		},
		{
			"of a column that is not there", "", "the rows' key is",
			there([]string{"store_id", "id"}, store(), col(t, "id", "int", false)),
			want(t, []string{"id", "v"}, id(), column("v", debezium.String, "VARCHAR", 10)),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := schema.Plan(c.have, c.want, mysql9)
			var refused *schema.KeyError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.sql, refused.SQL)
			require.ErrorContains(t, err, c.reason)
		})
	}
}

// A text takes numbers and a DATETIME instants, if need be in more room.
func TestPlanStretchesWhatHolds(t *testing.T) {
	named := func(f *debezium.Field) debezium.Field { f.Name, f.Optional = "v", true; return *f }
	for _, c := range []struct {
		have string
		want debezium.Field
		sql  string
	}{
		{"varchar(10)", named(propagated(debezium.Int32, "", "INT", -1, -1)), "varchar(11)"},
		{"char(5)", named(propagated(debezium.Int32, "io.debezium.time.Date", "DATE", -1, -1)), "varchar(10)"},
		{"datetime(3)", named(propagated(debezium.String, zoned, "TIMESTAMP", 6, -1)), "datetime(6)"},
	} {
		have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", c.have, true))
		changes := plan(t, have, want(t, idKey, id(), c.want))
		require.Len(t, changes, 1)
		require.Contains(t, changes[0].SQL(), "MODIFY COLUMN `v` "+c.sql)
	}
}

// Text and bytes of unknown length get what room a key has left, and what asks
// for more than any key holds changes nothing.
func TestKeysOfUnknownLength(t *testing.T) {
	length := func(w schema.Table, name string) int { return w.Column(name).Type.Length }
	text := func(name string) debezium.Field { return debezium.Field{Name: name, Type: debezium.String} }
	one := want(t, []string{"code"}, text("code"))
	require.Equal(t, (3072-4*64)/4, length(one, "code"))
	two := want(t, []string{"a", "b", "n"}, text("a"), debezium.Field{Name: "b", Type: debezium.Bytes}, id(), column("n", debezium.String, "VARCHAR", 100))
	require.Equal(t, 255+(3072-4*64-4*255-255-4*100)/2/4, length(two, "a"))
	require.Equal(t, 255+(3072-4*64-4*255-255-4*100)/2, length(two, "b"))
	require.Equal(t, 255, length(want(t, []string{"code"}, column("code", debezium.String, "VARCHAR", 255)), "code"), "of known length")

	for _, c := range []struct{ have, more string }{{"varchar(704)", "text"}, {"varbinary(2816)", "blob"}} {
		k := col(t, "code", c.have, false)
		k.Type.Collation = map[bool]string{true: "utf8mb4_0900_bin"}[k.Type.Kind() == schema.TextKind]
		k.Type.Charset = map[bool]string{true: "utf8mb4"}[k.Type.Kind() == schema.TextKind]
		w := one
		w.Columns = append([]schema.Column{}, one.Columns...)
		more := col(t, "code", c.more, false)
		w.Column("code").Type = more.Type
		require.Empty(t, plan(t, there([]string{"store_id", "code"}, store(), k), w), c.have)
	}
}
