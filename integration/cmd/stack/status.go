package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"tributary/integration/stack"
)

type statusCmd struct{}

// Run ends with an error, and the program with exit code 1, unless every part
// of the stack runs.
func (statusCmd) Run(c *cli) error {
	s, err := stack.Open(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no stack has been started in %s (make up)", c.Dir)
	}
	if err != nil {
		return err
	}
	parts := s.Parts()
	if err := show(os.Stdout, parts); err != nil {
		return err
	}
	for _, part := range parts {
		if part.Pid != 0 && !part.Running {
			return fmt.Errorf("%s has died, its log is %s", part.Name, part.Log)
		}
		if !part.Running {
			return fmt.Errorf("%s is stopped (make up)", part.Name)
		}
	}
	return nil
}

// show prints the parts and how to use them.
func show(out io.Writer, parts []stack.Part) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PART\tSTATE\tPID\tADDRESS\tMEMORY\tCPU\tLOG")
	for _, part := range parts {
		if !part.Running {
			state := "stopped"
			if part.Pid != 0 {
				state = "died"
			}
			fmt.Fprintf(table, "%s\t%s\t\t%s\t\t\t%s\n", part.Name, state, part.Addr, part.Log)
			continue
		}
		fmt.Fprintf(table, "%s\trunning\t%d\t%s\t%d MB\t%s\t%s\n", part.Name, part.Pid, part.Addr,
			part.Usage.Memory>>20, part.Usage.CPU.Round(100*time.Millisecond), part.Log)
	}
	fmt.Fprintln(table, "\nPART\tCLIENT")
	for _, part := range parts {
		if part.Running {
			fmt.Fprintf(table, "%s\t%s\n", part.Name, part.Client)
		}
	}
	return table.Flush()
}
