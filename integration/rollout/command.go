package rollout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// answer is what a command printed and how it ended.
type answer struct {
	out, errs string
	code      int
	took      time.Duration
}

// tributary runs a command of the binary with an inventory.
func (r *run) tributary(ctx context.Context, inventory string, args ...string) (answer, error) {
	var out, errs bytes.Buffer
	command := exec.CommandContext(ctx, r.ground.binary, append(args, "--stores", inventory)...)
	command.Stdout, command.Stderr = io.MultiWriter(&out, &echo{r: r}), &errs
	begin := time.Now()
	err := command.Run()
	a := answer{out: out.String(), errs: errs.String(), took: time.Since(begin)}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		a.code, err = exit.ExitCode(), nil
	}
	if err != nil {
		return a, fmt.Errorf("running tributary %s: %w", strings.Join(args, " "), err)
	}
	return a, nil
}

// expect runs a command that must end with the code.
func (r *run) expect(ctx context.Context, code int, inventory string, args ...string) (answer, error) {
	a, err := r.tributary(ctx, inventory, args...)
	if err == nil && a.code != code {
		err = fmt.Errorf("tributary %s ended with %d, not %d\n%s%s", strings.Join(args, " "), a.code, code, lastLines(a.out, 40), a.errs)
	}
	return a, err
}

// echo shows what a command prints while it runs, when somebody wants to see
// everything.
type echo struct{ r *run }

func (e *echo) Write(text []byte) (int, error) {
	if e.r.options.Verbose {
		for line := range strings.Lines(string(text)) {
			e.r.say("  | %s", strings.TrimRight(line, "\n"))
		}
	}
	return len(text), nil
}

// lastLines is the end of what a command printed: of two hundred stores it may
// be a thousand lines.
func lastLines(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	if len(lines) <= n {
		return text
	}
	return "…\n" + strings.Join(lines[len(lines)-n:], "")
}
