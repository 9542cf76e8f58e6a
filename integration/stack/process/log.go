package process

import (
	"bytes"
	"io"
	"os"
	"strings"
)

// A StartError says why a process did not become ready, and carries the end of
// what it wrote.
type StartError struct {
	Name string
	Log  string // path of the whole log
	Tail string // its last lines, of this start
	Err  error
}

func (e *StartError) Error() string {
	text := "starting " + e.Name + ": " + e.Err.Error()
	if e.Tail != "" {
		text += "\nlast lines of " + e.Log + ":\n" + e.Tail
	}
	return text
}

func (e *StartError) Unwrap() error { return e.Err }

// PortTaken tells whether the process gave up because somebody else listens on
// its port: MySQL, MariaDB and Java each have words of their own for it.
func (e *StartError) PortTaken() bool {
	for _, words := range []string{"Address already in use", "Do you already have another", "BindException"} {
		if strings.Contains(e.Tail, words) {
			return true
		}
	}
	return false
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
