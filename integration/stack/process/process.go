package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

// Command says how a process is run and how to tell that it is ready.
type Command struct {
	Name string   `json:"name"`          // what messages call it
	Argv []string `json:"argv"`          // the program's absolute path and its arguments
	Env  []string `json:"env,omitempty"` // added to the environment, as "NAME=value"
	Dir  string   `json:"dir"`           // working folder
	Log  string   `json:"log"`           // file its output is appended to

	// Detach lets the process survive the program that started it.
	Detach bool `json:"detach,omitempty"`

	// Ready returns nil when the process does its work. It is asked again and
	// again after a start; the context given bounds one question.
	Ready func(ctx context.Context) error `json:"-"`

	// Started, if set, is told the ID of every life before it is ready.
	Started func(ID) `json:"-"`
}

// A Process is one part of the stack through all its lives: it can be killed or
// stopped and started again with the same command. Its methods may be called by
// several goroutines.
type Process struct {
	command Command

	life sync.Mutex // held while the process is being started or stopped in order

	mu     sync.Mutex // guards what follows; never held while waiting, so that Kill works at any time
	id     ID
	exited <-chan struct{} // closed when the child was waited for; nil if it is not our child
}

// New returns a Process that has not been started.
func New(command Command) *Process {
	return &Process{command: command}
}

// Attach returns the Process of an ID from a record, started by another program
// with an equal command.
func Attach(command Command, id ID) *Process {
	return &Process{command: command, id: id}
}

const (
	startLimit = 3 * time.Minute // longest wait for a part to be ready
	probeLimit = 5 * time.Second // for one question
	probeEvery = 50 * time.Millisecond
	stopLimit  = 30 * time.Second // longest wait for an orderly end
	exitEvery  = 10 * time.Millisecond
)

// Start runs the process and returns when it is ready. When that fails nothing
// is left running, and the error is a [StartError].
func (p *Process) Start(ctx context.Context) error {
	p.life.Lock()
	defer p.life.Unlock()
	if p.Running() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	mark := sizeOf(p.command.Log) // earlier lives wrote what is before
	err := p.launch()
	if err == nil && p.command.Started != nil {
		p.command.Started(p.ID())
	}
	if err == nil {
		err = p.await(ctx)
	}
	if err != nil {
		return errors.Join(p.startError(mark, err), p.Kill())
	}
	return nil
}

// await asks whether the process is ready until it says so, ends, or time is up.
func (p *Process) await(ctx context.Context) error {
	_, exited := p.current()
	for {
		err := p.ask(ctx, exited)
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("not ready (%w): %w", ctx.Err(), err)
		case <-time.After(probeEvery):
		}
	}
}

// ask asks once, and no longer than the process lives: whoever has taken its
// port may accept the question and never answer.
func (p *Process) ask(ctx context.Context, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-exited:
			cancel()
		case <-ctx.Done():
		}
	})
	defer watch.Wait()
	defer cancel()
	return p.command.Ready(ctx)
}

// Restart stops the process if it runs, starts it with the same command and
// waits until it is ready.
func (p *Process) Restart(ctx context.Context) error {
	if err := p.Stop(ctx); err != nil {
		return err
	}
	return p.Start(ctx)
}

// Stop ends the process in an orderly way and waits for it. After half a minute,
// or when ctx ends, it is killed. Stopping what does not run does nothing.
func (p *Process) Stop(ctx context.Context) error {
	p.life.Lock()
	defer p.life.Unlock()
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	// A frozen process acts on SIGTERM when it is thawed.
	if err := errors.Join(p.signal(syscall.SIGTERM), p.signal(syscall.SIGCONT)); err != nil {
		return err
	}
	if p.gone(ctx) {
		return nil
	}
	return p.Kill()
}

// Kill ends the process at once (kill -9) and waits until it is gone. It may be
// called while the process is being started, too.
func (p *Process) Kill() error {
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	if !p.gone(ctx) {
		return fmt.Errorf("%s (process %d) does not die", p.command.Name, p.Pid())
	}
	return nil
}

// Freeze halts the process (SIGSTOP): it keeps its connections and answers
// nothing, like a machine that hangs.
func (p *Process) Freeze() error { return p.signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (p *Process) Thaw() error { return p.signal(syscall.SIGCONT) }

// signal sends a signal if the process is still the one we know. The handle is
// taken first: it stays with that process even if the pid is given away between
// the comparison and the sending (pidfd_open(2)).
func (p *Process) signal(signal syscall.Signal) error {
	id, _ := p.current()
	if id.Pid == 0 {
		return nil
	}
	handle, err := os.FindProcess(id.Pid)
	if err != nil {
		return fmt.Errorf("finding %s: %w", p.command.Name, err)
	}
	defer func() { _ = handle.Release() }()
	if !id.Running() {
		return nil
	}
	if err := handle.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("sending %s to %s: %w", signal, p.command.Name, err)
	}
	return nil
}

// gone waits until the process has ended and, if it is our child, is reaped.
func (p *Process) gone(ctx context.Context) bool {
	id, exited := p.current()
	if exited != nil {
		select {
		case <-exited:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for id.Running() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(exitEvery):
		}
	}
	return true
}

func (p *Process) current() (ID, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id, p.exited
}

func (p *Process) set(id ID, exited <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id, p.exited = id, exited
}

// ID is the running or last process's identity; zero before the first start.
func (p *Process) ID() ID {
	id, _ := p.current()
	return id
}

// Name is what messages call the process.
func (p *Process) Name() string { return p.command.Name }

// Pid is the process's number, of the last one when none runs.
func (p *Process) Pid() int { return p.ID().Pid }

// Running tells whether the process is alive; a frozen one is.
func (p *Process) Running() bool { return p.ID().Running() }

// LogPath is the file with the process's output, of all its lives.
func (p *Process) LogPath() string { return p.command.Log }

// Usage reads the process's memory and CPU time from /proc.
func (p *Process) Usage() (Usage, error) { return p.ID().Usage() }
