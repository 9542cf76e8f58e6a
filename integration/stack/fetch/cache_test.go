package fetch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lines collects what is told, safely for several writers.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// visible lists a folder without hidden names.
func visible(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
	require.NoError(t, err)
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	return names
}

func TestEntryIsFilledOnce(t *testing.T) {
	dir := t.TempDir()
	var filled atomic.Int32
	var out lines
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			// Caches of their own, as processes would have.
			cache, err := At(dir, &out)
			if err != nil {
				t.Error(err)
				return
			}
			entry, err := cache.Entry(t.Context(), "thing-1", func(_ context.Context, dir string) error {
				filled.Add(1)
				return os.WriteFile(filepath.Join(dir, "content"), []byte("whole"), 0o644)
			})
			if err != nil {
				t.Error(err)
				return
			}
			text, err := os.ReadFile(filepath.Join(entry, "content"))
			if err != nil || string(text) != "whole" {
				t.Errorf("got %q, %v", text, err)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 1, filled.Load())
	require.Equal(t, []string{"thing-1"}, visible(t, dir))
}

func TestEntryIsWholeOrAbsent(t *testing.T) {
	cache, err := At(t.TempDir(), nil)
	require.NoError(t, err)
	broken := errors.New("connection lost")
	fill := func(err error) func(context.Context, string) error {
		return func(_ context.Context, dir string) error {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "half"), nil, 0o644))
			return err
		}
	}
	_, err = cache.Entry(t.Context(), "thing-1", fill(broken))
	require.ErrorIs(t, err, broken)
	require.Empty(t, visible(t, cache.Dir()))

	// A process that was killed leaves its half behind; the next one removes it.
	left := filepath.Join(cache.Dir(), ".thing-1.filling-123")
	require.NoError(t, os.Mkdir(left, 0o755))
	_, err = cache.Entry(t.Context(), "thing-1", fill(nil))
	require.NoError(t, err)
	require.NoDirExists(t, left)

	_, err = cache.Entry(t.Context(), "thing-1", func(context.Context, string) error {
		t.Fatal("it is there already")
		return nil
	})
	require.NoError(t, err)
}

func TestEntryWaitsNoLongerThanAsked(t *testing.T) {
	dir := t.TempDir()
	var out lines
	cache, err := At(dir, &out)
	require.NoError(t, err)
	_, err = cache.Entry(t.Context(), "thing-1", func(context.Context, string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*lockPoll/4)
		defer cancel()
		_, err := cache.Entry(ctx, "thing-1", nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = cache.Entry(t.Context(), "thing-2", func(context.Context, string) error { return nil })
		require.NoError(t, err, "another entry has another lock")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, "waiting for thing-1, which is being fetched already\n", out.String())
}

func TestOpen(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/xdg")
	t.Setenv("TRIBUTARY_CACHE", "")
	cache, err := Open(nil)
	require.NoError(t, err)
	require.Equal(t, "/xdg/tributary", cache.Dir())
	t.Setenv("TRIBUTARY_CACHE", "/elsewhere")
	cache, err = Open(nil)
	require.NoError(t, err)
	require.Equal(t, "/elsewhere", cache.Dir())
}

func TestStep(t *testing.T) {
	var out lines
	step := newProgress(&out).begin("fetching MySQL")
	step.got("mysql-server-core", 26.1e6)
	require.Regexp(t, `^1 files, 26\.1 MB, 0 s, mysql-server-core$`, step.state(true))
	step.say("unpacking")
	require.Contains(t, step.state(true), "unpacking")
	step.end(nil)
	require.Equal(t, "fetching MySQL ...\nfetching MySQL: done, 1 files, 26.1 MB, 0 s\n", out.String())

	out = lines{}
	newProgress(&out).begin("fetching Kafka").end(errors.New("told elsewhere"))
	require.Equal(t, "fetching Kafka ...\n", out.String())
}
