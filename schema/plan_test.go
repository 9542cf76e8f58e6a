package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/debezium"
	"tributary/schema"
)

// there is a table as the server would describe it.
func there(key []string, columns ...schema.Column) *schema.Table {
	return &schema.Table{Name: "t", Columns: columns, Key: key, Engine: "InnoDB", Rows: 1000, Bytes: 1 << 20}
}

func col(t *testing.T, name, columnType string, nullable bool) schema.Column {
	c := schema.Column{Name: name, Type: parse(t, columnType), Nullable: nullable}
	if c.Type.Kind() == schema.TextKind {
		c.Type.Collation = "utf8mb4_0900_ai_ci"
	}
	return c
}

func store() schema.Column {
	return schema.Column{
		Name: "store_id",
		Type: schema.Type{Base: schema.VarChar, Length: 64, Charset: "utf8mb4", Collation: "utf8mb4_0900_bin"},
	}
}

func want(t *testing.T, key []string, columns ...debezium.Field) schema.Table {
	t.Helper()
	table, err := schema.Derive("t", columns, key, schema.Options{Dialect: mysql9})
	require.NoError(t, err)
	return table
}

func plan(t *testing.T, have *schema.Table, want schema.Table) []schema.Change {
	t.Helper()
	changes, err := schema.Plan(have, want, mysql9)
	require.NoError(t, err)
	return changes
}

var idKey = []string{"id"}

func id() debezium.Field { return column("id", debezium.Int32, "INT", -1) }

func TestPlanCreates(t *testing.T) {
	w := want(t, idKey, id())
	changes := plan(t, nil, w)
	require.Len(t, changes, 1)
	require.True(t, changes[0].Creates)
	require.Equal(t, w.CreateSQL(mysql9), changes[0].SQL())
}

func TestPlanNothing(t *testing.T) {
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", "varchar(20)", true))
	require.Empty(t, plan(t, have, want(t, idKey, id(), column("v?", debezium.String, "VARCHAR", 20))))
	require.Empty(t, plan(t, have, want(t, idKey, id(), column("v?", debezium.String, "VARCHAR", 10))), "nothing is narrowed")
	require.Empty(t, plan(t, have, want(t, idKey, id())), "nothing is dropped")
	require.Empty(t, plan(t, have, want(t, idKey, id(), column("V", debezium.String, "VARCHAR", 20))), "nor made NOT NULL; case does not matter")
}

func TestPlanAddsAndWidens(t *testing.T) {
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false),
		col(t, "v", "varchar(20)", true), col(t, "n", "int", true), col(t, "e", "enum('a')", true), col(t, "note", "text", true))
	e := *propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", "a,b")
	e.Name = "e"
	changes := plan(t, have, want(t, idKey, id(),
		column("new", debezium.Int32, "INT", -1),
		column("v?", debezium.String, "VARCHAR", 300),
		column("n?", debezium.Int64, "INT UNSIGNED", -1), e))
	require.Len(t, changes, 2, "what is instant is not held up by what is not")

	require.Equal(t, "ALTER TABLE `t` MODIFY COLUMN `e` enum('a','b') CHARACTER SET utf8mb4 NULL,"+
		" ADD COLUMN `new` int NULL", changes[0].SQL())
	require.Equal(t, schema.Instant, changes[0].Cost)
	require.Equal(t, []string{"e", "new"}, changes[0].Columns)
	require.Equal(t, []string{"new"}, changes[0].Added)

	require.Equal(t, "ALTER TABLE `t` MODIFY COLUMN `v` varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NULL,"+
		" MODIFY COLUMN `n` bigint NULL", changes[1].SQL())
	require.Equal(t, schema.Copy, changes[1].Cost)
	require.Equal(t, "copies the table, writers wait", changes[1].Cost.String())
	require.Equal(t, []string{"varchar(20) utf8mb4_0900_ai_ci must hold varchar(300)", "int must hold int unsigned"}, changes[1].Why)
	require.Equal(t, uint64(1000), changes[1].Rows)
	require.False(t, changes[0].Creates || changes[1].Creates)
}

func TestPlanCosts(t *testing.T) {
	text := func(n int) debezium.Field { return column("v?", debezium.String, "VARCHAR", n) }
	for _, c := range []struct {
		have    string
		want    debezium.Field
		dialect schema.Dialect
		cost    schema.Cost
	}{
		{"varchar(20)", text(60), mysql9, schema.InPlace},
		{"varchar(63)", text(64), mysql9, schema.Copy}, // the length takes a second byte
		{"varchar(64)", text(600), mysql9, schema.InPlace},
		{"char(5)", text(6), mysql9, schema.Copy},
		{"smallint", column("v?", debezium.Int32, "INT", -1), mysql9, schema.Copy},
		{"varbinary(20)", column("v?", debezium.Bytes, "VARBINARY", 200), mysql9, schema.InPlace},
		{"datetime", *propagated(debezium.Int64, microTimestamp, "DATETIME", 6, -1), mysql9, schema.Copy},
	} {
		c.want.Name = "v"
		have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", c.have, true))
		changes, err := schema.Plan(have, want(t, idKey, id(), c.want), c.dialect)
		require.NoError(t, err)
		require.Len(t, changes, 1, c.have)
		require.Equal(t, c.cost, changes[0].Cost, "%s: %s", c.have, changes[0].SQL())
	}
	// What only becomes nullable.
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", "int", false))
	for d, cost := range map[schema.Dialect]schema.Cost{mysql9: schema.InPlace, mariadb10: schema.Instant} {
		have.Columns[0].Type.Collation = d.BinaryCollation()
		changes, err := schema.Plan(have, want(t, idKey, id()), d)
		require.NoError(t, err)
		require.Equal(t, cost, changes[0].Cost)
	}
	// A SET that outgrows its bytes, and one that does not.
	for more, cost := range map[string]schema.Cost{"h": schema.Instant, "h,i": schema.Copy} {
		f := *propagated(debezium.String, enumSet, "SET", 1, -1, "allowed", "a,b,c,d,e,f,g,"+more)
		f.Name = "v"
		have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", "set('a','b','c','d','e','f','g')", true))
		require.Equal(t, cost, plan(t, have, want(t, idKey, id(), f))[0].Cost, more)
	}
}

func TestPlanRelaxes(t *testing.T) {
	lost := col(t, "lost", "varchar(5)", false)
	lost.Comment = "by hand's \\"
	defaulted := col(t, "defaulted", "int", false)
	defaulted.Default = "'5'"
	counted := col(t, "counted", "int", false)
	counted.Extra = "auto_increment"
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false),
		lost, defaulted, counted, col(t, "null", "int", false), col(t, "never", "int", false))
	changes := plan(t, have, want(t, idKey, id(),
		column("null?", debezium.Int32, "INT", -1), column("never", debezium.Int32, "INT", -1)))
	require.Len(t, changes, 1)
	require.Equal(t, "ALTER TABLE `t`"+
		" MODIFY COLUMN `lost` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NULL COMMENT 'by hand''s \\\\',"+
		" MODIFY COLUMN `null` int NULL", changes[0].SQL())
	require.Equal(t, []string{"NOT NULL, and the store does not have it", "NOT NULL, and the store sends NULL"}, changes[0].Why)
}

// TestPlanKeepsAColumnsOwn: default, comment, charset and collation of a column
// made by hand survive its widening.
func TestPlanKeepsAColumnsOwn(t *testing.T) {
	at := col(t, "at", "datetime", false)
	at.Default, at.Extra, at.Comment = "CURRENT_TIMESTAMP", "on update CURRENT_TIMESTAMP", "when"
	v := col(t, "v", "varchar(5)", true)
	v.Type.Charset, v.Type.Collation, v.Default = "latin1", "latin1_german1_ci", "'x'"
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), at, v)
	f := *propagated(debezium.Int64, microTimestamp, "DATETIME", 6, -1)
	f.Name, f.Optional = "at", false
	changes := plan(t, have, want(t, idKey, id(), f, column("v?", debezium.String, "VARCHAR", 9)))
	require.Len(t, changes, 1)
	require.Equal(t, "ALTER TABLE `t`"+
		" MODIFY COLUMN `at` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) on update CURRENT_TIMESTAMP(6) COMMENT 'when',"+
		" MODIFY COLUMN `v` varchar(9) CHARACTER SET latin1 COLLATE latin1_german1_ci NULL DEFAULT 'x'", changes[0].SQL())
}

// TestPlanLeavesWhatHolds: tables made by hand or by other sinks.
func TestPlanLeavesWhatHolds(t *testing.T) {
	named := func(f *debezium.Field) debezium.Field { f.Name = "v"; return *f }
	for _, c := range []struct {
		have string
		want debezium.Field
	}{
		{"datetime(6)", named(propagated(debezium.String, zoned, "TIMESTAMP", 6, -1))},
		{"bigint", named(propagated(debezium.Int64, "io.debezium.time.MicroTime", "TIME", 6, -1))},
		{"bigint", named(propagated(debezium.Int64, microTimestamp, "DATETIME", 6, -1))},
		{"bigint", named(propagated(debezium.Bytes, "io.debezium.data.Bits", "BIT", 9, -1))},
		{"longtext", named(propagated(debezium.String, zoned, "TIMESTAMP", 6, -1))},
		{"varchar(40)", named(propagated(debezium.String, zoned, "TIMESTAMP", 6, -1))},
		{"varchar(20)", named(propagated(debezium.Int64, "", "BIGINT", -1, -1))},
		{"varchar(10)", named(propagated(debezium.Int32, "io.debezium.time.Date", "DATE", -1, -1))},
		{"varchar(5)", named(propagated(debezium.String, enum, "ENUM", 1, -1, "allowed", "a,bbbbb"))},
		{"longtext", named(propagated(debezium.Array, "io.debezium.data.FloatVector", "VECTOR", 3, -1))},
		{"longtext", named(propagated(debezium.String, "io.debezium.data.Json", "JSON", -1, -1))},
		{"double", named(propagated(debezium.Float64, "", "DECIMAL", 15, 2))},
		{"decimal(20,0)", named(propagated(debezium.Int64, "", "BIGINT UNSIGNED", -1, -1))},
		{"longblob", named(propagated(debezium.Bytes, "", "BINARY", 4, -1))},
	} {
		have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", c.have, true))
		require.Empty(t, plan(t, have, want(t, idKey, id(), c.want)), "%s for %v", c.have, c.want.Parameters)
	}
	generated := col(t, "v", "varchar(1)", true)
	generated.Generated = "upper(`w`)"
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), generated)
	require.Empty(t, plan(t, have, want(t, idKey, id(), column("v", debezium.String, "VARCHAR", 20))), "the server computes it")
	point := col(t, "v", "point", true)
	srid := uint32(4326)
	point.Type.SRID = &srid
	have = there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), point)
	require.Empty(t, plan(t, have, want(t, idKey, id(), named(propagated(debezium.Struct, "io.debezium.data.geometry.Point", "POINT", -1, -1)))))
}

func TestPlanClashes(t *testing.T) {
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "v", "int", true))
	_, err := schema.Plan(have, want(t, idKey, id(), column("v?", debezium.String, "VARCHAR", 20)), mysql9)
	var clash *schema.ClashError
	require.ErrorAs(t, err, &clash)
	require.Equal(t, "t", clash.Table)
	require.Equal(t, "v", clash.Column)
	require.ErrorContains(t, err, `table "t", column "v": no type holds both int and varchar(20)`)
}

func TestPlanKeysOfText(t *testing.T) {
	key := []string{"code"}
	w := want(t, key, column("code", debezium.String, "VARCHAR", 10))
	have := there([]string{"store_id", "code"}, store(), col(t, "code", "varchar(20)", false))
	changes := plan(t, have, w)
	require.Len(t, changes, 1, "'a' and 'A' are two keys in a store whose collation says so")
	require.Equal(t, "ALTER TABLE `t` MODIFY COLUMN `code` varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin NOT NULL", changes[0].SQL())

	have.Columns[1].Type.Collation = "utf8mb4_0900_bin"
	require.Empty(t, plan(t, have, w))
	have.Columns[0].Type.Charset, have.Columns[0].Type.Collation = "ascii", "ascii_bin"
	require.Empty(t, plan(t, have, w), "any binary collation does for store ids")
	have.Columns[0].Type.Collation = "ascii_general_ci"
	require.Len(t, plan(t, have, w), 1, "s1 and S1 are two stores")
}

func TestPlanRefusesKeys(t *testing.T) {
	w := want(t, idKey, id())
	for _, c := range []struct {
		have   *schema.Table
		reason string
		sql    string
	}{
		{there([]string{"id"}, col(t, "id", "int", false)), "the table has no column store_id to tell the stores apart", ""},
		{there(nil, store(), col(t, "id", "int", false)), "the table has no primary key", "ALTER TABLE `t` ADD PRIMARY KEY (`store_id`,`id`)"},
		{there([]string{"id"}, store(), col(t, "id", "int", false)), "the rows' key is (store_id, id)", "ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`store_id`,`id`)"},
		{there([]string{"store_id", "id", "x"}, store(), col(t, "id", "int", false), col(t, "x", "int", false)), "the rows' key is (store_id, id)", "ALTER TABLE `t` DROP PRIMARY KEY, ADD PRIMARY KEY (`store_id`,`id`)"},
		{there([]string{"store_id", "id(10)"}, store(), col(t, "id", "int", false)), "the rows' key is", ""},
	} {
		_, err := schema.Plan(c.have, w, mysql9)
		var refused *schema.KeyError
		require.ErrorAs(t, err, &refused)
		require.ErrorContains(t, err, c.reason)
		require.Equal(t, "PRIMARY", refused.Index)
		if c.sql != "" {
			require.Equal(t, c.sql, refused.SQL)
		}
	}
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "code", "int", true))
	have.Uniques = []schema.Index{{Name: "by_code", Columns: []string{"code"}}}
	_, err := schema.Plan(have, w, mysql9)
	require.ErrorContains(t, err, "index by_code (code): it does not begin with store_id, so that one store's row would replace another's (this would settle it: ALTER TABLE `t` DROP INDEX `by_code`)")
	have.Uniques[0].Columns = []string{"Store_Id", "code"}
	_, err = schema.Plan(have, w, mysql9)
	require.ErrorContains(t, err, "index by_code (Store_Id, code): it is unique without the whole key")
	have.Uniques[0].Columns = []string{"code", "Store_Id", "id"}
	require.Empty(t, plan(t, have, w), "rows that differ in the key differ there")
}

func TestPlanRefusesEnginesWithoutTransactions(t *testing.T) {
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false))
	for _, engine := range []string{"MyISAM", "Aria", "MEMORY"} {
		have.Engine = engine
		_, err := schema.Plan(have, want(t, idKey, id()), mysql9)
		var refused *schema.EngineError
		require.ErrorAs(t, err, &refused)
		require.ErrorContains(t, err, "its engine "+engine+" has no transactions (this would settle it: ALTER TABLE `t` ENGINE=InnoDB)")
	}
	for _, engine := range []string{"InnoDB", "ROCKSDB", "ndbcluster", ""} {
		have.Engine = engine
		require.Empty(t, plan(t, have, want(t, idKey, id())))
	}
}

func TestPlanTakesEquivalentKeys(t *testing.T) {
	w := want(t, idKey, id())
	require.Empty(t, plan(t, there([]string{"ID", "store_id"}, store(), col(t, "id", "int", false)), w), "the order is a matter of speed")
	unique := there(nil, store(), col(t, "id", "int", false))
	unique.Uniques = []schema.Index{{Name: "u", Columns: []string{"store_id", "id"}}}
	require.Empty(t, plan(t, unique, w))
	unique.Columns[1].Nullable = true
	_, err := schema.Plan(unique, w, mysql9)
	require.Error(t, err, "NULLs are never equal")
}

func TestPlanServiceColumns(t *testing.T) {
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false))
	require.Empty(t, plan(t, have, want(t, idKey, id())), "a table made by hand does without them")
	w, err := schema.Derive("t", []debezium.Field{id()}, idKey, schema.Options{Dialect: mysql9, SoftDelete: true})
	require.NoError(t, err)
	changes := plan(t, have, w)
	require.Len(t, changes, 1)
	require.Equal(t, "ALTER TABLE `t` ADD COLUMN `_deleted` tinyint(1) NULL", changes[0].SQL())
}

// TestPlanFitsTheRow: a column added to a full row goes out of it.
func TestPlanFitsTheRow(t *testing.T) {
	have := there([]string{"store_id", "id"}, store(), col(t, "id", "int", false), col(t, "a", "varchar(15000)", true))
	changes := plan(t, have, want(t, idKey, id(), column("b?", debezium.String, "VARCHAR", 5000)))
	require.Equal(t, "ALTER TABLE `t` ADD COLUMN `b` text CHARACTER SET utf8mb4 NULL", changes[0].SQL())
	changes = plan(t, have, want(t, idKey, id(), column("a?", debezium.String, "VARCHAR", 16383)))
	require.Equal(t, "ALTER TABLE `t` MODIFY COLUMN `a` text CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NULL", changes[0].SQL())
}
