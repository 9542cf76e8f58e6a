package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"tributary/integration/stack"
)

type downCmd struct {
	Purge bool `help:"Remove data and logs too."`
}

func (d downCmd) Run(ctx context.Context, c *cli) error {
	s, err := stack.Open(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("No stack has been started in %s.\n", c.Dir)
		return nil
	}
	if err != nil {
		return err
	}
	running := 0
	for _, part := range s.Parts() {
		if part.Running {
			running++
		}
	}
	if err := s.Stop(ctx); err != nil {
		return err
	}
	fmt.Printf("%d processes stopped.\n", running)
	if !d.Purge {
		return nil
	}
	// What the record in it says was ours.
	if err := os.RemoveAll(s.Dir()); err != nil {
		return fmt.Errorf("removing data and logs: %w", err)
	}
	return nil
}
