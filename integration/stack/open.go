package stack

import (
	"fmt"
	"io/fs"

	"tributary/integration/stack/process"
)

// Open returns the detached stack that was started in a folder, with those of
// its parts that are running. It needs neither the cache nor the network. The
// error is fs.ErrNotExist if no stack was ever started there.
func Open(dir string) (*Stack, error) {
	folder, err := newFolder(dir)
	if err != nil {
		return nil, err
	}
	record, err := readRecord(folder.path)
	if err != nil {
		return nil, err
	}
	if len(record.all()) == 0 {
		return nil, fmt.Errorf("opening the stack in %s: %w", folder.path, fs.ErrNotExist)
	}
	site := &site{dir: folder.path, detach: true, record: record}
	s := &Stack{folder: folder, site: site}
	for _, part := range record.running() {
		s.attach(part)
	}
	return s, nil
}

// attach makes the part's process one of the stack's again.
func (s *Stack) attach(p part) {
	p.Command.Started = func(id process.ID) {
		p.ID = id
		s.site.record.put(p)
	}
	switch p.Kind {
	case kindKafka:
		b := &Broker{dir: p.Command.Dir, ports: p.Ports}
		p.Command.Ready = b.ready
		b.Process = process.Attach(p.Command, p.ID)
		s.Kafka = b
	case kindConnect:
		w := &Worker{port: p.Ports[0]}
		p.Command.Ready = w.ready
		w.Process = process.Attach(p.Command, p.ID)
		s.workers = append(s.workers, w)
	case kindRegistry:
		r := &Registry{port: p.Ports[0]}
		p.Command.Ready = r.ready
		r.Process = process.Attach(p.Command, p.ID)
		s.registry = r
	case kindMySQL:
		m := &MySQL{
			options: p.MySQL.Options, dir: p.Command.Dir, port: p.Ports[0],
			version: p.MySQL.Version, cli: p.MySQL.CLI,
		}
		p.Command.Ready = m.ready
		m.Process = process.Attach(p.Command, p.ID)
		s.mysqls = append(s.mysqls, m)
	}
}
