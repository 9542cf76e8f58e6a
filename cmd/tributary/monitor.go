package main

import (
	"context"
	"fmt"
	"os"

	"tributary/sink/monitor"
)

// monitorCmd watches the fleet.
type monitorCmd struct {
	Stores string `short:"f" default:"stores.yaml" env:"TRIBUTARY_STORES" help:"The inventory of stores."`
}

// Help lists the settings; kong prints it below the usage.
func (monitorCmd) Help() string {
	return "The monitor is configured by environment variables. Any NAME may be given as NAME_FILE," +
		" the path of a file that holds the value. TRIBUTARY_KAFKA_CONF_<PROPERTY> sets librdkafka's own properties.\n\n" +
		settingsHelp(monitor.Settings())
}

// Run watches until it is told to stop.
func (m monitorCmd) Run(ctx context.Context) error {
	config, err := monitor.LoadConfig(append(os.Environ(), "TRIBUTARY_STORES="+m.Stores))
	if err != nil {
		return err
	}
	log, err := config.Logger()
	if err != nil {
		return err
	}
	defer func() { _ = log.Sync() }()
	if err := monitor.Run(ctx, config, log); err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	return nil
}
