package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"tributary/sink"
	"tributary/sink/consumer/inbox"
)

// sinkCmd carries change events into the central database.
type sinkCmd struct {
	Check bool `help:"Ask the sink that runs here, at TRIBUTARY_HTTP_ADDR, whether it lives; exit 0 if so and 1 if not."`
}

// Help lists the settings; kong prints it below the usage.
func (sinkCmd) Help() string {
	var b strings.Builder
	b.WriteString("The sink is configured by environment variables alone. Any NAME may be given as NAME_FILE," +
		" the path of a file that holds the value.\n\n")
	for _, s := range sink.Settings() {
		b.WriteString(s.Name)
		switch {
		case s.Required:
			b.WriteString(" (required)")
		case s.Default != "":
			b.WriteString(" (default " + s.Default + ")")
		}
		b.WriteString("\n    " + s.Help + "\n")
	}
	return b.String()
}

// Run runs one replica until it is told to stop.
func (s sinkCmd) Run(ctx context.Context) error {
	if s.Check {
		return checkSink(ctx)
	}
	config, err := sink.LoadConfig(os.Environ())
	if err != nil {
		return usageError{err}
	}
	log, err := config.Logger()
	if err != nil {
		return usageError{err}
	}
	defer func() { _ = log.Sync() }()
	defer paceCollector(int64(config.Memory))()
	inbox.KeepMemory()
	err = sink.Run(ctx, config, log)
	var setting *sink.SettingError
	if errors.As(err, &setting) {
		return usageError{err}
	}
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	return nil
}

// checkSink is the health check of the image, which has no shell to ask with.
func checkSink(ctx context.Context) error {
	err := sink.Check(ctx, os.Environ())
	var setting *sink.SettingError
	if errors.As(err, &setting) {
		return usageError{err}
	}
	return err
}
