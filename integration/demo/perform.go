package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tributary/integration/pos"
)

// performance is the demo while it is shown.
type performance struct {
	settings settings
	screen   *screen
	folder   *folder
	ground   *ground
	fleet    *storeFleet
	shops    *shops
	watch    *watch
}

// A demo that its audience ended, before there was anything to compare or
// before it was compared.
var (
	errEarly = errors.New("ended before all stores were connected; there is nothing to compare yet")
	errLeft  = errors.New("left before all was compared")
)

// perform shows the demo and cleans up after it. It returns nil if the central
// tables equal the stores'.
func perform(w wishes, settings settings, screen *screen) (err error) {
	folder, err := takeFolder(settings.Dir)
	if err != nil {
		return err
	}
	screen.say("%d stores will change %.0f rows a second; logs and data are in %s", settings.Stores, settings.Rate, folder.path)
	p := &performance{settings: settings, screen: screen, folder: folder}
	defer func() {
		err = errors.Join(err, p.stop())
		folder.leave(err == nil)
		if err != nil && !errors.Is(err, errEarly) && !errors.Is(err, errLeft) {
			err = fmt.Errorf("%w\n(what happened stands in the logs: %s)", err, folder.logs())
		}
	}()
	if err := p.prepare(w.end); err != nil {
		if w.end.Err() != nil {
			return errEarly
		}
		return err
	}
	if err := p.sell(w.end); err != nil {
		return err
	}
	if err := p.prove(w.leave); err != nil {
		if w.leave.Err() != nil {
			return errLeft
		}
		return err
	}
	return nil
}

// prepare starts everything, and returns when every store but the last one is
// connected and sells, and the sinks run.
func (p *performance) prepare(ctx context.Context) (err error) {
	if p.ground, err = layGround(ctx, p.folder, p.settings, p.screen); err != nil {
		return err
	}
	p.shops = openShops(ctx, pos.Day{Rate: p.settings.Rate / float64(p.settings.Stores), Seed: p.settings.Seed})
	p.fleet = newStoreFleet(p.ground, p.folder, p.settings, p.screen)
	if err := p.fleet.found(ctx, p.present()); err != nil {
		return err
	}
	p.watch = startWatch(p.ground, p.shops, p.screen)
	return p.connect(ctx)
}

// connect connects the stores. The sinks start when the first wave of them
// sells, so that they find a backlog, and more and more stores after that.
func (p *performance) connect(ctx context.Context) error {
	p.screen.say("connecting %d stores", p.present())
	group, connecting := errgroup.WithContext(ctx)
	first := make(chan struct{})
	begin := sync.OnceFunc(func() { close(first) })
	open := 0
	group.Go(func() error {
		err := p.fleet.connect(connecting, func(store *pos.Store) {
			p.shops.open(store)
			if open++; open == wave {
				begin()
			}
		})
		if err != nil {
			return fmt.Errorf("connecting the stores: %w", err)
		}
		begin() // fewer than a wave
		return nil
	})
	select {
	case <-first:
		group.Go(func() error {
			if err := p.ground.startReplicas(connecting, p.folder, p.screen); err != nil {
				return err
			}
			return p.ground.startMonitor(connecting, p.folder, p.folder.file("stores.yaml"), p.screen)
		})
	case <-connecting.Done():
	}
	return group.Wait()
}

// present is how many stores are there from the beginning. The last one joins
// later, if it would not be the only one.
func (p *performance) present() int {
	return max(p.settings.Stores-1, 1)
}

// sell lets the stores sell for as long as is wanted; a third of the way the
// last store joins.
func (p *performance) sell(ctx context.Context) error {
	length := time.Duration(p.settings.Seconds) * time.Second
	p.screen.say("all are connected; selling%s", forHowLong(length))
	day, cancel := context.WithCancel(ctx)
	defer cancel()
	if length > 0 {
		defer time.AfterFunc(length, cancel).Stop()
	}
	if err := p.waitFor(day, joinsAfter(length)); err != nil {
		return err
	}
	if p.settings.Stores > p.present() && ctx.Err() == nil {
		// Joining may take longer than the day.
		if err := p.join(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return p.waitFor(day, 0)
}

// joinsAfter is when the last store joins.
func joinsAfter(length time.Duration) time.Duration {
	if length == 0 {
		return 10 * time.Second
	}
	return length / 3
}

// waitFor waits for so long, or with 0 until the day is over. A store that can
// no longer sell ends the day.
func (p *performance) waitFor(day context.Context, long time.Duration) error {
	var over <-chan time.Time
	if long > 0 {
		timer := time.NewTimer(long)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-day.Done():
	case <-p.shops.Done():
		if day.Err() == nil {
			return p.shops.Close()
		}
	}
	return nil
}

// stop ends everything that was started.
func (p *performance) stop() error {
	var err error
	if p.shops != nil {
		err = p.shops.Close()
	}
	if p.watch != nil {
		p.watch.stop()
	}
	if p.fleet != nil {
		p.fleet.close()
	}
	if p.ground != nil {
		p.screen.say("stopping what was started")
		err = errors.Join(err, p.ground.stop())
	}
	return err
}

func forHowLong(d time.Duration) string {
	if d == 0 {
		return " until Ctrl-C"
	}
	return fmt.Sprintf(" for %s", d)
}
