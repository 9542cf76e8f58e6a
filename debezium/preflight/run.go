package preflight

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"tributary/debezium/fleet"
)

// Options changes how stores are asked. The zero Options are fine.
type Options struct {
	// Outage is how long a store's binary logs must last; default 7 days.
	Outage time.Duration
	// ConnectTimeout is how long to wait for a connection; default 5 s.
	ConnectTimeout time.Duration
	// CheckTimeout limits one check; default 10 s.
	CheckTimeout time.Duration
	// StoreTimeout limits all of a store's checks; default 60 s.
	StoreTimeout time.Duration
	// Parallel is how many stores are asked at a time; default 16.
	Parallel int
	// Kafka says where the schema registry is, for stores with Avro.
	Kafka fleet.Kafka
	// Settings are connector properties of all stores.
	Settings map[string]string
	// Progress is told of each store's report as it is ready. It is not
	// called concurrently.
	Progress func(done, all int, report Report)

	schemas *schemas
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		into  *time.Duration
		value time.Duration
	}{
		{&o.Outage, 7 * 24 * time.Hour},
		{&o.ConnectTimeout, 5 * time.Second},
		{&o.CheckTimeout, 10 * time.Second},
		{&o.StoreTimeout, time.Minute},
	} {
		if *d.into <= 0 {
			*d.into = d.value
		}
	}
	if o.Parallel <= 0 {
		o.Parallel = 16
	}
	return o
}

// Fleet asks every store and compares their answers. The reports are in the
// order of the stores.
func Fleet(ctx context.Context, stores []fleet.Store, o Options) []Report {
	o = o.withDefaults()
	o.schemas = newSchemas(ctx, stores, o.Kafka, o.Settings)
	reports := make([]Report, len(stores))
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	slots := make(chan struct{}, o.Parallel)
	for i, store := range stores {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			reports[i] = Run(ctx, store, o)
			if o.Progress == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			o.Progress(done, len(stores), reports[i])
		})
	}
	wg.Wait()
	Compare(reports)
	return reports
}

// Run asks one store. It always returns a report: what keeps it from asking is
// a finding too.
func Run(ctx context.Context, store fleet.Store, o Options) Report {
	o = o.withDefaults()
	if o.schemas == nil {
		o.schemas = newSchemas(ctx, []fleet.Store{store}, o.Kafka, o.Settings)
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, o.StoreTimeout)
	defer cancel()
	report := Report{
		Store: store.ID, Verdict: Pass,
		Address: net.JoinHostPort(store.Host, strconv.Itoa(store.Port)),
	}
	s := &session{store: store, outage: o.Outage, checkTimeout: o.CheckTimeout, registry: o.schemas}
	defer s.close()
	connected := s.connect(ctx, o.ConnectTimeout, &report)
	for _, check := range Checks()[len(connectionChecks()):] {
		if !connected {
			report.add(check.finding(outcome{verdict: Skip, evidence: "there is no connection"}))
			continue
		}
		report.add(check.run(ctx, s))
	}
	if connected {
		report.Server = s.server.text
		report.identity, report.tables = s.identity(ctx), s.definitions(ctx)
	}
	report.Took = time.Since(begin)
	return report
}

// connect goes through the connection checks up to the first that fails.
func (s *session) connect(ctx context.Context, timeout time.Duration, report *Report) bool {
	password, secretErr := s.store.Password.Resolve()
	s.config = DriverConfig(s.store, password, timeout)
	alive := true
	for _, check := range connectionChecks() {
		if !alive {
			report.add(check.finding(outcome{verdict: Skip, evidence: "there is no connection"}))
			continue
		}
		var finding Finding
		if check.ID == checkPassword {
			finding = check.finding(judgePassword(s.store, secretErr))
		} else {
			finding = check.run(ctx, s)
		}
		report.add(finding)
		alive = finding.Verdict != Fail || check.ID == checkFlavor
	}
	return alive
}

func (s *session) open() error {
	// Slow answers are limited by the context; a read timeout of seconds
	// would cut queries off that a busy store needs longer for.
	config := s.config.Clone()
	config.ReadTimeout, config.WriteTimeout = 0, 0
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return fmt.Errorf("preparing the connection: %w", err)
	}
	s.db = sql.OpenDB(connector)
	s.db.SetMaxOpenConns(2)
	return nil
}

func (s *session) close() {
	if s.db != nil {
		_ = s.db.Close() // nothing was written that could be lost
	}
}
