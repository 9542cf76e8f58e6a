// Command demo shows the whole road at work: stores that sell into MySQL
// databases of their own, Debezium that captures them into Kafka, two replicas
// of the sink that carry the changes into one central MySQL, the monitor with
// its status page, and at the end the proof, read from both sides' databases,
// that every row arrived as it is.
//
// It starts all of that itself (see package stack), in a folder of its own, and
// stops it again. It is told what to do by environment variables: see settings.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run())
}

// run returns the exit code: 0 if the central tables equal the stores', 1 if
// they do not or the demo could not be shown, 2 for a wrong setting.
func run() int {
	settings, err := loadSettings(os.Environ())
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		return 2
	}
	screen := newScreen(os.Stdout)
	if settings.Seconds == 0 && !screen.live {
		settings.Seconds = 60 // nobody is there to end it
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	wishes, done := listen(signals, screen.say)
	defer done()
	if err := perform(wishes, settings, screen); err != nil {
		screen.say("demo: %v", err)
		return 1
	}
	return 0
}

// wishes are what the person in front of the demo wants.
type wishes struct {
	// end is done after the first signal: sell no more, compare, stop.
	end context.Context
	// leave is done after the second: stop at once.
	leave context.Context
}

// listen turns signals into wishes, until the returned function is called.
func listen(signals <-chan os.Signal, say func(format string, args ...any)) (wishes, func()) {
	leave, cancelLeave := context.WithCancel(context.Background())
	end, cancelEnd := context.WithCancel(leave)
	go func() {
		for range 2 {
			select {
			case <-signals:
			case <-leave.Done():
				return
			}
			if end.Err() == nil {
				say("ending; once more to leave at once")
				cancelEnd()
				continue
			}
			cancelLeave()
		}
	}()
	return wishes{end: end, leave: leave}, cancelLeave
}
