package ladder

import (
	"fmt"
	"strings"

	"tributary/debezium/connect"
)

// climb judges one store's facts, a method a rung. This file has the rungs on
// the store's side, up to the connector's heartbeat.
type climb struct {
	f Facts
	l Limits
}

func (c climb) inventory() Step {
	i := c.f.Inventory
	switch {
	case !i.Listed && i.Similar != "":
		return broken("it is not in the inventory "+i.Path, "store "+i.Similar+" is: ask for that, or add a line for "+c.f.Store)
	case !i.Listed:
		return broken("it is not in the inventory "+i.Path, "add a line for it and run `tributary connectors apply`")
	case i.Disabled:
		return Step{
			State: Off, Evidence: "it is switched off in the inventory " + i.Path + " (enabled: false)",
			Remedy: "remove enabled: false and run `tributary connectors apply`",
		}
	case i.Excluded:
		return broken("the inventory does not capture this table", "add it to the store's tables and run `tributary connectors apply`")
	}
	if i.Hours.IsZero() {
		return ok("listed")
	}
	if i.Hours.Open(c.f.Now) {
		return ok("listed, open now (" + i.Hours.String() + ")")
	}
	return ok("listed, closed now (" + i.Hours.String() + ")")
}

func (c climb) reach() Step {
	s := c.f.Server
	switch {
	case s.Unknown != "":
		return unknown(s.Unknown)
	case s.ReachError != "":
		return broken("its server "+s.Address+" cannot be reached from here ("+s.ReachError+")",
			"look at the store's line and VPN, and whether its MySQL is running")
	}
	return ok(s.Address + " answers")
}

func (c climb) login() Step {
	s := c.f.Server
	switch {
	case s.Unknown != "" || s.ReachError != "":
		return unknown("not tried")
	case s.LoginUnknown != "":
		return unknown(s.LoginUnknown)
	case s.LoginError != "":
		return broken("its server does not let the connector's account in ("+s.LoginError+")",
			"correct the account or its password and run `tributary preflight "+c.f.Store+"`")
	}
	return ok("the account logs in")
}

func (c climb) binlog() Step {
	s := c.f.Server
	mend := func(variable string) string {
		return "set " + variable + " on the store's server, persistently; changes made meanwhile need a new snapshot"
	}
	switch {
	case s.Unknown != "" || s.ReachError != "" || s.LoginError != "" || s.LoginUnknown != "":
		return unknown("not asked")
	case s.BinlogUnknown != "":
		return broken("its binary log cannot be read ("+s.BinlogUnknown+")",
			"grant REPLICATION CLIENT and REPLICATION SLAVE to the account")
	case !s.LogBin:
		return broken("its server writes no binary log (log_bin is OFF)", "set log_bin in my.cnf and restart the server")
	case !strings.EqualFold(s.Format, "ROW"):
		return broken("its binary log is written by "+s.Format+" and not by row", mend("binlog_format=ROW"))
	case !strings.EqualFold(s.RowImage, "FULL"):
		return broken("its binary log has row images that are "+s.RowImage+" and not FULL", mend("binlog_row_image=FULL"))
	case s.Purged:
		return broken("its server has deleted the binary log "+c.f.Progress.File+" from which the connector has to go on (the oldest is "+s.Oldest+")",
			"take a new snapshot of the store: changes of the gap are lost, and compare afterwards")
	case s.Margin && s.UntilPurge < c.l.Purge:
		return broken(fmt.Sprintf("the binary log %s that the connector still needs is deleted in %s", c.f.Progress.File, Span(s.UntilPurge)),
			"bring the connector up to date before that, or raise binlog_expire_logs_seconds at the store")
	}
	return ok(fmt.Sprintf("by row, full images; head %s:%d, oldest %s", s.Head, s.Position, s.Oldest))
}

func (c climb) connector() Step {
	k := c.f.Connector
	switch {
	case k.Unknown != "":
		return broken("Kafka Connect does not answer ("+strings.TrimPrefix(k.Unknown, "Kafka Connect does not answer: ")+")", "start Kafka Connect, or correct connect.url in the inventory")
	case !k.Exists:
		return broken("there is no connector "+k.Name, "run `tributary connectors apply`")
	case k.Reported == connect.StatePaused:
		return broken("the connector "+k.Name+" is paused", "resume it with `tributary connectors resume "+c.f.Store+"`")
	case k.Reported == connect.StateStopped:
		return broken("the connector "+k.Name+" is stopped", "resume it with `tributary connectors resume "+c.f.Store+"` before the store's binary logs are deleted")
	case k.Reported == connect.StateFailed:
		return broken("the connector "+k.Name+" has failed"+because(k.Reason), c.mend()+c.restarts())
	}
	return ok(k.Name + " is " + string(k.Reported))
}

func (c climb) task() Step {
	k := c.f.Connector
	switch {
	case k.Unknown != "" || !k.Exists || k.Reported == connect.StatePaused || k.Reported == connect.StateStopped:
		return unknown("no task is expected")
	case k.State == connect.StateFailed:
		return broken("the connector's task has failed"+because(k.Reason), c.mend()+c.restarts())
	case k.Tasks == 0:
		return broken("the connector says RUNNING and has no task",
			"wait a minute if it has just been registered, else run "+c.restart())
	case k.State != connect.StateRunning:
		return broken("the connector's task is "+string(k.State),
			"wait for the rebalance to end, then look at Kafka Connect's workers: one may be down")
	}
	if k.Restarts > 0 {
		return ok(fmt.Sprintf("running, after %d restarts by the monitor", k.Restarts))
	}
	return ok("running")
}

// mend is what to do about a failure: what is known to help, or another try.
func (c climb) mend() string {
	if remedy := connect.Remedy(c.f.Store, c.f.Connector.Reason); remedy != "" {
		return remedy
	}
	return "mend the cause and run " + c.restart()
}

func (c climb) restart() string { return "`tributary connectors restart " + c.f.Store + "`" }

// restarts says what the guard has done about it.
func (c climb) restarts() string {
	k := c.f.Connector
	switch {
	case k.GaveUp:
		return fmt.Sprintf(" (the monitor gave up after %d restarts)", k.Restarts)
	case k.Restarts > 0:
		return fmt.Sprintf(" (the monitor has restarted it %d times)", k.Restarts)
	}
	return ""
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	if runes := []rune(reason); len(runes) > 300 {
		reason = string(runes[:300]) + "…"
	}
	return " (" + reason + ")"
}

func (c climb) snapshot() Step {
	p := c.f.Progress
	switch {
	case p.Unknown != "":
		return unknown(p.Unknown)
	case !p.Saved:
		return broken("the connector has saved no position yet, so its first snapshot has not begun or not ended",
			"wait for it, and look at the worker's log if it takes longer than the store's size explains")
	case p.Snapshot:
		return broken("its first snapshot is under way", "wait: rows appear as they are read, and changes flow when it is done")
	}
	return ok(fmt.Sprintf("done; the connector is at %s:%d", p.File, p.Position))
}

func (c climb) heartbeat() Step {
	h := c.f.Heartbeat
	if h.Unknown != "" {
		return unknown(h.Unknown)
	}
	if h.At.IsZero() && c.f.Connector.Unknown == "" && !c.f.Connector.Exists {
		return unknown("no heartbeat is expected")
	}
	remedy := "run " + c.restart() + ": a connector can say RUNNING over a dead connection"
	if h.At.IsZero() {
		return broken("its connector has sent no heartbeat for "+Span(h.Window)+" or longer", remedy)
	}
	age := c.f.Now.Sub(h.At)
	if age > c.l.Heartbeat {
		return broken("its connector's last heartbeat is "+Span(age)+" old", remedy)
	}
	return ok("the last one is " + Span(age) + " old")
}
