package ladder

import (
	"cmp"
	"fmt"
	"time"
)

// This file has the rungs behind Kafka: topics, the sink and the rows.

func (c climb) moving() Step {
	if c.f.Kafka.Unknown != "" {
		return broken("Kafka does not answer ("+c.f.Kafka.Unknown+")", "look at the brokers, and at kafka.brokers in the inventory")
	}
	if len(c.f.Topics) == 0 {
		what := "there is no topic with rows of it"
		return broken(what, "look whether its tables are captured and hold rows: topics are made with the first event")
	}
	if gone, ok := c.gone(); ok {
		return broken("its topic "+gone.Name+" is gone from Kafka, though rows were written from it "+Span(c.f.Now.Sub(gone.AppliedAt))+" ago",
			"have the connector make it anew, with `tributary connectors restart --snapshot "+c.f.Store+
				"` if events may have been lost with it; if it was deleted on purpose, exclude the table in the inventory")
	}
	newest := c.newest()
	if newest.IsZero() {
		return broken("its topics are empty", "look whether its tables hold rows; Kafka may have deleted events that are older than its retention")
	}
	age := c.f.Now.Sub(newest)
	evidence := "the newest event is " + Span(age) + " old"
	if table, ok := c.missing(); ok {
		return broken(fmt.Sprintf("the last full hour brought %.0f events of %s where %.0f are usual for this hour", table.Got, table.Table, table.Expected),
			"ask the store whether all tills are up, and whether a job or an application was changed")
	}
	if c.f.Table != "" {
		return ok(evidence) // one table may rest for long
	}
	return c.silence(age, evidence)
}

func (c climb) gone() (Topic, bool) {
	for _, t := range c.f.Topics {
		if t.Gone {
			return t, true
		}
	}
	return Topic{}, false
}

// silence judges a store that sends nothing. Heartbeats have told that the
// connector is alive; here it counts whether the store should be selling.
func (c climb) silence(age time.Duration, evidence string) Step {
	hours := c.f.Inventory.Hours
	limit := c.l.Silence
	if hours.IsZero() {
		limit = c.l.SilenceWithoutHours
	}
	if age <= limit {
		return ok(evidence)
	}
	if !hours.IsZero() && !c.openFor(limit) {
		return quiet(evidence + ", the store is closed or has just opened")
	}
	open := "while it is open (" + hours.String() + ")"
	if hours.IsZero() {
		open = "and it has no opening hours in the inventory"
	}
	if moved := c.f.Server.HeadMovedAt; !moved.IsZero() && c.f.Now.Sub(moved) < limit {
		return broken(evidence+" "+open+", though its server's binary log grew "+Span(c.f.Now.Sub(moved))+" ago",
			"look whether the tables the store writes are among those captured (`tributary preflight "+c.f.Store+"`), and restart the connector")
	}
	return broken(evidence+" "+open, "ask the store whether its tills are working, and against this server")
}

// openFor says whether the store has been open for that long without a break.
func (c climb) openFor(d time.Duration) bool {
	const step = 5 * time.Minute
	for t := c.f.Now; t.After(c.f.Now.Add(-d)); t = t.Add(-step) {
		if !c.f.Inventory.Hours.Open(t) {
			return false
		}
	}
	return true
}

func (c climb) newest() (newest time.Time) {
	for _, t := range c.f.Topics {
		if t.NewestAt.After(newest) {
			newest = t.NewestAt
		}
	}
	return newest
}

// habitFloor is the usual volume of an hour, in events, from which on a lack is
// worth a word: below it chance alone empties an hour.
const habitFloor = 20

// missing is the table whose volume is furthest below its habit, or all of them
// together where each alone is too small to tell.
func (c climb) missing() (worst Topic, found bool) {
	all := Topic{Table: "all its tables"}
	for _, t := range c.f.Topics {
		if !t.Habit {
			continue
		}
		all.Expected, all.Got = all.Expected+t.Expected, all.Got+t.Got
		if c.falls(t) && (!found || t.Got/t.Expected < worst.Got/worst.Expected) {
			worst, found = t, true
		}
	}
	if !found && c.falls(all) {
		return all, true
	}
	return worst, found
}

// falls says whether a volume is so far below its habit that it cannot be chance.
func (c climb) falls(t Topic) bool {
	return t.Expected >= habitFloor && t.Got < c.l.Habit*t.Expected
}

func (c climb) lag() Step {
	switch {
	case c.f.Kafka.Unknown != "":
		return unknown("Kafka does not answer")
	case len(c.f.Topics) == 0:
		return unknown("there is no topic")
	}
	var waiting, lost int64
	var oldest time.Time
	var worst Topic
	for _, t := range c.f.Topics {
		waiting, lost = waiting+t.Lag, lost+t.Lost
		if t.Unread && c.f.Central.asked() {
			continue // the sink is not slow, it does not read it: that is the last rung's to tell
		}
		if !t.OldestWaiting.IsZero() && (oldest.IsZero() || t.OldestWaiting.Before(oldest)) {
			oldest, worst = t.OldestWaiting, t
		}
	}
	if lost > 0 {
		return broken(fmt.Sprintf("Kafka has deleted %d events that were never written", lost),
			"take a new snapshot of the store's tables, and raise the topics' retention")
	}
	members := fmt.Sprintf("group %s has %d members", c.f.Kafka.Group, c.f.Kafka.Members)
	if c.f.Kafka.Members == 1 {
		members = "group " + c.f.Kafka.Group + " has one member"
	}
	if c.f.Kafka.Members == 0 {
		evidence := fmt.Sprintf("no sink is running (group %s has no members), %d events wait", c.f.Kafka.Group, waiting)
		return broken(evidence, "start the sink, or look at its log if it should be running")
	}
	if z := c.f.Central; z.HeldTables > 0 {
		which := "the sink holds its table " + z.HeldTable
		if z.HeldTables > 1 {
			which = fmt.Sprintf("the sink holds %d of its tables, %s for longest,", z.HeldTables, z.HeldTable)
		}
		return broken(which+" since "+Span(c.f.Now.Sub(z.HeldSince))+because(z.HeldReason),
			"settle the reason; the sink tries again every half minute (`tributary deadletters held` lists all)")
	}
	if waiting == 0 {
		return ok("all events are written; " + members)
	}
	evidence := fmt.Sprintf("%d events wait", waiting)
	if oldest.IsZero() {
		return ok(evidence + "; " + members)
	}
	age := c.f.Now.Sub(oldest)
	evidence += fmt.Sprintf(", the oldest, of %s, for %s", worst.Table, Span(age))
	if age > c.l.Lag {
		return broken(evidence+" although "+members, c.lagRemedy(worst))
	}
	return ok(evidence + "; " + members)
}

// lagRemedy parts a sink that is slow from one that is held up: the former has
// written rows of the table since the event that waits came.
func (c climb) lagRemedy(t Topic) string {
	switch {
	case c.f.Central.Error != "":
		return "bring the central database back: it does not answer (" + c.f.Central.Error + ")"
	case c.f.Registry != "":
		return "bring the schema registry back: it does not answer (" + c.f.Registry + "), and events wait whose schemas the sink does not know yet"
	case t.AppliedAt.After(t.OldestWaiting):
		return "wait if this is a backlog being worked off, else give the sink more replicas, lanes or sessions"
	}
	return "look at the sink's log and at locks in the central database (performance_schema.data_lock_waits): nothing of this table was written since"
}

func (c climb) sink() Step {
	z := c.f.Central
	switch {
	case z.Error != "":
		return broken("the central database does not answer ("+z.Error+")", "bring it back: the sink waits and loses nothing")
	case z.Unknown != "":
		return unknown(z.Unknown)
	case z.Letters > 0:
		return broken(fmt.Sprintf("%d events are set aside as dead letters, the newest of %s%s", z.Letters, z.LetterTable, because(z.LetterReason)),
			"mend the cause, then look at them with `tributary deadletters list --store "+c.f.Store+"`")
	}
	return ok("no open dead letters")
}

func (c climb) row() Step {
	if !c.f.Central.asked() {
		return unknown("the central database was not asked about its rows")
	}
	if len(c.f.Topics) == 0 {
		return unknown("there is no topic")
	}
	var source, applied time.Time
	unread, first := 0, ""
	for _, t := range c.f.Topics {
		if t.SourceAt.After(source) {
			source = t.SourceAt
		}
		if t.AppliedAt.After(applied) {
			applied = t.AppliedAt
		}
		if t.Unread && t.End > t.Start {
			unread++
			first = cmp.Or(first, t.Name)
		}
	}
	switch {
	case applied.IsZero():
		return broken("no row of it has ever been written", "look whether the sink carries these tables (TRIBUTARY_TABLES) and this environment")
	case unread > 0:
		if unread > 1 {
			first += ", …"
		}
		return broken(fmt.Sprintf("%d of its %d topics are read by nobody (%s)", unread, len(c.f.Topics), first),
			"look whether the sink carries these tables (TRIBUTARY_TABLES); a new topic is found within half a minute")
	}
	written := "the last row was written here " + Span(c.f.Now.Sub(applied)) + " ago"
	if source.IsZero() {
		return ok(written)
	}
	return ok(written + ", the newest change is of " + Span(c.f.Now.Sub(source)) + " ago")
}

// Span writes a duration as a person says it: 40 s, 12 min, 3 h, 5 days.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
