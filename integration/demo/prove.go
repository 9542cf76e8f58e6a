package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tributary/integration/compare"
)

// prove closes the stores, gives the last changes time to arrive, and compares
// every store's tables with the central ones by reading both databases.
func (p *performance) prove(ctx context.Context) error {
	if err := p.shops.Close(); err != nil {
		return err
	}
	counts := p.shops.Counts()
	p.screen.say("the stores are closed: %s rows inserted, %s updated, %s deleted, %s keys changed; waiting for the last ones to arrive",
		compare.Grouped(counts.Inserts), compare.Grouped(counts.Updates), compare.Grouped(counts.Deletes), compare.Grouped(counts.KeyChanges))

	limit, cancel := context.WithTimeout(ctx, 2*time.Minute+time.Duration(p.settings.Stores)*time.Second)
	defer cancel()
	report, err := compare.Eventually(limit, compare.Central{DB: p.ground.central, Schema: centralSchema}, p.sides(),
		compare.Options{Definitions: true, Progress: func(r *compare.Report) { p.screen.say("not yet: %s", r.Verdict()) }})
	p.watch.stop()
	if err != nil {
		return fmt.Errorf("comparing stores and central tables: %w", err)
	}
	if err := report.Print(p.screen); err != nil {
		return err
	}
	p.screen.say("%s", report.Verdict())
	if !report.Equal() {
		// Whoever is to blame: say what is known of all on the way.
		return errors.Join(errors.New("the central tables are not the stores'"),
			p.fleet.halted(ctx), p.ground.ended(), p.deadLetters(ctx))
	}
	return errors.Join(p.ground.ended(), p.deadLetters(ctx))
}

func (p *performance) sides() []compare.Store {
	var sides []compare.Store
	for _, store := range p.shops.Stores() {
		sides = append(sides, compare.Store{ID: store.ID, DB: store.DB, Schema: store.Schema()})
	}
	return sides
}

// deadLetters makes sure that the sink set nothing aside, which later events of
// the same rows could have hidden.
func (p *performance) deadLetters(ctx context.Context) error {
	var letters int
	if err := p.ground.central.QueryRowContext(ctx, "SELECT COUNT(*) FROM tributary_dead_letters").Scan(&letters); err != nil {
		return fmt.Errorf("counting the dead letters: %w", err)
	}
	if letters > 0 {
		return fmt.Errorf("the sink set %d events aside; see tributary_dead_letters", letters)
	}
	return nil
}
