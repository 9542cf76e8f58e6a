package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// folder holds the demo's data and logs.
type folder struct {
	path string
	lock *os.File
}

// mark is the file by which a folder is known to be a demo's, and which is
// locked while one is shown.
const mark = "demo.lock"

// takeFolder empties the folder of an earlier demo, or makes it. What is not a
// demo's is not touched.
func takeFolder(path string) (*folder, error) {
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("looking into the demo's folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(path, mark)); len(entries) > 0 && err != nil {
		return nil, fmt.Errorf("%s holds something that is not the demo's; set DEMO_DIR to another folder", path)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("making the demo's folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, mark), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("marking the demo's folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another demo runs in %s; wait for it, or set DEMO_DIR to another folder", path), lock.Close())
	}
	for _, entry := range entries {
		if entry.Name() == mark {
			continue
		}
		if err := os.RemoveAll(filepath.Join(path, entry.Name())); err != nil {
			return nil, errors.Join(fmt.Errorf("emptying the demo's folder: %w", err), lock.Close())
		}
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// logs names the log files there are.
func (f *folder) logs() string {
	var found []string
	for _, pattern := range []string{"*.log", "*/*.log", "*/*/*.log"} {
		names, err := filepath.Glob(f.file(pattern))
		if err == nil {
			found = append(found, names...)
		}
	}
	if len(found) == 0 {
		return "none were written"
	}
	return strings.Join(found, ", ")
}

// leave gives the folder up; what is in it stays for looking at unless all
// went well.
func (f *folder) leave(well bool) {
	if well {
		_ = os.RemoveAll(f.path) // what stays is emptied by the next demo
	}
	_ = f.lock.Close()
}
