package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// launch starts the process with its output going to its log.
func (p *Process) launch() error {
	if err := os.MkdirAll(filepath.Dir(p.command.Log), 0o755); err != nil {
		return fmt.Errorf("making a folder for the log: %w", err)
	}
	log, err := os.OpenFile(p.command.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(p.command.Argv[0], p.command.Argv[1:]...)
	cmd.Dir = p.command.Dir
	cmd.Env = append(os.Environ(), p.command.Env...)
	// A file, not a pipe: a detached process goes on writing when we are gone.
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(p.command.Detach)

	started := make(chan error)
	go p.live(cmd, started)
	return <-started
}

// live runs a child from its start to its end on one thread.
//
// The kernel kills the child when its parent dies (PR_SET_PDEATHSIG, prctl(2)),
// but what counts as the parent is the thread that forked, and Go ends threads
// as it likes. So the goroutine keeps its thread for as long as the child
// lives. It ends with the child, which whoever started it ends.
func (p *Process) live(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	exited := make(chan struct{})
	defer close(exited)
	err := cmd.Start()
	if err == nil {
		// A child that was not waited for yet keeps its pid, dead or alive.
		var id ID
		id, err = Identify(cmd.Process.Pid)
		p.set(id, exited)
		if err != nil { // nobody could find it again
			_ = cmd.Process.Kill()
		}
	}
	started <- err
	if cmd.Process != nil {
		_ = cmd.Wait() // how it ended stands in its log
	}
}

// attributes puts the process into a group of its own, or a terminal's Ctrl-C
// would reach the parts before the program could stop them in order.
func attributes(detach bool) *syscall.SysProcAttr {
	if detach {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
