package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSecondUniqueIndex lets two rows of a store exchange values that a table
// made by hand wants unique. Written all the same, one row would overwrite the
// other: the table is held until the index is gone.
func TestSecondUniqueIndex(t *testing.T) {
	dsn, db := database(t, central(t))
	_, err := db.Exec("CREATE TABLE sale (store_id VARCHAR(64) COLLATE utf8mb4_0900_bin, id BIGINT, label VARCHAR(20), amount INT," +
		" PRIMARY KEY (store_id, id), UNIQUE KEY by_label (store_id, label))")
	require.NoError(t, err)
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "left", 1)
	p.create("7", 2, "right", 2)
	p.update("7", 1, "between", 1)
	p.update("7", 2, "left", 2)
	p.update("7", 1, "right", 1)
	startReplica(t, brokers, dsn, "HOLD_RETRY=1s")
	eventually(t, db, "SELECT held_offset, held_reason LIKE '%DROP INDEX `by_label`%' FROM tributary_ledger", "0 1")
	require.Equal(t, []string{"0"}, rows(t, db, "SELECT COUNT(*) FROM sale"))
	_, err = db.Exec("ALTER TABLE sale DROP INDEX `by_label`")
	require.NoError(t, err)
	eventually(t, db, sales, "7 1 right 1", "7 2 left 2")
}
