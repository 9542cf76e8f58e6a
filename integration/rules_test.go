package integration

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRules renames a table, leaves a column out and keeps deleted rows, in one
// batch and across batches.
func TestRules(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`
tables:
  - match: pos.sale
    name: "{schema}_{table}_all"
    deletes: soft
    exclude: [label]
`), 0o600))
	for _, size := range []string{"1", "2000"} {
		t.Run("batch of "+size, func(t *testing.T) {
			dsn, db := database(t, central(t))
			brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"), saleTopic("9"))
			p.create("7", 1, "stays", 1)
			p.create("7", 2, "goes", 2)
			p.remove("7", 2)
			p.create("7", 3, "goes and comes", 3)
			p.remove("7", 3)
			p.create("7", 3, "back", 33)
			p.create("8", 1, "truncated", 1)
			p.truncate("8")
			p.create("9", 1, "lone tombstone", 1)
			p.send(saleTopic("9"), saleKey(1), nil)
			startReplica(t, brokers, dsn, "RULES="+file, "BATCH_ROWS="+size)
			// A truncate also supersedes what its own batch inserted.
			want := []string{"7 1 1 0", "7 2 0 1", "7 3 33 0", "8 1 1 1", "9 1 1 1"}
			if size == "2000" {
				want = []string{"7 1 1 0", "7 2 0 1", "7 3 33 0", "9 1 NULL 1"}
			}
			eventually(t, db, "SELECT store_id, id, amount, _deleted FROM pos_sale_all ORDER BY store_id, id", want...)
			require.Equal(t, []string{"0"}, rows(t, db,
				"SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND COLUMN_NAME='label'"))
			require.Equal(t, []string{"pos_sale_all"}, rows(t, db, "SELECT DISTINCT table_name FROM tributary_ledger"))
		})
	}
}
