package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/debezium/connect"
	"tributary/sink/monitor/ladder"
)

// TestQuietHour watches a closed store for a while and wants no alarm at any
// moment. QUIET=1h has it as in production, with the intervals, limits and rules
// as they are shipped; otherwise all of them are cut short, and half a minute is
// many times what an open store may be silent.
func TestQuietHour(t *testing.T) {
	w, _ := watch(t, "quiet")
	now := time.Now().UTC()
	w.rewrite(`{id: "47",`, fmt.Sprintf(`{id: "47", hours: "%02d:00-%02d:00",`, (now.Hour()+3)%24, (now.Hour()+3)%24+1))
	long, settings, rules := 30*time.Second, []string{"TRIBUTARY_MONITOR_SILENCE=3s", "TRIBUTARY_MONITOR_STORE_INTERVAL=2s"}, impatient(t)
	if text := os.Getenv("QUIET"); text != "" {
		var err error
		long, err = time.ParseDuration(text)
		require.NoError(t, err)
		settings = []string{"TRIBUTARY_MONITOR_INTERVAL=10s"}
		w.environ = append(w.environ, "TRIBUTARY_MONITOR_HEARTBEAT=3m", "TRIBUTARY_MONITOR_LAG=5m", "TRIBUTARY_MONITOR_TIMEOUT=15s", "TRIBUTARY_MONITOR_STORE_TIMEOUT=5s")
		rules, err = filepath.Abs(deployDir + "/prometheus/rules.yml")
		require.NoError(t, err)
	}
	store, _ := w.inventory.Store("47")
	require.NoError(t, w.connect.Create(t.Context(), w.connector, connect.Config(store, connect.DefaultsOf(w.inventory)), connect.Started))
	w.sink()
	w.until("", "nothing is wrong")
	page := w.monitor(settings...)
	require.Eventually(t, func() bool { return strings.Contains(get(page+"/api/stores/47"), "nothing is wrong") }, time.Minute, time.Second)
	alarms := prometheusWith(t, rules, strings.TrimPrefix(page, "http://"))
	require.Eventually(t, func() bool {
		n, err := alarms.count("tributary_store_healthy")
		alarm, alarmErr := alarms.count("ALERTS") // before the first scrape, the monitor is gone
		return err == nil && n == 1 && alarmErr == nil && alarm == 0
	}, 30*time.Second, 100*time.Millisecond)

	begin := time.Now()
	require.Never(t, func() bool {
		n, err := alarms.count(`ALERTS`) // pending ones too
		if err == nil && n > 0 {
			t.Log(alarms.alerts())
		}
		return err == nil && n > 0 // the last question covers one that is not answered
	}, long, 500*time.Millisecond, "an alarm over a closed store")
	n := 0
	require.Eventually(t, func() (answered bool) {
		var err error
		n, err = alarms.count(fmt.Sprintf(`count_over_time(ALERTS[%ds])`, int(time.Since(begin).Seconds())))
		return err == nil
	}, 30*time.Second, time.Second)
	require.Zero(t, n, "nor one between two looks")
	w.environ = append(w.environ, settings...)
	v := w.explain()
	require.True(t, v.Healthy(), v.Sentence)
	require.True(t, v.State == ladder.Quiet || long < time.Hour && os.Getenv("QUIET") != "", v.Sentence)
	require.NotContains(t, get(page+"/metrics"), "tributary_store_broken_rung{")
	t.Logf("no alarm in %s; the monitor's CPU: %s s", long, figure(t, get(page+"/metrics"), "process_cpu_seconds_total"))
}
