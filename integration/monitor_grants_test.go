package integration

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/sink/monitor/gather"
)

// TestMonitorGrants reads the central database as the monitor does, with the
// account that deploy/central makes for it: two SELECTs are enough, and one
// that is missing is named.
func TestMonitorGrants(t *testing.T) {
	s := ship(t, central(t), "retail_monitored")
	t.Cleanup(s.forget)
	s.all("3-grants.sql")
	brokers, p, _ := fakeKafka(t, saleTopic("7"))
	p.create("7", 1, "seven", 10)
	p.send(saleTopic("7"), saleKey(2), []byte(`{"schema":`)) // a dead letter
	startReplica(t, brokers, s.dsn(s.name))
	reports := s.open("reports")
	eventually(t, reports, "SELECT COUNT(*) FROM tributary_dead_letters", "1")

	monitor, err := gather.NewCentral(s.dsn("tributary_monitor"), "tributary")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, monitor.Close()) })
	book, err := monitor.Read(t.Context())
	require.NoError(t, err)
	require.Len(t, book.Entries, 1)
	require.Len(t, book.Letters, 1)

	for _, table := range []string{"tributary_ledger", "tributary_dead_letters"} {
		s.exec("REVOKE SELECT ON " + s.name + "." + table + " FROM 'tributary_monitor'@'%'")
		_, err = monitor.Read(t.Context())
		require.ErrorIs(t, err, gather.ErrDenied)
		require.ErrorContains(t, err, table)
		s.exec("GRANT SELECT ON " + s.name + "." + table + " TO 'tributary_monitor'@'%'")
		_, err = monitor.Read(t.Context())
		require.NoError(t, err)
	}
}
