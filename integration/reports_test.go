package integration

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/integration/stack"
)

// TestDetectDataChanges does what Power BI's incremental refresh does: it keeps
// every partition of the report's rows with its newest _applied_at, and reads
// those anew whose has moved. Here a partition is the rows of a label.
func TestDetectDataChanges(t *testing.T) {
	dsn, db := ownDatabase(t, central(t))
	brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("9"))
	p.create("7", 1, "monday", 1)
	p.create("9", 1, "monday", 2)
	p.create("7", 2, "tuesday", 3)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 monday 1", "7 2 tuesday 3", "9 1 monday 2")
	const polling = "SELECT label, MAX(_applied_at) FROM sale GROUP BY label ORDER BY label"
	before := rows(t, db, polling)
	require.Len(t, before, 2)

	p.update("9", 1, "monday", 5)
	eventually(t, db, sales, "7 1 monday 1", "7 2 tuesday 3", "9 1 monday 5")
	after := rows(t, db, polling)
	require.Greater(t, after[0], before[0], "monday has changed: it is read anew")
	require.Equal(t, before[1], after[1], "tuesday has not")
	require.Equal(t, []string{"1"}, rows(t, db, "SELECT MAX(_applied_at) BETWEEN UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE AND UTC_TIMESTAMP(6) FROM sale"), "UTC")

	// A deleted row leaves no time behind: deploy/README.md says what to do.
	p.remove("7", 1)
	eventually(t, db, sales, "7 2 tuesday 3", "9 1 monday 5")
	require.Equal(t, after, rows(t, db, polling))
}

// TestFreshnessOnMariaDB makes the view with the one change that
// deploy/README.md names, and joins it.
func TestFreshnessOnMariaDB(t *testing.T) {
	server := centralOf(t, stack.FlavorMariaDB)
	dsn, db := database(t, server)
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "a", 1)
	startReplica(t, brokers, dsn)
	eventually(t, db, sales, "7 1 a 1")
	content, err := os.ReadFile(centralFiles + "4-freshness.sql")
	require.NoError(t, err)
	name := rows(t, db, "SELECT DATABASE()")[0]
	view := regexp.MustCompile(`\bretail\b`).ReplaceAllString(comments.ReplaceAllString(string(content), ""), name)
	_, err = db.Exec(strings.ReplaceAll(view, "utf8mb4_0900_bin", "utf8mb4_nopad_bin"))
	require.NoError(t, err)
	require.Equal(t, []string{"7 1 2026-11-22 15:39:59.000123 0"}, rows(t, db,
		"SELECT s.store_id, SUM(s.amount), f.complete_to, f.dead_letters FROM sale s"+
			" JOIN tributary_freshness f ON f.store_id = s.store_id AND f.table_name = 'sale' GROUP BY s.store_id, f.complete_to, f.dead_letters"))
}
