package pos

import (
	"context"
	"fmt"
	"time"
)

// Day says how a store sells.
type Day struct {
	// Rate is how many rows to change a second, on average; zero means as
	// fast as the server takes them.
	Rate float64
	// Seed is what is drawn from. One seed gives different stores different
	// days, and one store the same day again.
	Seed uint64
	// Transactions ends the day after that many; zero means that only the
	// context ends it.
	Transactions int
	// Patience is how long to wait before going on after a failed
	// transaction, for servers that are stopped on purpose. Zero means that
	// the first failure ends the day.
	Patience time.Duration
}

// chore is something that happens in a shop, with how often out of all.
type chore struct {
	weight int
	do     func(*till, context.Context, *books) error
}

func chores() []chore {
	return []chore{
		{60, (*till).sell},
		{5, (*till).takeBack},
		{8, (*till).settle},
		{3, (*till).renumber},
		{6, (*till).reprice},
		{4, (*till).restock},
		{1, (*till).relabel},
		{5, (*till).enrol},
		{6, (*till).amend},
		{2, (*till).forget},
	}
}

// Sell changes the store's rows until the context ends or the day's
// transactions are done; either is a good end and returns nil. The store must
// have been created and stocked, by whichever process.
func (s *Store) Sell(ctx context.Context, day Day) error {
	t := newTill(s, day.Seed)
	pace := pace{rate: day.Rate}
	for done := 0; day.Transactions == 0 || done < day.Transactions; done++ {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the day ends with the context
		}
		changed, err := t.next(ctx)
		switch {
		case err == nil:
			pace.wait(ctx, changed.Rows())
		case ctx.Err() != nil:
			return nil //nolint:nilerr // the day ends with the context
		case day.Patience == 0:
			return fmt.Errorf("selling in store %s: %w", s.ID, err)
		default:
			s.tally.add(Counts{Failures: 1})
			sleep(ctx, day.Patience)
		}
	}
	return nil
}

// next does the next chore.
func (t *till) next(ctx context.Context) (Counts, error) {
	if !t.open {
		if err := t.recall(ctx); err != nil {
			return Counts{}, err
		}
		t.open = true
	}
	changed, err := t.transact(ctx, func(ctx context.Context, b *books) error {
		return t.draw()(t, ctx, b)
	})
	if err != nil {
		// Whether it was committed is not known, and the till's memory may
		// be ahead: read again what is there.
		t.open = false
	}
	return changed, err
}

// draw picks a chore by weight.
func (t *till) draw() func(*till, context.Context, *books) error {
	all := chores()
	total := 0
	for _, c := range all {
		total += c.weight
	}
	at := t.dice.IntN(total)
	for _, c := range all {
		if at -= c.weight; at < 0 {
			return c.do
		}
	}
	return (*till).sell // not reached: at begins below the sum of the weights
}

// pace spaces transactions so that their rows come at a rate.
type pace struct {
	rate float64
	next time.Time
}

// wait waits until the rows just changed have taken the time they should.
func (p *pace) wait(ctx context.Context, rows int64) {
	if p.rate <= 0 {
		return
	}
	now := time.Now()
	// A store that was held up does not make up for more than a second.
	if floor := now.Add(-time.Second); p.next.Before(floor) {
		p.next = now
	}
	p.next = p.next.Add(time.Duration(float64(max(rows, 1)) / p.rate * float64(time.Second)))
	sleep(ctx, p.next.Sub(now))
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
