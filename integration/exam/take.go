package exam

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Options say which part of the exam is taken.
type Options struct {
	// Dir is the folder for data and logs.
	Dir string
	// Rooms and Cases are taken from [Rooms] and [Cases].
	Rooms []Room
	Cases []Case
	// Golden is a folder to keep some events of the connector's modes in;
	// empty keeps none.
	Golden string
	// Progress is told what is being done.
	Progress io.Writer
}

// Take takes the exam. The error says that it could not be taken; what is
// unequal is in the sheet.
func Take(ctx context.Context, o Options) (_ *Sheet, err error) {
	o.Rooms = slices.DeleteFunc(o.Rooms, func(r Room) bool {
		return !slices.ContainsFunc(o.Cases, func(c Case) bool { return r.takes(&c) })
	})
	h, err := openHall(ctx, o.Dir, o.Rooms, o.Progress)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	t := &taking{hall: h, Options: o, sessions: map[place]*session{}, stopped: map[string]string{}}
	if err := t.openSessions(ctx); err != nil {
		return nil, err
	}
	if err := t.step(ctx, 0); err != nil {
		return nil, err
	}
	if err := t.startConnectors(ctx); err != nil {
		return nil, err
	}
	sinks, err := t.startSinks(ctx)
	defer func() { err = errors.Join(err, sinks.end()) }()
	if err != nil {
		return nil, err
	}
	for n := 1; n <= t.steps(); n++ {
		if err := t.step(ctx, n); err != nil {
			return nil, err
		}
		if err := t.catchUp(ctx, n); err != nil {
			return nil, err
		}
	}
	if o.Golden != "" {
		if err := t.keepEvents(ctx); err != nil {
			return nil, fmt.Errorf("keeping events: %w", err)
		}
	}
	return t.mark(ctx, sinks)
}

// place is a schema of a server.
type place struct {
	flavor Flavor
	schema string
}

// holds says whether a case's table is in a place.
func (p place) holds(c *Case) bool {
	if c.Only != "" && c.Only != p.flavor {
		return false
	}
	if p.schema == secondSchema {
		return c.Second != nil
	}
	return cmp.Or(c.Schema, firstSchema) == p.schema
}

// taking is an exam under way.
type taking struct {
	*hall
	Options
	sessions map[place]*session
	// stopped holds the reason why a room's connector failed.
	stopped map[string]string
}

func (t *taking) openSessions(ctx context.Context) error {
	for _, r := range t.Rooms {
		p := place{r.Flavor, r.Schema}
		if t.sessions[p] != nil {
			continue
		}
		s, err := openSession(ctx, t.stores[r.Flavor], r.Schema)
		if err != nil {
			return fmt.Errorf("opening a session on %s: %w", r.Flavor, err)
		}
		t.sessions[p] = s
	}
	return nil
}

// steps is the number of the last step of any case.
func (t *taking) steps() int {
	last := 0
	for i := range t.Cases {
		last = max(last, len(t.Cases[i].Steps)-1)
	}
	return last
}

// step runs the statements of one step of every case, in every place once, and
// then marks the place.
func (t *taking) step(ctx context.Context, n int) error {
	t.say("step %d", n)
	var problems []error
	done := map[place]bool{}
	for i := range t.Rooms {
		r := &t.Rooms[i]
		p := place{r.Flavor, r.Schema}
		if done[p] {
			continue
		}
		done[p] = true
		for j := range t.Cases {
			if c := &t.Cases[j]; p.holds(c) {
				problems = append(problems, t.stepOf(ctx, t.sessions[p], c, r.steps(c), n))
			}
		}
		problems = append(problems, t.sessions[p].run(ctx, fmt.Sprintf("UPDATE %s SET step = %d", marker, n)))
	}
	return errors.Join(problems...)
}

func (t *taking) stepOf(ctx context.Context, s *session, c *Case, steps [][]string, n int) error {
	if n >= len(steps) {
		return nil
	}
	if err := s.run(ctx, append([]string{sqlMode(c.Lax)}, steps[n]...)...); err != nil {
		return fmt.Errorf("%s, %s, step %d: %w", s.schema, c.Name, n, err)
	}
	return nil
}

// startConnectors starts one for each room and waits for the snapshots.
func (t *taking) startConnectors(ctx context.Context) error {
	for i := range t.Rooms {
		if err := t.register(ctx, i, &t.Rooms[i], t.Cases); err != nil {
			return fmt.Errorf("starting the connector of room %s: %w", t.Rooms[i].Name, err)
		}
	}
	for i := range t.Rooms {
		r := &t.Rooms[i]
		limited, cancel := context.WithTimeout(ctx, 5*time.Minute)
		err := t.connect.WaitSnapshot(limited, r.connector())
		cancel()
		if err != nil {
			t.fail(r, err.Error())
			continue
		}
		t.say("room %s: snapshot taken", r.Name)
	}
	return nil
}

// fail notes that a room's connector has stopped.
func (t *taking) fail(r *Room, why string) {
	if t.stopped[r.Name] == "" {
		t.stopped[r.Name] = why
		t.say("room %s: connector stopped: %s", r.Name, why)
	}
}
