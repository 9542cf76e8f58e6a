package fetch

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progressEvery is how often a running step says how far it is.
const progressEvery = 2 * time.Second

// progress writes whole lines about steps that may run at the same time.
type progress struct {
	mu  sync.Mutex
	out io.Writer
}

func newProgress(out io.Writer) *progress {
	if out == nil {
		out = io.Discard
	}
	return &progress{out: out}
}

// printf writes one line. A terminal that went away is no reason to stop a
// download, so the writer's error is dropped.
func (p *progress) printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
}

// A step is one long thing being done: it tells its name at the start, how far
// it is every few seconds, and how long it took at the end.
type step struct {
	progress *progress
	name     string
	started  time.Time
	quit     chan struct{}
	finished sync.WaitGroup

	mu    sync.Mutex
	doing string
	files int
	bytes float64
}

func (p *progress) begin(name string) *step {
	s := &step{progress: p, name: name, started: time.Now(), quit: make(chan struct{})}
	p.printf("%s ...", name)
	s.finished.Go(s.tick)
	return s
}

func (s *step) tick() {
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-ticker.C:
			s.progress.printf("%s: %s", s.name, s.state(true))
		}
	}
}

// got counts a file that has arrived.
func (s *step) got(file string, bytes float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing = file
	s.files++
	s.bytes += bytes
}

// say names what the step is busy with when that is not a file.
func (s *step) say(doing string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing = doing
}

func (s *step) state(busy bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf("%d s", int(time.Since(s.started).Seconds()))
	if s.files > 0 {
		text = fmt.Sprintf("%d files, %.1f MB, %s", s.files, s.bytes/1e6, text)
	}
	if busy && s.doing != "" {
		text += ", " + s.doing
	}
	return text
}

// end stops the step's lines; the error of a failed step is told by whoever
// handles it.
func (s *step) end(err error) {
	close(s.quit)
	s.finished.Wait()
	if err == nil {
		s.progress.printf("%s: done, %s", s.name, s.state(false))
	}
}
