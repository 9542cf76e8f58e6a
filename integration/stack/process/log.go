package process

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
)

// A StartError says why a process did not become ready, and carries what it
// wrote about it.
type StartError struct {
	Name  string
	Log   string // path of the whole log
	First string // the first line of this start that complains, if any
	Tail  string // the last lines of this start
	Err   error

	// PortTaken tells that the process could not listen on its port because
	// somebody else does.
	PortTaken bool
}

func (e *StartError) Error() string {
	text := "starting " + e.Name + ": " + e.Err.Error()
	if e.First != "" {
		text += "\nfirst complaint in its log:\n" + e.First
	}
	if e.Tail != "" {
		text += "\nlast lines of " + e.Log + ":\n" + e.Tail
	}
	return text
}

func (e *StartError) Unwrap() error { return e.Err }

// startError makes the error of a start whose output stands in the log after
// the first from bytes.
func (p *Process) startError(from int64, err error) *StartError {
	e := &StartError{Name: p.command.Name, Log: p.command.Log, Tail: tail(p.command.Log, from), Err: err}
	file, err := os.Open(p.command.Log)
	if err != nil {
		return e
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(io.NewSectionReader(file, from, 1<<30))
	for lines.Scan() {
		line := lines.Text()
		// The Java parts say the reason early and then shut down at length.
		if e.First == "" && containsAny(line, "ERROR", "FATAL", "Exception") {
			e.First = line
		}
		// MySQL, MariaDB and Java each have words of their own.
		e.PortTaken = e.PortTaken || containsAny(line, "Address already in use", "Do you already have another")
	}
	return e
}

func containsAny(line string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(line, word) })
}

const (
	tailBytes = 16 << 10
	tailLines = 30
)

// tail returns the last lines of a log, of what stands after the first from
// bytes. A log that cannot be read has no lines.
func tail(path string, from int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	from = max(from, sizeOf(path)-tailBytes)
	text, err := io.ReadAll(io.NewSectionReader(file, from, tailBytes))
	if err != nil {
		return ""
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	lines = lines[max(0, len(lines)-tailLines):]
	return string(bytes.Join(lines, []byte("\n")))
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
