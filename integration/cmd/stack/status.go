package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
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
	lines := []string{"PART\tSTATE\tPID\tADDRESS\tMEMORY\tCPU\tLOG"}
	clients := []string{"", "PART\tCLIENT"}
	for _, part := range parts {
		lines = append(lines, line(part))
		if part.Running {
			clients = append(clients, part.Name+"\t"+part.Client)
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(table, strings.Join(append(lines, clients...), "\n")); err != nil {
		return err
	}
	return table.Flush()
}

func line(part stack.Part) string {
	switch {
	case part.Running:
		return fmt.Sprintf("%s\trunning\t%d\t%s\t%d MB\t%s\t%s", part.Name, part.Pid, part.Addr,
			part.Usage.Memory>>20, part.Usage.CPU.Round(100*time.Millisecond), part.Log)
	case part.Pid != 0:
		return fmt.Sprintf("%s\tdied\t%d\t%s\t\t\t%s", part.Name, part.Pid, part.Addr, part.Log)
	default:
		return fmt.Sprintf("%s\tstopped\t\t%s\t\t\t%s", part.Name, part.Addr, part.Log)
	}
}
