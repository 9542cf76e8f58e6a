package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tributary/integration/bench/events"
	"tributary/integration/stack/process"
)

// variant is a sink to be measured.
type variant struct {
	name   string
	binary string
	env    []string // settings, with their prefix
}

// variants are the sink, and the second one if there is one.
func (b *bench) variants() []variant {
	list := []variant{{name: "tributary", binary: b.Binary, env: settings(b.Set)}}
	if b.Versus == "" && len(b.VersusAs) == 0 {
		return list
	}
	second := variant{name: "tributary, second", binary: b.Versus, env: settings(b.VersusAs)}
	if second.binary == "" {
		second.binary = b.Binary
	}
	return append(list, second)
}

// settings gives sink settings their prefix; those of Go's runtime and of the C
// library keep their names.
func settings(plain []string) []string {
	var env []string
	for _, s := range plain {
		if !strings.HasPrefix(s, "GO") && !strings.HasPrefix(s, "MALLOC") && !strings.HasPrefix(s, "LD_") {
			s = "TRIBUTARY_" + s
		}
		env = append(env, s)
	}
	return env
}

// with returns the variant with another name and further settings.
func (v variant) with(name string, plain ...string) variant {
	return variant{name: v.name + ", " + name, binary: v.binary, env: append(slices.Clone(v.env), settings(plain)...)}
}

// sink is a running one.
type sink struct {
	*process.Process
	url   string
	group string
}

// startSink starts a sink in a group, unless its settings name another, and returns
// when it is ready: joining the group is still ahead of it.
func (b *bench) startSink(ctx context.Context, group string, v variant, s events.Shape) (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("looking for a free port: %w", err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("giving the port to the sink: %w", err)
	}
	k := &sink{url: "http://" + addr, group: group}
	if b.Profile != "" {
		v = v.with("", "PPROF=true")
	}
	k.Process = process.New(process.Command{
		Name: "tributary",
		Argv: []string{v.binary, "sink"},
		Env: append([]string{
			"TRIBUTARY_KAFKA_BROKERS=" + b.stack.Kafka.Addr(),
			"TRIBUTARY_ENVIRONMENT=" + s.Environment,
			"TRIBUTARY_CENTRAL_DSN=" + b.central.DSN(database),
			"TRIBUTARY_HTTP_ADDR=" + addr,
			"TRIBUTARY_GROUP=" + k.group,
		}, v.env...),
		Dir:   b.stack.Dir(),
		Log:   filepath.Join(b.stack.Dir(), k.group+".log"),
		Ready: k.ready,
	})
	return k, k.Start(ctx)
}

// ready asks the sink whether it can work.
func (k *sink) ready(ctx context.Context) error {
	body, err := k.get(ctx, "/readyz")
	if err != nil {
		return err
	}
	return body.Close()
}

func (k *sink) get(ctx context.Context, path string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return response.Body, nil
}

// profile keeps a CPU profile of the next seconds.
func (k *sink) profile(ctx context.Context, path string, seconds int) error {
	body, err := k.get(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds))
	if err != nil {
		return err
	}
	defer body.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, body)
	return errors.Join(err, file.Close())
}

// metrics reads the sink's counters, summed over their labels.
func (k *sink) metrics(ctx context.Context) (map[string]float64, error) {
	body, err := k.get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	sums := make(map[string]float64)
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		line := lines.Text()
		space := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || space < 0 {
			continue
		}
		name, _, _ := strings.Cut(line[:space], "{")
		if value, err := strconv.ParseFloat(line[space+1:], 64); err == nil {
			sums[name] += value
		}
	}
	return sums, lines.Err()
}

// carried is how many messages a group's ledger is past.
func (b *bench) carried(group string) progress {
	return func(ctx context.Context) (n int64, err error) {
		err = b.db.QueryRowContext(ctx, "SELECT CAST(COALESCE(SUM(next_offset),0) AS SIGNED) FROM tributary_ledger WHERE grp=?", group).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("reading the ledger: %w", err)
		}
		return n, nil
	}
}

// joinAtOnce has a group's members ask every half second, not every five, what the
// others have given up. A backlog is to be read by all of them: how long they take to
// share it is another question (run replicas).
func (b *bench) joinAtOnce(ctx context.Context, group string) error {
	const groups = 32 // ConfigResource.Type.GROUP
	interval := "500"
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = groups, group
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Value = "consumer.heartbeat.interval.ms", &interval
	resource.Configs = append(resource.Configs, config)
	request.Resources = append(request.Resources, resource)
	response, err := request.RequestWith(ctx, b.kafka)
	if err != nil {
		return fmt.Errorf("configuring group %s: %w", group, err)
	}
	for _, r := range response.Resources {
		if err := kerr.ErrorForCode(r.ErrorCode); err != nil {
			return fmt.Errorf("configuring group %s: %w", group, err)
		}
	}
	return nil
}

// catchUpLimit ends a run that hangs.
const catchUpLimit = 15 * time.Minute

// catchUpWith measures a sink that has a backlog ahead of it.
func (b *bench) catchUpWith(ctx context.Context, run string, v variant, l load, messages int64, want *sum, service bool) error {
	ctx, cancel := context.WithTimeout(ctx, catchUpLimit)
	defer cancel()
	if err := b.empty(ctx, l.Shape, service); err != nil {
		return err
	}
	group := b.name("sink")
	if err := b.joinAtOnce(ctx, group); err != nil {
		return err
	}
	k, err := b.startSink(ctx, group, v, l.Shape)
	if err != nil {
		return err
	}
	defer func() { _ = k.Kill() }()
	p, err := b.parts(parts{"sink": k.ID()})
	if err != nil {
		return err
	}
	var profiling chan error
	if b.Profile != "" {
		profiling = make(chan error, 1)
		go func() { profiling <- k.profile(ctx, filepath.Join(b.Profile, k.group+".pprof"), 8) }()
	}
	every := 50 * time.Millisecond
	if l.Stores*l.Tables > 1000 {
		every = 250 * time.Millisecond // reading so many rows of the ledger takes time
	}
	m, err := p.track(ctx, messages, every, b.carried(k.group))
	if err != nil {
		return fmt.Errorf("%s (its log is %s): %w", v.name, k.LogPath(), err)
	}
	if profiling != nil {
		if err := <-profiling; err != nil {
			return fmt.Errorf("profiling: %w", err)
		}
	}
	counters, err := k.metrics(ctx)
	if err != nil {
		return err
	}
	if err := k.Stop(ctx); err != nil {
		return err
	}
	holds, err := b.sum(ctx, l.Shape)
	if err != nil {
		return err
	}
	b.add(result{
		Run: run, Contestant: v.name, measured: m, Holds: &holds, Want: want,
		Batches: int64(counters["tributary_batches_total"]), Written: int64(counters["tributary_rows_written_total"]),
		Dead: int64(counters["tributary_dead_letters_total"]),
	})
	return b.settle(ctx)
}
