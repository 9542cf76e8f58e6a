package process

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shell returns a process that runs a shell script. It is ready when it has
// written its pid to the file "ready" in its folder: each life anew.
func shell(t *testing.T, script string) *Process {
	t.Helper()
	dir := t.TempDir()
	p := New(Command{
		Name: "part", Argv: []string{"/bin/sh", "-c", script}, Dir: dir, Log: filepath.Join(dir, "logs", "part.log"),
	})
	p.command.Ready = func(context.Context) error {
		text, err := os.ReadFile(filepath.Join(dir, "ready"))
		if err == nil && strings.TrimSpace(string(text)) != strconv.Itoa(p.Pid()) {
			err = errors.New("not this life's file")
		}
		return err
	}
	t.Cleanup(func() { _ = p.Kill() })
	return p
}

const (
	patient  = "echo life; echo $$ > ready; exec sleep 1000"
	stubborn = "trap '' TERM; echo $$ > ready; while :; do sleep 0.05; done"
	polite   = "trap 'echo bye; exit 0' TERM; echo $$ > ready; while :; do sleep 0.05; done"
)

func TestLives(t *testing.T) {
	ctx := t.Context()
	p := shell(t, patient)
	require.False(t, p.Running())
	require.NoError(t, p.Stop(ctx))
	require.NoError(t, p.Kill())

	require.NoError(t, p.Start(ctx))
	first := p.ID()
	require.NoError(t, p.Start(ctx), "a running process is not started twice")
	require.Equal(t, first, p.ID())
	require.True(t, p.Running())

	require.NoError(t, p.Kill())
	require.False(t, p.Running())
	require.NoError(t, p.Restart(ctx))
	require.NoError(t, p.Restart(ctx))
	require.NotEqual(t, first, p.ID())
	require.NoError(t, p.Stop(ctx))
	require.NoError(t, p.Stop(ctx))
	require.False(t, p.Running())

	log, err := os.ReadFile(p.LogPath())
	require.NoError(t, err)
	require.Equal(t, "life\nlife\nlife\n", string(log), "the log keeps all lives")
}

func TestStop(t *testing.T) {
	t.Run("in order", func(t *testing.T) {
		p := shell(t, polite)
		require.NoError(t, p.Start(t.Context()))
		require.NoError(t, p.Stop(t.Context()))
		require.Equal(t, "bye", tail(p.LogPath(), 0))
	})
	t.Run("frozen", func(t *testing.T) {
		p := shell(t, polite)
		require.NoError(t, p.Start(t.Context()))
		require.NoError(t, p.Freeze())
		require.NoError(t, p.Stop(t.Context()))
		require.Equal(t, "bye", tail(p.LogPath(), 0))
	})
	t.Run("by force", func(t *testing.T) {
		p := shell(t, stubborn)
		require.NoError(t, p.Start(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		require.NoError(t, p.Stop(ctx))
		require.False(t, p.Running())
	})
}

func TestFreeze(t *testing.T) {
	p := shell(t, patient)
	require.NoError(t, p.Start(t.Context()))
	state := func() byte {
		stat, err := readStat(p.Pid())
		require.NoError(t, err)
		return stat.state
	}
	require.NoError(t, p.Freeze())
	require.Eventually(t, func() bool { return state() == 'T' }, time.Second, time.Millisecond)
	require.True(t, p.Running())
	require.NoError(t, p.Thaw())
	require.Eventually(t, func() bool { return state() != 'T' }, time.Second, time.Millisecond)
}

func TestStartFails(t *testing.T) {
	t.Run("it ends", func(t *testing.T) {
		p := shell(t, "echo first; echo Address already in use; exit 1")
		err := p.Start(t.Context())
		var failed *StartError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "first\nAddress already in use", failed.Tail)
		require.Contains(t, err.Error(), p.LogPath())
		require.True(t, failed.PortTaken)
		require.False(t, p.Running())
	})
	t.Run("the reason stands far above the end", func(t *testing.T) {
		p := shell(t, "echo INFO hello; echo ERROR bind: Address already in use; seq 1000; exit 1")
		var failed *StartError
		require.ErrorAs(t, p.Start(t.Context()), &failed)
		require.True(t, failed.PortTaken)
		require.Equal(t, "ERROR bind: Address already in use", failed.First)
		require.NotContains(t, failed.Tail, "ERROR")
		require.Contains(t, failed.Error(), failed.First)
	})
	t.Run("it ends during a question", func(t *testing.T) {
		p := shell(t, "exit 1")
		p.command.Ready = func(ctx context.Context) error {
			<-ctx.Done() // a stranger on its port, who never answers
			return ctx.Err()
		}
		begun := time.Now()
		require.ErrorContains(t, p.Start(t.Context()), "ended at once")
		require.Less(t, time.Since(begun), probeLimit)
	})
	t.Run("only this life's lines", func(t *testing.T) {
		p := shell(t, "echo Address already in use; exit 1")
		require.Error(t, p.Start(t.Context()))
		p.command.Argv[2] = "echo other; exit 1"
		var failed *StartError
		require.ErrorAs(t, p.Start(t.Context()), &failed)
		require.Equal(t, "other", failed.Tail)
		require.False(t, failed.PortTaken)
	})
	t.Run("never ready", func(t *testing.T) {
		p := shell(t, "exec sleep 1000")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := p.Start(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, os.ErrNotExist, "the last answer says what was missing")
		require.False(t, p.Running())
	})
	t.Run("no such program", func(t *testing.T) {
		p := shell(t, "")
		p.command.Argv[0] = "/nowhere/mysqld"
		require.ErrorIs(t, p.Start(t.Context()), os.ErrNotExist)
		require.False(t, p.Running())
	})
	t.Run("killed meanwhile", func(t *testing.T) {
		p := shell(t, "exec sleep 1000")
		p.command.Started = func(ID) { require.NoError(t, p.Kill()) }
		require.Error(t, p.Start(t.Context()))
		require.False(t, p.Running())
	})
}

func TestAttach(t *testing.T) {
	started := shell(t, patient)
	require.NoError(t, started.Start(t.Context()))
	other := Attach(started.command, started.ID())
	require.True(t, other.Running())
	require.NoError(t, other.Stop(t.Context()))
	require.False(t, started.Running())

	// The pid now belongs to somebody else: this very program.
	id, err := Identify(os.Getpid())
	require.NoError(t, err)
	id.Start--
	stranger := Attach(started.command, id)
	require.False(t, stranger.Running())
	require.NoError(t, stranger.Kill(), "or this test would end here")
}

func TestUsage(t *testing.T) {
	id, err := Identify(os.Getpid())
	require.NoError(t, err)
	usage, err := id.Usage()
	require.NoError(t, err)
	require.Greater(t, usage.Memory, int64(1<<20))
	require.GreaterOrEqual(t, usage.Peak, usage.Memory/2)
	require.Positive(t, usage.Threads)
}

func TestTask(t *testing.T) {
	var lines []string
	task := Task{
		Argv:  []string{"/bin/sh", "-c", "cat; echo err >&2; printf rest; exit $0", "0"},
		Input: strings.NewReader("one\ntwo\n"),
		Line:  func(line string) { lines = append(lines, line) },
	}
	require.NoError(t, task.Run(t.Context()))
	require.Equal(t, []string{"one", "two", "err", "rest"}, lines)

	task.Argv[3] = "7"
	require.ErrorContains(t, task.Run(t.Context()), "exit status 7\nerr\nrest")

	ctx, cancel := context.WithCancelCause(t.Context())
	task = Task{Argv: []string{"/bin/sh", "-c", "echo go; sleep 1000"}, Line: func(string) { cancel(errors.New("enough")) }}
	require.ErrorIs(t, task.Run(ctx), context.Canceled)
}
