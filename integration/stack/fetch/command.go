package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// run runs a program to its end, gives every line it prints to seen, and puts
// the last ones into the error when it fails.
func run(ctx context.Context, seen func(line string), argv ...string) error {
	// The program is killed with the thread that started it, so that nothing
	// goes on downloading for a process that was killed. The goroutine stays on
	// this thread until the program has ended.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	lines := &lineWriter{seen: seen}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdout, cmd.Stderr = lines, lines
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second

	err := cmd.Run()
	lines.flush()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("running %s: %w", argv[0], ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s is not installed (%s): %w", argv[0], packageOf(argv[0]), err)
	default:
		return fmt.Errorf("running %s: %w\n%s", argv[0], err, strings.Join(lines.tail, "\n"))
	}
}

// packageOf says how the programs this package needs are had on Debian.
func packageOf(program string) string {
	switch program {
	case "mvn":
		return "apt-get install maven"
	case "apt-get", "apt-cache", "dpkg":
		return "fetching servers needs Debian's own tools"
	default:
		return "install it"
	}
}

// tailLines is how much of a failed program's output an error shows.
const tailLines = 20

// lineWriter cuts what is written to it into lines.
type lineWriter struct {
	seen func(string)
	rest []byte
	tail []string
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		end := bytes.IndexByte(w.rest, '\n')
		if end < 0 {
			return len(p), nil
		}
		w.line(string(w.rest[:end]))
		w.rest = w.rest[end+1:]
	}
}

func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.line(string(w.rest))
		w.rest = nil
	}
}

func (w *lineWriter) line(text string) {
	text = strings.TrimRight(text, "\r")
	if w.tail = append(w.tail, text); len(w.tail) > tailLines {
		w.tail = w.tail[1:]
	}
	if w.seen != nil {
		w.seen(text)
	}
}
