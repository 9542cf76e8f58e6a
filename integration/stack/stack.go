package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"tributary/integration/stack/fetch"
)

// Options says what Start starts. The zero value is a broker and one Connect
// worker with Debezium's MySQL connector, in a temporary folder.
type Options struct {
	// Dir is the folder for data and logs. What an earlier run left there is
	// used: topics, connectors, rows and ports. Empty stands for a temporary
	// folder, removed by Stop.
	Dir string

	Progress io.Writer // told what takes long; nil is silent

	Connect int      // number of Connect workers; 0 is one, NoConnect none
	Heap    string   // of each worker: "1g" if empty; 200 connectors need "3g"
	Plugins []Plugin // besides DebeziumMySQL

	BrokerHeap   string            // "512m" if empty
	BrokerConfig map[string]string // in place of the broker's own settings
	WorkerConfig map[string]string // in place of the workers' own settings

	// Relay is the address of a relay in front of the broker. The broker
	// gets a second listener for it (Broker.RelayTarget), and tells clients
	// that come through it to keep to the relay.
	Relay string

	// Detach lets the parts survive this program. It needs a Dir; Open finds
	// them again.
	Detach bool
}

// NoConnect as the number of workers starts a broker alone.
const NoConnect = -1

// A Stack is a running Kafka, its Connect workers, and the servers added to it.
// Its methods may be called by several goroutines.
type Stack struct {
	Kafka *Broker

	options Options
	folder  *folder
	site    *site
	jvm     jvm

	mu       sync.Mutex // guards what follows
	stopped  bool
	named    int // workers that were given a name
	workers  []*Worker
	mysqls   []*MySQL
	registry *Registry
}

// ErrRunning is returned by Start for a folder whose stack is running already.
var ErrRunning = errors.New("a stack is running in this folder (stop it first: make down)")

var errStopped = errors.New("the stack was stopped meanwhile")

// Start starts Kafka and Connect and returns when they are ready. When that
// fails, or ctx ends meanwhile, nothing is left running.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.Detach && o.Dir == "" {
		return nil, errors.New("a detached stack needs a folder: Options.Dir")
	}
	o.Plugins = append([]Plugin{DebeziumMySQL}, o.Plugins...)
	s, err := newStack(o)
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func newStack(o Options) (*Stack, error) {
	cache, err := fetch.Open(o.Progress)
	if err != nil {
		return nil, err
	}
	folder, err := newFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	record := &record{}
	if o.Dir != "" {
		if record, err = readRecord(folder.path); err != nil {
			return nil, err
		}
		if len(record.running()) > 0 {
			return nil, fmt.Errorf("%w: %s", ErrRunning, folder.path)
		}
	}
	site := &site{cache: cache, dir: folder.path, detach: o.Detach, record: record}
	return &Stack{options: o, folder: folder, site: site}, nil
}

func (s *Stack) start(ctx context.Context) (err error) {
	if s.jvm, err = fetchKafka(ctx, s.site.cache); err != nil {
		return err
	}
	if s.Kafka, err = startBroker(ctx, s.site, s.jvm, s.options); err != nil {
		return err
	}
	workers := s.options.Connect
	if workers == 0 {
		workers = 1
	}
	for range workers {
		if _, err := s.AddWorker(ctx); err != nil {
			return err
		}
	}
	return s.site.record.failed()
}

// AddWorker starts one more Connect worker, which takes its share of the
// connectors.
func (s *Stack) AddWorker(ctx context.Context) (*Worker, error) {
	s.mu.Lock()
	s.named++
	name := fmt.Sprintf("connect-%d", s.named)
	s.mu.Unlock()
	w, err := startWorker(ctx, s.site, s.jvm, name, s.Kafka.Addr(), s.options)
	if err != nil {
		return nil, err
	}
	return w, s.keep(w, func() { s.workers = append(s.workers, w) })
}

// MySQL starts a server that Stop stops too. Several may be started at once,
// under different names.
func (s *Stack) MySQL(ctx context.Context, o MySQLOptions) (*MySQL, error) {
	m, err := startMySQL(ctx, s.site, o)
	if err != nil {
		return nil, err
	}
	return m, s.keep(m, func() { s.mysqls = append(s.mysqls, m) })
}

// AddRegistry starts the schema registry.
func (s *Stack) AddRegistry(ctx context.Context) (*Registry, error) {
	r, err := startRegistry(ctx, s.site)
	if err != nil {
		return nil, err
	}
	return r, s.keep(r, func() { s.registry = r })
}

// keep lists a part that was started while others may have stopped the stack.
func (s *Stack) keep(part stopper, list func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list()
	if s.stopped {
		return errors.Join(errStopped, part.Kill())
	}
	return s.site.record.failed()
}

// Workers are the Connect workers started so far.
func (s *Stack) Workers() []*Worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.workers)
}

// ConnectURL is the base of the first worker's REST interface; empty without one.
func (s *Stack) ConnectURL() string {
	workers := s.Workers()
	if len(workers) == 0 {
		return ""
	}
	return workers[0].URL()
}

// MySQLs are the servers started so far.
func (s *Stack) MySQLs() []*MySQL {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mysqls)
}

// Registry is the schema registry; nil if none was added.
func (s *Stack) Registry() *Registry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.registry
}

// Dir is the run's folder.
func (s *Stack) Dir() string { return s.folder.path }

// stopper is any part.
type stopper interface {
	Stop(ctx context.Context) error
	Kill() error
}

// Stop ends everything the stack started, readers before what they read from,
// and removes a temporary folder. It may be called again.
func (s *Stack) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	var readers, rest []stopper
	for _, w := range s.workers {
		readers = append(readers, w)
	}
	for _, m := range s.mysqls {
		m.closeDB()
		rest = append(rest, m)
	}
	if s.Kafka != nil {
		rest = append(rest, s.Kafka)
	}
	if s.registry != nil {
		rest = append(rest, s.registry)
	}
	if err := errors.Join(s.end(ctx, readers), s.end(ctx, rest)); err != nil {
		return err
	}
	return errors.Join(s.site.record.end(), s.folder.remove())
}

// end stops parts side by side. Where the data goes away with them they need
// not write it out.
func (s *Stack) end(ctx context.Context, parts []stopper) error {
	var group errgroup.Group
	for _, part := range parts {
		group.Go(func() error {
			if s.folder.lock != nil {
				return part.Kill()
			}
			return part.Stop(ctx)
		})
	}
	return group.Wait()
}
