package stack

import (
	"context"
	"net"
	"path/filepath"

	"tributary/integration/stack/fetch"
	"tributary/integration/stack/process"
)

// A site is where the parts of one run are put up.
type site struct {
	cache  *fetch.Cache
	dir    string
	detach bool
	record *record
}

// start starts a part on the n ports the caller wants, those it had before, or
// free ones. The command is made for the ports and completed here.
func (s *site) start(ctx context.Context, part part, wanted []int, n int, command func(ports []int) (process.Command, error)) (*process.Process, error) {
	if len(wanted) == 0 {
		wanted = s.portsBefore(part.Name, n)
	}
	var started *process.Process
	err := onFreePorts(ctx, wanted, n, func(ports []int) error {
		command, err := command(ports)
		if err != nil {
			return err
		}
		command.Name, command.Detach = part.Name, s.detach
		part.Ports, part.Command = ports, command
		part.Command.Started = func(id process.ID) {
			part.ID = id
			s.record.put(part)
		}
		started = process.New(part.Command)
		return started.Start(ctx)
	})
	return started, err
}

// portsBefore are the ports a part had in an earlier run in the same folder, if
// nobody has taken them: connectors are configured with the ports of servers.
func (s *site) portsBefore(name string, n int) []int {
	before, ok := s.record.get(name)
	if !ok || len(before.Ports) != n {
		return nil
	}
	for _, port := range before.Ports {
		listener, err := net.Listen("tcp", address(port))
		if err != nil {
			return nil
		}
		_ = listener.Close()
	}
	return before.Ports
}

// folder is a part's own.
func (s *site) folder(name string) string { return filepath.Join(s.dir, name) }
