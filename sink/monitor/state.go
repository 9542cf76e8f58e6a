package monitor

import (
	"cmp"
	"slices"
	"time"

	"tributary/sink/monitor/gather"
	"tributary/sink/monitor/ladder"
)

// State is what the monitor shows after a round. It is not changed once it is
// there, so that pages and metrics read it without a lock.
type State struct {
	At          time.Time    `json:"at"`
	Environment string       `json:"environment"`
	Group       string       `json:"group"`
	Members     int          `json:"members"`
	GroupState  string       `json:"group_state"`
	Problems    []Problem    `json:"problems"`
	Stores      []StoreState `json:"stores"`
	Strays      []string     `json:"strays"`
	Letters     []Letters    `json:"dead_letters"`
	Restarts    []Restart    `json:"restarts"`
	// RestartsOn says that failed connectors are restarted at all.
	RestartsOn bool            `json:"restarts_on"`
	Counts     map[string]int  `json:"counts"`
	Connectors map[string]int  `json:"connectors"`
	picture    *gather.Picture `json:"-"`
	took       time.Duration
}

// Letters are the open dead letters of a store's table.
type Letters = gather.Letters

// Problem is a fault of something all stores share.
type Problem struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

// StoreState is one store as it was judged.
type StoreState struct {
	ladder.Verdict
	Open   bool              `json:"open"`
	Hours  string            `json:"hours,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	// Since is when the verdict became what it is, as far as this process
	// knows.
	Since time.Time `json:"since"`
	// Freshness is the age of the newest change written, Lag the time the
	// oldest unwritten event has waited, in seconds; -1 if unknown.
	Freshness float64 `json:"freshness_seconds"`
	Lag       float64 `json:"lag_seconds"`
	// Waiting is how many events are not written, Rate how many are written
	// a second.
	Waiting int64        `json:"waiting"`
	Rate    float64      `json:"rate"`
	Tables  []TableState `json:"tables"`

	facts ladder.Facts
	ends  int64 // events written, ever; what Rate is made from
}

// TableState is one table of a store.
type TableState struct {
	Table     string    `json:"table"`
	Topic     string    `json:"topic"`
	Waiting   int64     `json:"waiting"`
	Events    int64     `json:"events"`
	SourceAt  time.Time `json:"source_at"`
	AppliedAt time.Time `json:"applied_at"`
	Unread    bool      `json:"unread,omitempty"`
}

// view judges every store of a picture. Was is the state before, nil at first.
func view(p *gather.Picture, servers *gather.Servers, limits ladder.Limits, doctor *doctor, was *State) *State {
	s := &State{
		At: p.At, Environment: p.Inventory.Environment, Group: p.Group,
		Members: p.Cluster.Members, GroupState: p.Cluster.State,
		Problems: problems(p), Strays: []string{}, Letters: p.Book.Letters, Restarts: doctor.recent(),
		Counts: map[string]int{}, Connectors: map[string]int{}, picture: p,
	}
	if s.Letters == nil {
		s.Letters = []Letters{}
	}
	before := map[string]StoreState{}
	if was != nil {
		for _, store := range was.Stores {
			before[store.Store] = store
		}
	}
	flows := p.Flows()
	for _, store := range p.Inventory.Stores {
		facts := p.Facts(servers, store.ID, "", flows[store.ID])
		doctor.tell(&facts.Connector)
		state := StoreState{
			Verdict: ladder.Judge(facts, limits), Open: store.Hours.Open(p.At), Hours: store.Hours.String(),
			Labels: store.Labels, facts: facts,
		}
		state.measure()
		state.compare(before[store.ID], p.At, was)
		s.Stores = append(s.Stores, state)
		s.Counts[string(state.State)]++
	}
	for name, c := range p.Connectors {
		s.Connectors[string(c.State)]++
		if id, ours := cutPrefix(name, p.Inventory.Environment); ours {
			if _, listed := p.Inventory.Store(id); !listed {
				s.Strays = append(s.Strays, name)
			}
		}
	}
	slices.Sort(s.Strays)
	return s
}

func cutPrefix(name, environment string) (id string, ok bool) {
	if len(name) <= len(environment)+1 || name[:len(environment)+1] != environment+"." {
		return "", false
	}
	return name[len(environment)+1:], true
}

func problems(p *gather.Picture) []Problem {
	list := []Problem{}
	for _, problem := range []Problem{
		{"connect", p.ConnectError},
		{"kafka", cmp.Or(p.KafkaError, p.BeatsError)},
		{"central", cmp.Or(p.CentralError, p.CentralDenied)},
	} {
		if problem.Text != "" {
			list = append(list, problem)
		}
	}
	if p.KafkaError == "" && p.Cluster.Members == 0 {
		list = append(list, Problem{"sink", "no sink is running: group " + p.Group + " has no members"})
	}
	return list
}

// measure takes the figures from the facts.
func (s *StoreState) measure() {
	s.Freshness, s.Lag, s.Tables = -1, -1, []TableState{}
	if s.facts.Kafka.Unknown == "" {
		s.Lag = 0
	}
	for _, t := range s.facts.Topics {
		s.Waiting += t.Lag
		s.ends += t.End - t.Lag
		if age := s.facts.Now.Sub(t.SourceAt).Seconds(); !t.SourceAt.IsZero() && (s.Freshness < 0 || age < s.Freshness) {
			s.Freshness = max(0, age)
		}
		if !t.OldestWaiting.IsZero() {
			s.Lag = max(s.Lag, s.facts.Now.Sub(t.OldestWaiting).Seconds())
		}
		s.Tables = append(s.Tables, TableState{
			Table: t.Table, Topic: t.Name, Waiting: t.Lag, Events: t.End - t.Start,
			SourceAt: t.SourceAt, AppliedAt: t.AppliedAt, Unread: t.Unread,
		})
	}
}

// compare takes what only two rounds together tell.
func (s *StoreState) compare(before StoreState, now time.Time, was *State) {
	s.Since = now
	if was == nil || before.Store == "" {
		return
	}
	if before.State == s.State && before.Rung == s.Rung {
		s.Since = before.Since
	}
	if seconds := now.Sub(was.At).Seconds(); seconds > 0 && before.ends > 0 && s.ends > before.ends {
		s.Rate = float64(s.ends-before.ends) / seconds
	}
}
