package main

import (
	"context"
	"sync"
	"time"
)

const (
	readEvery = time.Second
	tellEvery = 5 // readings between two lines where there is no panel
)

// watch reads how things stand every second and shows it.
type watch struct {
	ground *ground
	shops  *shops
	screen *screen
	cancel context.CancelFunc
	done   sync.WaitGroup
	lost   map[string]bool // replicas whose end was told
}

func startWatch(g *ground, shops *shops, screen *screen) *watch {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{ground: g, shops: shops, screen: screen, cancel: cancel, lost: map[string]bool{}}
	w.done.Go(func() { w.run(ctx) })
	return w
}

// stop ends the watch and takes the panel away.
func (w *watch) stop() {
	w.cancel()
	w.done.Wait()
	w.screen.draw(nil)
}

func (w *watch) run(ctx context.Context) {
	ticker := time.NewTicker(readEvery)
	defer ticker.Stop()
	var history []reading
	for n := 0; ; n++ {
		now := take(ctx, w.ground, w.shops)
		if ctx.Err() != nil {
			return
		}
		if len(history) == kept {
			history = history[1:]
		}
		history = append(history, now)
		w.mourn(now)
		if w.screen.live {
			rows, _ := w.screen.size()
			w.screen.draw(panel(history, rows))
		} else if n%tellEvery == 0 {
			w.screen.say("%s", line(history))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// mourn tells of a replica that ended by itself, once.
func (w *watch) mourn(r reading) {
	for _, replica := range r.replicas {
		if !replica.running && !w.lost[replica.name] {
			w.lost[replica.name] = true
			w.screen.say("%s has ended; its log is %s", replica.name, replica.log)
		}
	}
}
