package exam

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"tributary/sink"
)

// sinks are the running ones, one for each environment.
type sinks struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	reports *reports

	mu     sync.Mutex
	errs   []error
	closes []func() error
}

// startSinks starts the sinks. What is returned must be ended, whatever the
// error.
func (t *taking) startSinks(ctx context.Context) (*sinks, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &sinks{stop: cancel, reports: &reports{held: map[string]string{}, warned: map[string][]string{}}}
	for _, environment := range environments(t.Rooms) {
		var registry string
		if t.registry != nil {
			registry = t.registry.ConfluentURL()
		}
		config, err := sink.LoadConfig([]string{
			"TRIBUTARY_REGISTRY_URL=" + registry,
			"TRIBUTARY_KAFKA_BROKERS=" + t.stack.Kafka.Addr(), "TRIBUTARY_ENVIRONMENT=" + environment,
			"TRIBUTARY_GROUP=" + environment, "TRIBUTARY_CENTRAL_DSN=" + t.central.DSN(environment),
			"TRIBUTARY_HTTP_ADDR=127.0.0.1:0", "TRIBUTARY_LANES=1", "TRIBUTARY_LINGER=5ms",
			"TRIBUTARY_KAFKA_CONF_TOPIC_METADATA_REFRESH_INTERVAL_MS=2000",
		})
		if err != nil {
			return s, err
		}
		file, err := os.Create(filepath.Join(t.Dir, environment+".log"))
		if err != nil {
			return s, fmt.Errorf("opening the sink's log: %w", err)
		}
		s.closes = append(s.closes, file.Close)
		core := zapcore.NewCore(zapcore.NewConsoleEncoder(zap.NewDevelopmentEncoderConfig()), zapcore.Lock(zapcore.AddSync(file)), zap.InfoLevel)
		log := zap.New(zapcore.NewTee(core, &listener{reports: s.reports}))
		s.running.Go(func() {
			if err := sink.Run(ctx, config, log); err != nil {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.errs = append(s.errs, fmt.Errorf("the sink of %s: %w", environment, err))
			}
		})
	}
	return s, nil
}

func (s *sinks) end() error {
	s.stop()
	s.running.Wait()
	for _, c := range s.closes {
		s.errs = append(s.errs, c())
	}
	return errors.Join(s.errs...)
}

// listener is a zap core that listens for what the sink tells an operator.
type listener struct {
	*reports
	with []zapcore.Field
}

// reports are tables that are held and columns the sink warns of.
type reports struct {
	mu     sync.Mutex
	held   map[string]string   // by topic
	warned map[string][]string // by topic
}

// The methods of zapcore.Core.
func (r *listener) Enabled(l zapcore.Level) bool { return l >= zapcore.WarnLevel }
func (r *listener) Sync() error                  { return nil }
func (r *listener) With(fields []zapcore.Field) zapcore.Core {
	return &listener{r.reports, slices.Concat(r.with, fields)}
}

func (r *listener) Check(e zapcore.Entry, c *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if r.Enabled(e.Level) {
		return c.AddCore(e, r)
	}
	return c
}

func (r *listener) Write(e zapcore.Entry, fields []zapcore.Field) error {
	to := zapcore.NewMapObjectEncoder()
	for _, f := range slices.Concat(r.with, fields) {
		f.AddTo(to)
	}
	topic, ok := to.Fields["topic"].(string)
	if !ok {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case e.Level >= zapcore.ErrorLevel:
		r.held[topic] = fmt.Sprint(to.Fields["error"])
	case to.Fields["column"] != nil || to.Fields["columns"] != nil:
		r.warned[topic] = append(r.warned[topic], fmt.Sprint(e.Message, " ", to.Fields))
	}
	return nil
}

func (r *reports) of(topic string) (held string, warned []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held[topic], r.warned[topic]
}
