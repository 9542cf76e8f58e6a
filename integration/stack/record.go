package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"tributary/integration/stack/process"
)

// A part is what is written down about a process of the stack, enough to find,
// judge and stop it without the program that started it.
type part struct {
	Kind    kind            `json:"kind"`
	Name    string          `json:"name"`
	ID      process.ID      `json:"id"`
	Ports   []int           `json:"ports"`
	Command process.Command `json:"command"`
	MySQL   *mysqlPart      `json:"mysql,omitempty"`
}

type kind string

const (
	kindKafka    kind = "kafka"
	kindConnect  kind = "connect"
	kindRegistry kind = "registry"
	kindMySQL    kind = "mysql"
)

// mysqlPart is what else is to be known about a server.
type mysqlPart struct {
	Options MySQLOptions `json:"options"`
	Version string       `json:"version"`
	CLI     []string     `json:"cli"`
}

const recordName = "stack.json"

// A record is the list of a run's parts. One in a folder of the caller's is kept
// in a file, which is up to date as soon as a process exists.
type record struct {
	path string // empty: kept in memory only

	mu    sync.Mutex
	parts []part
	err   error // of the last write; see failed
}

// readRecord returns the record kept in a folder, empty if there is none yet.
func readRecord(dir string) (*record, error) {
	r := &record{path: filepath.Join(dir, recordName)}
	text, err := os.ReadFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &r.parts)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record of the stack in %s: %w", dir, err)
	}
	return r, nil
}

// put notes a part in place of an older one of its name.
func (r *record) put(p part) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.parts, func(old part) bool { return old.Name == p.Name })
	if i < 0 {
		r.parts = append(r.parts, p)
	} else {
		r.parts[i] = p
	}
	r.err = r.write()
}

// end notes that no part runs any more. Their ports and commands are kept.
func (r *record) end() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.parts {
		r.parts[i].ID = process.ID{}
	}
	return r.write()
}

// write replaces the file at once: a reader never finds half of it.
func (r *record) write() error {
	if r.path == "" {
		return nil
	}
	text, err := json.MarshalIndent(r.parts, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the record of the stack: %w", err)
	}
	temporary := r.path + ".new"
	if err := os.WriteFile(temporary, text, 0o644); err != nil {
		return fmt.Errorf("writing the record of the stack: %w", err)
	}
	if err := os.Rename(temporary, r.path); err != nil {
		return fmt.Errorf("writing the record of the stack: %w", err)
	}
	return nil
}

// failed is the error of the last write: a stack that nobody could find again
// must not be left running.
func (r *record) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *record) get(name string) (part, bool) {
	for _, p := range r.all() {
		if p.Name == name {
			return p, true
		}
	}
	return part{}, false
}

func (r *record) all() []part {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.parts)
}

// running are the parts whose processes are alive.
func (r *record) running() []part {
	return slices.DeleteFunc(r.all(), func(p part) bool { return !p.ID.Running() })
}
