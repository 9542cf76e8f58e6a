package fetch

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"tributary/integration/stack/process"
)

// run runs one of the tools this package relies on and gives every line it
// prints to seen.
func run(ctx context.Context, seen func(line string), argv ...string) error {
	err := process.Task{Argv: argv, Line: seen}.Run(ctx)
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s is not installed (%s): %w", argv[0], remedy(argv[0]), err)
	}
	return err
}

// remedy says how a tool is had.
func remedy(tool string) string {
	if tool == "mvn" {
		return "apt-get install maven"
	}
	return "servers are fetched with Debian's own tools"
}
