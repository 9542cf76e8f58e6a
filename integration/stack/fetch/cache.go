package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A Cache is a folder of components fetched once and kept. It may be used by
// many goroutines and processes at the same time.
type Cache struct {
	dir      string
	progress *progress
}

// Open returns the cache in the user's cache folder: $TRIBUTARY_CACHE, else
// tributary under $XDG_CACHE_HOME or ~/.cache. Long steps are told to out in
// lines; nil keeps them silent.
func Open(out io.Writer) (*Cache, error) {
	if dir := os.Getenv("TRIBUTARY_CACHE"); dir != "" {
		return At(dir, out)
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("finding the cache folder (set TRIBUTARY_CACHE): %w", err)
	}
	return At(filepath.Join(base, "tributary"), out)
}

// At returns the cache in the folder dir, which need not exist yet.
func At(dir string, out io.Writer) (*Cache, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the cache folder: %w", err)
	}
	return &Cache{dir: abs, progress: newProgress(out)}, nil
}

// Dir is the cache's folder.
func (c *Cache) Dir() string { return c.dir }

// Entry returns the folder called name, which fill makes if it is not there
// yet. Fill is given an empty folder next to the final one; its content becomes
// the entry by a rename when fill returns nil, and is removed otherwise. One
// process fills at a time, the others wait for it and use what it made.
func (c *Cache) Entry(ctx context.Context, name string, fill func(ctx context.Context, dir string) error) (string, error) {
	final := filepath.Join(c.dir, name)
	if isDir(final) {
		return final, nil
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return "", fmt.Errorf("making the cache folder: %w", err)
	}
	unlock, err := c.lock(ctx, name)
	if err != nil {
		return "", err
	}
	defer unlock()
	if isDir(final) { // another process made it while this one waited
		return final, nil
	}
	temporary, err := c.temporary(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	if err := fill(ctx, temporary); err != nil {
		return "", fmt.Errorf("fetching %s: %w", name, err)
	}
	if err := os.Rename(temporary, final); err != nil {
		return "", fmt.Errorf("keeping %s: %w", name, err)
	}
	return final, nil
}

// temporary makes the folder an entry is filled in. The caller holds the
// entry's lock, so an older one was left by a process that died.
func (c *Cache) temporary(name string) (string, error) {
	prefix := "." + name + ".filling-"
	left, err := filepath.Glob(filepath.Join(c.dir, prefix+"*"))
	if err != nil {
		return "", fmt.Errorf("looking for unfinished downloads: %w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return "", fmt.Errorf("removing an unfinished download: %w", err)
		}
	}
	dir, err := os.MkdirTemp(c.dir, prefix)
	if err != nil {
		return "", fmt.Errorf("making a folder to fetch into: %w", err)
	}
	// MkdirTemp's 0700 would keep other users out of a shared cache.
	return dir, os.Chmod(dir, 0o755)
}

// lockPoll is how often a taken lock is tried again. A blocking flock could not
// be given up when the context ends.
const lockPoll = 100 * time.Millisecond

// lock takes the entry's file lock, which the kernel releases with the process
// however it ends.
func (c *Cache) lock(ctx context.Context, name string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(c.dir, "."+name+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of %s: %w", name, err)
	}
	told := false
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = file.Close()
			return nil, fmt.Errorf("locking %s: %w", file.Name(), err)
		}
		if !told {
			c.progress.printf("waiting for %s, which is being fetched already", name)
			told = true
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, fmt.Errorf("waiting for %s, which is being fetched already: %w", name, ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err == nil && info.IsDir()
}
