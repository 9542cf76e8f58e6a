package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// A folder holds a run's data and logs. A temporary one is removed with the run,
// and if the program is killed before it can, by the next program that makes one.
type folder struct {
	path string
	lock *os.File // nil if the folder is the caller's
}

const (
	folderPrefix = "tributary-run-"
	folderLock   = "owner.lock"
)

// newFolder returns the caller's folder, made if need be, or a temporary one if
// the caller has none.
func newFolder(path string) (*folder, error) {
	if path != "" {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("finding the run's folder: %w", err)
		}
		if err := os.MkdirAll(abs, 0o755); err != nil {
			return nil, fmt.Errorf("making the run's folder: %w", err)
		}
		return &folder{path: abs}, nil
	}
	if err := sweep(os.TempDir()); err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("making the run's folder: %w", err)
	}
	lock, err := ownFolder(path)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return &folder{path: path, lock: lock}, nil
}

// ownFolder marks the folder as in use for as long as this program lives. The
// lock file gets its name when the lock is held: a sweeper never sees it free.
func ownFolder(path string) (*os.File, error) {
	name := filepath.Join(path, folderLock)
	lock, err := os.OpenFile(name+".new", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("marking the run's folder: %w", err)
	}
	err = errors.Join(syscall.Flock(int(lock.Fd()), syscall.LOCK_EX), os.Rename(name+".new", name))
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("marking the run's folder: %w", err)
	}
	return lock, nil
}

// remove removes a temporary folder. What is the caller's is left alone.
func (f *folder) remove() error {
	if f.lock == nil {
		return nil
	}
	err := errors.Join(os.RemoveAll(f.path), f.lock.Close())
	f.lock = nil
	if err != nil {
		return fmt.Errorf("removing the run's folder: %w", err)
	}
	return nil
}

// sweep removes the folders of programs that died without removing them.
func sweep(temp string) error {
	locks, err := filepath.Glob(filepath.Join(temp, folderPrefix+"*", folderLock))
	if err != nil {
		return fmt.Errorf("looking for folders of earlier runs: %w", err)
	}
	for _, name := range locks {
		lock, err := os.OpenFile(name, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) { // swept meanwhile, or another user's
			continue
		}
		if err != nil {
			return fmt.Errorf("looking at the folder of an earlier run: %w", err)
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			err = os.RemoveAll(filepath.Dir(name))
		}
		_ = lock.Close()
		if err != nil {
			return fmt.Errorf("removing the folder of an earlier run: %w", err)
		}
	}
	return nil
}
