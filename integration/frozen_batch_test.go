package integration

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/integration/chaos"
	"tributary/integration/chaos/proxy"
)

// TestFrozenBatch freezes a replica at the beginning of a transaction of two
// stores. Another replica writes the one store's event meanwhile and not the
// other's, whose ledger row is locked. When the first one wakes, the ledger
// matches half of its batch: it must write nothing of it. In the control run it
// is told that all has moved, and the audit must see that a delete was done
// twice.
func TestFrozenBatch(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "tributary")
	require.NoError(t, chaos.BuildSink(t.Context(), binary))
	for _, counted := range []bool{true, false} {
		t.Run(fmt.Sprintf("counted %v", counted), func(t *testing.T) {
			m := central(t)
			dsn, db := database(t, m)
			way, err := proxy.Listen()
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, way.Close()) })
			way.Forward(m.Addr())
			if !counted {
				uncount(t, way)
			}
			brokers, p, _ := fakeKafka(t, saleTopic("7"), saleTopic("8"))
			row := saleRow(1, "sold", 1) // of a table without a key, three times
			for range 3 {
				p.send(saleTopic("7"), nil, saleValue("7", "c", nil, row))
				p.send(saleTopic("8"), nil, saleValue("8", "c", nil, row))
			}
			address := freeAddress(t)
			metric := func(name string) string {
				_, text := answerOf(t, "http://"+address+"/metrics")
				return regexp.MustCompile(`(?m)^` + name + `.*$`).FindString(text)
			}
			settings := []string{"LANES=1", "KAFKA_CONF_SESSION_TIMEOUT_MS=6000", "KAFKA_CONF_HEARTBEAT_INTERVAL_MS=1000"}
			first := childReplica(t, binary, brokers, strings.Replace(dsn, m.Addr(), way.Addr(), 1), append(settings,
				"HTTP_ADDR="+address, "LINGER=500ms", "LOCK_TIMEOUT=30s", "SESSION_TIMEOUT=1h")...)
			const each = "SELECT store_id, COUNT(*) FROM sale GROUP BY store_id ORDER BY store_id"
			eventually(t, db, each, "7 3", "8 3")

			const batches = `tributary_batches_total\{reason="linger"`
			before := metric(batches)
			way.Stall()
			p.send(saleTopic("7"), nil, saleValue("7", "d", row, nil))
			p.send(saleTopic("8"), nil, saleValue("8", "d", row, nil))
			require.Eventually(t, func() bool { return metric(batches) != before }, 10*time.Second, 5*time.Millisecond)
			require.NoError(t, first.Freeze()) // its BEGIN is under way, and held up
			lock, err := db.Begin()
			require.NoError(t, err)
			_, err = lock.Exec("SELECT * FROM tributary_ledger WHERE grp='tributary' AND topic=? AND part=0 FOR UPDATE", saleTopic("8"))
			require.NoError(t, err)
			second := startReplica(t, brokers, dsn, append(settings, "LOCK_TIMEOUT=1s")...)
			eventually(t, db, each, "7 2", "8 3")
			second.end()

			const waits = "Innodb_row_lock_current_waits"
			const waiting = "SHOW GLOBAL STATUS LIKE '" + waits + "'"
			eventually(t, db, waiting, waits+" 0")
			way.Heal()
			require.NoError(t, first.Thaw())
			eventually(t, db, waiting, waits+" 1") // it wants to move both
			require.NoError(t, lock.Rollback())

			// By the ledger four events are written: three rows and a delete.
			const audit = "SELECT next_offset, (SELECT COUNT(*) FROM sale WHERE store_id='7') FROM tributary_ledger WHERE store_id='7'"
			if !counted {
				eventually(t, db, audit, "4 1")
				return
			}
			require.Eventually(t, func() bool { return metric(`tributary_retries_total\{class="moved"`) != "" }, 10*time.Second, 20*time.Millisecond)
			eventually(t, db, each, "7 2", "8 2")
			eventually(t, db, audit, "4 2")
		})
	}
}

// uncount lets the ledger's statement touch rows that do not match and leave
// them where they are: as many are counted as the batch has partitions.
func uncount(t *testing.T, way *proxy.Proxy) {
	t.Helper()
	for text, with := range map[string]string{
		"SET l.next_offset=v.next_off, l.source_time=GREATEST(COALESCE(l.source_time,v.src),COALESCE(v.src,l.source_time))": "SET l.next_offset=IF(l.next_offset=v.from_off, v.next_off, l.next_offset)",
		" AND l.next_offset=v.from_off": "",
	} {
		require.NoError(t, way.Rewrite([]byte(text), []byte(with)))
	}
}
