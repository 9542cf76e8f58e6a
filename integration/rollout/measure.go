package rollout

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// measure prints what the fleet takes, to hold the advice on sizes against.
func (r *run) measure(ctx context.Context) error {
	for _, worker := range r.ground.stack.Workers() {
		usage, err := worker.ID().Usage()
		if err != nil {
			return err
		}
		r.say("Connect: %d connectors, %d MB resident, %d threads, %s of CPU so far, heap %s",
			len(r.lines), usage.Memory>>20, usage.Threads, usage.CPU.Round(1e9), liveHeap(ctx, worker.Pid()))
	}
	a, err := r.expect(ctx, 0, r.path, "connectors", "plan")
	if err != nil {
		return err
	}
	if at := regexp.MustCompile(`(?s)sizing:.*`).FindString(a.out); at != "" {
		r.say("%s", at[:len(at)-1])
	}
	return nil
}

// snapshots counts the initial snapshots in the workers' logs, and how many
// were under way at the same time.
func (r *run) snapshots() (began, ended, atOnce int) {
	for _, worker := range r.ground.stack.Workers() {
		text, err := os.ReadFile(worker.LogPath())
		if err != nil {
			continue // then nothing began, which the caller refuses
		}
		for line := range strings.Lines(string(text)) {
			switch {
			case strings.Contains(line, "Snapshot step 1 - Preparing"):
				began++
			case strings.Contains(line, "Snapshot ended with SnapshotResult"):
				ended++
			}
			atOnce = max(atOnce, began-ended)
		}
	}
	return began, ended, atOnce
}

var heapTotal = regexp.MustCompile(`(?m)^Total\s+\d+\s+(\d+)`)

// liveHeap is what a Java process's heap holds after a full collection, which
// the JDK's own tool brings about; "unknown" where there is only a runtime.
func liveHeap(ctx context.Context, pid int) string {
	out, err := exec.CommandContext(ctx, "jcmd", strconv.Itoa(pid), "GC.class_histogram").Output()
	if err != nil {
		return "unknown (no jcmd)"
	}
	m := heapTotal.FindSubmatch(out)
	if m == nil {
		return "unknown"
	}
	bytes, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%d MB live", bytes>>20)
}
