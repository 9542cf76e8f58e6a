package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// screen is where the demo speaks: lines one after the other, and below them,
// on a terminal, a panel that is drawn again and again.
type screen struct {
	out   io.Writer
	live  bool // a terminal
	began time.Time
	size  func() (rows, columns int)

	mu    sync.Mutex
	panel []string
}

func newScreen(out *os.File) *screen {
	size := func() (rows, columns int) {
		window, err := unix.IoctlGetWinsize(int(out.Fd()), unix.TIOCGWINSZ)
		if err != nil || window.Row == 0 || window.Col == 0 {
			return 24, 80
		}
		return int(window.Row), int(window.Col)
	}
	_, err := unix.IoctlGetTermios(int(out.Fd()), unix.TCGETS)
	return &screen{out: out, live: err == nil, began: time.Now(), size: size}
}

// say prints a line with the time since the demo began.
func (s *screen) say(format string, args ...any) {
	s.print(fmt.Sprintf("%6.1fs  ", time.Since(s.began).Seconds()) + fmt.Sprintf(format, args...))
}

// Write prints lines of others.
func (s *screen) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		s.say("  %s", strings.TrimRight(line, "\n"))
	}
	return len(text), nil
}

// draw puts another panel in the place of the last one. On anything but a
// terminal it does nothing.
func (s *screen) draw(panel []string) {
	if !s.live {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.erased()
	s.panel = panel
	s.emit(text + s.drawn())
}

func (s *screen) print(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emit(s.erased() + line + "\n" + s.drawn())
}

// emit writes all at once, so that a terminal never shows half a panel. A
// terminal that went away is no reason to stop.
func (s *screen) emit(text string) { _, _ = io.WriteString(s.out, text) }

// erased is the control sequence that takes the panel away: up as many lines,
// and clear to the end (ECMA-48 CUU and ED).
func (s *screen) erased() string {
	if len(s.panel) == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\x1b[J", len(s.panel))
}

// drawn is the panel cut to the terminal, since a line that wraps would be two
// to erase.
func (s *screen) drawn() string {
	if len(s.panel) == 0 {
		return ""
	}
	rows, columns := s.size()
	s.panel = s.panel[:min(len(s.panel), max(rows-1, 1))]
	var text strings.Builder
	for _, line := range s.panel {
		if letters := []rune(line); len(letters) >= columns {
			line = string(letters[:columns-1])
		}
		text.WriteString(line + "\n")
	}
	return text.String()
}
