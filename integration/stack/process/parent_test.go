package process

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestParent ends a program in every way a program can end, and looks whether
// the process it started is still there.
func TestParent(t *testing.T) {
	for _, end := range []string{"return", "panic", "panic elsewhere", "killed", "interrupted", "detached"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			parent := exec.Command(os.Args[0])
			mode := end
			if end == "interrupted" {
				mode = "killed"
			}
			parent.Env = append(os.Environ(), parentEnv+"="+mode)
			output, err := parent.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, parent.Start())
			line, err := bufio.NewReader(output).ReadString('\n')
			require.NoError(t, err)
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			require.NoError(t, err)
			child, err := Identify(pid)
			if err == nil {
				t.Cleanup(func() { endIt(child) })
			}
			switch end {
			case "killed":
				require.True(t, child.Running())
				require.NoError(t, parent.Process.Kill())
			case "interrupted": // a terminal's Ctrl-C, when nobody listens for it
				require.True(t, child.Running())
				require.NoError(t, parent.Process.Signal(os.Interrupt))
			}
			_ = parent.Wait() // it ends badly, as it should
			if end == "detached" {
				require.True(t, child.Running(), "a detached process must survive")
				return
			}
			require.Eventually(t, func() bool { return !child.Running() }, 5*time.Second, 5*time.Millisecond,
				"process %d was left behind", pid)
		})
	}
}

// endIt ends a process that a failed test may have left.
func endIt(id ID) {
	if id.Running() {
		_ = syscall.Kill(id.Pid, syscall.SIGKILL)
	}
}
