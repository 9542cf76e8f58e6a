package ladder

// Rung is one condition on the way from the store to the central row.
type Rung string

// The rungs, from the store to the central row.
const (
	Inventoried Rung = "inventory"
	Reach       Rung = "reach"
	Login       Rung = "login"
	Binlog      Rung = "binlog"
	Registered  Rung = "connector"
	Task        Rung = "task"
	Snapshotted Rung = "snapshot"
	Beating     Rung = "heartbeat"
	Moving      Rung = "topic"
	KeepingUp   Rung = "lag"
	Accepted    Rung = "sink"
	Applied     Rung = "row"
)

// Rungs returns the rungs in their order.
func Rungs() []Rung {
	return []Rung{Inventoried, Reach, Login, Binlog, Registered, Task, Snapshotted, Beating, Moving, KeepingUp, Accepted, Applied}
}

// State is how a rung was found.
type State string

// The states. Quiet is a rung on which nothing happens and nothing needs to:
// the store is closed. Off is a store that is switched off on purpose.
const (
	Sound   State = "ok"
	Quiet   State = "quiet"
	Unknown State = "unknown"
	Broken  State = "broken"
	Off     State = "off"
)

// Step is one rung as it was found.
type Step struct {
	Rung  Rung  `json:"rung"`
	State State `json:"state"`
	// Evidence says what was seen, without the store's name and without a
	// full stop.
	Evidence string `json:"evidence"`
	// Remedy says what to do; set if the rung is broken or off.
	Remedy string `json:"remedy,omitempty"`
}

// Verdict is the answer for one store.
type Verdict struct {
	Store string `json:"store"`
	Table string `json:"table,omitempty"`
	// State is ok, quiet, broken or off. It is unknown if no rung is broken
	// and nothing is known about the last ones.
	State State `json:"state"`
	// Rung is the first broken one, empty if none is.
	Rung Rung `json:"rung,omitempty"`
	// Sentence is the answer in one sentence, with evidence and remedy.
	Sentence string `json:"sentence"`
	Steps    []Step `json:"steps"`
}

// Healthy says that nothing is broken and the store is not switched off.
func (v Verdict) Healthy() bool { return v.State == Sound || v.State == Quiet }

// Step returns the rung as it was found.
func (v Verdict) Step(r Rung) (Step, bool) {
	for _, s := range v.Steps {
		if s.Rung == r {
			return s, true
		}
	}
	return Step{}, false
}

// Judge climbs the ladder.
func Judge(f Facts, l Limits) Verdict {
	c := climb{f: f, l: l}
	v := Verdict{Store: f.Store, Table: f.Table}
	for _, rung := range []struct {
		rung  Rung
		judge func() Step
	}{
		{Inventoried, c.inventory},
		{Reach, c.reach},
		{Login, c.login},
		{Binlog, c.binlog},
		{Registered, c.connector},
		{Task, c.task},
		{Snapshotted, c.snapshot},
		{Beating, c.heartbeat},
		{Moving, c.moving},
		{KeepingUp, c.lag},
		{Accepted, c.sink},
		{Applied, c.row},
	} {
		step := rung.judge()
		step.Rung = rung.rung
		v.Steps = append(v.Steps, step)
	}
	v.conclude()
	return v
}

// conclude takes the verdict from the steps.
func (v *Verdict) conclude() {
	who := "Store " + v.Store
	if v.Table != "" {
		who += ", table " + v.Table
	}
	for _, s := range v.Steps {
		if s.State == Broken || s.State == Off {
			v.State, v.Rung = s.State, s.Rung
			v.Sentence = who + ": " + s.Evidence + "; " + s.Remedy + "."
			return
		}
	}
	moving, _ := v.Step(Moving)
	row, _ := v.Step(Applied)
	v.State = Sound
	switch {
	case row.State == Unknown:
		v.State = Unknown
		v.Sentence = who + ": no fault found, but " + row.Evidence + "."
		return
	case moving.State == Quiet:
		v.State = Quiet
	}
	v.Sentence = who + ": " + row.Evidence + ", nothing is wrong."
}

func ok(evidence string) Step      { return Step{State: Sound, Evidence: evidence} }
func quiet(evidence string) Step   { return Step{State: Quiet, Evidence: evidence} }
func unknown(evidence string) Step { return Step{State: Unknown, Evidence: evidence} }
func broken(evidence, remedy string) Step {
	return Step{State: Broken, Evidence: evidence, Remedy: remedy}
}
