package process

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A Task is a program that ends by itself.
type Task struct {
	Argv  []string
	Input io.Reader         // its standard input; nil for none
	Line  func(line string) // told every line it prints, if set
}

// Run runs the task to its end. When it fails the error carries the last lines
// it printed. Like any other process it ends with the program that started it.
func (t Task) Run(ctx context.Context) error {
	// The goroutine stays on its thread until the task has ended: see live.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	lines := &lineWriter{seen: t.Line}
	cmd := exec.CommandContext(ctx, t.Argv[0], t.Argv[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.Input, lines, lines
	cmd.SysProcAttr = attributes(false)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second

	err := cmd.Run()
	lines.flush()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("running %s: %w\n%s", t.Argv[0], err, strings.Join(lines.tail, "\n"))
	}
	return nil
}

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
