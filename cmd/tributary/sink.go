package main

import (
	"context"
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
	return "The sink is configured by environment variables alone. Any NAME may be given as NAME_FILE," +
		" the path of a file that holds the value.\n\n" + settingsHelp(sink.Settings())
}

// settingsHelp is a list as kong wraps it, to the width of the terminal.
func settingsHelp(settings []sink.Setting) string {
	var b strings.Builder
	for _, s := range settings {
		b.WriteString("  - " + s.Name)
		switch {
		case s.Required:
			b.WriteString(" (required)")
		case s.Default != "":
			b.WriteString(" (default " + s.Default + ")")
		}
		b.WriteString(": " + s.Help + "\n")
	}
	return b.String()
}

// Run runs one replica until it is told to stop.
func (s sinkCmd) Run(ctx context.Context) error {
	if s.Check { // of the image, which has no shell to ask with
		return sink.Check(ctx, os.Environ())
	}
	config, err := sink.LoadConfig(os.Environ())
	if err != nil {
		return err
	}
	log, err := config.Logger()
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	defer paceCollector(int64(config.Memory))()
	inbox.KeepMemory()
	if err := sink.Run(ctx, config, log); err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	return nil
}
