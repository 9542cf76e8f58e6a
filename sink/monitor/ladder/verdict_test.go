package ladder

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/debezium/connect"
	"tributary/debezium/fleet"
)

// noon is a Wednesday, when the store of sound is open.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func hours(t testing.TB) fleet.Hours {
	h, err := fleet.ParseHours("Mo-Sa 08:00-20:00", time.UTC)
	require.NoError(t, err)
	return h
}

// sound is a store that nothing is wrong with.
func sound(t testing.TB) Facts {
	return Facts{
		Store: "0047", Now: noon,
		Inventory: Inventory{Listed: true, Path: "stores.yaml", Hours: hours(t)},
		Server: Server{
			Address: "store-47:3306", LogBin: true, Format: "ROW", RowImage: "FULL",
			Oldest: "binlog.000001", Head: "binlog.000009", Position: 1234,
		},
		Connector: Connector{Name: "prod.0047", Exists: true, State: connect.StateRunning, Reported: connect.StateRunning, Tasks: 1},
		Progress:  Progress{Saved: true, File: "binlog.000009", Position: 1200},
		Heartbeat: Heartbeat{At: noon.Add(-20 * time.Second), Window: 15 * time.Minute},
		Kafka:     Kafka{Group: "tributary", Members: 2, State: "Stable"},
		Topics: []Topic{
			{
				Name: "prod.0047.pos.sale", Table: "sale", End: 100, NewestAt: noon.Add(-time.Minute),
				SourceAt: noon.Add(-62 * time.Second), AppliedAt: noon.Add(-59 * time.Second),
			},
			{
				Name: "prod.0047.pos.stock", Table: "stock", End: 10, NewestAt: noon.Add(-3 * time.Hour),
				SourceAt: noon.Add(-3 * time.Hour), AppliedAt: noon.Add(-3 * time.Hour),
			},
		},
	}
}

func TestEveryRung(t *testing.T) {
	for _, c := range []struct {
		name     string
		ruin     func(*Facts)
		rung     Rung
		state    State
		evidence string // in the sentence
		remedy   string // in the sentence
	}{
		{"sound", func(*Facts) {}, "", Sound, "59 s ago", "nothing is wrong"},
		{"not listed", func(f *Facts) { f.Inventory.Listed = false }, Inventoried, Broken, "not in the inventory stores.yaml", "add a line"},
		{"not listed so", func(f *Facts) { f.Inventory = Inventory{Similar: "0047"} }, Inventoried, Broken, "not in the inventory", "store 0047 is: ask for that"},
		{"disabled", func(f *Facts) { f.Inventory.Disabled = true }, Inventoried, Off, "switched off", "enabled: false"},
		{"table excluded", func(f *Facts) { f.Table = "log"; f.Inventory.Excluded = true }, Inventoried, Broken, "does not capture this table", "add it"},
		{"unreachable", func(f *Facts) { f.Server.ReachError = "connection refused" }, Reach, Broken, "store-47:3306 cannot be reached from here (connection refused)", "VPN"},
		{"refused", func(f *Facts) { f.Server.LoginError = "Access denied" }, Login, Broken, "(Access denied)", "`tributary preflight 0047`"},
		{"no binary log", func(f *Facts) { f.Server.LogBin = false }, Binlog, Broken, "log_bin is OFF", "my.cnf"},
		{"statements", func(f *Facts) { f.Server.Format = "MIXED" }, Binlog, Broken, "by MIXED", "binlog_format=ROW"},
		{"row image", func(f *Facts) { f.Server.RowImage = "MINIMAL" }, Binlog, Broken, "MINIMAL", "binlog_row_image=FULL"},
		{"no privilege", func(f *Facts) { f.Server.BinlogUnknown = "Error 1227" }, Binlog, Broken, "Error 1227", "REPLICATION CLIENT"},
		{"purged", func(f *Facts) { f.Server.Purged = true; f.Progress.File = "binlog.000000" }, Binlog, Broken, "has deleted the binary log binlog.000000", "new snapshot"},
		{"about to be purged", func(f *Facts) { f.Server.Margin = true; f.Server.UntilPurge = 5 * time.Hour }, Binlog, Broken, "deleted in 5 h", "binlog_expire_logs_seconds"},
		{"margin is wide", func(f *Facts) { f.Server.Margin = true; f.Server.UntilPurge = 72 * time.Hour }, "", Sound, "59 s", ""},
		{"connect away", func(f *Facts) { f.Connector = Connector{Unknown: "connection refused"} }, Registered, Broken, "Kafka Connect does not answer", "start Kafka Connect"},
		{"no connector", func(f *Facts) { f.Connector = Connector{Name: "prod.0047"} }, Registered, Broken, "no connector prod.0047", "tributary connectors apply"},
		{"paused", func(f *Facts) { f.Connector.Reported, f.Connector.State = connect.StatePaused, connect.StatePaused }, Registered, Broken, "is paused", "`tributary connectors resume 0047`"},
		{"stopped", func(f *Facts) { f.Connector.Reported, f.Connector.State = connect.StateStopped, connect.StateStopped }, Registered, Broken, "is stopped", "`tributary connectors resume 0047`"},
		{"connector failed", func(f *Facts) {
			f.Connector.Reported, f.Connector.State, f.Connector.Reason = connect.StateFailed, connect.StateFailed, "bad config"
		}, Registered, Broken, "has failed (bad config)", "mend the cause"},
		{"task failed", func(f *Facts) { f.Connector.State, f.Connector.Reason = connect.StateFailed, "EOF" }, Task, Broken, "task has failed (EOF)", "`tributary connectors restart 0047`"},
		{"task failed for good", func(f *Facts) {
			f.Connector.State, f.Connector.Reason = connect.StateFailed, "ConnectException: Source offset 'file' parameter is missing"
		}, Task, Broken, "parameter is missing", "`tributary connectors restart --snapshot 0047`"},
		{"task given up", func(f *Facts) {
			f.Connector.State, f.Connector.Restarts, f.Connector.GaveUp = connect.StateFailed, 6, true
		}, Task, Broken, "", "gave up after 6 restarts"},
		{"no task", func(f *Facts) { f.Connector.Tasks, f.Connector.State = 0, connect.StateUnassigned }, Task, Broken, "has no task", "wait a minute"},
		{"unassigned", func(f *Facts) { f.Connector.State = connect.StateUnassigned }, Task, Broken, "UNASSIGNED", "rebalance"},
		{"nothing saved", func(f *Facts) { f.Progress = Progress{} }, Snapshotted, Broken, "no position yet", "wait"},
		{"snapshot", func(f *Facts) { f.Progress.Snapshot = true }, Snapshotted, Broken, "under way", "wait"},
		{"no heartbeat", func(f *Facts) { f.Heartbeat.At = time.Time{} }, Beating, Broken, "no heartbeat for 15 min", "restart"},
		{"old heartbeat", func(f *Facts) { f.Heartbeat.At = noon.Add(-10 * time.Minute) }, Beating, Broken, "last heartbeat is 10 min old", "restart"},
		{"kafka away", func(f *Facts) { f.Kafka = Kafka{Unknown: "timed out"}; f.Topics = nil }, Moving, Broken, "Kafka does not answer", "brokers"},
		{"no topics", func(f *Facts) { f.Topics = nil }, Moving, Broken, "no topic", "captured"},
		{"empty topics", func(f *Facts) { f.Topics = []Topic{{Name: "x", Table: "x"}} }, Moving, Broken, "empty", "retention"},
		{"a topic dropped", func(f *Facts) { f.Topics[1].Gone = true }, Moving, Broken, "topic prod.0047.pos.stock is gone from Kafka, though rows were written from it 3 h ago", "restart --snapshot 0047"},
		{"silent", func(f *Facts) { f.silent(2 * time.Hour) }, Moving, Broken, "2 h old while it is open", "ask the store"},
		{"silent but writing", func(f *Facts) { f.silent(2 * time.Hour); f.Server.HeadMovedAt = noon.Add(-time.Minute) }, Moving, Broken, "grew 60 s ago", "captured"},
		{"silent for a little", func(f *Facts) { f.silent(50 * time.Minute) }, "", Sound, "50 min", ""},
		{"silent on Sunday", func(f *Facts) { f.Now = noon.AddDate(0, 0, 4); f.Heartbeat.At = f.Now; f.silent(20 * time.Hour) }, "", Quiet, "20 h", "nothing is wrong"},
		{"silent and just opened", func(f *Facts) { f.Now = noon.Add(-210 * time.Minute); f.Heartbeat.At = f.Now; f.silent(13 * time.Hour) }, "", Quiet, "", ""},
		{"silent without hours", func(f *Facts) { f.Inventory.Hours = fleet.Hours{}; f.silent(20 * time.Hour) }, "", Sound, "20 h", ""},
		{"silent for days without hours", func(f *Facts) { f.Inventory.Hours = fleet.Hours{}; f.silent(50 * time.Hour) }, Moving, Broken, "2 days", "ask the store"},
		{"a table rests", func(f *Facts) { f.Table = "stock"; f.Topics = f.Topics[1:] }, "", Sound, "3 h", ""},
		{"far less than usual", func(f *Facts) { f.Topics[0].Habit, f.Topics[0].Expected, f.Topics[0].Got = true, 400, 12 }, Moving, Broken, "12 events of sale where 400 are usual", "tills"},
		{"less than usual", func(f *Facts) { f.Topics[0].Habit, f.Topics[0].Expected, f.Topics[0].Got = true, 400, 120 }, "", Sound, "", ""},
		{"all tables together", func(f *Facts) {
			for i := range f.Topics {
				f.Topics[i].Habit, f.Topics[i].Expected, f.Topics[i].Got = true, 15, 1
			}
		}, Moving, Broken, "2 events of all its tables where 30 are usual", "tills"},
		{"few are usual", func(f *Facts) { f.Topics[0].Habit, f.Topics[0].Expected, f.Topics[0].Got = true, 10, 0 }, "", Sound, "", ""},
		{"lag", func(f *Facts) { f.Topics[0].Lag, f.Topics[0].OldestWaiting = 500, noon.Add(-9*time.Minute) }, KeepingUp, Broken, "500 events wait, the oldest, of sale, for 9 min although group tributary has 2 members", "replicas"},
		{"lag while the registry is away", func(f *Facts) {
			f.Topics[0].Lag, f.Topics[0].OldestWaiting, f.Registry = 500, noon.Add(-9*time.Minute), "connection refused"
		}, KeepingUp, Broken, "500 events wait", "bring the schema registry back: it does not answer (connection refused)"},
		{"lag of a held table", func(f *Facts) {
			f.Topics[0].AppliedAt = noon.Add(-10 * time.Minute)
			f.Topics[0].Lag, f.Topics[0].OldestWaiting = 500, noon.Add(-9*time.Minute)
		}, KeepingUp, Broken, "500 events", "data_lock_waits"},
		{"a little lag", func(f *Facts) { f.Topics[0].Lag, f.Topics[0].OldestWaiting = 5, noon.Add(-time.Second) }, "", Sound, "", ""},
		{"no sink", func(f *Facts) { f.Kafka.Members = 0; f.Topics[0].Lag = 7 }, KeepingUp, Broken, "no sink is running (group tributary has no members), 7 events wait", "start the sink"},
		{"events lost", func(f *Facts) { f.Topics[1].Lost = 3 }, KeepingUp, Broken, "deleted 3 events that were never written", "snapshot"},
		{"central away", func(f *Facts) { f.Central.Error = "connection refused" }, Accepted, Broken, "central database does not answer", "loses nothing"},
		{"a table held", func(f *Facts) {
			f.Central = Central{HeldTables: 1, HeldTable: "sale", HeldSince: f.Now.Add(-12 * time.Minute), HeldReason: "no type holds both"}
		}, KeepingUp, Broken, "the sink holds its table sale since 12 min (no type holds both)", "deadletters held"},
		{"dead letters", func(f *Facts) { f.Central = Central{Letters: 2, LetterReason: "Error 1264", LetterTable: "sale"} }, Accepted, Broken, "2 events are set aside as dead letters, the newest of sale (Error 1264)", "deadletters list --store 0047"},
		{"never written", func(f *Facts) {
			for i := range f.Topics {
				f.Topics[i].AppliedAt, f.Topics[i].SourceAt, f.Topics[i].Unread = time.Time{}, time.Time{}, true
			}
		}, Applied, Broken, "no row of it has ever been written", "TRIBUTARY_TABLES"},
		{"a topic unread", func(f *Facts) { f.Topics[1].Unread = true }, Applied, Broken, "1 of its 2 topics are read by nobody (prod.0047.pos.stock)", "TRIBUTARY_TABLES"},
		{"a topic unread for long", func(f *Facts) {
			f.Topics[1].Unread, f.Topics[1].Lag, f.Topics[1].OldestWaiting = true, 7, noon.Add(-9*time.Minute)
		}, Applied, Broken, "1 of its 2 topics are read by nobody (prod.0047.pos.stock)", "TRIBUTARY_TABLES"},
		{"a topic unread, as far as Kafka knows", func(f *Facts) {
			f.Central = Central{Unknown: "no TRIBUTARY_CENTRAL_DSN"}
			f.Topics[1].Unread, f.Topics[1].Lag, f.Topics[1].OldestWaiting = true, 7, noon.Add(-9*time.Minute)
		}, KeepingUp, Broken, "7 events wait", "log"},
		{"central not asked", func(f *Facts) { f.Central.Unknown = "no TRIBUTARY_CENTRAL_DSN" }, "", Unknown, "no fault found, but", "not asked"},
		{"server not asked", func(f *Facts) { f.Server = Server{Unknown: "not asked"} }, "", Sound, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			facts := sound(t)
			c.ruin(&facts)
			v := Judge(facts, DefaultLimits())
			require.Equal(t, c.rung, v.Rung, v.Sentence)
			require.Equal(t, c.state, v.State, v.Sentence)
			require.Contains(t, v.Sentence, c.evidence)
			require.Contains(t, v.Sentence, c.remedy)
			require.True(t, strings.HasPrefix(v.Sentence, "Store 0047"))
			require.True(t, strings.HasSuffix(v.Sentence, "."))
			require.Len(t, v.Steps, len(Rungs()))
			require.Equal(t, c.state == Sound || c.state == Quiet, v.Healthy())
		})
	}
}

// A store without a connector has no heartbeat to restart anything for.
func TestNoHeartbeatWithoutConnector(t *testing.T) {
	facts := sound(t)
	facts.Connector, facts.Heartbeat.At = Connector{Name: "prod.0047"}, time.Time{}
	for _, step := range Judge(facts, DefaultLimits()).Steps {
		if step.Rung == Beating {
			require.Equal(t, Unknown, step.State, step.Evidence)
		}
	}
}

// silent makes the newest event that old.
func (f *Facts) silent(age time.Duration) {
	for i := range f.Topics {
		f.Topics[i].NewestAt = f.Now.Add(-age)
		f.Topics[i].SourceAt, f.Topics[i].AppliedAt = f.Topics[i].NewestAt, f.Topics[i].NewestAt
	}
}

// TestFirstBrokenRung breaks any set of rungs: the verdict is the first of them.
func TestFirstBrokenRung(t *testing.T) {
	breaks := []struct {
		rung Rung
		do   func(*Facts)
	}{
		{Inventoried, func(f *Facts) { f.Inventory.Listed = false }},
		{Reach, func(f *Facts) { f.Server.ReachError = "x" }},
		{Login, func(f *Facts) { f.Server.LoginError = "x" }},
		{Binlog, func(f *Facts) { f.Server.LogBin = false }},
		{Registered, func(f *Facts) { f.Connector.Exists = false }},
		{Task, func(f *Facts) { f.Connector.State = connect.StateFailed }},
		{Snapshotted, func(f *Facts) { f.Progress.Snapshot = true }},
		{Beating, func(f *Facts) { f.Heartbeat.At = time.Time{} }},
		{Moving, func(f *Facts) { f.silent(3 * time.Hour) }},
		{KeepingUp, func(f *Facts) { f.Kafka.Members = 0 }},
		{Accepted, func(f *Facts) { f.Central.Letters = 1 }},
		{Applied, func(f *Facts) { f.Topics[0].Unread = true }},
	}
	require.Len(t, breaks, len(Rungs()))
	rapid.Check(t, func(r *rapid.T) {
		facts := sound(t)
		var first Rung
		for _, b := range breaks {
			if rapid.Bool().Draw(r, string(b.rung)) {
				b.do(&facts)
				if first == "" {
					first = b.rung
				}
			}
		}
		require.Equal(r, first, Judge(facts, DefaultLimits()).Rung)
	})
}

func TestText(t *testing.T) {
	facts := sound(t)
	facts.Connector.State, facts.Connector.Reason = connect.StateFailed, "EOF"
	v := Judge(facts, DefaultLimits())
	var text strings.Builder
	require.NoError(t, WriteText(&text, v, false))
	require.NotContains(t, text.String(), "\x1b")
	require.Contains(t, text.String(), "Store 0047: the connector's task has failed (EOF); mend the cause and run `tributary connectors restart 0047`.\n\n")
	require.Contains(t, text.String(), "  ✓ login      the account logs in\n")
	require.Contains(t, text.String(), "  ✗ task       the connector's task has failed (EOF)\n               → mend the cause and run `tributary connectors restart 0047`\n")
	text.Reset()
	require.NoError(t, WriteText(&text, v, true))
	require.Contains(t, text.String(), "\x1b[31;1m✗\x1b[0m task")
}

func TestSpan(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0 s": -time.Second, "40 s": 40 * time.Second, "12 min": 12*time.Minute + 3*time.Second, "3 h": 3 * time.Hour, "5 days": 121 * time.Hour,
	} {
		require.Equal(t, want, Span(d))
	}
}
